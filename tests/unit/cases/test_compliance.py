from dataclasses import replace

from agent.cases import compliance
from agent.cases.case import CaseKind, CaseState, Severity
from agent.cases.compliance import By, Judged, Kept
from agent.cases.sla import Kind
from tests.unit.cases.slas import DAY, HOUR, MINUTE, Log, inventory_of, utc

NOON = utc("2026-03-02T12:00")
LATER = NOON + 3 * DAY


def judged(log: Log, number: int = 1, **more: str) -> Judged:
    return compliance.judge(replace(log.case, number=number, **more), log.entries, inventory_of(), LATER)


def kept() -> Judged:
    log = Log(NOON).note(NOON + 5 * MINUTE).on_site(NOON + HOUR / 2).moved(NOON + HOUR, CaseState.RESOLVED)
    return judged(log)


def late() -> Judged:
    log = Log(NOON, Severity.P1).note(NOON + 20 * MINUTE).moved(NOON + 5 * HOUR, CaseState.RESOLVED)
    return judged(log, 2, customer="bank", contract="C-9")


def test_promises_are_counted_by_kind():
    (record, whole) = compliance.records([kept()], By.CONTRACT)
    assert (record.name, record.cases, whole.name) == ("C-1", 1, "")
    assert record.kept == {
        Kind.RESPONSE: Kept(1, 0),
        Kind.ON_SITE: Kept(1, 0),
        Kind.RESTORE: Kept(1, 0),
        Kind.UPDATE: Kept(3, 0),
    }


def test_what_was_missed_is_named_with_how_late_it_was():
    whole = compliance.records([kept(), late()], By.CONTRACT)[-1]
    assert [(miss.case, miss.kind, miss.late) for miss in whole.missed] == [
        ("NC-000002", Kind.RESPONSE, 5 * MINUTE),
        ("NC-000002", Kind.ON_SITE, 4 * HOUR),
        ("NC-000002", Kind.RESTORE, 3 * HOUR),
    ]
    assert whole.kept[Kind.UPDATE] == Kept(4, 1)


def test_cases_are_put_together_by_contract_customer_or_severity():
    both = [kept(), late()]
    names = {by: [record.name for record in compliance.records(both, by)] for by in By}
    assert names == {
        By.CONTRACT: ["C-1", "C-9", ""],
        By.CUSTOMER: ["acme", "bank", ""],
        By.SEVERITY: ["P1", "P2", ""],
    }
    assert compliance.records(both, By.SEVERITY)[-1].kept[Kind.RESPONSE].percent == 50.0


def test_what_is_neither_met_nor_missed_yet_is_in_no_percentage():
    log = Log(LATER - MINUTE)
    (record, _) = compliance.records([judged(log)], By.CUSTOMER)
    assert {kind: found.percent for kind, found in record.kept.items()} == dict.fromkeys(Kind)


def test_a_case_that_recovers_by_itself_needs_no_answer():
    log = Log(NOON).moved(NOON + 5 * MINUTE, CaseState.MONITORING, "netcase")
    (record, _) = compliance.records([judged(log)], By.CUSTOMER)
    assert record.kept[Kind.RESPONSE] == Kept()
    assert record.kept[Kind.RESTORE] == Kept(1, 0)


def test_cases_of_the_period_count_unless_they_go_on_in_another_or_are_no_customer_s():
    case = Log(NOON).case
    assert compliance.counts(case, NOON, LATER)
    assert not compliance.counts(case, NOON + MINUTE, LATER)
    assert not compliance.counts(case, NOON - DAY, NOON)
    assert not compliance.counts(replace(case, merged_into=7), NOON, LATER)
    assert not compliance.counts(replace(case, kind=CaseKind.ON_CALL_GAP), NOON, LATER)
