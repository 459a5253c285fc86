"""Issues the weekly reports: case tracking and satisfaction, once a week, to the general manager and whoever else is
named; one that was missed because the agent was off is made up for."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent import locale
from agent.app import reporting
from agent.app.reporting import Reporter
from agent.inventory.customers import Language
from agent.inventory.inventory import Inventory
from agent.inventory.policies import WeeklyReports
from agent.inventory.teams import Post
from agent.locale import N_
from agent.notifications import wire
from agent.notifications.notification import Notification
from agent.ports import Job, JobKind, Store
from reports import document
from reports.document import Document
from reports.render import html

NAMES = ("tracking", "satisfaction")
MADE_UP_FOR = timedelta(days=3)  # what is older is not sent any more; the command line makes any week's
_TITLES = {
    "tracking": N_("Weekly case tracking, {first:day} to {last:day}"),
    "satisfaction": N_("Customer satisfaction, {first:day} to {last:day}"),
}


def due(policy: WeeklyReports, now: datetime) -> tuple[date, datetime]:
    """The last day of the seven that the latest reports are on, and when they were due."""
    zone = ZoneInfo(policy.timezone)
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - policy.weekday) % 7)
    at = datetime.combine(day, policy.at, zone)
    if at > now:
        day -= timedelta(days=7)
        at = datetime.combine(day, policy.at, zone)
    return day - timedelta(days=1), at


class Weekly:
    def __init__(self, store: Store, inventory: Inventory, reporter: Reporter, now: Callable[[], datetime]) -> None:
        self._store, self._inventory, self._reporter, self._now = store, inventory, reporter, now

    def issue(self) -> list[str]:
        """The names of the reports that were written and mailed now; none where they were before."""
        now, policy = self._now(), self._inventory.policies.weekly_reports
        last, at = due(policy, now)
        if now - at > MADE_UP_FOR:
            return []
        with self._store.read() as tx:
            known = bool(tx.cases(end=at, limit=1))  # before the first case there is nothing to track
            missing = [name for name in NAMES if known and tx.document(name, last.isoformat()) is None]
        for name in missing:
            self._issue(name, last, now)
        return missing

    def _issue(self, name: str, last: date, now: datetime) -> None:
        made = reporting.build(self._store, self._inventory, name, last, now)
        self._reporter.write_as(f"{name}-{last}", made, self._inventory.policies.weekly_reports.languages)
        with self._store.begin() as tx:
            tx.save_document(name, last.isoformat(), now, document.to_json(made))
            jobs = [self._mail(name, made, last, to, language) for to, language in self._readers()]
            tx.enqueue(Job(key=m.key, kind=JobKind.NOTIFY, due=now, payload=wire.pack(m)) for m in jobs)

    def _readers(self) -> list[tuple[str, Language]]:
        """General managers in their own language, the others in each that the policy names."""
        if self._inventory.policies.smtp is None:
            return []
        policy, people = self._inventory.policies.weekly_reports, self._inventory.people
        posts = [team.roles.get(Post.GENERAL_MANAGER, "") for team in self._inventory.teams.values()]
        posts.append(self._inventory.policies.roles.get(Post.GENERAL_MANAGER, ""))
        held = [people[key] for key in dict.fromkeys(posts) if key in people and people[key].email]
        managers = [(person.email, person.language) for person in held]
        return list(dict.fromkeys([*managers, *((to, tongue) for to in policy.to for tongue in policy.languages)]))

    def _mail(self, name: str, made: Document, last: date, to: str, language: Language) -> Notification:
        title = locale.say(_TITLES[name], language, first=last - timedelta(days=6), last=last)
        return Notification(
            key=f"report/{name}/{last}/{language}/{to}",
            channel="email",
            to=to,
            language=language,
            subject=title,
            text=title,
            html=html.render(made, language),
        )
