from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from agent.cases import escalation
from agent.cases.case import Action, CaseKind, CaseState, Entry, Severity
from agent.cases.escalation import Because, Trigger
from agent.inventory.hours import OFFICE
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Team
from tests.unit.cases.slas import DAY, HOUR, MINUTE, Log, inventory_of, utc

MONDAY = utc("2026-03-02T08:00")
P1, P2, P3, P4 = Severity


def network(**more: object) -> Inventory:
    found = inventory_of(**more)  # type: ignore[arg-type]
    customers = {"acme": replace(found.customers["acme"], team="tac")}
    return replace(found, customers=customers, teams={"tac": Team(name="tac", on_call=("ann", "bob", "cid"))})


HOUSE = network()


class Told(Log):
    """A timeline on which what was due is told, as the attendant does."""

    def acked(self, at: datetime, until: datetime | None = None, actor: str = "li-na") -> "Told":
        data = {"until": until.isoformat() if until else ""}
        return self._write(at, Action.ACKNOWLEDGED, actor, data)  # type: ignore[return-value]

    def tick(self, now: datetime, inventory: Inventory = HOUSE) -> list[str]:
        """What is told at this moment."""
        told = []
        while step := escalation.first_due(escalation.plan(self.case, self.entries, inventory, now), now):
            self.entries.append(escalation.told_entry(self.case, step, "x", "X", ["email"], "s/", now))
            told.append(named(step))
        return told

    def plan(self, now: datetime, inventory: Inventory = HOUSE) -> list[tuple[str, timedelta]]:
        steps = escalation.plan(self.case, self.entries, inventory, now)
        return [(named(step), step.due - self.case.opened) for step in steps]


def named(step: escalation.Step) -> str:
    return f"{step.trigger} {step.level or step.post}"


def only(found: Sequence[tuple[str, timedelta]], trigger: Trigger) -> list[tuple[str, timedelta]]:
    return [each for each in found if each[0].startswith(trigger)]


# ---------------------------------------------------------------- paging


@pytest.mark.parametrize("severity", [P1, P2])
def test_a_p1_and_a_p2_page_level_1_at_once_level_2_after_15_and_level_3_after_30_minutes(severity: Severity):
    found = only(Told(MONDAY, severity).plan(MONDAY), Trigger.PAGING)
    assert found == [("paging 1", 0 * MINUTE), ("paging 2", 15 * MINUTE), ("paging 3", 30 * MINUTE)]


def test_a_policy_may_call_the_same_level_and_the_same_post_again():
    policies = replace(
        HOUSE.policies,
        paging={"P1": {0 * MINUTE: 1, 10 * MINUTE: 1, 20 * MINUTE: 2}},
        escalation={"P1": {1 * HOUR: "project_lead", 3 * HOUR: "project_lead"}},
    )
    house, case = replace(HOUSE, policies=policies), Told(MONDAY, P1)
    found = case.plan(MONDAY, house)
    assert only(found, Trigger.PAGING) == [
        ("paging 1", 0 * MINUTE),
        ("paging 1", 10 * MINUTE),
        ("paging 2", 20 * MINUTE),
    ]
    assert only(found, Trigger.ELAPSED) == [("elapsed project_lead", 1 * HOUR), ("elapsed project_lead", 3 * HOUR)]
    told = [step for minute in range(0, 200, 10) for step in case.tick(MONDAY + minute * MINUTE, house)]
    assert [each for each in told if "stale" not in each] == [
        "paging 1", "paging 1", "paging 2", "elapsed project_lead", "elapsed project_lead"
    ]  # fmt: skip


def test_a_p3_pages_only_level_1():
    assert only(Told(MONDAY, P3).plan(MONDAY), Trigger.PAGING) == [("paging 1", 0 * MINUTE)]


@pytest.mark.parametrize("act", ["note", "assigned", "acked"])
def test_any_act_of_one_of_our_people_ends_the_paging(act: str):
    log = Told(MONDAY, P1)
    assert log.tick(MONDAY) == ["paging 1"]
    getattr(log, act)(MONDAY + 14 * MINUTE)
    assert log.tick(MONDAY + 29 * MINUTE) == []


def test_what_the_customer_or_the_machine_writes_does_not_end_it():
    log = Told(MONDAY, P1)
    log.mail(MONDAY + MINUTE).note(MONDAY + 2 * MINUTE, "netcase").note(MONDAY + 3 * MINUTE, "Zhang Wei")
    assert log.tick(MONDAY + 15 * MINUTE) == ["paging 1", "paging 2"]


