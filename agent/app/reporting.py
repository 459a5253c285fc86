"""Writes reports: built from the store, kept as documents, put into files, handed to the outbox for mail."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent import locale
from agent.errors import UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import wire
from agent.notifications.notification import Notification
from agent.ports import Job, JobKind, Store
from reports import catalogue, document
from reports.document import Document
from reports.render import html
from reports.render import json as as_json
from reports.render.files import write

FORMATS = ("html", "json")


def build(store: Store, inventory: Inventory, name: str, day: date, now: datetime) -> Document:
    report = catalogue.report(name)
    with store.read() as tx:
        return report.build(tx, inventory, day, now)


def render(made: Document, language: str, form: str) -> str:
    if form not in FORMATS:
        raise UsageError(f"a report cannot be {form}; write one of {', '.join(FORMATS)}")
    return html.render(made, language) if form == "html" else as_json.render(made, language)


def date_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text} is no date: write 2026-11-21") from None


class Reporter:
    """`folder` is where the files go: `daily-2026-11-21.en.html`, …"""

    def __init__(self, store: Store, inventory: Inventory, folder: Path, now: Callable[[], datetime]) -> None:
        self._store, self._inventory, self._folder, self._now = store, inventory, folder, now

    def today(self) -> date:
        return self._now().astimezone(ZoneInfo(self._inventory.policies.daily_report.timezone)).date()

    def yesterday(self) -> date:
        return self.today() - timedelta(days=1)

    def read(self, name: str, day: str, language: str, form: str) -> bytes:
        """For the web page: the report of any day (ISO), made from what is known now; an inspection by its key."""
        if name == "inspection":
            made = self._inspection(day)
        else:
            made = build(self._store, self._inventory, name, date_of(day), self._now())
        return render(made, language, form).encode()

    def _inspection(self, key: str) -> Document:
        with self._store.read() as tx:
            body = tx.document("inspection", key)
        if body is None:
            raise UsageError(f"there is no inspection {key}")
        return document.from_json(body)

    def write(self, day: date) -> list[Path]:
        """Every language and format of a day's report."""
        return self.write_as(f"daily-{day}", build(self._store, self._inventory, "daily", day, self._now()))

    def write_as(self, name: str, made: Document, languages: Sequence[str] = ()) -> list[Path]:
        """Without languages in those of the daily report."""
        return [
            write(self._folder / f"{name}.{language}.{form}", render(made, language, form))
            for language in languages or self._inventory.policies.daily_report.languages
            for form in FORMATS
        ]

    def issue(self) -> bool:
        """Yesterday's report, once: kept, written and mailed. False when it was issued before."""
        now, day = self._now(), self.yesterday()
        if self._issued(day):
            return False
        made = build(self._store, self._inventory, "daily", day, now)
        self.write_as(f"daily-{day}", made)
        with self._store.begin() as tx:
            tx.save_document("daily", day.isoformat(), now, document.to_json(made))
            tx.enqueue(self._mails(made, day, now))
        return True

    def overdue(self) -> bool:
        """Whether the hour has passed today without yesterday's report, as after a night without the agent."""
        policy = self._inventory.policies.daily_report
        due = self._now().astimezone(ZoneInfo(policy.timezone)).time() >= policy.at
        return due and not self._issued(self.yesterday())

    def _issued(self, day: date) -> bool:
        with self._store.read() as tx:
            return tx.document("daily", day.isoformat()) is not None

    def _mails(self, made: Document, day: date, now: datetime) -> list[Job]:
        policy, jobs = self._inventory.policies.daily_report, []
        for to in policy.to if self._inventory.policies.smtp else ():
            for language in policy.languages:
                title = locale.say(N_("Daily health report {day:day}"), language, day=day)
                message = Notification(
                    key=f"report/daily/{day}/{language}/{to}",
                    channel="email",
                    to=to,
                    language=language,
                    subject=title,
                    text=title,
                    html=html.render(made, language),
                    attachments=(str(self._folder / f"daily-{day}.{language}.html"),),
                )
                jobs.append(Job(key=message.key, kind=JobKind.NOTIFY, due=now, payload=wire.pack(message)))
        return jobs
