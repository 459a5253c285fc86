"""Routing sessions: lost with what lies below them; what is left is grouped by the router that all have in common.

From below: the device, a restart, the interface, the path; then BFD, which sees a link for the others; then OSPF, which
finds the paths; then BGP.
"""

import heapq
from collections.abc import Iterable, Mapping
from functools import cached_property

from agent.faults.correlation import box
from agent.faults.correlation.board import Board, age
from agent.faults.correlation.problem import address, peer
from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Link
from agent.inventory.topology import other

BGP, OSPF, BFD = FaultKind.BGP_PEER_DOWN, FaultKind.OSPF_NEIGHBOUR_DOWN, FaultKind.BFD_SESSION_DOWN
COUNTED = {
    BGP: "{count} BGP sessions are down, and {hub} is an end of each",
    OSPF: "{count} OSPF neighbours are lost, and {hub} is an end of each",
    BFD: "{count} BFD sessions are down, and {hub} is an end of each",
}
Hub = tuple[str, str]  # the device in common, and the sentence why
Ends = frozenset[str]


def explain(board: Board) -> dict[str, Hub]:
    """Returns the groups: by the root fault's id the device in common."""
    lower: dict[Ends, tuple[Fault, str]] = {}
    hubs: dict[str, Hub] = {}
    isolated: dict[
        str, Fault
    ] = {}  # by a router that lost several of its OSPF neighbours: the fault that stands for it
    broken = _Pieces(board, board.cut, [*board.interfaces.values(), *board.unreachable.values()])
    for kind in (BFD, OSPF, BGP):
        faults = board.of_kind.get(kind, [])
        rest = [fault for fault in faults if not _by_lower_layers(board, fault, broken)]
        unrouted = _unrouted(board) if kind is BGP and rest else None
        rest = [fault for fault in rest if not _by_protocols(board, fault, lower, unrouted)]
        if kind is BGP:
            rest = [fault for fault in rest if not _by_isolation(board, fault, isolated)]
        found = _grouped(board, kind, rest)
        if kind is OSPF:
            isolated = {found[fault.id][0]: fault for fault in rest if fault.id in found}
        hubs |= found
        for fault in faults:
            because = f"the {kind.split('_')[0].upper()} session between the same two is down"
            lower.setdefault(session(board, fault), (fault, because))
    return hubs


def session(board: Board, fault: Fault) -> Ends:
    return frozenset((fault.subject.device, peer(fault, board.topology)))


def _by_lower_layers(board: Board, fault: Fault, broken: "_Pieces") -> bool:
    here, there = fault.subject.device, peer(fault, board.topology)
    for device in (here, there):
        if gone := board.unreachable.get(device):
            return board.explain(fault, gone, f"{device} does not answer")
    for device in (here, there):
        restart = board.first(device, FaultKind.DEVICE_RESTARTED)
        if restart and box.by_restart(board, fault, restart):
            return True
    for device, interface in _runs_over(board, fault):
        if down := board.down_at(device, interface):
            return board.explain(fault, down, f"{device} {interface}, which the session runs over, is down")
    if fault.kind is not BGP and (cut := _all_cut_between(board, here, there)):
        subject = cut.subject
        return board.explain(fault, cut, f"{subject.device} {subject.name}, which the session runs over, is down")
    return board.explain(fault, broken.between(here, there), f"no path is left between {here} and {there}")


def _all_cut_between(board: Board, here: str, there: str) -> Fault | None:
    """Where the session names no interface (an unnumbered link, a router ID): the last link that led there."""
    cuts = [board.link_fault(link) for link in board.topology.links_of(here) if other(link, here) == there]
    known = [cut for cut in cuts if cut]
    return max(known, key=age) if known and len(known) == len(cuts) else None


def _runs_over(board: Board, fault: Fault) -> Iterable[tuple[str, str]]:
    here, home = fault.subject.device, board.topology.homes.get(address(fault))
    yield here, board.topology.interface_towards(here, address(fault))
    if home:
        yield home.device, home.interface


def _by_protocols(
    board: Board, fault: Fault, lower: Mapping[Ends, tuple[Fault, str]], unrouted: "_Pieces | None"
) -> bool:
    ends = session(board, fault)
    if ends in lower:
        return board.explain(fault, *lower[ends])
    if unrouted is None:
        return False
    here, there = fault.subject.device, peer(fault, board.topology)
    return board.explain(fault, unrouted.between(here, there), f"OSPF has no path left between {here} and {there}")


