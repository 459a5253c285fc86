"""Severity by consequence, then by kind; with the record of what decided and what would have changed it.

The meaning of P1 to P4 is the field's (response and restore times hang on them, see `Policies.sla`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from agent.cases.case import Decision, Severity
from agent.cases.severity import change, consequence
from agent.cases.severity.inputs import PARTS, Inputs, cut_off, gather, may_be_witnessed, speaks_with
from agent.faults import correlation
from agent.faults.correlation import Problem
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.observation import Subject

__all__ = ["PARTS", "Inputs", "Weighing", "cut_off", "gather", "may_be_witnessed", "of", "speaks_with", "worse"]


@dataclass(frozen=True)
class Weighing:
    """What a problem is worth. The record of it is written when it is asked for: that takes ten times as long."""

    inputs: Inputs
    severity: Severity
    because: str
    at: datetime
    lost_with: change.Lost

    @cached_property
    def decision(self) -> Decision:
        changes = change.would_change(self.inputs, self.severity, self.lost_with)
        return Decision(
            about="",
            at=self.at,
            what="severity",
            outcome=self.severity,
            reasons=(self.because,),
            would_change=tuple(f"{then} {found.condition}" for then, found in changes),
            inputs=_told(self.inputs, self.at),
        )


def of(
    problem: Problem,
    inventory: Inventory,
    net: Topology,
    down: Iterable[str],
    now: datetime,
    by_kind: str,
    states: Mapping[Subject, str],
    witnessed: bool = False,
) -> Weighing:
    """`by_kind` is the level of its kind where nothing is cut off; the rest as `gather` has them."""
    inputs = gather(problem, inventory, net, down, now, by_kind, states, witnessed)
    dead, cut = correlation.broken(problem, net)
    severity, because = consequence.level(inputs)
    return Weighing(inputs, severity, because, now, lambda more: net.lost_by(dead | more, cut) | more)


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
