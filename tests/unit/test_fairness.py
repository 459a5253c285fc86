"""Who is heard when somebody shouts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.fairness import CROWD, FairQueue, Limits, Storm


def taken(queue: FairQueue) -> list[tuple[str, object]]:
    found = []
    while (one := queue.take()) is not None:
        found.append(one)
    return found


def test_a_loud_source_waits_behind_a_quiet_one():
    queue = FairQueue()
    for n in range(100):
        queue.offer("loud", n, 0.0)
    queue.offer("quiet", "me", 0.0)
    assert [queue.take(), queue.take(), queue.take()] == [("loud", 0), ("quiet", "me"), ("loud", 1)]


def test_of_a_storm_the_first_of_every_second_are_kept_and_then_a_sample():
    queue = FairQueue(Limits(rate=10, one_in=5))
    kept = [n for n in range(40) if queue.offer("a", n, 0.5)]
    assert kept == [*range(10), 14, 19, 24, 29, 34, 39]
    assert queue.offer("a", "next second", 1.5)
    assert (queue.received, queue.dropped) == (41, 24) and queue.counts() == {"a": (41, 24)}


def test_a_storm_is_told_when_it_begins_and_once_more_with_what_it_came_to():
    queue = FairQueue(Limits(rate=2, one_in=10, calm_s=10))
    for n in range(3):
        queue.offer("a", n, 100.0)
    assert queue.storms(100.0) == [Storm("a", over=False, received=1, kept=0)]
    for n in range(5):
        queue.offer("a", n, 104.0)
    assert queue.storms(105.0) == []
    assert queue.storms(114.0) == [Storm("a", over=True, received=6, kept=2, lasted_s=4.0)]
    assert queue.storms(200.0) == []
    for n in range(3):
        queue.offer("a", n, 300.0)
    assert [storm.over for storm in queue.storms(300.0)] == [False]


def test_what_the_kernel_lost_is_counted_of_its_source_or_of_nobody():
    queue = FairQueue(Limits(rate=10))
    queue.offer("a", 1, 0.0)
    queue.lost(7, 0.0, "a")
    queue.lost(3, 0.0)
    assert (queue.received, queue.dropped, queue.counts(), queue.come(["a"])) == (11, 10, {"a": (8, 7)}, {"a": 1})
    assert [(s.source, s.received, s.kept) for s in queue.storms(0.0)] == [("a", 7, 0), (CROWD, 3, 0)]


def test_who_sends_twice_the_rate_is_told_as_loud_with_what_that_is_in_a_second():
    queue = FairQueue(Limits(rate=10))
    for n in range(30):
        queue.offer("a", n, 100.0 + n / 50)
    assert queue.loud == {"a": pytest.approx(20 / 0.38)}


def test_one_source_never_fills_the_room():
    queue = FairQueue(Limits(rate=1000, per_source=1000, waiting=100))
    assert sum(queue.offer("loud", n, 0.0) for n in range(500)) == 50
    assert all(queue.offer(f"quiet {n}", n, 0.0) for n in range(20))


def test_a_queue_that_is_full_is_a_storm_of_its_own_source():
    queue = FairQueue(Limits(rate=1000, per_source=2))
    assert [queue.offer("a", n, 0.0) for n in range(3)] == [True, True, False]
    assert [storm.source for storm in queue.storms(0.0)] == ["a"]


def test_strangers_share_a_rate_that_is_none_of_the_known():
    queue = FairQueue(Limits(strangers_rate=100, one_in=1000), known=lambda source: source == "ours")
    kept = [queue.offer(f"forged {n}", n, 0.0) for n in range(400)]
    assert kept == [True] * 100 + [False] * 300
    assert queue.offer("ours", "me", 0.0)
    assert [(storm.source, storm.over) for storm in queue.storms(0.0)] == [(CROWD, False)]


def test_strangers_have_half_of_the_room():
    queue = FairQueue(Limits(waiting=100), known=lambda source: source == "ours")
    for n in range(1000):
        queue.offer(f"forged {n}", n, 0.0)
    assert len(queue) == 50
    assert sum(queue.offer("ours", n, 0.0) for n in range(100)) == 25


def test_more_strangers_than_can_be_told_apart_share_one_queue():
    queue = FairQueue(Limits(strangers=2), known=lambda source: False)
    for source in ("a", "b", "c", "d"):
        assert queue.offer(source, source, 0.0)
    assert [source for source, _ in taken(queue)] == ["a", "b", "c", "d"]
    assert list(queue.counts()) == ["a", "b"]


def test_strangers_that_fell_silent_make_room_for_others():
    queue = FairQueue(Limits(strangers=1, calm_s=10), known=lambda source: False)
    queue.offer("a", 1, 0.0)
    queue.offer("b", 1, 5.0)
    taken(queue)
    queue.offer("c", 1, 10.0)
    assert list(queue.counts()) == ["c"]


@pytest.mark.parametrize("limits", [Limits(), Limits(rate=3, one_in=2, per_source=5, waiting=12, strangers=2)])
@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from([0.0, 0.3, 2.0]), st.booleans()), max_size=60))
def test_what_came_is_what_was_taken_what_waits_and_what_was_let_go(limits, offers):
    queue: FairQueue[int] = FairQueue(limits, known=lambda source: source in "abc")
    came, gone, now = Counter(), Counter(), 0.0
    for number, (source, step, take) in enumerate(offers):
        now += step
        came[source] += 1
        queue.offer(source, number, now)
        if take and (one := queue.take()):
            gone[one[0]] += 1
        queue.storms(now)
    rest = taken(queue)
    assert queue.received == len(offers) == sum(gone.values()) + len(rest) + queue.dropped
    assert len(queue) == 0 and len(rest) <= limits.waiting
    gone.update(source for source, _ in rest)
    known = {source: told for source, told in queue.counts().items() if source in "abc"}  # strangers may be forgotten
    assert all(gone[source] + dropped == received == came[source] for source, (received, dropped) in known.items())
    order = [number for source, number in rest if source == "a"]
    assert order == sorted(order)
    assert all(storm.over for storm in queue.storms(now + limits.calm_s) if storm.source != CROWD)


def test_a_device_waits_for_one_stranger_not_for_all_of_them():
    queue: FairQueue[int] = FairQueue(known=lambda source: source == "sw1")
    for number in range(500):
        queue.offer(f"203.0.113.{number}", number, 0.0)
    for number in range(3):
        queue.offer("sw1", number, 0.0)
    sources = [taken[0] for _ in range(503) if (taken := queue.take())]
    assert [place for place, source in enumerate(sources) if source == "sw1"] == [0, 2, 4]
    assert len(set(sources)) == 501
    assert queue.take() is None
