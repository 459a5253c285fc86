"""Root cause on the given topologies, against the truth of their graphs."""

import os
import random
from pathlib import Path

import pytest

from agent.storage.engine import open_store
from tests.story import Network, Story, device, inventory
from tests.topologies import table
from tests.topologies.graph import Graph, read

EVERY = bool(os.environ.get("NETCASE_EVERY_TOPOLOGY"))


@pytest.fixture(scope="module")
def graphs() -> list[Graph]:
    folder = table.folder()
    if not folder.is_dir():
        pytest.skip(f"the topologies are not at {folder} (set NETCASE_TOPOLOGIES)")
    return [read(path) for path in sorted(folder.glob("*.graphml"))]


@pytest.mark.timeout(7200 if EVERY else 600)
def test_root_causes_are_right_on_every_topology(graphs: list[Graph]) -> None:
    """A sample of each; with NETCASE_EVERY_TOPOLOGY=1 every single failure and sixty pairs."""
    rows = [table.examined(graph) if EVERY else table.examined(graph, singles=3, doubles=1) for graph in graphs]
    print(table.summary(rows))
    whole = table.totals(rows)
    assert len(rows) == 276
    assert table.share(whole, "single") >= 0.99, whole.examples
    assert table.share(whole, "double") >= 0.95, whole.examples
    assert not whole.wrong["a case for a symptom"], whole.examples


@pytest.mark.timeout(600)
def test_the_whole_pipeline_on_a_real_store_says_what_the_short_way_says(graphs: list[Graph], tmp_path: Path) -> None:
    plain = [g for g in graphs if 6 <= len(g.nodes) <= 9 and len(set(map(frozenset, g.links))) == len(g.links)]
    chance = random.Random(7)
    for number, graph in enumerate(chance.sample(plain, 4)):
        failure = chance.choice(graph.singles)
        store = open_store(f"sqlite:///{tmp_path / str(number)}.db")
        devices = [device(name, site=name) for name in graph.nodes]
        story = Story(store, Network(inventory(devices, graph.links, graph.entries)), seed=number).run(minutes=2)
        if isinstance(failure, int):
            story.cut(*graph.links[failure])
        else:
            story.kill(failure)
        keys = [case.problem for case in story.run(minutes=4).cases()]
        store.close()
        by_key = {
            **{f"device_unreachable|{name}": name for name in graph.nodes},
            **{link.key: number for number, link in enumerate(story.network.inventory.links)},
        }
        if graph.all_silent(frozenset({failure})):
            assert keys == ["mass|network"]
        else:
            told = frozenset(by_key[key.removeprefix("link|")] for key in keys)
            assert graph.is_right(told, frozenset({failure})), (graph.name, failure, keys)


def test_the_truth_tells_no_dead_leaf_from_its_only_link_cut() -> None:
    tree = Graph("tree", ("a", "b", "c"), (("a", "b"), ("b", "c")))
    assert tree.entries == ("b",)
    assert tree.is_right(frozenset({"c"}), frozenset({1}))
    assert tree.is_right(frozenset({1}), frozenset({"c"}))
    assert not tree.is_right(frozenset({1, "c"}), frozenset({"c"}))
    assert not tree.is_right(frozenset({0}), frozenset({"c"}))


def test_the_truth_knows_what_lies_behind_and_what_parallel_links_hide() -> None:
    ring = Graph("ring", ("a", "b", "c", "d"), (("a", "b"), ("a", "b"), ("b", "c"), ("d", "d"))[:3], loops=1)
    assert ring.entries == ("b", "d")
    assert ring.fewest(frozenset({0})) == 1
    assert ring.fewest(frozenset({0, 1})) == 1  # it may as well be the node behind them
    assert ring.is_right(frozenset({"a"}), frozenset({0, 1}))
    assert ring.all_silent(frozenset({"b", "d"}))
