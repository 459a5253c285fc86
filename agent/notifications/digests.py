"""Several messages in one: what quiet hours, a digest or a limit held back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent import locale
from agent.cases.case import Case, CaseState
from agent.locale import N_
from agent.notifications import letter
from agent.notifications.letter import Item, Letter
from agent.notifications.notification import Notification
from agent.notifications.policy import Occasion, Recipient
from agent.notifications.wording import line

NOTHING = N_("Digest: nothing is left to look at")
MOST_CASES = 200  # in one message; the rest is counted


@dataclass(frozen=True, slots=True)
class Story:
    """A case as it is now, and what was held back about it: when, and on what occasion."""

    case: Case
    held: Sequence[tuple[datetime, str]]


def is_over(case: Case | None) -> bool:
    """Nobody has to look at it any more."""
    if case is None or not case.live or case.merged_into:
        return True
    return case.state in (CaseState.RESOLVED, CaseState.CLOSED)


def message(
    key: str, recipient: Recipient, stories: Sequence[Story], left_out: int, timezone: str, site: str = ""
) -> Notification:
    """`left_out`: cases that came and went since, of which the recipient heard nothing."""
    language = recipient.language
    _, ngettext = locale.words(language), locale.plurals(language)
    headline = ngettext("Digest: {n} case", "Digest: {n} cases", len(stories)).replace("{n}", str(len(stories)))
    closing = ngettext(
        "{n} more case was opened and is over already: it is left out.",
        "{n} more cases were opened and are over already: they are left out.",
        left_out,
    ).replace("{n}", str(left_out))
    shown = sorted(stories, key=lambda story: (story.case.severity, story.case.number))[:MOST_CASES]
    more = len(stories) - len(shown)
    body = Letter(
        headline=headline if stories else _(NOTHING),
        language=language,
        severity=str(shown[0].case.severity) if shown else "",
        list_title=_("Cases"),
        items=[_item(story, recipient, timezone, site) for story in shown]
        + ([Item(text=locale.say(" and {n} more", language, n=more).strip())] if more else []),
        closing=closing if left_out else "",
        links=[(_("Open cases"), f"{site.rstrip('/')}/cases")] if site and not recipient.customer else (),
    )
    subject = f"[netcase] {body.headline}"
    names = ", ".join(story.case.name for story in shown[:5])
    return Notification(
        key=key,
        channel=recipient.channel,
        to=recipient.to,
        language=language,
        subject=subject,
        text=letter.text(body),
        html=letter.html(body),
        short=letter.short(f"{subject}: {names}" if names else subject, body.links),
        about=_about(stories, left_out),
    )


def _item(story: Story, recipient: Recipient, timezone: str, site: str) -> Item:
    case, language = story.case, recipient.language
    what = line(case.title) or f"{locale.word(case.kind, language)}, {line(str(case.subject))}"
    state = locale.word(case.state, language)
    notes = [
        f"{locale.moment(at, language, timezone)} {locale.word(occasion, language)}" for at, occasion in story.held
    ]
    address = f"{site.rstrip('/')}/cases/{case.number}" if site and not recipient.customer else ""
    return Item(text=f"{case.severity} [{case.name}] {what} ({state})", note=" · ".join(notes), address=address)


def _about(stories: Sequence[Story], left_out: int) -> Mapping[str, str]:
    names = ",".join(story.case.name for story in stories)
    return {"occasion": str(Occasion.DIGEST), "cases": names, "left_out": str(left_out)}
