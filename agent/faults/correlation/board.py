"""The working table of one correlation: what is broken, and what has been explained so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Link
from agent.inventory.topology import End, Topology

AT_ONCE = timedelta(minutes=5)  # what goes within it goes together: polls see one event up to an interval apart


def age(fault: Fault) -> tuple[object, str]:
    """Sorts faults, the oldest first; of two of the same moment the first by name."""
    return fault.began, fault.id


@dataclass
class Board:
    """`faults` stand in the order of `age`, so that nothing hangs on the order in which they came."""

    topology: Topology
    faults: list[Fault]
    causes: dict[str, tuple[str, str]] = field(default_factory=dict)  # fault id → (cause's fault id, because)

    def explain(self, fault: Fault, cause: Fault | None, because: str) -> bool:
        """Whether the fault is explained now; the first explanation stays, and nothing explains itself."""
        if cause is None or fault.id in self.causes or self.top(cause.id) == fault.id:
            return fault.id in self.causes
        self.causes[fault.id] = (cause.id, because)
        return True

    def top(self, fault: str) -> str:
        """The id of the fault at the end of the chain of causes."""
        while fault in self.causes:
            fault = self.causes[fault][0]
        return fault

    # ------------------------------------------------------------ what there is

    @cached_property
    def of_kind(self) -> dict[FaultKind, list[Fault]]:
        found: dict[FaultKind, list[Fault]] = {}
        for fault in self.faults:
            found.setdefault(fault.kind, []).append(fault)
        return found

    @cached_property
    def of_device(self) -> dict[str, dict[FaultKind, list[Fault]]]:
        found: dict[str, dict[FaultKind, list[Fault]]] = {}
        for fault in self.faults:
            found.setdefault(fault.subject.device, {}).setdefault(fault.kind, []).append(fault)
        return found

    def kinds(self, *kinds: FaultKind) -> Iterable[Fault]:
        return (fault for kind in kinds for fault in self.of_kind.get(kind, ()))

    def first(self, device: str, *kinds: FaultKind) -> Fault | None:
        """The oldest fault of the first of these kinds that the device has one of."""
        mine = self.of_device.get(device, {})
        return next((mine[kind][0] for kind in kinds if kind in mine), None)

    @cached_property
    def unreachable(self) -> dict[str, Fault]:
        return {fault.subject.device: fault for fault in self.kinds(FaultKind.DEVICE_UNREACHABLE)}

    @cached_property
    def interfaces(self) -> dict[End, Fault]:
        """The interfaces that are down."""
        return {(f.subject.device, f.subject.name): f for f in self.kinds(FaultKind.INTERFACE_DOWN)}

    @cached_property
    def cut(self) -> frozenset[str]:
        """The links (keys) that a fault at either end says are down."""
        links = (self.topology.link_at(*end) for end in self.interfaces)
        return frozenset(link.key for link in links if link)

    # ------------------------------------------------------------ links

    def link_fault(self, link: Link) -> Fault | None:
        """The fault that stands for a cut link: of the end seen first, and of both at once the first by name."""
        ends = ((link.a, link.a_interface), (link.b, link.b_interface))
        found = [fault for end in ends if end[1] and (fault := self.interfaces.get(end))]
        return min(found, key=age, default=None)

    def link_of(self, device: str, interface: str) -> Link | None:
        """The link that an interface carries, as one of its own or as a member of an aggregate."""
        own = self.topology.link_at(device, interface)
        if own is None and (aggregate := self.topology.bundles.get((device, interface))):
            return self.topology.link_at(device, aggregate)
        return own

    def down_at(self, device: str, interface: str) -> Fault | None:
        """The fault that has taken an interface down: its own, or of the one that it is a part of."""
        return self.interfaces.get((device, interface)) or self.interfaces.get((device, interface.partition(".")[0]))


def was_alone(cut: Fault, gone: Fault) -> bool:
    """Whether a link went while the device behind it still answered: then it is a trouble of its own."""
    return gone.last_good is not None and cut.began < gone.last_good
