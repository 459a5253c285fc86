"""Root cause: which faults explain which, so that one problem is one case.

Takes every confirmed fault, quiet ones too (correlate first, suppress after), and returns problems: a root and its
symptoms, each with the sentence why. Reads only the topology; nothing here knows of cases.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Link
from agent.inventory.topology import Topology, near_end, other
from agent.observation import Subject


@dataclass(frozen=True, slots=True)
class Symptom:
    fault: Fault
    because: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to repair. `key` is the same however often it is worked out while the same thing is broken."""

    key: str
    kind: FaultKind
    subject: Subject
    root: Fault
    because: str  # why this is the root
    symptoms: tuple[Symptom, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return (self.root, *(symptom.fault for symptom in self.symptoms))


@dataclass(slots=True)
class _Board:
    """The working table of one correlation: what is broken, and what has been explained so far."""

    topology: Topology
    unreachable: dict[str, Fault]
    interfaces: dict[tuple[str, str], Fault]
    cut: frozenset[str]  # keys of links that a fault at either end says are down
    causes: dict[str, tuple[str, str]] = field(default_factory=dict)  # fault id → (cause's fault id, because)

    def explain(self, fault: Fault, cause: Fault, because: str) -> None:
        if fault.id != cause.id:
            self.causes.setdefault(fault.id, (cause.id, because))

    def link_fault(self, link: Link) -> Fault | None:
        """The fault that stands for a cut link: of the end seen first, and of both at once the first by name."""
        ends = ((link.a, link.a_interface), (link.b, link.b_interface))
        found = [fault for end in ends if (fault := self.interfaces.get(end))]
        return min(found, key=lambda fault: (fault.began, fault.id), default=None)


def broken(problem: Problem, topology: Topology) -> tuple[frozenset[str], frozenset[str]]:
    """The devices and the links (keys) that do not work in a problem."""
    dead = (fault.subject.device for fault in problem.faults if fault.kind is FaultKind.DEVICE_UNREACHABLE)
    links = (
        topology.link_at(fault.subject.device, fault.subject.name)
        for fault in problem.faults
        if fault.kind is FaultKind.INTERFACE_DOWN
    )
    return frozenset(dead), frozenset(link.key for link in links if link)


def ends(problem: Problem, topology: Topology) -> frozenset[str]:
    """The devices between which something is broken; the root's own where it is a device."""
    found = {problem.root.subject.device}
    if link := topology.link_at(problem.root.subject.device, problem.root.subject.name):
        found |= {link.a, link.b}
    for fault in problem.faults:
        if fault.kind is FaultKind.BGP_PEER_DOWN and (home := topology.homes.get(fault.subject.name)):
            found |= {fault.subject.device, home.device}
    return frozenset(found)


def witnesses(problem: Problem, topology: Topology) -> frozenset[str]:
    """The devices that may still change the picture: both ends of what is broken, and their neighbours that something
    leads to yet. What lies behind the trouble can only say that it is gone."""
    dead, cut = broken(problem, topology)
    both = ends(problem, topology)
    left = topology.reached(dead, cut)
    around = {near for end in both for near in topology.neighbours(end)}
    return frozenset(n for n in around if n in left or topology.past_the_network(n)) | both


def problems(faults: Iterable[Fault], topology: Topology) -> list[Problem]:
    """Every confirmed fault stands in exactly one problem, as its root or as a symptom; oldest problem first."""
    known = {fault.id: fault for fault in faults if fault.active and fault.subject.device in topology.devices}
    board = _board(known.values(), topology)
    _explain_unreachable(board)
    _explain_interfaces(board)
    _explain_companions(board, known.values())
    restarted = {f.subject.device: f for f in known.values() if f.kind is FaultKind.DEVICE_RESTARTED}
    hubs = _explain_bgp(board, [f for f in known.values() if f.kind is FaultKind.BGP_PEER_DOWN], restarted)
    return _gather(known, board, hubs)


def _board(faults: Iterable[Fault], topology: Topology) -> _Board:
    unreachable, interfaces, cut = {}, {}, set()
    for fault in faults:
        if fault.kind is FaultKind.DEVICE_UNREACHABLE:
            unreachable[fault.subject.device] = fault
        elif fault.kind is FaultKind.INTERFACE_DOWN:
            end = (fault.subject.device, fault.subject.name)
            interfaces[end] = fault
            if link := topology.link_at(*end):
                cut.add(link.key)
    return _Board(topology, unreachable, interfaces, frozenset(cut))


# ---------------------------------------------------------------- devices that do not answer


def _explain_unreachable(board: _Board) -> None:
    dead = frozenset(board.unreachable)
    reached = board.topology.reached(dead, board.cut)
    edge = {name for name in dead if _has_whole_way(board, name, reached)}
    for name, fault in board.unreachable.items():
        towards = [link for link in board.topology.links_of(name) if other(link, name) in reached]
        if name in edge or (towards and len(_lost_links(board, name)) > 1):
            continue  # the device itself: a dead one takes all its links with it
        if towards and (cut := board.link_fault(towards[0])):
            near = other(towards[0], name)
            board.explain(fault, cut, f"{near} {near_end(towards[0], near)}, the only way to {name}, is down")
        elif found := _broken_on_the_way(board, name, reached, edge):
            cause, because = max(found, key=lambda pair: (pair[0].began, pair[0].id))  # the last to go made the cut
            board.explain(fault, cause, because)


def _has_whole_way(board: _Board, name: str, reached: frozenset[str]) -> bool:
    """A device that does not answer although a way without a known fault leads to it is itself the trouble."""
    return board.topology.entered_directly(name) or any(
        other(link, name) in reached and link.key not in board.cut for link in board.topology.links_of(name)
    )


def _lost_links(board: _Board, name: str) -> list[Link]:
    return [link for link in board.topology.links_of(name) if board.link_fault(link)]


def _broken_on_the_way(board: _Board, name: str, reached: frozenset[str], edge: set[str]) -> list[tuple[Fault, str]]:
    """From a device none of whose neighbours is reached, towards the agent, up to the first known troubles."""
    seen, queue, found = {name}, deque([name]), []
    while queue:
        for link in board.topology.links_of(here := queue.popleft()):
            there = other(link, here)
            if there in reached and (cut := board.link_fault(link)):
                found.append((cut, f"behind the link {near_end(link, there)} of {there}, which is down"))
            elif there in edge:
                found.append((board.unreachable[there], f"behind {there}, which does not answer"))
            elif there not in seen and there not in reached:
                seen.add(there)
                queue.append(there)
    return found


# ---------------------------------------------------------------- interfaces


def _explain_interfaces(board: _Board) -> None:
    for (device, interface), fault in board.interfaces.items():
        parent, dot, _ = interface.partition(".")
        if dot and (whole := board.interfaces.get((device, parent))):
            board.explain(fault, whole, f"subinterface of {parent}, which is down")
            continue
        link = board.topology.link_at(device, interface)
        if link is None:
            continue
        far = other(link, device)
        if (gone := board.unreachable.get(far)) and board.causes.get(gone.id, ("",))[0] != fault.id:
            board.explain(fault, gone, f"leads to {far}, which does not answer")
        elif (first := board.link_fault(link)) and first.id != fault.id:
            board.explain(fault, first, "the other end of the same link")


# ---------------------------------------------------------------- faults of the same box


def _explain_companions(board: _Board, faults: Iterable[Fault]) -> None:
    by_device: dict[str, dict[FaultKind, Fault]] = defaultdict(dict)
    for fault in sorted(faults, key=lambda fault: (fault.began, fault.id), reverse=True):
        by_device[fault.subject.device][fault.kind] = fault  # the oldest of a kind stays
    for fault in faults:
        mates = by_device[fault.subject.device]
        if fault.kind is FaultKind.TEMPERATURE_HIGH and (fan := mates.get(FaultKind.FAN_FAILED)):
            board.explain(fault, fan, f"{fan.subject.name} of the same device has failed")
        elif fault.kind in _ONE_PER_DEVICE and mates[fault.kind].id != fault.id:
            board.explain(fault, mates[fault.kind], "the same trouble of the same device")
        elif fault.kind in _GONE_WITH_DEVICE and (gone := mates.get(FaultKind.DEVICE_UNREACHABLE)):
            board.explain(fault, gone, f"{fault.subject.device} does not answer")


_ONE_PER_DEVICE = frozenset({FaultKind.CPU_HIGH, FaultKind.MEMORY_HIGH, FaultKind.TEMPERATURE_HIGH})
_GONE_WITH_DEVICE = frozenset({FaultKind.SNMP_AGENT_DEAD, FaultKind.DEVICE_RESTARTED})


# ---------------------------------------------------------------- BGP


def _explain_bgp(board: _Board, faults: list[Fault], restarted: Mapping[str, Fault]) -> dict[str, tuple[str, str]]:
    """Explains what lower layers explain; groups the rest by the device that all of them have in common.

    Returns, for a group's root fault id, the device in common and the sentence why.
    """
    rest, hubs = [], {}
    for fault in faults:
        if cause := _below(board, fault, restarted):
            board.explain(fault, *cause)
        else:
            rest.append(fault)
    while rest:
        hub, members = _largest_group(board, rest)
        root, *others = sorted(members, key=lambda fault: (fault.subject.device != hub, fault.began, fault.id))
        sessions = {_session(board, fault) for fault in members}
        for fault in others:
            same = _session(board, fault) == _session(board, root)
            board.explain(fault, root, "the other end of the same session" if same else f"another session of {hub}")
        if len(sessions) > 1 and hub in board.topology.devices:
            hubs[root.id] = (hub, f"{len(sessions)} BGP sessions are down, and {hub} is an end of each")
        rest = [fault for fault in rest if fault not in members]
    return hubs


def _session(board: _Board, fault: Fault) -> frozenset[str]:
    return frozenset((fault.subject.device, _far_end(board, fault)))


def _far_end(board: _Board, fault: Fault) -> str:
    """The device at the other end of the session, or the address where that is in nobody's inventory."""
    home = board.topology.homes.get(fault.subject.name)
    return home.device if home else fault.subject.name


def _below(board: _Board, fault: Fault, restarted: Mapping[str, Fault]) -> tuple[Fault, str] | None:
    """The fault of a lower layer that takes the session down, if one is known."""
    here, there, peer = fault.subject.device, _far_end(board, fault), fault.subject.name
    for device in (here, there):
        if device in board.unreachable:
            return board.unreachable[device], f"{device} does not answer"
        if device in restarted:
            return restarted[device], f"{device} restarted"
    local = board.topology.interface_towards(here, peer)
    home = board.topology.homes.get(peer)
    for end in ((here, local), (home.device, home.interface) if home else ("", "")):
        if down := board.interfaces.get(end):
            return down, f"{end[0]} {end[1]}, which the session runs over, is down"
    dead = frozenset(board.unreachable)
    if there in board.topology.devices and not board.topology.joined(here, there, dead, board.cut):
        cuts = [cut for link in board.topology.links if (cut := board.link_fault(link))]
        broken = [*board.unreachable.values(), *cuts]
        if broken:
            cause = max(broken, key=lambda candidate: (candidate.began, candidate.id))
            return cause, f"no path is left between {here} and {there}"
    return None


def _largest_group(board: _Board, faults: list[Fault]) -> tuple[str, list[Fault]]:
    count = Counter(device for session in {_session(board, fault) for fault in faults} for device in session)
    hub = min(count, key=lambda device: (-count[device], device not in board.topology.devices, device))
    return hub, [fault for fault in faults if hub in _session(board, fault)]


# ---------------------------------------------------------------- gathering


def _gather(known: Mapping[str, Fault], board: _Board, hubs: Mapping[str, tuple[str, str]]) -> list[Problem]:
    members: dict[str, list[Symptom]] = defaultdict(list)
    roots = []
    for fault in known.values():
        top, because = _top(fault.id, board.causes), board.causes.get(fault.id, ("", ""))[1]
        if top == fault.id:
            roots.append(fault)
        else:
            members[top].append(Symptom(fault, because))
    found = [_problem(board, root, tuple(members[root.id]), hubs.get(root.id)) for root in roots]
    return sorted(found, key=lambda problem: (problem.root.began, problem.key))


def _top(fault: str, causes: Mapping[str, tuple[str, str]]) -> str:
    seen = set()
    while fault in causes and fault not in seen:
        seen.add(fault)
        fault = causes[fault][0]
    return fault


def _problem(board: _Board, root: Fault, symptoms: tuple[Symptom, ...], hub: tuple[str, str] | None) -> Problem:
    symptoms = tuple(sorted(symptoms, key=lambda symptom: (symptom.fault.began, symptom.fault.id)))
    if hub:
        name, because = hub
        return Problem(f"{root.kind}|{name}", root.kind, Subject(name), root, because, symptoms)
    if root.kind is FaultKind.INTERFACE_DOWN and (
        link := board.topology.link_at(root.subject.device, root.subject.name)
    ):
        return Problem(
            f"link|{link.key}", root.kind, root.subject, root, f"both ends of {link.key} are one link", symptoms
        )
    if root.kind is FaultKind.BGP_PEER_DOWN:
        ends = sorted((root.subject.device, _far_end(board, root)))
        key = f"{root.kind}|{'--'.join(ends)}"
        return Problem(key, root.kind, root.subject, root, "nothing below the session is broken", symptoms)
    if root.kind in _ONE_PER_DEVICE:
        return Problem(
            f"{root.kind}|{root.subject.device}", root.kind, root.subject, root, "nothing else explains it", symptoms
        )
    return Problem(root.key, root.kind, root.subject, root, _stands_alone(board, root), symptoms)


def _stands_alone(board: _Board, root: Fault) -> str:
    if root.kind is not FaultKind.DEVICE_UNREACHABLE:
        return "nothing else explains it"
    device = root.subject.device
    lost = [link for link in board.topology.links_of(device) if board.link_fault(link)]
    if lost:
        return f"{len(lost)} of its links are down at once, seen by its neighbours: the device, not a cable"
    return "a whole path leads to it, and it does not answer"
