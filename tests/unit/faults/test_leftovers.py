"""Two pictures of a device are compared; what was in order and is not is left over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import locale
from agent.faults import leftovers, upkeep
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.leftovers import Change, Turn
from agent.faults.upkeep import Progress
from agent.inventory.windows import Occurrence, Window
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START

MINUTE = timedelta(minutes=1)
PORT = "r1/interface:eth0"


@pytest.mark.parametrize(
    ("what", "before", "after", "turn"),
    [
        ("state", "up", "down", Turn.LEFT),
        ("state", "up", "admin_down", Turn.LEFT),
        ("state", "up", "", Turn.LEFT),
        ("state", "ok", "absent", Turn.LEFT),
        ("state", "down", "up", Turn.BACK),
        ("state", "", "up", Turn.BACK),
        ("state", "down", "admin_down", Turn.CHANGED),
        ("state", "down", "", Turn.CHANGED),
        ("speed", "1000000000", "100000000", Turn.LEFT),
        ("speed", "1000000000", "10000000000", Turn.CHANGED),
        ("neighbour", "sw1", "", Turn.LEFT),
        ("neighbour", "sw1", "sw2", Turn.CHANGED),
        ("version", "17.6", "17.9", Turn.CHANGED),
        ("serial", "A", "B", Turn.CHANGED),
        ("serial", "A", "", Turn.CHANGED),
    ],
)
def test_what_becomes_of_a_value(what: str, before: str, after: str, turn: Turn) -> None:
    (found,) = leftovers.compare({PORT: {what: before}} if before else {}, {PORT: {what: after}} if after else {})
    assert (found.turn, found.before, found.after) == (turn, before, after)


def test_of_what_is_gone_only_its_state_is_told() -> None:
    before = {"r1/module:1": {"state": "ok", "serial": "A", "model": "X"}}
    assert leftovers.compare(before, {}) == (Change("r1/module:1", "state", "ok", "", Turn.LEFT),)


def test_a_neighbour_behind_a_port_that_is_down_says_nothing_more() -> None:
    before = {PORT: {"state": "up"}, "r1/neighbour:eth0 #2": {"neighbour": "sw1"}}
    assert [c.subject for c in leftovers.compare(before, {PORT: {"state": "down"}})] == [PORT]
    (found,) = leftovers.compare(before, {PORT: {"state": "up"}})
    assert (found.subject, found.turn) == ("r1/neighbour:eth0 #2", Turn.LEFT)


def test_what_has_a_fault_of_its_own_is_not_left_over_as_well() -> None:
    own = Fault(
        id="x", subject=Subject.parse(PORT), kind=FaultKind.INTERFACE_DOWN, state=FaultState.SUSPECT, began=START,
        reason="",
    )  # fmt: skip
    changes = leftovers.compare({PORT: {"state": "up"}, "r1/fan:1": {"state": "ok"}}, {})
    assert [each.subject for each in leftovers.left(changes, [own])] == ["r1/fan:1"]


def test_a_long_list_is_told_in_one_short_sentence() -> None:
    items = tuple(Change(f"r1/interface:eth{n}", "state", "up", "down", Turn.LEFT) for n in range(40))
    said = leftovers.sentence(items, "swap", "r1")
    assert said.startswith("did not come back after maintenance swap: eth0 (interface) was up, is down; ")
    assert said.endswith("; and 35 more")
    other = Change("sw1/interface:to-r1", "speed", "10000000000", "1000000000", Turn.LEFT)
    assert "sw1 to-r1 (interface) ran at 10 Gbit/s, runs at 1 Gbit/s" in leftovers.sentence((other,), "swap", "r1")


def test_a_picture_leaves_out_what_was_told_after_its_moment() -> None:
    told = [
        Batch("r1", Tier.IDENTITY, START + n * MINUTE, (Observation(Subject("r1"), Fact.VERSION, f"{n}"),))
        for n in (0, 9)
    ]
    states = {Subject("r1"): "up", Subject("r1", ComponentKind.FAN, "1"): "ok"}
    found = leftovers.picture(states, told, lambda subject: subject.kind is not ComponentKind.FAN, START + MINUTE)
    assert found == {"r1": {"state": "up", "version": "0"}}


VALUES = st.sampled_from(["up", "down", "ok", "failed", ""])
PICTURES = st.dictionaries(
    st.sampled_from([PORT, "r1/fan:1", "r1", "r1/bgp_peer:::1"]), st.dictionaries(st.just("state"), VALUES), max_size=4
)


@given(PICTURES, PICTURES)
def test_nothing_is_left_over_of_what_is_as_before_and_still_agrees_with_compare(before: dict, after: dict) -> None:  # type: ignore[type-arg]
    assert leftovers.compare(before, before) == ()
    left = tuple(each for each in leftovers.compare(before, after) if each.turn is Turn.LEFT)
    assert set(leftovers.still(left, after)) == set(left)
    assert leftovers.still(left, before) == ()


# ---------------------------------------------------------------- how far it has come


def begun() -> Progress:
    window = Window(name="swap", starts=START, ends=START + 10 * MINUTE)
    return upkeep.begun(Occurrence(window, window.starts, window.ends, window.ends), ("a", "b"))


def test_progress_is_read_again_as_it_was_kept() -> None:
    progress = upkeep.asking(upkeep.took(begun(), ("a",), START), ("a",), START)
    progress = upkeep.compared(upkeep.took(progress, ("b",), START), "b", 3, 2)
    assert upkeep.unpack(upkeep.pack(progress)) == progress
    assert upkeep.unpack(upkeep.pack(begun())) == begun()


def test_it_is_done_when_every_device_was_compared_and_not_before_the_end() -> None:
    progress = upkeep.took(begun(), ("a", "b"), START)
    late = START + 13 * MINUTE
    assert upkeep.finished(progress, late).done is None
    compared = upkeep.compared(upkeep.compared(progress, "a", 0, 0), "b", 1, 0)
    assert upkeep.finished(compared, START + 11 * MINUTE).done is None
    assert upkeep.finished(compared, late).done == late
    given_up = upkeep.finished(progress, START + 10 * MINUTE + upkeep.GIVE_UP)
    assert (given_up.unseen, given_up.done is not None) == (("a", "b"), True)


def test_who_did_not_answer_is_asked_again_after_a_while() -> None:
    progress, due = upkeep.took(begun(), ("a", "b"), START), START + 12 * MINUTE
    assert upkeep.to_ask(progress, due - MINUTE) == ()
    assert upkeep.to_ask(progress, due) == ("a", "b")
    asked = upkeep.asking(progress, ("a", "b"), due)
    assert upkeep.to_ask(asked, due + MINUTE) == ()
    assert upkeep.to_ask(asked, due + upkeep.ASK_AGAIN) == ("a", "b")


def test_an_end_that_moves_moves_the_comparison() -> None:
    progress = upkeep.until(upkeep.took(begun(), ("a",), START), START + 60 * MINUTE)
    assert upkeep.to_ask(progress, START + 20 * MINUTE) == ()
    assert upkeep.to_ask(progress, START + 62 * MINUTE) == ("a",)


def test_what_is_told_of_maintenance_is_told_in_chinese_too() -> None:
    items = (
        Change(PORT, "state", "up", "", Turn.LEFT),
        Change(PORT, "speed", "1000000000", "100000000", Turn.LEFT),
        Change("r1/neighbour:eth1", "neighbour", "sw1", "", Turn.LEFT),
        *[Change(f"r1/interface:eth{n}", "state", "up", "down", Turn.LEFT) for n in range(9)],
    )
    told = locale.reword(leftovers.sentence(items, "swap", "r1"), "zh_CN")
    assert not any(word in told for word in ("was", "interface", "sees", "more", "runs")), told
    for sentence in (
        "from now on nothing new is told of it: maintenance: swap until 2026-03-02T08:24+00:00",
        "still broken when maintenance swap ended at 2026-03-02 08:24:00 UTC",
        "maintenance no longer names it, and it is still broken",
        "maintenance swap takes down more than it names: site branch, annex",
    ):
        said = locale.reword(sentence, "zh_CN")
        assert said != sentence
        assert "maintenance" not in said
