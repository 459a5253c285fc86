"""Packing polls: what goes in comes out."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.observation import Batch, ComponentKind, Fact, Observation, Refusal, Subject, Tier
from agent.storage import packing
from agent.storage.columns import clean, micros, moment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

texts = st.text(st.characters(), max_size=20)
subjects = st.builds(Subject, st.just("a"), st.sampled_from(ComponentKind), texts)
values = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), texts)
observations = st.builds(
    Observation,
    subjects,
    st.sampled_from(Fact),
    values,
    detail=texts,
    limit=st.none() | st.floats(allow_nan=False),
    low_limit=st.none() | st.floats(allow_nan=False),
)
batches = st.builds(
    Batch,
    device=st.just("a"),
    tier=st.sampled_from(Tier),
    at=st.just(NOON),
    observations=st.lists(observations, max_size=30).map(tuple),
    complete=st.frozensets(st.sampled_from(ComponentKind)),
    failures=st.lists(texts, max_size=3).map(tuple),
    took_s=st.floats(0, 100),
    refused=st.lists(st.builds(Refusal, subjects, st.sampled_from(Fact), texts, texts), max_size=3).map(tuple),
)


@given(batches)
def test_a_batch_comes_back_as_it_was_packed(batch: Batch) -> None:
    found = packing.unpack_batch(batch.device, batch.tier, batch.at, packing.pack_batch(batch))
    assert found == batch
    assert [type(each.value) for each in found.observations] == [type(each.value) for each in batch.observations]


@given(batches)
def test_no_batch_is_too_strange_to_be_sampled(batch: Batch) -> None:
    for each in packing.pack_samples(batch):
        assert len(each.digest) == 16


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=100), st.data())
def test_numbers_are_found_at_their_positions(numbers: list[float], data: st.DataObject) -> None:
    body = packing.pack_numbers(numbers)
    where = sorted(data.draw(st.sets(st.integers(0, len(numbers) - 1), min_size=1)))
    expected = [numbers[position] for position in where]
    assert list(packing.unpack_numbers(body, where)) == expected
    assert list(packing.unpack_numbers(body, packing.run(where))) == expected


def test_an_unchanged_set_of_components_keeps_its_layout() -> None:
    def digests(*values: float) -> list[bytes]:
        seen = [Observation(Subject("a", ComponentKind.CPU, str(n)), Fact.USAGE, v) for n, v in enumerate(values)]
        return [each.digest for each in packing.pack_samples(Batch("a", Tier.HEALTH, NOON, tuple(seen)))]

    assert digests(1, 2) == digests(30.5, 40)
    assert digests(1, 2) != digests(1)


def test_a_poll_of_a_switch_takes_few_bytes() -> None:
    seen = []
    for number in range(52):
        port = Subject("a", ComponentKind.INTERFACE, f"GigabitEthernet1/0/{number}")
        seen += [Observation(port, fact, number**7 * 1009) for fact in packing.COUNTERS[:2]]
        seen += [Observation(port, fact, 0) for fact in packing.COUNTERS[2:]]
    (row,) = packing.pack_samples(Batch("a", Tier.HEALTH, NOON, tuple(seen)))
    assert len(row.body) / len(seen) < 5.3


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_comes_back_to_the_microsecond(at: datetime) -> None:
    assert moment(micros(at)) == at.astimezone(UTC)


def test_a_naive_time_is_no_time() -> None:
    with pytest.raises(TypeError):
        micros(NOON.replace(tzinfo=None))


@given(texts)
def test_clean_text_can_be_held_by_any_database(text: str) -> None:
    found = clean(text)
    found.encode()
    assert "\0" not in found
    if "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert found == text


def test_what_another_version_of_netcase_wrote_is_read_as_far_as_it_is_known() -> None:
    port, fan = Subject("a", ComponentKind.INTERFACE, "e1"), Subject("a", ComponentKind.FAN, "1")
    told = (
        Observation(port, Fact.MTU, 1500),
        Observation(fan, Fact.STATE, "failed", detail="stuck"),
        Observation(port, Fact.SPEED, 10, detail="narrow", limit=3.0),
    )
    complete = frozenset({ComponentKind.FAN, ComponentKind.INTERFACE})
    refused = (Refusal(fan, Fact.STATE, "?", "why"), Refusal(port, Fact.MTU, "?", "why"))
    body = packing.columns(Batch("a", Tier.HEALTH, NOON, told, complete, ("late",), 2.0, refused))
    body["facts"][body["facts"].index(Fact.MTU)] = "fact_of_tomorrow"
    body["subjects"] = [["kind_of_tomorrow" if kind is ComponentKind.FAN else kind, n] for kind, n in body["subjects"]]
    body["refused"][0][2] = body["refused"][1][2] = "fact_of_tomorrow"
    body["complete"].append("kind_of_tomorrow")
    del body["low_limits"], body["took_s"]
    found = packing.batch_of("a", Tier.HEALTH, NOON, body)
    assert found == Batch("a", Tier.HEALTH, NOON, told[2:], complete, ("late",))
