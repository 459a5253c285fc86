"""The effort of a decision, counted in lines of Python that it runs: no worse than n log n, on any machine."""

import math
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from agent.faults import correlation
from agent.faults.fault import Fault
from agent.inventory.topology import Topology
from tests.benchmarks.correlation import SCENES, asked, campus

SMALL, LARGE = 300, 2400
NETS = {size: campus(size) for size in (SMALL, LARGE)}


def lines(do: Callable[[], object]) -> int:
    count = 0

    def step(frame: FrameType, event: str, _: object) -> object:
        nonlocal count
        count += event == "line"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        do()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("scene", SCENES)
def test_effort_grows_no_faster_than_n_log_n(scene: str) -> None:
    def decide(net: Topology, faults: list[Fault]) -> None:
        asked(correlation.problems(faults, net), net)

    effort = {}
    for size, net in NETS.items():
        faults = SCENES[scene](net)
        effort[size] = lines(lambda net=net, faults=faults: decide(net, faults)) / (size * math.log(size))  # type: ignore[misc]
    assert effort[LARGE] <= 1.25 * effort[SMALL]
