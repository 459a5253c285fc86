from dataclasses import replace

import pytest

from agent.cases import milestones, sla
from agent.cases.case import CaseState, Severity
from agent.cases.sla import State
from agent.errors import RefusedError
from agent.locale import reword
from tests.unit.cases.slas import HOUR, Log, inventory_of, utc

NOON = utc("2026-03-02T12:00")


def test_arriving_meets_the_clock_of_being_on_site():
    log = Log(NOON)
    log.entries.append(milestones.arrived(log.case, "li-na", "at rack 4", NOON + HOUR / 2))
    assert log.entries[-1].text == "on site: at rack 4"
    clocks = sla.clocks(log.case, log.entries, inventory_of(), NOON + HOUR)
    assert clocks.on_site.state is State.MET


def test_restoring_meets_the_clock_and_says_how():
    log = Log(NOON)
    log.entries.append(milestones.restored(log.case, log.entries, "li-na", "over the other uplink", NOON + HOUR))
    assert sla.clocks(log.case, log.entries, inventory_of(), NOON + 9 * HOUR).restore.met == NOON + HOUR
    assert reword(log.entries[-1].text, "zh_CN") == "业务已恢复：over the other uplink"


def test_what_does_not_work_after_all_is_taken_back():
    log = Log(NOON).works(NOON + HOUR)
    log.entries.append(milestones.lost_again(log.case, log.entries, "li-na", "it flaps", NOON + 2 * HOUR))
    assert sla.clocks(log.case, log.entries, inventory_of(), NOON + 2 * HOUR).restore.due == NOON + 5 * HOUR


def test_nobody_arrives_at_a_case_that_is_over():
    log = Log(NOON).moved(NOON + HOUR, CaseState.RESOLVED)
    with pytest.raises(RefusedError, match="NC-000001 is resolved: nobody has to be on site"):
        milestones.arrived(log.case, "li-na", "", NOON + 2 * HOUR)


def test_a_service_that_works_is_not_restored_again():
    log = Log(NOON).works(NOON + HOUR)
    with pytest.raises(RefusedError, match="works since 2026-03-02 13:00:00 UTC already"):
        milestones.restored(log.case, log.entries, "li-na", "again", NOON + 2 * HOUR)


def test_a_service_that_does_not_work_is_not_taken_back():
    log = Log(NOON)
    with pytest.raises(RefusedError, match="nothing says that the service of NC-000001 works"):
        milestones.lost_again(log.case, log.entries, "li-na", "why", NOON)


def test_how_it_came_to_work_again_has_to_be_said():
    log = Log(NOON)
    with pytest.raises(RefusedError, match="say how the service of NC-000001 came to work again"):
        milestones.restored(log.case, log.entries, "li-na", "", NOON)


def test_a_person_lowers_a_case_and_the_clocks_go_by_it():
    log = Log(NOON, Severity.P1)
    case, entry = milestones.weighed(log.case, Severity.P3, "li-na", "the branch is closed today", NOON + HOUR)
    assert (case.severity, entry.text) == (Severity.P3, "lowered from P1 to P3: the branch is closed today")
    assert reword(entry.text, "zh_CN") == "由 P1 降为 P3：the branch is closed today"
    clocks = sla.clocks(case, [*log.entries, entry], inventory_of(), NOON + HOUR)
    assert clocks.restore.due == NOON + 24 * HOUR


def test_raising_a_case_is_news_to_whoever_knows_of_it():
    known = replace(Log(NOON, Severity.P3).case, acknowledged=NOON, acknowledged_by="li-na")
    case, entry = milestones.weighed(known, Severity.P1, "wang-lei", "the bank opens", NOON + HOUR)
    assert (case.severity, case.acknowledged, entry.text) == (Severity.P1, None, "raised from P3 to P1: the bank opens")


@pytest.mark.parametrize(
    ("to", "reason", "told"),
    [(Severity.P2, "why", "NC-000001 is P2 already"), (Severity.P1, "", "say why NC-000001 becomes P1")],
)
def test_a_severity_that_changes_nothing_or_has_no_reason_is_refused(to, reason, told):
    with pytest.raises(RefusedError, match=told):
        milestones.weighed(Log(NOON).case, to, "li-na", reason, NOON)