def test_an_agent_that_was_down_pages_every_level_whose_time_has_come():
    assert Told(MONDAY, P1).tick(MONDAY + 29 * MINUTE) == ["paging 1", "paging 2"]


def test_a_team_with_two_levels_is_never_asked_for_a_third():
    house = replace(HOUSE, teams={"tac": Team(name="tac", on_call=("ann", "bob"))})
    assert [name for name, _ in only(Told(MONDAY, P1).plan(MONDAY, house), Trigger.PAGING)] == ["paging 1", "paging 2"]


def test_a_severity_that_rises_pages_anew_and_one_that_falls_does_not():
    log = Told(MONDAY, P2)
    log.tick(MONDAY)
    log.note(MONDAY + MINUTE).severity(MONDAY + 20 * MINUTE, P1)
    assert log.tick(MONDAY + 20 * MINUTE) == ["paging 1"]
    assert log.tick(MONDAY + 35 * MINUTE) == ["paging 2"]
    log.note(MONDAY + 36 * MINUTE).severity(MONDAY + 40 * MINUTE, P2)
    assert log.tick(MONDAY + 59 * MINUTE) == []


def test_a_gap_of_the_rota_pages_nobody():
    log = Told(MONDAY, P3)
    log.case = replace(log.case, kind=CaseKind.ON_CALL_GAP, problem="on_call_gap|tac|1")
    assert only(log.plan(MONDAY), Trigger.PAGING) == []


# ---------------------------------------------------------------- the matrix

MATRIX = {
    P1: {1: "project_lead", 2: "technical_manager", 4: "technical_director", 12: "general_manager"},
    P2: {2: "project_lead", 4: "technical_manager", 12: "technical_director", 24: "general_manager"},
    P3: {4: "project_lead", 12: "technical_manager", 24: "technical_director"},
    P4: {12: "project_lead", 24: "technical_manager"},
}


@pytest.mark.parametrize("severity", list(MATRIX))
def test_the_matrix_is_that_of_the_handbook(severity: Severity):
    found = only(Told(MONDAY, severity).plan(MONDAY), Trigger.ELAPSED)
    assert found == [(f"elapsed {post}", hours * HOUR) for hours, post in MATRIX[severity].items()]


def test_each_post_is_told_once_and_at_its_time():
    log = Told(MONDAY, P1)
    told = {}
    for minute in range(14 * 60):
        now = MONDAY + minute * MINUTE
        log.note(now)  # somebody is at work: nothing is stale, nobody is paged
        told |= dict.fromkeys(log.tick(now), minute)
    assert told == {"paging 1": 0} | {f"elapsed {post}": hours * 60 for hours, post in MATRIX[P1].items()}


@pytest.mark.parametrize("how", ["works", "monitoring", "resolved"])
def test_it_stops_when_the_service_works_again(how: str):
    log = Told(MONDAY, P1).note(MONDAY + MINUTE)
    log.tick(MONDAY + HOUR)
    back = MONDAY + 90 * MINUTE
    log.works(back) if how == "works" else log.moved(back, CaseState(how))
    assert log.tick(MONDAY + 30 * HOUR) == []
    assert all(after <= HOUR for _, after in log.plan(MONDAY + 30 * HOUR)), "nothing is to come"


def test_a_case_that_was_resolved_and_is_open_again_begins_anew():
    log = Told(MONDAY, P1).note(MONDAY + MINUTE)
    log.tick(MONDAY + HOUR)
    log.moved(MONDAY + 90 * MINUTE, CaseState.RESOLVED)
    again = MONDAY + 31 * HOUR
    log.relapsed(again)
    assert log.tick(again) == ["paging 1"]
    log.note(again + MINUTE)
    assert log.tick(again + 30 * MINUTE) == []
    assert log.tick(again + HOUR) == ["stale project_lead", "elapsed project_lead"]


def test_a_case_that_was_only_watched_goes_on_where_it_was_and_pages_nobody_anew():
    log = Told(MONDAY, P1)
    log.tick(MONDAY)
    log.note(MONDAY + MINUTE).moved(MONDAY + 10 * MINUTE, CaseState.MONITORING, "netcase")
    assert log.tick(MONDAY + 80 * MINUTE) == []
    log.relapsed(MONDAY + 80 * MINUTE)
    assert log.tick(MONDAY + 80 * MINUTE) == ["elapsed project_lead"]


