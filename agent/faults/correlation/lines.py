"""Cables that work badly: faults of one cable, seen at either end and by several signs, are one trouble."""

from agent.faults.correlation.board import Board, age
from agent.faults.correlation.interfaces import carries
from agent.faults.fault import Fault, FaultKind

DOWN, OPTICAL = FaultKind.INTERFACE_DOWN, FaultKind.OPTICAL_POWER
ERRORS, DISCARDS, SATURATED = FaultKind.INTERFACE_ERRORS, FaultKind.INTERFACE_DISCARDS, FaultKind.INTERFACE_SATURATED
SPEED, DUPLEX, MEMBER = FaultKind.SPEED_CHANGED, FaultKind.DUPLEX_CHANGED, FaultKind.LAG_MEMBER_DOWN
UNUSUAL, FILLING = FaultKind.TRAFFIC_UNUSUAL, FaultKind.INTERFACE_FILLING

# What explains what on one cable, the stronger explanation first.
SIGNS: tuple[tuple[FaultKind, frozenset[FaultKind], str], ...] = (
    (OPTICAL, frozenset({ERRORS, DISCARDS, SPEED, DUPLEX, MEMBER}), "the light on the same link is out of its limits"),
    (SPEED, frozenset({DUPLEX, SATURATED, DISCARDS, FILLING, UNUSUAL}), "the speed of the same link changed"),
    (DUPLEX, frozenset({ERRORS, DISCARDS}), "the duplex mode of the same link changed"),
    (ERRORS, frozenset({MEMBER}), "errors on the same link"),
    (SATURATED, frozenset({DISCARDS, FILLING, UNUSUAL}), "the same link is full"),
)
LINE = frozenset({OPTICAL, ERRORS, DISCARDS, SATURATED, SPEED, DUPLEX, MEMBER, UNUSUAL, FILLING})


def explain(board: Board) -> None:
    cables: dict[str, list[Fault]] = {}
    for fault in sorted(board.kinds(*sorted(LINE)), key=age):
        cables.setdefault(carries(board, fault)[0], []).append(fault)
    for signs in cables.values():
        down = _down(board, signs[0])
        if down:
            _explain_down(board, down, signs)
        _explain_each_other(board, signs)


def _down(board: Board, sign: Fault) -> Fault | None:
    _, link = carries(board, sign)
    return board.link_fault(link) if link else board.interfaces.get((sign.subject.device, sign.subject.name))


def _explain_down(board: Board, down: Fault, signs: list[Fault]) -> None:
    """What a cable showed before it was cut belongs to the cut. Light that was poor before is why, unless the device at
    its end went."""
    dark = next((fault for fault in signs if fault.kind is OPTICAL and fault.began < down.began), None)
    if dark:
        board.explain(down, dark, "its light was out of its limits before")
    for fault in signs:
        board.explain(fault, down, "the same link, which is down")


def _explain_each_other(board: Board, signs: list[Fault]) -> None:
    first: dict[FaultKind, Fault] = {}
    for fault in signs:
        first.setdefault(fault.kind, fault)
    for cause, effects, because in SIGNS:
        for fault in signs:
            if fault.kind in effects and cause in first:
                board.explain(fault, first[cause], because)
    for fault in signs:
        if first[fault.kind].id != fault.id:
            board.explain(fault, first[fault.kind], "the same trouble of the same link")
