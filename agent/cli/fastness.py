"""How fast a case was seen, opened, told, answered and over, as it is printed."""

from typing import Any

from agent import locale
from agent.cases import ledger
from agent.cases.case import Case
from agent.cases.ledger import Ledger, Took
from agent.cli import showing
from agent.locale import N_
from agent.ports import Transaction


def of(tx: Transaction, case: Case) -> Ledger:
    return ledger.of(case, tx.faults(case=case.number), tx.timeline(case.number))


def plain(found: Ledger) -> dict[str, Any]:
    """Times, and what took how long: seconds, at the least and at the most."""
    told: dict[str, Any] = showing.plain(found)
    return told | {"steps": showing.plain(found.steps)}


def show(found: Ledger, language: str) -> None:
    _ = locale.words(language)
    for step, took in found.steps.items():
        showing.line(f"  {_(step.said)}: {_took(took, language)}")


def _took(took: Took, language: str) -> str:
    if took.least == took.most:
        return locale.duration(took.most, language)
    return locale.say(N_("{least:duration} to {most:duration}"), language, least=took.least, most=took.most)
