"""`netcase acknowledge`: a person's word that a fault is known and needs no case."""

from typing import Annotated

import typer

from agent.app import compose
from agent.cases.case import Decision
from agent.cli import options, showing
from agent.errors import UsageError
from agent.faults import suppression
from agent.faults.fault import Fault
from agent.ports import Transaction


def add_to(cli: typer.Typer) -> None:
    cli.command()(acknowledge)


def acknowledge(
    about: Annotated[str, typer.Argument(help="A device, or a part of one as `netcase faults` names it.")],
    why: Annotated[str, typer.Option("--why", "-m", help="What is known of it.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take it back: a case is due again.")] = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Say that an open fault is known: no case is opened for it, nor for what it explains, until it is over."""
    if not undo and not why.strip():
        raise UsageError("say what is known of it: --why TEXT")
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        known = _open(tx, about)
        if undo:
            changed = [suppression.unacknowledged(fault) for fault in known]
        else:
            changed = [suppression.acknowledged(fault, by.strip(), why.strip()) for fault in known]
        tx.save_faults(changed)
        tx.record([_decision(fault) for fault in changed])
        for fault in changed:
            told = {"kind": str(fault.kind), "subject": str(fault.subject), "said": fault.acknowledged}
            tx.note("acknowledge", told)
    for fault in changed:
        showing.line(f"{fault.subject}: {fault.kind}: {fault.acknowledged or 'no longer acknowledged'}")


def _open(tx: Transaction, about: str) -> list[Fault]:
    """The open faults that it names, none of them in a case. Raises UsageError where there is none."""
    found = [fault for fault in tx.open_faults(about.partition("/")[0]) if about in _names(fault)]
    if not found:
        raise UsageError(f"nothing is wrong with {about} now: `netcase faults` lists what is")
    if here := next((fault for fault in found if fault.case), None):
        raise UsageError(f"{here.subject} stands in NC-{here.case:06d} already: acknowledge that case")
    return found


def _names(fault: Fault) -> set[str]:
    return {str(fault.subject), fault.subject.device, fault.id}


def _decision(fault: Fault) -> Decision:
    outcome = f"acknowledged: {fault.acknowledged}" if fault.acknowledged else "none"
    inputs = {"fault": str(fault.kind)}
    reasons = (fault.reason,)
    return Decision(
        about=str(fault.subject), at=compose.now(), what="suppression", outcome=outcome, reasons=reasons, inputs=inputs
    )
