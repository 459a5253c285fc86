"""Whom a case has reached, as `netcase case show` prints it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent import locale
from agent.app import compose
from agent.cases.case import Case
from agent.cli import options, showing
from agent.errors import NetcaseError
from agent.inventory.inventory import Inventory
from agent.locale import Text
from agent.ports import Transaction

if TYPE_CHECKING:
    from agent.pipeline.ladder import Rung


def around(tx: Transaction, case: Case, inventory: Path | None) -> list[dict[str, object]]:
    """For `--json`."""
    return [
        showing.plain(each)
        | {"target": _say(each.target), "why": _say(each.why), "held": each.held and _say(each.held)}
        for each in _rungs(tx, case, inventory)
    ]


def _rungs(tx: Transaction, case: Case, inventory: Path | None) -> "tuple[Rung, ...]":
    """Without the inventory only what was told is known."""
    from agent.pipeline import ladder

    try:
        network = options.network(inventory)
    except NetcaseError:
        if inventory is not None:
            raise
        found = ladder.rungs(tx, Inventory(), case, tx.timeline(case.number), compose.now())
        return tuple(each for each in found if each.told)
    return ladder.rungs(tx, network, case, tx.timeline(case.number), compose.now())


def _say(text: Text, language: str = "en") -> str:
    return locale.say(text.text, language, **text.values)


def show(tx: Transaction, case: Case, inventory: Path | None, language: str) -> None:
    rungs = _rungs(tx, case, inventory)
    if not rungs:
        return
    _ = locale.words(language)
    heads = (_("Escalation"), _("Why"), _("Due"), _("Who"), _("How"), _("Delivered"), _("Read"))
    showing.table(heads, [_row(each, language) for each in rungs], "")


def _row(each: "Rung", language: str) -> tuple[str, ...]:
    _ = locale.words(language)
    reasons = [each.why, *([each.held] if each.held else [])]
    nobody = _("nobody to tell")
    delivered = locale.word(each.delivered, language) if each.delivered else "–" if each.told else _("to come")
    return (
        _say(each.target, language),
        "; ".join(_say(reason, language) for reason in reasons),
        _time(each.due),
        each.who or nobody,
        ", ".join(locale.word(way, language) for way in each.how),
        delivered,
        _time(each.read) if each.read else "",
    )


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%MZ}"
