"""The clocks of a case, as they are printed."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from agent import locale
from agent.app import compose
from agent.cases import sla
from agent.cases.case import Case, CaseState
from agent.cases.sla import Clock, Clocks, Kind, State
from agent.cli import options, showing
from agent.errors import NetcaseError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.ports import Transaction

OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED})
KINDS = {
    Kind.RESPONSE: N_("Response"),
    Kind.ON_SITE: N_("On site"),
    Kind.RESTORE: N_("Restore"),
    Kind.UPDATE: N_("Update"),
}


def left(clock: Clock, language: str) -> str:
    """In time that counts; negative: late."""
    return locale.duration(clock.remaining, language) if clock.remaining is not None else ""


def zone(case: Case, network: Inventory) -> str:
    return sla.terms(case, network).timezone


def around(tx: Transaction, case: Case, inventory: Path | None) -> Clocks | None:
    """For `netcase case show`, which works without an inventory as well; None: there is none."""
    try:
        network = options.network(inventory)
    except NetcaseError:
        if inventory is not None:
            raise
        return None
    return sla.clocks(case, tx.timeline(case.number), network, compose.now())


def next_due(tx: Transaction, cases: Iterable[Case], inventory: Path | None) -> dict[int, datetime]:
    """By the number of the case: when what is due next is. Empty without an inventory."""
    try:
        network = options.network(inventory)
    except NetcaseError:
        if inventory is not None:
            raise
        return {}
    now, found = compose.now(), {}
    for case in cases:
        if case.live and case.state not in OVER:
            clock = sla.clocks(case, tx.timeline(case.number), network, now).next
            if clock and clock.due:
                found[case.number] = clock.due
    return found


def plain(clocks: Clocks | None) -> dict[str, Any] | None:
    """Times, and seconds of time that counts."""
    return {str(clock.kind): _plain(clock) for clock in clocks} if clocks else None


def _plain(clock: Clock) -> dict[str, Any]:
    told: dict[str, Any] = showing.plain(clock)
    reason = locale.say(clock.reason.text, "en", **clock.reason.values)
    return {**told, "promise": str(clock.promise) if clock.promise else None, "reason": reason}


def show_on_case(clocks: Clocks | None, language: str) -> None:
    """In `netcase case show`, in UTC as its other times."""
    if clocks:
        table(clocks, "UTC", language)


def table(clocks: Clocks, timezone: str, language: str) -> None:
    _ = locale.words(language)
    heads = [_(head) for head in ("Promise", "State", "Due", "Left", "By what")]
    rows = [
        (
            _(KINDS[clock.kind]),
            _state(clock, language, timezone),
            locale.moment(clock.due, language, timezone) if clock.due else "",
            left(clock, language) if clock.ticks or clock.state is State.PAUSED else "",
            locale.say(clock.reason.text, language, timezone, **clock.reason.values),
        )
        for clock in clocks
    ]
    showing.table(heads, rows, "")
    showing.line(locale.say(N_("Times are those of {timezone}."), language, timezone=timezone))


def _state(clock: Clock, language: str, timezone: str) -> str:
    said = locale.word(clock.state, language)
    return f"{said} {locale.moment(clock.met, language, timezone)}" if clock.met else said
