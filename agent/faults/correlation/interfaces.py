"""Interfaces that are down: with the whole that they are a part of, with what they lead to, with their other end."""

import re
from collections.abc import Collection
from string import ascii_letters

from agent.faults.correlation.board import AT_ONCE, Board, age, was_alone
from agent.faults.fault import Fault
from agent.inventory.inventory import Link
from agent.inventory.topology import End, other
from agent.observation import ComponentKind


def explain(board: Board) -> None:
    for end, fault in board.interfaces.items():
        _explain_by_far_end(board, end, fault)
    for aggregate in board.topology.members:
        _explain_bundle(board, aggregate)


def _explain_by_far_end(board: Board, end: End, fault: Fault) -> None:
    device, interface = end
    parent, dot, _ = interface.partition(".")
    if dot and (whole := board.interfaces.get((device, parent))):
        board.explain(fault, whole, f"subinterface of {parent}, which is down")
        return
    link = board.link_of(device, interface)
    if link is None:
        return
    far = other(link, device)
    gone = board.unreachable.get(far)
    if gone and not was_alone(fault, gone) and board.explain(fault, gone, f"leads to {far}, which does not answer"):
        return
    if (own := board.topology.link_at(*end)) and (first := board.link_fault(own)) and first.id != fault.id:
        board.explain(fault, first, "the other end of the same link")


# ---------------------------------------------------------------- aggregates


def _explain_bundle(board: Board, end: End) -> None:
    """A member that is down is a trouble of its own, the redundancy being lost; where all of them are, the aggregate is
    down with them, and those that went together are one trouble."""
    device, aggregate = end
    lost = _members_lost(board, end)
    if lost and len(lost) == len(board.topology.members[end]):
        together = [fault for fault in lost if lost[-1].began - fault.began <= AT_ONCE]
        for fault in together[1:]:
            first = together[0].subject
            board.explain(fault, together[0], f"went with {first.device} {first.name}, of the same aggregate")
        if whole := board.interfaces.get(end):
            board.explain(whole, together[0], f"all members of {aggregate} are down")
    if link := board.topology.link_at(device, aggregate):
        _explain_other_members(board, link, lost, device)


def _members_lost(board: Board, end: End) -> list[Fault]:
    """The faults that stand for the members that are down, each cable's once, the oldest first."""
    found = {}
    for member in board.topology.members[end]:
        link = board.topology.link_at(end[0], member)
        fault = board.link_fault(link) if link else board.interfaces.get((end[0], member))
        if fault:
            found[fault.id] = fault
    return sorted(found.values(), key=age)


def _explain_other_members(board: Board, link: Link, lost: list[Fault], device: str) -> None:
    """Where the inventory knows the cable as the aggregate only, the members of both ends go in pairs."""
    far = other(link, device)
    other_end = (far, link.a_interface if link.a == far else link.b_interface)
    if other_end not in board.topology.members:
        return
    for here, there in zip(lost, _members_lost(board, other_end), strict=False):
        first, second = sorted((here, there), key=age)
        board.explain(second, first, "the other end of the same aggregate")


def carries(board: Board, fault: Fault) -> tuple[str, Link | None]:
    """The cable that a fault of an interface or of its optics is about: the link's key, where it is one between two of
    ours, else the interface."""
    device, interface = fault.subject.device, fault.subject.name
    if fault.subject.kind is ComponentKind.SENSOR:
        interface = _lit(interface, board.topology.linked_interfaces(device)) or interface
    link = board.topology.link_at(device, interface)
    return (link.key, link) if link else (f"{device}:{interface}", None)


def _lit(sensor: str, interfaces: Collection[str]) -> str:
    """The interface whose light a sensor measures: `Te1/1 Rx power` names it, `power Rx 0/1 (dBm)` its number; empty
    where none is named, or several are."""
    words = frozenset(re.split(r"[\s(),:]+", sensor))
    named = [name for name in interfaces if name in words]
    numbered = [name for name in interfaces if "/" in name and name.lstrip(ascii_letters + "-") in words]
    found = named or numbered
    return found[0] if len(found) == 1 else ""
