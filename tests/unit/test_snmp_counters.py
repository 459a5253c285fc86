"""Counters of 32 bits, carried on."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.observation import ComponentKind, Fact, Observation, Refusal, Subject
from collectors.snmp.counters import ROUND, Carried

PORT = Subject("sw", ComponentKind.INTERFACE, "Fa0/1")


def read(carried: Carried, raw: int, up: float, discontinuity: float = 0.0) -> int | None:
    """What is told of one reading; None where it is refused."""
    told = (Observation(PORT, Fact.IN_OCTETS, raw, "32"), Observation(PORT, Fact.DISCONTINUITY, discontinuity))
    refused: list[Refusal] = []
    found = {o.fact: o for o in carried.on(told, up, refused)}
    assert bool(refused) == (Fact.IN_OCTETS not in found)
    return int(found[Fact.IN_OCTETS].value) if Fact.IN_OCTETS in found else None


@given(st.integers(0, ROUND - 1), st.lists(st.integers(0, ROUND - 1), max_size=30))
def test_however_often_it_comes_round_the_growth_is_right(start: int, steps: list[int]) -> None:
    carried, true = Carried(), start
    told = [read(carried, true % ROUND, 100.0)]
    for n, step in enumerate(steps, 1):
        true += step
        told.append(read(carried, true % ROUND, 100.0 + 300 * n))
    assert [after - before for before, after in pairwise(told)] == steps  # type: ignore[operator]


def test_a_restart_starts_anew() -> None:
    carried = Carried()
    read(carried, ROUND - 10, 1000.0)
    assert read(carried, 10, 1300.0) == ROUND + 10
    assert read(carried, 5, 20.0) == 5


def test_a_discontinuity_starts_anew() -> None:
    carried = Carried()
    read(carried, ROUND - 10, 1000.0)
    assert read(carried, 10, 1300.0, discontinuity=1200.0) == 10
    assert read(carried, 20, 1600.0, discontinuity=1200.0) == 20


@pytest.mark.parametrize(("speed", "told"), [(10e6, True), (100e6, True), (1e9, False), (0.0, True)])
def test_an_interface_that_may_have_come_round_twice_tells_nothing(speed: float, told: bool) -> None:
    carried = Carried(speeds={PORT: speed})
    read(carried, 1, 1000.0)
    assert (read(carried, 2, 1300.0) is not None) is told


def test_counters_of_64_bits_are_left_alone() -> None:
    wide = Observation(PORT, Fact.IN_OCTETS, 2**40)
    assert list(Carried().on([wide], 1.0, [])) == [wide]
