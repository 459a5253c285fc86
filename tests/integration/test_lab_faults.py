"""Each fault that the lab of six routers can make, held against the table that was written first.

It takes a quarter of an hour, so it runs where NETCASE_EVERY_FAULT is set (`make lab` and CI do).
"""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration import lab_agent
from tests.integration.lab_agent import Agent, Lab, patiently
from tests.integration.lab_table import TABLE, Case, Row

WHY_NOT = lab_agent.missing() or (
    "" if os.environ.get("NETCASE_EVERY_FAULT") else "takes long; NETCASE_EVERY_FAULT=1 runs it"
)
pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(WHY_NOT), reason=f"every fault of the FRR lab: {WHY_NOT}"),
]

RULES = """
cpu_high: {enabled: false}      # one machine plays all six: its load is not theirs
memory_high: {enabled: false}
latency_high: {believe: {polls: 3, of: 5, hold: 5s}}
packet_loss: {believe: {polls: 3, of: 5, hold: 5s}}
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab().running() as lab:
        yield lab


@pytest.fixture(scope="module")
def agent(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    agent = Agent(lab, tmp_path_factory.mktemp("agent"), rules=RULES, hasty=True)
    agent.prepare()
    agent.start()
    try:
        patiently("every router to be polled and found in order", agent.everything_seen, 60)
        yield agent
    finally:
        agent.stop()
        print(agent.log[-5_000:])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: "-".join(row.fault))
def test_the_cases_are_the_table_s(lab: Lab, agent: Agent, row: Row) -> None:
    patiently("everything to be in order before", agent.everything_seen, 90)
    before = agent.numbers()
    lab.fault(*row.fault)
    try:
        if row.cases:
            patiently(f"{len(row.cases)} case(s)", lambda: len(agent.numbers() - before) >= len(row.cases), row.wait_s)
        time.sleep(row.watch_s)
        found = [agent.case(number) for number in sorted(agent.numbers() - before)]
        told = [(c.kind, c.subject, c.severity, c.shown["case"]["problem"]) for c in found]
        assert len(found) == len(row.cases), told
        for case, expected in zip(found, row.cases, strict=True):
            assert fits(case, expected), (told, agent.json("explain", case.name)["decisions"])
    finally:
        for heal in [row.fault] if row.mend is None else row.mend:
            lab.heal(*heal)
    patiently("everything to be in order again", agent.everything_seen, 90)
    time.sleep(3)
    again = [agent.case(number) for number in sorted(agent.numbers() - before)]
    assert len(again) == len(row.cases), [(c.kind, c.subject) for c in again]
    for case, expected in zip(again, row.cases, strict=True):
        told_there = [entry["text"] for entry in case.shown["timeline"]]
        assert expected.says in " ".join(told_there), told_there  # that it flapped is told when it holds still


def fits(case: Any, expected: Case) -> bool:
    return case.kind in expected.kinds and case.subject in expected.subjects and case.severity == expected.severity
