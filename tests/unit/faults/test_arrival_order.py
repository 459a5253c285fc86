"""Whichever way the polls' batches overtake each other on their way, the problems are the same."""

import random
import string
from datetime import timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.faults import confirmation, correlation, rules
from agent.faults.fault import Fault, FaultKind
from agent.faults.rules import Scene
from agent.observation import Batch, Subject
from tests.story import START
from tests.topologies.graph import Failure, Graph
from tests.topologies.watch import Watch

NODES = tuple(string.ascii_lowercase[:7])
Facts = set[tuple[str, str, frozenset[str]]]


@st.composite
def failures(draw: st.DrawFn) -> tuple[Graph, frozenset[Failure]]:
    links = draw(st.lists(st.sampled_from(sorted(combinations(NODES, 2))), min_size=3, max_size=12))
    graph = Graph("drawn", NODES, tuple(sorted(links)))
    return graph, frozenset(draw(st.lists(st.sampled_from(graph.singles), min_size=1, max_size=3)))


def batches(watch: Watch, broken: frozenset[Failure], chance: random.Random) -> dict[str, list[Batch]]:
    """Of each device some polls in order, whenever it was polled."""
    silent, _ = watch.graph.picture(broken)
    found = {}
    for name in NODES:
        times = sorted(START + timedelta(seconds=chance.uniform(0, 120)) for _ in range(chance.randint(1, 5)))
        found[name] = [watch.batch(name, broken, at, name in silent) for at in times]
    return found


def facts(watch: Watch, order: list[Batch]) -> Facts:
    faults: dict[tuple[FaultKind, Subject], Fault] = {}
    for batch in order:
        known = watch.inventory.devices[batch.device]
        linked = watch.net.linked_interfaces(batch.device)
        mine = {key: fault for key, fault in faults.items() if key[1].device == batch.device}
        scene = Scene(device=known, batch=batch, open=mine, linked=linked)
        for judged in confirmation.verdicts(rules.judge(scene, watch.book)):
            key = (judged.kind, judged.subject)
            fault = confirmation.advance(faults.get(key), judged, batch.at, watch.book.believe(judged.kind, known))
            if fault:
                faults[key] = fault
    found = correlation.problems((fault for fault in faults.values() if fault.active), watch.net)
    return {(p.key, p.root.id, frozenset(s.fault.id for s in p.symptoms)) for p in found}


@settings(deadline=None)
@given(failures(), st.integers(0, 2**32))
def test_the_order_of_arrival_does_not_change_the_problems(
    failure: tuple[Graph, frozenset[Failure]], seed: int
) -> None:
    chance = random.Random(seed)
    graph, broken = failure
    watch = Watch(graph)
    polled = batches(watch, broken, chance)
    plain = [batch for name in NODES for batch in polled[name]]
    turns = [batch.device for batch in plain]
    chance.shuffle(turns)
    left = {name: iter(queue) for name, queue in polled.items()}
    assert facts(watch, [next(left[name]) for name in turns]) == facts(watch, plain)
