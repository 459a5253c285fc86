"""Tells of what becomes of a case: opened, raised, open again, resolved."""

from collections.abc import Iterable
from functools import partial

from agent.cases.case import Case
from agent.faults.fault import Fault
from agent.notifications import policy, wording
from agent.notifications.policy import Occasion, Recipient
from agent.pipeline import posting
from agent.pipeline.desk import Desk


def announce(
    desk: Desk,
    occasion: Occasion,
    case: Case,
    faults: Iterable[Fault] = (),
    reasons: Iterable[str] = (),
    also: Iterable[Recipient] = (),
) -> None:
    """Each is told once, however often this is called. `also`: whom nobody else would think of."""
    known, why = tuple(faults), tuple(reasons)
    log, proofs = desk.tx.timeline(case.number), desk.tx.evidence(case.number)
    seen = [row for row in proofs if row.sha256]
    for each in _once([*audience(desk, occasion, case), *also]):
        key = policy.key(case, occasion, each)
        worded = partial(
            wording.message, occasion, case, each, desk.inventory, known, why, log, evidence=seen, site=desk.site
        )
        posting.post(desk.tx, desk.inventory, desk.now, case, each, key, occasion, worded)


def audience(desk: Desk, occasion: Occasion, case: Case) -> list[Recipient]:
    """That it is over is told to those who know that it was. The customer is asked then, which is told otherwise."""
    if occasion is Occasion.RESOLVED:
        return [each for each in posting.told(desk.tx, case.number) if not each.customer]
    working = policy.ways_to(case.assignee, desk.inventory)
    everybody = [*desk.on_call(case), *working, *policy.bystanders(case, desk.inventory, occasion)]
    return _once(everybody)


def _once(people: list[Recipient]) -> list[Recipient]:
    """The first of several ways that lead to the same place."""
    return list({(each.channel, each.to.casefold()): each for each in reversed(people)}.values())[::-1]
