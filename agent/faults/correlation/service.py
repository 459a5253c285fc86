"""How well the network serves: delay and loss are symptoms of what is full, faulty or busy on the only way."""

from agent.faults.correlation.board import Board, age
from agent.faults.correlation.interfaces import carries
from agent.faults.fault import Fault, FaultKind
from agent.inventory.reach import Reach

LOSS, LATENCY, SLOWER = FaultKind.PACKET_LOSS, FaultKind.LATENCY_HIGH, FaultKind.LATENCY_UNUSUAL
POOR = {
    FaultKind.INTERFACE_SATURATED: "is full",
    FaultKind.INTERFACE_ERRORS: "has errors",
    FaultKind.INTERFACE_DISCARDS: "drops packets",
    FaultKind.OPTICAL_POWER: "has light out of its limits",
    FaultKind.DUPLEX_CHANGED: "has another duplex mode",
    FaultKind.SPEED_CHANGED: "has another speed",
}


def explain(board: Board) -> None:
    poor = _poor_links(board)
    without = _Without(board.topology.reach)
    for fault in sorted(board.kinds(LOSS, LATENCY, SLOWER), key=age):
        device = fault.subject.device
        if busy := board.first(device, FaultKind.CPU_HIGH):
            board.explain(fault, busy, f"the CPU of {device} is busy")
        if not board.topology.past_the_network(device):
            _explain_by_way(board, fault, poor, without)
        if fault.kind is not LOSS:
            board.explain(fault, board.first(device, LOSS), f"{device} loses packets, too")
        if fault.kind is SLOWER:
            board.explain(fault, board.first(device, LATENCY), "another sign of the same trouble")


def _poor_links(board: Board) -> dict[str, tuple[Fault, str]]:
    """By link the fault of its quality, and what it says."""
    found: dict[str, tuple[Fault, str]] = {}
    for kind, says in POOR.items():
        for fault in board.of_kind.get(kind, ()):
            key, link = carries(board, fault)
            if link:
                found.setdefault(key, (fault, says))
    return found


def _explain_by_way(board: Board, fault: Fault, poor: dict[str, tuple[Fault, str]], without: "_Without") -> None:
    """The trouble nearest to the agent that every way leads over."""
    device = fault.subject.device
    for hop, link in board.topology.reach.way(device):
        if link in poor and device in without.link(link):
            cause, says = poor[link]
            where = f"{cause.subject.device} {cause.subject.name}"
            board.explain(fault, cause, f"{where}, the only way to {device}, {says}")
        if hop == device:
            return
        cause_there = board.first(hop, FaultKind.CPU_HIGH, LOSS, LATENCY)
        if cause_there and device in without.device(hop):
            board.explain(fault, cause_there, f"behind {hop}, which serves poorly itself")


class _Without:
    """What nothing leads to without a device or a link; each is looked at once."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._devices: dict[str, frozenset[str]] = {}
        self._links: dict[str, frozenset[str]] = {}

    def device(self, name: str) -> frozenset[str]:
        if name not in self._devices:
            self._devices[name] = self._reach.lost_by({name}, ())
        return self._devices[name]

    def link(self, key: str) -> frozenset[str]:
        if key not in self._links:
            self._links[key] = self._reach.lost_by((), {key})
        return self._links[key]
