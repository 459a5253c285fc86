"""Severity by consequence, then by kind; with the record of what decided and what would have changed it.

The meaning of P1 to P4 is the field's (response and restore times hang on them, see `Policies.sla`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.cases.case import Decision, Severity
from agent.faults import correlation
from agent.faults.correlation import Problem
from agent.faults.fault import FaultKind
from agent.inventory.device import Device, Role
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology

BACKBONE = frozenset({Role.CORE, Role.DISTRIBUTION, Role.EDGE, Role.FIREWALL})
LARGE_SHARE = 0.3  # of a customer's devices lost at once: severely affected

BY_KIND: Mapping[FaultKind, Severity] = {
    FaultKind.DEVICE_UNREACHABLE: Severity.P3,
    FaultKind.SNMP_AGENT_DEAD: Severity.P4,  # the network works; we are blind
    FaultKind.INTERFACE_DOWN: Severity.P3,
    FaultKind.INTERFACE_ERRORS: Severity.P4,
    FaultKind.CPU_HIGH: Severity.P3,
    FaultKind.MEMORY_HIGH: Severity.P3,
    FaultKind.TEMPERATURE_HIGH: Severity.P3,
    FaultKind.FAN_FAILED: Severity.P3,
    FaultKind.POWER_SUPPLY_FAILED: Severity.P3,
    FaultKind.BGP_PEER_DOWN: Severity.P3,
    FaultKind.DEVICE_RESTARTED: Severity.P4,
    FaultKind.HOST_KEY_CHANGED: Severity.P3,  # somebody may be in between
}


@dataclass(frozen=True, slots=True)
class Blast:
    """What a problem takes away: the devices that do not answer or cannot, whoever's they are."""

    device: Device  # the root's
    lost: frozenset[str]
    owned: Mapping[str, int]  # devices by customer
    taken: Mapping[str, int]  # lost devices by customer
    sites: frozenset[str]  # of which nothing is left
    backbone: frozenset[str]  # lost devices of a backbone role that nothing stands in for
    spared: frozenset[str]  # lost devices that a redundant one stands in for

    @property
    def paralysed(self) -> list[str]:
        """Customers of several devices who have none left."""
        return sorted(name for name, lost in self.taken.items() if self.owned[name] == lost > 1)

    @property
    def worst(self) -> str:
        """The customer who lost the largest share of his devices; the root's where nobody lost any."""
        share = {name: lost / self.owned[name] for name, lost in self.taken.items()}
        return max(sorted(share), key=lambda name: share[name], default=self.device.customer)


def blast(problem: Problem, inventory: Inventory, topology: Topology, down: Iterable[str]) -> Blast:
    """`down` are all devices that do not answer at the moment, for whatever reason.

    Lost is what was seen not to answer and, by the topology, what nothing leads to any more.
    """
    seen = {f.subject.device for f in problem.faults if f.kind is FaultKind.DEVICE_UNREACHABLE}
    lost = frozenset(seen | cut_off(problem, topology))
    gone = lost | frozenset(down)
    sites = {inventory.devices[name].site for name in lost}
    whole = {site for site in sites if all(n in gone for n, d in inventory.devices.items() if d.site == site)}
    spared = {name for name in lost if _stood_in_for(inventory.devices[name], gone)}
    backbone = {name for name in lost - spared if inventory.devices[name].role in BACKBONE}
    return Blast(
        device=inventory.devices[problem.subject.device],
        lost=lost,
        owned=Counter(device.customer for device in inventory.devices.values()),
        taken=Counter(inventory.devices[name].customer for name in lost),
        sites=frozenset(whole),
        backbone=frozenset(backbone),
        spared=frozenset(spared),
    )


def cut_off(problem: Problem, topology: Topology) -> frozenset[str]:
    """The in-band devices that nothing leads to any more when what is broken in this problem is broken."""
    lost = topology.lost_by(*correlation.broken(problem, topology))
    return frozenset(name for name in lost if not topology.past_the_network(name))


