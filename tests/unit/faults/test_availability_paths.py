"""Could a reach b: ladders, rings and whatever hypothesis draws, beside a sweep that asks every single moment."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from agent.faults import availability
from agent.faults.availability import Availability, Division, Span, paths
from agent.inventory import topology
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory, Link
from agent.inventory.topology import Topology
from tests.unit.faults.history import DAY, divisions, down, hours, kind_at, moments, pieces, span

GOOD = availability.divide(DAY, [DAY], [])


def net(edges: list[str], attached: tuple[str, ...] | None = None) -> Topology:
    """Of edges as `ab`; the agent enters everywhere unless told otherwise."""
    names = sorted({name for edge in edges for name in edge})
    devices = {name: Device(name=name, address=f"192.0.2.{ord(name)}", customer="c", site="s") for name in names}
    links = tuple(Link(a, f"to-{b}", b, f"to-{a}") for a, b in edges)
    return topology.build(Inventory(devices=devices, links=links, attached_to=attached or tuple(names)))


def lost(start: float, end: float | None = None) -> Division:
    return availability.divide(DAY, [DAY], [down(start, end)])


def worked_on(start: float, end: float) -> Division:
    return availability.divide(DAY, [DAY], [down(start, end)], [span(start, end)])


def unseen(start: float, end: float) -> Division:
    return availability.divide(DAY, [span(0, start), span(end, 24)], [])


def reach(of: Topology, **things: Division) -> Availability:
    """Things by name: `c`, or `ab` for the link between a and b."""
    devices = {name: things.get(name, GOOD) for name in of.devices}
    links = {link.key: things.get(link.a + link.b, GOOD) for link in of.links}
    return paths.reach(of, devices, links, ("a", "b"), DAY).sums


def test_a_path_is_up_while_everything_on_it_is():
    assert reach(net(["ac", "cb"])) == hours(up=24)
    assert reach(net(["ac", "cb"]), ac=lost(2, 4), cb=lost(3, 5), c=lost(10, 11)) == hours(up=20, down=4)


def test_one_of_two_paths_that_is_cut_cuts_nothing():
    ring = net(["ac", "cb", "ad", "db"])
    assert reach(ring, ac=lost(2, 6)) == hours(up=24)
    assert reach(ring, ac=lost(2, 6), db=lost(5, 9)) == hours(up=23, down=1)
    assert reach(ring, ac=lost(2, 6), d=worked_on(5, 9)) == hours(up=23, planned=1)
    assert reach(ring, ac=lost(2, 6), d=unseen(5, 9)) == hours(up=23, unobserved=1)


def test_what_would_be_cut_without_the_work_is_down():
    assert reach(net(["ac", "cb"]), ac=lost(2, 6), cb=worked_on(3, 4)) == hours(up=20, down=4)


def test_work_behind_what_nobody_saw_is_not_known_to_be_the_reason():
    assert reach(net(["ac", "cb"]), ac=unseen(2, 6), cb=worked_on(3, 4)) == hours(up=20, unobserved=4)


def test_a_lost_end_is_reached_by_nothing():
    assert reach(net(["ab"]), b=lost(1, 2)) == hours(up=23, down=1)
    assert reach(net(["ab"]), a=lost(1, 2)) == hours(up=23, down=1)


def test_where_there_is_no_path_there_is_none():
    assert reach(net(["ac", "bd"])) == hours(down=24)


def test_a_link_that_nobody_watches_carries_while_its_devices_are_up():
    of = net(["ab"])
    found = paths.reach(of, {"a": GOOD, "b": lost(1, 3)}, {}, ("a", "b"), DAY)
    assert found.sums == hours(up=22, down=2)


def test_any_device_of_a_place_will_do():
    of = net(["ac", "bd", "cd"])
    devices = {"a": lost(1, 9), "b": GOOD, "c": GOOD, "d": lost(4, 6)}
    assert paths.reach(of, devices, {}, ("ac", "bd"), DAY).sums == hours(up=22, down=2)


def test_what_lies_behind_the_agents_own_cut_may_well_have_reached_each_other():
    """The agent enters at c; when c's only link is cut everything behind it is silent, and nobody knows."""
    of = net(["ca", "ab"], attached=("c",))
    found = reach(of, ca=lost(2, 6), a=lost(2, 6), b=lost(2, 6), ab=unseen(2, 6))
    assert found == hours(up=20, unobserved=4)