def _by_isolation(board: Board, fault: Fault, isolated: Mapping[str, Fault]) -> bool:
    """A session between loopbacks needs OSPF to lead there; a wire that OSPF does not run on is no way for it."""
    here, there = fault.subject.device, peer(fault, board.topology)
    if board.topology.interface_towards(here, address(fault)):
        return False
    return any(
        board.explain(fault, isolated.get(end), f"OSPF of {end} has lost its neighbours") for end in (here, there)
    )


def _unrouted(board: Board) -> "_Pieces | None":
    """The pieces of the network between which OSPF leads no more: its lost neighbours taken for cuts."""
    lost = board.of_kind.get(OSPF, [])
    cut = {link.key for fault in lost for link in _links_between(board, fault)}
    return _Pieces(board, board.cut | cut, lost) if lost else None


def _links_between(board: Board, fault: Fault) -> list[Link]:
    here, there = fault.subject.device, peer(fault, board.topology)
    if link := board.topology.link_at(here, board.topology.interface_towards(here, address(fault))):
        return [link]
    return [link for link in board.topology.links_of(here) if other(link, here) == there]


class _Pieces:
    """The parts into which the network falls, and for each the last of the troubles at its border; worked out when it
    is first asked for, once for all sessions."""

    def __init__(self, board: Board, cut: frozenset[str], troubles: Iterable[Fault]) -> None:
        self._board, self._cut, self._troubles = board, cut, troubles

    @cached_property
    def _piece(self) -> dict[str, tuple[int, int]]:
        """(size, number) of the piece that a device is in; none of a dead one."""
        net, dead = self._board.topology, self._board.unreachable
        pieces = net.reach.pieces(net.devices, dead, self._cut)
        return {name: (len(piece), number) for number, piece in enumerate(pieces) for name in piece}

    @cached_property
    def _border(self) -> dict[tuple[int, int], Fault]:
        border: dict[tuple[int, int], Fault] = {}
        for fault in sorted(self._troubles, key=age):
            for name in self._touched(fault):
                if name in self._piece:
                    border[self._piece[name]] = fault
        return border

    def _touched(self, fault: Fault) -> Iterable[str]:
        net, device = self._board.topology, fault.subject.device
        if fault.kind is FaultKind.DEVICE_UNREACHABLE:
            return net.neighbours(device)
        if link := net.link_at(device, fault.subject.name):
            return (link.a, link.b)
        return (device, peer(fault, net)) if fault.kind is OSPF else ()

    def between(self, here: str, there: str) -> Fault | None:
        """What parted the two, told from the smaller piece; None where they hang together, or one is unknown."""
        devices = self._board.topology.devices
        if here not in devices or there not in devices:
            return None
        pieces = sorted({self._piece[name] for name in (here, there) if name in self._piece})
        if len(pieces) < 2:
            return None
        return self._border.get(pieces[0]) or self._border.get(pieces[1])


# ---------------------------------------------------------------- groups


def _grouped(board: Board, kind: FaultKind, faults: list[Fault]) -> dict[str, Hub]:
    """The router with most lost sessions takes its own, then the next of what is left."""
    by_session: dict[Ends, list[Fault]] = {}
    for fault in faults:
        by_session.setdefault(session(board, fault), []).append(fault)
    by_device: dict[str, set[Ends]] = {}
    for ends in by_session:
        for device in ends:
            by_device.setdefault(device, set()).add(ends)
    hubs: dict[str, Hub] = {}
    for hub, mine in _hubs(by_device, board.topology.devices):
        members = [fault for ends in mine for fault in by_session[ends]]
        root, *others = sorted(members, key=lambda fault: (len(mine) > 1 and fault.subject.device != hub, age(fault)))
        for fault in others:
            same = session(board, fault) == session(board, root)
            board.explain(fault, root, "the other end of the same session" if same else f"another session of {hub}")
        if len(mine) > 1 and hub in board.topology.devices:
            hubs[root.id] = (hub, COUNTED[kind].format(count=len(mine), hub=hub))
    return hubs


def _hubs(by_device: dict[str, set[Ends]], known: Mapping[str, object]) -> Iterable[tuple[str, set[Ends]]]:
    """(device, its sessions), each session once; ours before strangers, then by name."""
    heap = [(-len(sessions), device not in known, device) for device, sessions in by_device.items()]
    heapq.heapify(heap)
    while heap:
        count, stranger, device = heapq.heappop(heap)
        mine = by_device[device]
        if not mine:
            continue
        if len(mine) != -count:  # another hub took some of them
            heapq.heappush(heap, (-len(mine), stranger, device))
            continue
        mine = set(mine)
        for ends in mine:
            for end in ends:
                by_device[end].discard(ends)
        yield device, mine