def _stood_in_for(device: Device, gone: frozenset[str]) -> bool:
    return any(mate not in gone for mate in device.redundant_with)


def decide(problem: Problem, reach: Blast, about: str, now: datetime, contract: str = "") -> tuple[Severity, Decision]:
    severity, reasons = _consequence(problem, reach)
    decision = Decision(
        about=about,
        at=now,
        what="severity",
        outcome=severity,
        reasons=tuple(reasons),
        would_change=tuple(_would_change(severity, problem, reach)),
        inputs={
            "kind": problem.kind,
            "role": reach.device.role,
            "customer": reach.device.customer,
            "devices lost": ", ".join(
                f"{lost} of {reach.owned[who]} of {who}" for who, lost in sorted(reach.taken.items())
            )
            or "none",
            "sites lost": ", ".join(sorted(reach.sites)) or "none",
            "backbone devices lost": ", ".join(sorted(reach.backbone)) or "none",
            "covered by redundancy": ", ".join(sorted(reach.spared)) or "none",
            "contract": contract or "none",
            "time": now.isoformat(timespec="seconds"),
        },
    )
    return severity, decision


def _consequence(problem: Problem, reach: Blast) -> tuple[Severity, list[str]]:
    if reach.paralysed:
        return Severity.P1, [f"every device of {', '.join(reach.paralysed)} is lost: the whole system is paralysed"]
    if reach.sites:
        return Severity.P2, [f"the whole of site {', '.join(sorted(reach.sites))} is cut off"]
    if reach.backbone:
        return Severity.P2, [f"{', '.join(sorted(reach.backbone))} carries others, and nothing stands in for it"]
    lost, owned = reach.taken.get(reach.worst, 0), reach.owned[reach.worst]
    if lost > 1 and lost / owned >= LARGE_SHARE:
        return Severity.P2, [f"{lost} of {owned} devices of {reach.worst} are lost"]
    severity = BY_KIND[problem.kind]
    if reach.spared:
        return Severity.P3, [
            f"{', '.join(sorted(reach.spared))} is lost, a redundant device stands in: redundancy lost"
        ]
    if reach.lost:
        return Severity.P3, [f"{', '.join(sorted(reach.lost))} is lost; the system as a whole still works"]
    if problem.kind is FaultKind.INTERFACE_DOWN and not problem.key.startswith("link|"):
        return Severity.P4, ["an interface that carries no link between devices is down"]
    if problem.kind is FaultKind.DEVICE_RESTARTED and reach.device.role in BACKBONE:
        return Severity.P3, [f"a {reach.device.role} device restarted"]
    return severity, [f"{_words(problem.kind)} cuts nothing off; {severity} by kind"]


def _would_change(severity: Severity, problem: Problem, reach: Blast) -> Iterable[str]:
    if severity is not Severity.P1:
        lost, owned = reach.taken.get(reach.worst, 0), reach.owned[reach.worst]
        yield f"P1 if all {owned} devices of {reach.worst} were lost (now {lost})"
    if severity not in {Severity.P1, Severity.P2}:
        yield f"P2 if all of site {reach.device.site} were cut off"
        if reach.device.redundant_with:
            yield f"P2 if {', '.join(reach.device.redundant_with)} were lost as well"
        elif reach.device.role in BACKBONE and problem.kind is not FaultKind.DEVICE_UNREACHABLE:
            yield f"P2 if {reach.device.name} itself were lost: nothing stands in for it"
    if severity is Severity.P2 and reach.backbone and not reach.sites:
        yield "P3 if a redundant device stood in (`redundant_with` in the inventory)"


def _words(kind: FaultKind) -> str:
    return kind.replace("_", " ")


def worse(a: Severity, b: Severity) -> bool:
    """Whether a is more severe than b."""
    return a < b