def test_a_case_that_is_raised_goes_by_the_other_column_and_tells_nobody_again():
    log = Told(MONDAY, P2).note(MONDAY + 119 * MINUTE)
    assert log.tick(MONDAY + 2 * HOUR) == ["elapsed project_lead"], "nobody is paged late who is not needed any more"
    log.note(MONDAY + 178 * MINUTE).severity(MONDAY + 3 * HOUR, P1, "li-na")
    (step,) = [s for s in escalation.due(log.case, log.entries, HOUSE, MONDAY + 3 * HOUR) if s.post]
    assert (step.post, step.due, step.held and step.held.text) == (
        "technical_manager",
        MONDAY + 3 * HOUR,
        "the severity changed",
    )
    assert "elapsed technical_manager" in log.tick(MONDAY + 3 * HOUR)
    log.severity(MONDAY + 200 * MINUTE, P2, "li-na")
    assert only(log.plan(MONDAY + 5 * HOUR), Trigger.ELAPSED)[-2:] == [
        ("elapsed technical_director", 12 * HOUR),
        ("elapsed general_manager", 24 * HOUR),
    ]
    log.note(MONDAY + 5 * HOUR)
    assert log.tick(MONDAY + 5 * HOUR) == []


def test_an_acknowledgement_with_an_end_holds_the_matrix_back_and_what_it_held_is_told_when_it_lapses():
    log = Told(MONDAY, P1).acked(MONDAY + 5 * MINUTE, MONDAY + 3 * HOUR)
    assert log.tick(MONDAY + 179 * MINUTE) == []
    step = next(s for s in escalation.plan(log.case, log.entries, HOUSE, MONDAY + HOUR) if s.post == "project_lead")
    assert step.held and step.held.text == "acknowledged until then"
    lapsed = log.tick(MONDAY + 3 * HOUR)
    assert {"elapsed project_lead", "elapsed technical_manager"} <= set(lapsed)
    assert lapsed.count("paging 1") == 1, "whoever is on call is paged anew"
    assert "paging 2" in log.tick(MONDAY + 3 * HOUR + 15 * MINUTE)


def test_the_round_after_a_lapse_says_so():
    log = Told(MONDAY, P1).acked(MONDAY, MONDAY + HOUR)
    steps = escalation.plan(log.case, log.entries, HOUSE, MONDAY + HOUR)
    assert {s.because for s in steps if s.trigger is Trigger.PAGING} == {Because.LAPSED}


def test_an_acknowledgement_that_a_later_one_took_the_place_of_does_not_lapse():
    log = Told(MONDAY, P1).acked(MONDAY, MONDAY + HOUR).acked(MONDAY + 30 * MINUTE, MONDAY + 5 * HOUR)  # type: ignore[attr-defined]
    assert log.tick(MONDAY + 4 * HOUR) == []
    assert "elapsed technical_director" in log.tick(MONDAY + 5 * HOUR)


def test_a_fix_that_the_customer_rejects_pages_anew_whatever_was_acknowledged_before():
    log = Told(MONDAY, P1).acked(MONDAY, MONDAY + 9 * HOUR)
    log.moved(MONDAY + HOUR, CaseState.RESOLVED)
    log.moved(MONDAY + 2 * HOUR, CaseState.IN_PROGRESS, "Zhang Wei")
    assert log.tick(MONDAY + 2 * HOUR) == ["paging 1"]
    assert "elapsed project_lead" in log.tick(MONDAY + 3 * HOUR)


def test_one_of_ours_who_opens_it_again_is_paged_by_nobody():
    log = Told(MONDAY, P1).note(MONDAY + MINUTE)
    log.moved(MONDAY + HOUR, CaseState.RESOLVED)
    log.moved(MONDAY + 2 * HOUR, CaseState.IN_PROGRESS, "li-na")
    assert log.tick(MONDAY + 2 * HOUR + 29 * MINUTE) == []


def test_an_acknowledgement_without_an_end_ends_the_paging_and_not_the_matrix():
    log = Told(MONDAY, P1).acked(MONDAY + MINUTE)
    log.tick(MONDAY + MINUTE)
    assert "elapsed project_lead" in log.tick(MONDAY + HOUR)


def test_a_merged_and_a_closed_case_reach_nobody():
    log = Told(MONDAY, P1)
    for over in (replace(log.case, merged_into=7), replace(log.case, live=False, state=CaseState.CLOSED)):
        assert escalation.plan(over, log.entries, HOUSE, MONDAY + DAY) == ()


