"""Stories of severity: what decides it, how it follows the consequences, and who is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.cases import moves
from agent.cases.case import Case, CaseState, Decision, Severity
from agent.faults.fault import FaultKind
from agent.inventory.device import Role
from agent.inventory.policies import Consequence, Policies
from agent.observation import ComponentKind, Fact, Observation, Subject
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.acceptance.test_what_flaps import in_english_only
from tests.story import Network, Story, device, inventory


def pair(policies: Policies | None = None) -> Network:
    """A core, distributions that stand in for each other with access switches on both, and others elsewhere."""
    access = [device(f"acc{n}", Role.ACCESS) for n in range(3)]
    devices = [
        device("core", Role.CORE),
        device("d1", Role.DISTRIBUTION, redundant_with=("d2",)),
        device("d2", Role.DISTRIBUTION, redundant_with=("d1",)),
        *(device(f"far{n}", Role.ACCESS, site="far") for n in range(8)),
        *access,
    ]
    links = [("core", "d1"), ("core", "d2")] + [(d, a.name) for d in ("d1", "d2") for a in access]
    links += [("core", f"far{n}") for n in range(8)]
    return Network(inventory(devices, links, ["core"], policies=policies))


@pytest.fixture
def story(store: SqlStore) -> Story:
    return Story(store, pair()).run(minutes=3)


def decisions(story: Story, case: Case) -> list[Decision]:
    with story.store.read() as tx:
        return [each for each in tx.decisions(case.name) if each.what == "severity"]


def supply(story: Story, *states: str) -> None:
    story.network.health["core"] = [
        Observation(Subject("core", ComponentKind.POWER_SUPPLY, f"PS{n}"), Fact.STATE, state)
        for n, state in enumerate(states, 1)
    ]


def test_it_rises_when_the_second_of_a_pair_is_lost_and_the_case_says_when_and_why(story: Story) -> None:
    story.kill("d1").run(minutes=3)
    first = story.only_case()
    assert first.severity is Severity.P3
    assert decisions(story, first)[0].reasons == ("d1 is lost, a redundant device stands in: redundancy lost",)
    assert "P2 if d2 were lost as well" in decisions(story, first)[0].would_change
    story.kill("d2").run(minutes=8)
    case = story.cases()[0]
    assert (case.number, case.severity) == (first.number, Severity.P2)
    (line,) = [line for line in story.timeline(case) if "raised from" in line]
    assert line.startswith("severity: raised from P3 to P2: ")
    assert "raised li@example.net" in story.told()
    story.revive("d2").run(minutes=8)
    assert in_english_only(story) == set()


def test_it_says_that_the_consequences_shrink_and_leaves_the_severity_to_a_person(story: Story) -> None:
    story.kill("d1").run(minutes=3)
    story.kill("d2").run(minutes=8)
    story.revive("d2").run(minutes=8)
    case = story.cases()[0]
    assert case.severity is Severity.P2
    lines = [line for line in story.timeline(case) if "consequences" in line]
    assert lines == [
        "severity: its consequences are those of P3 now: d1 is lost, a redundant device stands in: redundancy lost"
    ]
    assert [each.outcome for each in decisions(story, case)] == ["P3", "P2", "P3"], "newest first"


def test_the_last_power_supply_is_worth_the_device(store: SqlStore) -> None:
    story = Story(store, campus()).run(minutes=3)
    story.network.health["dist1"] = [
        Observation(Subject("dist1", ComponentKind.POWER_SUPPLY, "PS1"), Fact.STATE, "ok"),
        Observation(Subject("dist1", ComponentKind.POWER_SUPPLY, "PS2"), Fact.STATE, "ok"),
    ]
    story.run(minutes=6)
    healthy = story.network.health["dist1"]
    story.network.health["dist1"] = [healthy[0]._replace(value="failed"), healthy[1]]
    case = story.run(minutes=12).only_case()
    assert (case.kind, case.severity) == (FaultKind.POWER_SUPPLY_FAILED, Severity.P3)
    assert decisions(story, case)[0].reasons == ("power supply: 1 of 2 of dist1 are left: redundancy lost",)
    story.network.health["dist1"] = [o._replace(value="failed") for o in healthy]
    story.run(minutes=12)
    assert max(case.severity is Severity.P2 for case in story.cases())
    assert "raised from P3 to P2" in " ".join(story.timeline(story.cases()[0]))


def test_a_policy_of_the_operators_own_decides(store: SqlStore) -> None:
    policies = Policies(severity=Consequence(roles={"access": "P1"}))
    story = Story(store, pair(policies)).run(minutes=3).kill("far3").run(minutes=3)
    assert story.only_case().severity is Severity.P1


def test_every_decision_can_be_explained_from_its_record(story: Story) -> None:
    story.kill("far1").run(minutes=3)
    (decision,) = decisions(story, story.only_case())
    assert decision.reasons == ("far1 is lost; the system as a whole still works",)
    assert decision.inputs["devices lost"] == "1 of 14 of acme"
    assert decision.inputs["contract's hours"] == "covered"
    assert set(decision.would_change) == {
        "P1 if all 14 devices of acme were lost (now 1)",
        "P2 if all of site far were cut off",
        "P1 if core itself were lost",
        "P2 if far1 had another role: core, distribution, edge, firewall",
    }


# ---------------------------------------------------------------- acknowledged


def acknowledged(story: Story, until: timedelta | None = None) -> Case:
    with story.store.begin() as tx:
        (case,) = tx.live_cases()
        case, entry = moves.acknowledge(case, "li", until and story.now + until, "a known cable", story.now)
        tx.save_case(case)
        tx.log([entry])
    return case


def test_nobody_is_told_again_of_what_is_acknowledged_until_that_lapses(story: Story) -> None:
    story.kill("far1").run(minutes=3)
    acknowledged(story, timedelta(hours=1))
    story.revive("far1").run(minutes=20)
    assert story.only_case().state is CaseState.RESOLVED
    story.kill("far1").run(minutes=3)
    assert story.only_case().reopened == 1
    assert not [told for told in story.told() if told.startswith("reopened")]
    story.revive("far1").run(minutes=55)
    story.kill("far1").run(minutes=3)
    assert story.only_case().reopened == 2
    assert "reopened li@example.net" in story.told()


def test_what_grows_worse_is_told_although_it_is_acknowledged(story: Story) -> None:
    story.kill("d1").run(minutes=3)
    assert "acknowledged until it is over: a known cable" in (story.timeline(acknowledged(story))[-1])
    story.kill("d2").run(minutes=8)
    assert "raised li@example.net" in story.told()
    assert story.cases()[0].acknowledged is None


def test_an_acknowledgement_ends_with_its_problem(story: Story) -> None:
    story.kill("far1").run(minutes=3)
    case = acknowledged(story)
    assert (case.acknowledged_by, case.acknowledged_until) == ("li", None)
    story.revive("far1").run(minutes=20)
    ended = story.only_case()
    assert (ended.state, ended.acknowledged) == (CaseState.RESOLVED, None)
    assert replace(case, acknowledged=None).number == ended.number
