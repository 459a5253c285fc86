"""Root cause: which faults explain which, so that one problem is one case.

Takes every confirmed fault, quiet ones too (correlate first, suppress after), and returns problems: a root and its
symptoms, each with the sentence why. Reads only the topology; nothing here knows of cases. One file for each layer:

    unreachable   devices that do not answer      box       hardware, resources, restarts
    interfaces    ports, aggregates               routing   BFD, OSPF, BGP
    lines         cables that work badly          service   delay and loss
    umbrella      a site, the whole network

Work grows with what is broken and once with the network, never with their product: `tests/benchmarks/correlation.py`.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from agent.faults.correlation import box, interfaces, lines, routing, service, umbrella, unreachable
from agent.faults.correlation.board import Board, age
from agent.faults.correlation.problem import SESSIONS, UMBRELLAS, Problem, Symptom, broken, ends, witnesses
from agent.faults.correlation.routing import Hub
from agent.faults.fault import Fault, FaultKind
from agent.inventory.topology import Topology
from agent.observation import Subject

__all__ = ["SESSIONS", "UMBRELLAS", "Problem", "Symptom", "broken", "ends", "problems", "witnesses"]

CHANGE_BEFORE = timedelta(minutes=10)  # a change of the configuration so shortly before is worth a word


def problems(faults: Iterable[Fault], topology: Topology) -> list[Problem]:
    """Every confirmed fault stands in exactly one problem, as its root or as a symptom; oldest problem first."""
    known = {fault.id: fault for fault in faults if fault.active and fault.subject.device in topology.devices}
    board = Board(topology, sorted(known.values(), key=age))
    unreachable.explain(board)
    interfaces.explain(board)
    lines.explain(board)
    box.explain(board)
    box.explain_mates(board)
    box.explain_restarts(board)
    hubs = routing.explain(board)
    service.explain(board)
    found = umbrella.raised(_gather(known, board, hubs), board)
    return sorted(found, key=lambda problem: (problem.root.began, problem.key))


def _gather(known: Mapping[str, Fault], board: Board, hubs: Mapping[str, Hub]) -> list[Problem]:
    members: dict[str, list[Symptom]] = {}
    for fault in board.faults:
        top = board.top(fault.id)
        mine = members.setdefault(top, [])
        if top != fault.id:
            mine.append(Symptom(fault, board.causes[fault.id][1]))
    return [_problem(board, known[root], tuple(symptoms), hubs.get(root)) for root, symptoms in members.items()]


def _problem(board: Board, root: Fault, symptoms: tuple[Symptom, ...], hub: Hub | None) -> Problem:
    device, link = root.subject.device, board.topology.link_at(root.subject.device, root.subject.name)
    key, kind, subject, because = root.key, root.kind, root.subject, "nothing else explains it"
    if hub:
        key, subject, because = f"{kind}|{hub[0]}", Subject(hub[0]), hub[1]
    elif kind is FaultKind.INTERFACE_DOWN and link:
        key, because = f"link|{link.key}", f"both ends of {link.key} are one link"
    elif kind in lines.LINE:
        key = f"{kind}|{interfaces.carries(board, root)[0]}"
        if kind is FaultKind.OPTICAL_POWER and any(s.fault.kind is FaultKind.INTERFACE_DOWN for s in symptoms):
            key, kind = f"link|{interfaces.carries(board, root)[0]}", FaultKind.INTERFACE_DOWN
            because = "its light was out of its limits before"
    elif kind in SESSIONS:
        key = f"{kind}|{'--'.join(sorted(routing.session(board, root)))}"
        because = "nothing below the session is broken"
    elif kind in box.ONE_PER_DEVICE:
        key = f"{kind}|{device}"
    elif kind is FaultKind.DEVICE_UNREACHABLE:
        because = _stands_alone(board, device)
    return Problem(key, kind, subject, root, because + _hint(board, root), symptoms)


def _stands_alone(board: Board, device: str) -> str:
    lost = [link for link in board.topology.links_of(device) if board.link_fault(link)]
    if lost:
        return f"{len(lost)} of its links are down at once, seen by its neighbours: the device, not a cable"
    return "a whole path leads to it, and it does not answer"


def _hint(board: Board, root: Fault) -> str:
    """A change of the configuration shortly before: told, and no more than that."""
    for change in board.of_device[root.subject.device].get(FaultKind.CONFIGURATION_CHANGED, ()):
        if change.id != root.id and timedelta(0) <= root.began - change.began <= CHANGE_BEFORE:
            return f"; the configuration of {root.subject.device} was changed at {change.began:%H:%M:%S} UTC"
    return ""
