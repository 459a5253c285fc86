"""Severity by consequence, then by kind; with the record of what decided and what would have changed it.

The meaning of P1 to P4 is the field's (response and restore times hang on them, see `Policies.sla`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from agent.cases.case import Decision, Severity
from agent.cases.severity import change, consequence
from agent.cases.severity.inputs import PARTS, Inputs, cut_off, gather
from agent.faults import correlation
from agent.faults.correlation import Problem
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.observation import Subject

__all__ = ["PARTS", "Inputs", "cut_off", "decide", "gather", "of", "worse"]


def of(
    problem: Problem,
    inventory: Inventory,
    net: Topology,
    down: Iterable[str],
    now: datetime,
    by_kind: str,
    states: Mapping[Subject, str],
) -> tuple[Severity, Decision]:
    """`by_kind` is the level of its kind where nothing is cut off; `down` and `states` as `gather` has them."""
    inputs = gather(problem, inventory, net, down, now, by_kind, states)
    dead, cut = correlation.broken(problem, net)
    return decide(inputs, lambda more: net.lost_by(dead | more, cut) | more, now)


def decide(inputs: Inputs, lost_with: change.Lost, now: datetime) -> tuple[Severity, Decision]:
    severity, because = consequence.level(inputs)
    changes = change.would_change(inputs, severity, lost_with)
    decision = Decision(
        about="",
        at=now,
        what="severity",
        outcome=severity,
        reasons=(because,),
        would_change=tuple(f"{then} {found.condition}" for then, found in changes),
        inputs=_told(inputs, now),
    )
    return severity, decision


def _told(inputs: Inputs, now: datetime) -> dict[str, str]:
    lost = (f"{count} of {inputs.owned(who)} of {who}" for who, count in sorted(inputs.taken.items()))
    parts = inputs.parts
    carriers = [name for name in inputs.bare if consequence.backbone(inputs, inputs.role(name))]
    return {
        "kind": inputs.kind,
        "role": inputs.device.role,
        "customer": inputs.device.customer,
        "devices lost": ", ".join(lost) or "none",
        "sites lost": consequence.several(inputs.dark) or "none",
        "backbone devices lost": consequence.several(carriers) or "none",
        "covered by redundancy": consequence.several(inputs.spared) or "none",
        "parts left": f"{parts.left} of {parts.total}" if parts else "none",
        "contract": inputs.device.contract or "none",
        "contract's hours": "covered" if inputs.covered else "outside",
        "time": now.isoformat(timespec="seconds"),
    }


def worse(a: Severity, b: Severity) -> bool:
    """Whether a is more severe than b."""
    return a < b
