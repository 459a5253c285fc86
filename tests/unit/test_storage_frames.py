"""A poll told as what is another than in the poll before is told whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.observation import Batch, ComponentKind, Fact, Observation, Refusal, Subject, Tier
from agent.storage import frames, packing
from agent.storage.frames import Known

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PORTS = [Subject("sw", ComponentKind.INTERFACE, f"Gi0/{n}") for n in range(48)]

numbers = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5))
observations = st.lists(
    st.builds(
        Observation,
        st.sampled_from(PORTS[:3]),
        st.sampled_from([Fact.IN_OCTETS, Fact.OPER_STATUS, Fact.USAGE]),
        numbers,
        st.sampled_from(["", "a word"]),
        st.sampled_from([None, 1.5]),
        st.sampled_from([None, -1.0]),
    ),
    max_size=6,
)
batches = st.lists(
    st.builds(
        Batch,
        st.just("sw"),
        st.just(Tier.HEALTH),
        st.just(AT),
        st.builds(tuple, observations),
        st.frozensets(st.sampled_from(ComponentKind), max_size=2),
        st.sampled_from([(), ("timeout",)]),
        st.floats(0, 9),
        st.sampled_from([(), (Refusal(PORTS[0], Fact.USAGE, "999", "more than all"),)]),
    ),
    min_size=1,
    max_size=5,
)


def pack(poll: Batch, previous: Batch | None, *, kept: bool) -> bytes:
    before = None if previous is None else packing.columns(previous)
    return frames.pack(poll, packing.columns(poll), previous, before, kept=kept)


def written(polls: list[Batch]) -> list[tuple[Batch, bytes]]:
    found, previous = [], None
    for poll in polls:
        found.append((poll, pack(poll, previous, kept=True)))
        previous = poll
    return found


def read(known: Known, poll: Batch, frame: bytes) -> Batch | None:
    return known.read(poll.device, poll.tier, poll.at, frame)


@given(batches)
def test_what_is_read_is_what_was_written_in_value_and_in_type(polls: list[Batch]) -> None:
    known = Known()
    for poll, frame in written([replace(p, at=AT + timedelta(minutes=n)) for n, p in enumerate(polls)]):
        again = read(known, poll, frame)
        assert again == poll
        assert [type(o.value) for o in again.observations] == [type(o.value) for o in poll.observations]


def counters(minutes: int) -> Batch:
    told = [Observation(port, Fact.IN_OCTETS, 10**12 + 7_000_003 * minutes * n) for n, port in enumerate(PORTS)]
    told.append(Observation(Subject("sw"), Fact.UPTIME, 86_400.5 + 60 * minutes))
    return Batch("sw", Tier.HEALTH, AT + timedelta(minutes=minutes), tuple(told), took_s=0.25)


def test_a_poll_like_the_one_before_takes_a_fraction_of_it() -> None:
    (_, whole), (_, changes) = written([counters(10), counters(11)])
    assert len(changes) < len(whole) / 2


def test_each_hour_of_a_device_begins_with_a_whole_poll() -> None:
    frames_of_three_hours = written([counters(n) for n in range(180)])
    for begins in range(0, 120, 7):
        known = Known()
        found = [read(known, poll, frame) for poll, frame in frames_of_three_hours[begins:]]
        assert found.index(next(each for each in found if each)) < 60
        assert all(found[60:])


def test_what_builds_on_an_unknown_poll_is_not_made_up() -> None:
    first, second, third = written([counters(10), counters(11), counters(12)])
    known = Known()
    assert read(known, *first) == first[0]
    assert read(known, *third) is None
    assert read(known, *second) == second[0]


def test_a_poll_that_was_not_kept_is_told_and_nothing_builds_on_it() -> None:
    known, silent = Known(), Batch("sw", Tier.HEALTH, AT + timedelta(minutes=11), (), failures=("timeout",))
    assert read(known, counters(10), pack(counters(10), None, kept=True))
    assert read(known, silent, pack(silent, counters(10), kept=False)) == silent
    assert read(known, counters(12), pack(counters(12), counters(10), kept=True)) == counters(12)
    assert known.batch("sw", Tier.HEALTH) == counters(12)
