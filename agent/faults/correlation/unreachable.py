"""Devices that do not answer: which are dead themselves, and which lie behind a trouble."""

from datetime import timedelta

from agent.faults.correlation.board import Board, age, was_alone
from agent.faults.fault import Fault
from agent.inventory.inventory import Link
from agent.inventory.topology import near_end, other

Cause = tuple[Fault, str]

LONG_BEFORE = timedelta(minutes=30)  # the devices around a trouble are asked at once; none takes so long to be believed


def explain(board: Board) -> None:
    """Three sorts: one that a whole way leads to, or that lost several links at once, is itself dead. One whose only
    way is a link that is down lies behind that link. What has only silent neighbours lies behind what silenced them.
    """
    net, dead = board.topology, frozenset(board.unreachable)
    if not dead:
        return
    left = net.whole - net.lost_by(dead, board.cut)
    edge = {name for name in dead if _has_whole_way(board, name, left)}
    behind = _nearest_troubles(board, left, edge)
    for name, fault in board.unreachable.items():
        if name in edge:
            continue
        ways = _ways_lost(board, name, left)
        if len({link.key for link, _ in ways}) > 1:
            continue  # a dead device takes all its links with it
        if ways:
            (link, cut), near = ways[0], other(ways[0][0], name)
            _explain(board, fault, cut, f"{near} {near_end(link, near)}, the only way to {name}, is down")
        elif name in behind:
            _explain(board, fault, *behind[name])


def _explain(board: Board, fault: Fault, cause: Fault, because: str) -> None:
    """Unless it was silent long before that: then it stays what it was, also when the cause is over."""
    if cause.began - fault.began <= LONG_BEFORE:
        board.explain(fault, cause, because)


def _has_whole_way(board: Board, name: str, left: frozenset[str]) -> bool:
    """A device that does not answer although a way without a known fault leads to it is itself the trouble."""
    return board.topology.entered_directly(name) or any(
        other(link, name) in left and link.key not in board.cut for link in board.topology.links_of(name)
    )


def _ways_lost(board: Board, name: str, left: frozenset[str]) -> list[tuple[Link, Fault]]:
    """The links from where the agent still is that went with the device; where all went before it, the last of them."""
    gone, lost = board.unreachable[name], []
    for link in board.topology.links_of(name):
        if other(link, name) in left and (cut := board.link_fault(link)):
            lost.append((link, cut))
    together = [(link, cut) for link, cut in lost if not was_alone(cut, gone)]
    return together or sorted(lost, key=lambda way: age(way[1]))[-1:]


def _nearest_troubles(board: Board, left: frozenset[str], edge: set[str]) -> dict[str, Cause]:
    """For every device in a piece of the network that is cut off whole: the last of the troubles around the piece,
    since that one made the cut."""
    found: dict[str, Cause] = {}
    away = (name for name in board.topology.devices if name not in left)
    for piece in board.topology.reach.pieces(away, edge):
        around = [cause for name in piece for cause in _around(board, name, left, edge)]
        if around:
            found.update(dict.fromkeys(piece, max(around, key=lambda cause: age(cause[0]))))
    return found


def _around(board: Board, name: str, left: frozenset[str], edge: set[str]) -> list[Cause]:
    found = []
    for link in board.topology.links_of(name):
        there = other(link, name)
        if there in left and (cut := board.link_fault(link)):
            found.append((cut, f"behind the link {near_end(link, there)} of {there}, which is down"))
        elif there in edge:
            found.append((board.unreachable[there], f"behind {there}, which does not answer"))
    return found