def test_outside_the_hours_of_the_contract_a_p3_waits_and_a_p2_does_not():
    house = network(coverage=OFFICE, timezone="Asia/Shanghai", holidays="CN")
    friday = utc("2026-03-06T07:00")  # 15:00 in Shanghai
    assert only(Told(friday, P2).plan(friday, house), Trigger.ELAPSED)[0] == ("elapsed project_lead", 2 * HOUR)
    monday = utc("2026-03-09T01:00") - friday  # 09:00
    assert only(Told(friday, P3).plan(friday, house), Trigger.ELAPSED)[0] == ("elapsed project_lead", monday)
    (step, *_) = [s for s in escalation.plan(*args(Told(friday, P3)), house, friday) if s.trigger is Trigger.ELAPSED]
    assert step.held and step.held.text == "outside the hours of the contract"


def args(log: Log) -> tuple[object, list[Entry]]:
    return log.case, log.entries  # type: ignore[return-value]


def test_hours_of_escalation_are_a_policy():
    house = network(coverage=OFFICE)
    policies = replace(house.policies, escalation_hours={"P3": "always"})
    evening = utc("2026-03-06T20:00")
    found = Told(evening, P3).plan(evening, replace(house, policies=policies))
    assert only(found, Trigger.ELAPSED)[0] == ("elapsed project_lead", 4 * HOUR)


# ---------------------------------------------------------------- a state that nobody keeps current


def test_a_case_that_nobody_touches_within_its_interval_reaches_one_post_more():
    log = Told(MONDAY, P2)
    log.note(MONDAY + 10 * MINUTE)
    assert log.tick(MONDAY + 69 * MINUTE) == []
    assert log.tick(MONDAY + 70 * MINUTE) == ["stale project_lead"]
    assert log.tick(MONDAY + 119 * MINUTE) == []
    assert log.tick(MONDAY + 2 * HOUR) == ["elapsed project_lead"]
    log.note(MONDAY + 121 * MINUTE)
    assert log.tick(MONDAY + 181 * MINUTE) == ["stale technical_manager"]


def test_it_never_reaches_higher_than_the_column_of_its_severity():
    log = Told(MONDAY, P4)
    for day in (2, 6, 10, 14):
        log.note(MONDAY + (day - 2) * DAY)
        log.tick(MONDAY + (day + 2) * DAY)
    posts = [e.data["post"] for e in log.entries if e.data.get("trigger") == "stale"]
    assert posts and set(posts) <= {"project_lead", "technical_manager"}


# ---------------------------------------------------------------- the timeline


def test_a_line_says_who_was_told_how_and_why_and_a_later_plan_knows_it():
    log = Told(MONDAY, P1)
    (step,) = escalation.due(log.case, log.entries, HOUSE, MONDAY)
    entry = escalation.told_entry(log.case, step, "ann", "Ann", ["email", "console"], "NC-000001/opened/", MONDAY)
    assert entry.text == "level 1 told: Ann by email,console; the case was opened"
    assert entry.action is Action.ESCALATED and entry.data["due"] == MONDAY.isoformat()
    (again, *_) = escalation.plan(log.case, [*log.entries, entry], HOUSE, MONDAY)
    assert again.told == entry and (again.level, again.due, again.trigger) == (1, MONDAY, Trigger.PAGING)


def test_where_nobody_can_be_told_the_line_says_so():
    log = Told(MONDAY, P1)
    step = next(s for s in escalation.plan(*args(log), HOUSE, MONDAY) if s.post)
    entry = escalation.told_entry(log.case, step, "", "", [], "", MONDAY)
    assert entry.text == "project lead: there is nobody to tell; nobody touched it for 30 min"


def test_it_was_read_when_whoever_was_told_did_anything_after_it():
    log = Told(MONDAY, P1)
    log.tick(MONDAY)
    log.note(MONDAY + MINUTE, "bob").note(MONDAY + 2 * MINUTE, "X")
    (step, *_) = escalation.plan(*args(log), HOUSE, MONDAY + HOUR)
    read = escalation.read_by(step, log.entries, ("x", "X"))
    assert read is not None and read.at == MONDAY + 2 * MINUTE
    assert escalation.read_by(step, log.entries, ("cid", "")) is None


def test_a_holiday_is_skipped_and_a_make_up_day_is_not():
    house = network(coverage=OFFICE, timezone="Asia/Shanghai", holidays="CN")
    before = utc("2026-09-30T08:00")  # 16:00, the day before the national holidays
    (name, after) = only(Told(before, P3).plan(before, house), Trigger.ELAPSED)[0]
    assert (name, (before + after).date()) == ("elapsed project_lead", date(2026, 10, 8))
    saturday = utc("2026-09-19T16:00")  # the Sunday that follows is worked on
    (_, after) = only(Told(saturday, P3).plan(saturday, house), Trigger.ELAPSED)[0]
    assert saturday + after == utc("2026-09-20T01:00")
