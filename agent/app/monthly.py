"""Reports that are made on the first of a month about the month before: each once, kept, written into files, mailed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent import locale
from agent.app import reporting
from agent.app.reporting import Reporter
from agent.inventory.inventory import Inventory
from agent.notifications import wire
from agent.notifications.notification import Notification
from agent.ports import Job, JobKind, Store
from reports import document
from reports.document import Document
from reports.render import html

NAMES = ("rma",)


class Monthly:
    """`folder` is where the files go: `rma-2026-11.en.html`, …"""

    def __init__(
        self, store: Store, inventory: Inventory, reporter: Reporter, folder: Path, now: Callable[[], datetime]
    ) -> None:
        self._store, self._inventory, self._reporter = store, inventory, reporter
        self._folder, self._now = folder, now

    def issue(self) -> list[str]:
        """What is due and was not made yet, as after a night without the agent; returns the names of the reports."""
        last = self._last_month()
        due = self._now().astimezone(self._zone) >= self._ready(last)
        return [name for name in NAMES if due and self._issued(name, last)]

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._inventory.policies.daily_report.timezone)

    def _last_month(self) -> date:
        """Its last day."""
        return self._now().astimezone(self._zone).date().replace(day=1) - timedelta(days=1)

    def _ready(self, last: date) -> datetime:
        return datetime.combine(last + timedelta(days=1), self._inventory.policies.daily_report.at, self._zone)

    def _issued(self, name: str, last: date) -> bool:
        """False when it was issued before, or nothing was there yet that it could tell of."""
        key, now = f"{last:%Y-%m}", self._now()
        with self._store.read() as tx:
            begun = tx.rmas(end=self._ready(last)) or tx.documents(name, 1)
            if tx.document(name, key) is not None or not begun:
                return False
        made = reporting.build(self._store, self._inventory, name, last, now)
        self._reporter.write_as(f"{name}-{key}", made)
        with self._store.begin() as tx:
            tx.save_document(name, key, now, document.to_json(made))
            tx.enqueue(self._mails(name, key, made, now))
        return True

    def _mails(self, name: str, key: str, made: Document, now: datetime) -> list[Job]:
        policy, jobs = self._inventory.policies.daily_report, []
        for to in policy.to if self._inventory.policies.smtp else ():
            for language in policy.languages:
                title = f"{locale.say(made.title, language)} {key}"
                message = Notification(
                    key=f"report/{name}/{key}/{language}/{to}",
                    channel="email",
                    to=to,
                    language=language,
                    subject=title,
                    text=title,
                    html=html.render(made, language),
                    attachments=(str(self._folder / f"{name}-{key}.{language}.html"),),
                )
                jobs.append(Job(key=message.key, kind=JobKind.NOTIFY, due=now, payload=wire.pack(message)))
        return jobs