def test_what_lies_next_to_what_the_agent_sees_and_is_silent_is_down():
    of = net(["ca", "ab"], attached=("c",))
    assert reach(of, a=lost(2, 6), b=lost(2, 6), ab=unseen(2, 6)) == hours(up=20, down=4)


def test_what_is_silent_behind_planned_work_is_silent_for_it():
    of = net(["ca", "ab"], attached=("c",))
    devices = {"a": worked_on(2, 6), "b": lost(2, 6), "c": GOOD}
    for links in ({}, {of.links[1].key: unseen(2, 6)}):
        assert paths.reach(of, devices, links, ("c", "b"), DAY).sums == hours(up=20, planned=4)


# ---------------------------------------------------------------- for any history


@given(divisions(), divisions(), divisions())
def test_a_path_of_one_link_is_the_link_and_both_devices(a, b, link):
    of = net(["ab"])
    found = paths.reach(of, {"a": a, "b": b}, {of.links[0].key: link}, ("a", "b"), DAY)
    assert found == availability.every(DAY, [a, b, link])


def graphs() -> st.SearchStrategy[Topology]:
    edges = st.lists(st.sampled_from(["ab", "ac", "ad", "bc", "bd", "cd", "ce", "de"]), unique=True, max_size=6)
    return edges.map(lambda some: net(["ac", "bd", *(e for e in some if e not in ("ac", "bd"))]))


@st.composite
def stories(draw: st.DrawFn) -> tuple[Topology, dict[str, Division], dict[str, Division]]:
    of = draw(graphs())
    devices = {name: draw(pieces()) for name in of.devices}
    return of, devices, {link.key: draw(pieces()) for link in of.links}


def cut(division: Division, period: Span) -> Division:
    return division.within([period])


@given(stories(), st.lists(moments, max_size=3))
def test_the_four_add_up_and_pieces_of_a_period_to_the_whole(story, cuts):
    of, devices, links = story
    whole = paths.reach(of, devices, links, ("a", "b"), DAY)
    edges = sorted({DAY.start, DAY.end, *(c for c in cuts if DAY.start < c < DAY.end)})
    pieces = Availability()
    for period in itertools.starmap(Span, itertools.pairwise(edges)):
        own = {name: cut(division, period) for name, division in devices.items()}
        way = {key: cut(division, period) for key, division in links.items()}
        pieces += paths.reach(of, own, way, ("a", "b"), period).sums
    assert whole.sums.period == DAY.length
    assert pieces == whole.sums


places = st.sets(st.sampled_from("abcd"), min_size=1).map(sorted).map("".join)


@given(stories(), places, places, st.lists(moments, min_size=1, max_size=8))
def test_a_sweep_says_what_every_choice_of_the_unseen_and_of_the_work_says(story, here, there, probes):
    """Unobserved where it depends on the unseen; planned where the work alone decides."""
    of, devices, links = story
    found = paths.reach(of, devices, links, (here, there), DAY)
    for moment in (probe for probe in probes if DAY.start <= probe < DAY.end):
        nodes = {name: kind_at(division, moment) for name, division in devices.items()}
        edges = {key: kind_at(division, moment) for key, division in links.items()}
        assert kind_at(found, moment) == _by_hand(of, nodes, edges, here, there)


def _by_hand(of: Topology, nodes: dict[str, str], edges: dict[str, str], here: str, there: str) -> str:
    def joined(good: set[str]) -> bool:
        dead = frozenset(name for name, kind in nodes.items() if kind not in good)
        gone = frozenset(key for key, kind in edges.items() if kind not in good)
        return bool(_spread(of, set(here), dead, gone) & set(there))

    answers = {}
    for seen in (False, True):  # what was not seen was up
        extra = {"unobserved"} if seen else set()
        answers[seen] = "up" if joined({"up", *extra}) else "planned" if joined({"up", "planned", *extra}) else "down"
    return answers[False] if answers[False] == answers[True] else "unobserved"


def _spread(of: Topology, begin: set[str], dead: frozenset[str], gone: frozenset[str]) -> set[str]:
    reached = begin - dead
    for _ in of.devices:
        for link in (link for link in of.links if link.key not in gone):
            if {link.a, link.b} & reached and not {link.a, link.b} & dead:
                reached |= {link.a, link.b}
    return reached
