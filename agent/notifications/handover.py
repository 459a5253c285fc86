"""What whoever comes on duty is told: until when, after whom, and the cases that are open."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from agent import locale
from agent.cases.case import Case, CaseKind
from agent.cases.oncall import Duty, Roster
from agent.cases.rota import Shift
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import letter, policy
from agent.notifications.letter import Item, Letter
from agent.notifications.notification import Notification
from agent.notifications.policy import Recipient
from agent.notifications.wording import line

OCCASION = "handover"
MOST_CASES = 50
_UNTIL = N_("You are on call now: {team}, level {level}, until {until:moment} ({zone})")
_ON = N_("You are on call now: {team}, level {level}")
_AFTER = N_("You take over from {before}.")
_NOTHING = N_("No case is open.")
_OPEN = N_("Open cases")


def roster(inventory: Inventory, duties: Iterable[Duty]) -> Roster:
    """Who is on duty, and whether they can be told on any channel."""
    return Roster(inventory, tuple(duties), lambda person: bool(policy.ways_to(person, inventory)))


def key(shift: Shift, recipient: Recipient) -> str:
    """The same for the same shift, however often it is worked out."""
    return f"handover/{shift.team}/{shift.level}/{shift.starts:%Y%m%dT%H%M%S}/{recipient.channel}/{recipient.to}"


def message(
    shift: Shift,
    until: datetime | None,
    before: str,
    cases: Sequence[Case],
    recipient: Recipient,
    timezone: str,
    site: str = "",
) -> Notification:
    """`until` None: nobody knows; `before` is a name, or empty. Times are on `timezone`'s clock."""
    language = recipient.language
    _ = locale.words(language)
    headline = locale.say(
        _UNTIL if until else _ON,
        language,
        timezone,
        team=shift.team,
        level=shift.level,
        **({"until": until, "zone": timezone} if until else {}),
    )
    after = locale.say(_AFTER, language, before=line(before)) if before else ""
    body = Letter(
        headline=headline,
        language=language,
        list_title=_(_OPEN),
        items=[_item(case, language, site) for case in cases[:MOST_CASES]] + _more(len(cases), language),
        closing=" ".join(part for part in (after, "" if cases else _(_NOTHING)) if part),
        links=[(_(_OPEN), f"{site.rstrip('/')}/cases")] if site else (),
    )
    subject = f"[netcase] {headline}"
    return Notification(
        key=key(shift, recipient),
        channel=recipient.channel,
        to=recipient.to,
        language=language,
        subject=subject,
        text=letter.text(body),
        html=letter.html(body),
        short=letter.short(subject, body.links),
        about={"occasion": OCCASION, "team": shift.team, "level": str(shift.level)},
    )


def _item(case: Case, language: str, site: str) -> Item:
    about = line(case.about)
    if case.kind is not CaseKind.REPORTED:
        about = f"{locale.word(case.kind, language)}, {about}"
    note = " · ".join(part for part in (locale.word(case.state, language), case.customer, case.assignee) if part)
    address = f"{site.rstrip('/')}/cases/{case.number}" if site else ""
    return Item(text=f"{case.severity} {case.name}: {about}", note=note, address=address)


def _more(count: int, language: str) -> list[Item]:
    left = count - MOST_CASES
    return [Item(text=locale.say(" and {n} more", language, n=left).strip())] if left > 0 else []
