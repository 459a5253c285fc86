"""Umbrellas: many roots at once are one event, of a site that lost its power or of the network as a whole.

Each stands on a real fault (the nearest to the agent), since somebody has to begin somewhere. A problem that grows over
a limit or shrinks below it keeps its case: the faults know theirs.
"""

from collections.abc import Iterable
from datetime import datetime

from agent.faults.correlation.board import AT_ONCE, Board, age
from agent.faults.correlation.problem import SESSIONS, Problem, Symptom
from agent.faults.correlation.unreachable import LONG_BEFORE
from agent.faults.fault import Fault, FaultKind
from agent.inventory.topology import Topology
from agent.observation import Subject

SITE_LEAST = 2
"""Devices of a site: one alone is a device."""
ALL_LEAST = 3
"""Devices: of fewer, the loss of all is told by what each of them is."""
STORM_ROOTS = 20
"""Troubles with causes of their own. Twenty within two minutes have one cause, whatever it is: in a network of ten
thousand devices of which each fails four times a year, two would be chance once a week and five never."""
STORM_SHARE = 0.01
"""Of the devices: in a very large network twenty customers switch off their routers at the end of a working day."""
STORM_SECONDS = 120.0
"""Two polling intervals: what happens at one moment is seen and believed within them."""

CUTTING = SESSIONS | {FaultKind.DEVICE_UNREACHABLE, FaultKind.INTERFACE_DOWN, FaultKind.SITE_DOWN}


def raised(problems: Iterable[Problem], board: Board) -> list[Problem]:
    """The problems, those that are one event under one umbrella."""
    found = list(problems)
    if not board.unreachable and len(found) < STORM_ROOTS:
        return found
    if _all_is_lost(board):
        fresh = _since_then(board)
        cut_off = [problem for problem in found if problem.root.kind in CUTTING and problem.root.began >= fresh]
        because = (
            f"all {len(board.unreachable)} devices are silent: the agent's own connection, or all that it enters by"
        )
        inside = {problem.root.id for problem in cut_off}
        return [_mass(cut_off, board, because), *(problem for problem in found if problem.root.id not in inside)]
    return _with_storm(_with_sites(found, board), board)


def _all_is_lost(board: Board) -> bool:
    return len(board.unreachable) == len(board.topology.devices) >= ALL_LEAST


def _since_then(board: Board) -> datetime:
    """What is older was there before all was lost, and will be there after. The half of the devices is no exception."""
    began = sorted(fault.began for fault in board.unreachable.values())
    return began[len(began) // 2] - LONG_BEFORE


# ---------------------------------------------------------------- sites


def _with_sites(problems: list[Problem], board: Board) -> list[Problem]:
    dark = _dark_sites(board)
    if not dark:
        return problems
    of = {fault.id: number for number, problem in enumerate(problems) for fault in problem.faults}
    taken: set[int] = set()
    umbrellas = []
    for site, members in sorted(dark.items()):
        faults = [board.unreachable[name] for name in members]
        parts = {of[fault.id] for fault in faults}
        if parts & taken or not _is_the_sites_own([problems[number] for number in parts], members, board.topology):
            continue
        taken |= parts
        umbrellas.append(_site(site, faults, [problems[number] for number in sorted(parts)], board.topology))
    return [*(p for number, p in enumerate(problems) if number not in taken), *umbrellas]


def _dark_sites(board: Board) -> dict[str, frozenset[str]]:
    """Of several devices, all of which fell silent at once."""
    touched = {board.topology.devices[name].site for name in board.unreachable}
    dark = {}
    for site in touched:
        members = board.topology.sites[site]
        if len(members) >= SITE_LEAST and members <= board.unreachable.keys():
            began = [board.unreachable[name].began for name in members]
            if max(began) - min(began) <= AT_ONCE:
                dark[site] = members
    return dark


def _is_the_sites_own(parts: list[Problem], members: frozenset[str], topology: Topology) -> bool:
    """Whether nothing outside explains it: neither a device nor one cable. Several cables to it are not cut at once."""
    if len(parts) == 1 and parts[0].root.kind is not FaultKind.DEVICE_UNREACHABLE:
        return False
    return all(_ends(problem.root, topology) & members for problem in parts)


def _ends(root: Fault, topology: Topology) -> frozenset[str]:
    link = topology.link_at(root.subject.device, root.subject.name)
    return frozenset((link.a, link.b)) if link else frozenset({root.subject.device})


def _site(site: str, faults: list[Fault], parts: list[Problem], topology: Topology) -> Problem:
    far = len(topology.devices)
    root = min(faults, key=lambda fault: (topology.reach.distance.get(fault.subject.device, far), age(fault)))
    because = f"all {len(faults)} devices of {site} fell silent at once, and nothing outside explains it"
    whole = Problem(f"site|{site}", FaultKind.SITE_DOWN, Subject(root.subject.device), root, because)
    return _gathered(whole, parts, f"{site} is silent as a whole")


# ---------------------------------------------------------------- storms


def _with_storm(problems: list[Problem], board: Board) -> list[Problem]:
    least = max(STORM_ROOTS, STORM_SHARE * len(board.topology.devices))
    cutting = sorted((p for p in problems if p.kind in CUTTING), key=lambda problem: age(problem.root))
    storm = _within_a_storm(cutting, least) if len(cutting) > 1 else []
    if not storm:
        return problems
    inside = {problem.key for problem in storm}
    because = f"{len(storm)} troubles began within minutes, and nothing known explains all of them"
    return [*(p for p in problems if p.key not in inside), _mass(storm, board, because)]


def _within_a_storm(cutting: list[Problem], least: float) -> list[Problem]:
    """All that lie in any span of two minutes with enough roots; `cutting` by time."""
    counted = [_roots(problem) for problem in cutting]
    began = [problem.root.began.timestamp() for problem in cutting]
    inside: list[Problem] = []
    first, roots, done = 0, 0, 0
    for last, count in enumerate(counted):
        roots += count
        while began[last] - began[first] > STORM_SECONDS:
            roots -= counted[first]
            first += 1
        if roots >= least and last > first:
            inside += cutting[max(first, done) : last + 1]
            done = last + 1
    return inside


def _roots(problem: Problem) -> int:
    """How many causes of its own it counts for: each device of a site that fell silent could have gone alone."""
    if problem.kind is not FaultKind.SITE_DOWN:
        return 1
    return sum(fault.kind is FaultKind.DEVICE_UNREACHABLE for fault in problem.faults)


def _mass(parts: list[Problem], board: Board, because: str) -> Problem:
    """Its root is what fell silent nearest to the agent, or was cut first."""
    distance, far = board.topology.reach.distance, len(board.topology.devices)
    root = min((p.root for p in parts), key=lambda fault: (distance.get(fault.subject.device, far), age(fault)))
    whole = Problem("mass|network", FaultKind.MASS_OUTAGE, Subject(root.subject.device), root, because)
    return _gathered(whole, parts, "one of many troubles at once")


def _gathered(whole: Problem, parts: list[Problem], because: str) -> Problem:
    symptoms = [symptom for part in parts for symptom in part.symptoms]
    symptoms += [Symptom(part.root, because) for part in parts]
    others = [symptom for symptom in symptoms if symptom.fault.id != whole.root.id]
    return Problem(
        whole.key,
        whole.kind,
        whole.subject,
        whole.root,
        whole.because,
        tuple(sorted(others, key=lambda symptom: age(symptom.fault))),
    )
