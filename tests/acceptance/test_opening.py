"""Cases that people open: told, looked up, linked, never twice, never silenced."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

import pytest

from agent import locale
from agent.cases.case import Action, Case, CaseKind, CaseState, Origin, Severity
from agent.cases.intake import Form
from agent.errors import CollisionError
from agent.inventory.customers import Contact, Contract, Customer, Language, Person
from agent.inventory.device import Role
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Team
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import contracts
from agent.pipeline.desk import Desk
from agent.pipeline.intake import open_case
from agent.ports import JobKind, Store
from tests.story import START, Network, Story, device, inventory

T = TypeVar("T")
HOUR = timedelta(hours=1)


def network() -> Inventory:
    made = inventory(
        [device("core", Role.CORE), device("edge", Role.EDGE), device("bare", ssh=None, contract="")],
        [("core", "edge"), ("core", "bare")],
        ["core"],
    )
    contract = made.contracts["C-1"]
    return replace(
        made,
        contracts={
            "C-1": contract,
            "C-0": replace(contract, number="C-0", starts=date(2025, 1, 1), ends=date(2025, 12, 31)),
            "O-1": Contract(number="O-1", customer="orient", starts=contract.starts, ends=contract.ends),
        },
        customers={
            "acme": Customer(
                name="acme",
                team="tac",
                contacts=(Contact(name="张", email="zhang@acme.example", language=Language.ZH_CN),),
            ),
            "orient": Customer(name="orient", team="tac"),
        },
        people={
            "li": Person(name="Li Na", email="li@example.net"),
            "sales": Person(name="Sales", email="sales@example.net"),
        },
        teams={"tac": Team(name="tac", on_call=("li",), roles={"account": "sales"})},
    )


def at_desk(store: Store, do: Callable[[Desk], T], later: timedelta = timedelta(0)) -> T:
    with store.begin() as tx:
        return do(Desk(tx, network(), START + later))


def opened(store: Store, later: timedelta = timedelta(0), **said: object) -> Case:
    form = Form(**{"origin": Origin.HOTLINE, "title": "No telephone", "actor": "li", **said})  # type: ignore[arg-type]
    return at_desk(store, lambda desk: open_case(desk, form), later)


def texts(store: Store, case: Case, action: Action) -> list[str]:
    with store.read() as tx:
        return [entry.text for entry in tx.timeline(case.number) if entry.action is action]


def told(store: Store, case: Case) -> dict[str, str]:
    """By address: the subject line of the last message."""
    with store.read() as tx:
        return {job.payload["to"]: job.payload["subject"] for job in tx.jobs(kind=JobKind.NOTIFY, case=case.number)}


def tell_serial(store: Store, name: str, serial: str, module: str = "") -> None:
    subject = Subject(name, ComponentKind.MODULE, module) if module else Subject(name)
    with store.begin() as tx:
        tx.keep(Batch(name, Tier.IDENTITY, START, (Observation(subject, Fact.SERIAL, serial),)))


def test_the_engineer_on_call_the_customer_and_the_reporter_are_told_with_the_number(store: Store) -> None:
    case = opened(store, device="edge", reporter="Chen", reporter_address="chen@acme.example")
    subject = "[NC-000001] P3 case NC-000001: No telephone"
    assert told(store, case) == {
        "li@example.net": subject,
        "zhang@acme.example": "[NC-000001] P3 工单 NC-000001：No telephone",
        "chen@acme.example": "[NC-000001] P3 工单 NC-000001：No telephone",  # the language of their colleagues
    }
    with store.read() as tx:
        mail = next(job.payload for job in tx.jobs(kind=JobKind.NOTIFY) if job.payload["to"] == "li@example.net")
    for said in ("Reported by: Chen, chen@acme.example", "Device: edge", "Contract: C-1 (valid)", "Customer: acme"):
        assert said in mail["text"]
    assert "Root cause" not in mail["text"]


def test_a_contact_who_reports_it_is_told_once(store: Store) -> None:
    case = opened(store, device="edge", reporter="张", reporter_address="Zhang@ACME.example")
    assert sorted(told(store, case)) == ["li@example.net", "zhang@acme.example"]


def test_a_machine_that_wrote_is_not_answered(store: Store) -> None:
    case = opened(store, reporter_address="noreply@acme.example", answer=False)
    assert "noreply@acme.example" not in told(store, case)


@pytest.mark.parametrize("origin", [Origin.WEB, Origin.EMAIL, Origin.API, Origin.FAX])
@pytest.mark.parametrize("severity", [Severity.P1, Severity.P2])
def test_what_is_urgent_and_only_written_pages_the_person_on_call_at_once(
    store: Store, origin: Origin, severity: Severity
) -> None:
    case = opened(store, device="edge", origin=origin, severity=severity)
    assert texts(store, case, Action.NOTE) == [f"{severity} by {origin}: Li Na on call is paged at once"]
    with store.read() as tx:
        page = next(job for job in tx.jobs(kind=JobKind.NOTIFY) if job.payload["to"] == "li@example.net")
    assert page.due == START


def test_what_is_urgent_and_reaches_nobody_says_so(store: Store) -> None:
    nobody = replace(network(), teams={"tac": Team(name="tac")})
    form = Form(origin=Origin.WEB, title="x", severity=Severity.P1)
    with store.begin() as tx:
        case = open_case(Desk(tx, nobody, START), form)
    assert texts(store, case, Action.NOTE) == ["P1 by web, and nobody is on call: page somebody by telephone"]


def test_an_invalid_contract_silences_nothing_and_its_account_is_told_once_a_day(store: Store) -> None:
    first = opened(store, contract="C-0", device="edge")
    assert (first.contract, first.contract_status, first.customer) == ("C-0", "expired", "acme")
    assert texts(store, first, Action.CONTRACT) == ["contract C-0 ended on 2025-12-31"]
    assert told(store, first)["sales@example.net"] == "[NC-000001] The contract of case NC-000001 has ended"
    second = opened(store, HOUR, contract="c-0", device="edge")
    assert "sales@example.net" not in told(store, second) and "li@example.net" in told(store, second)
    third = opened(store, 24 * HOUR, contract="C-0", device="edge")
    assert "sales@example.net" in told(store, third)


def test_the_account_of_automatic_cases_is_told_once_for_a_storm(store: Store) -> None:
    known = network()
    devices = {name: replace(each, contract="C-0") for name, each in known.devices.items()}
    story = Story(store, Network(replace(known, devices=devices))).run(minutes=3)
    story.cut("core", "edge").cut("core", "bare").run(minutes=10)
    with store.read() as tx:
        cases = tx.cases()
        mails = [job for job in tx.jobs(kind=JobKind.NOTIFY) if job.payload["to"] == "sales@example.net"]
    assert len(cases) == 2
    assert {case.contract_status for case in cases} == {"expired"}
    assert len(mails) == 1


def test_a_serial_number_finds_the_device_and_its_contract(store: Store) -> None:
    tell_serial(store, "edge", "FOC 123a")
    case = opened(store, serial="foc123A")
    assert (case.subject.device, case.contract, case.contract_status) == ("edge", "C-1", "valid")
    assert case.serial == "FOC123A"


def test_the_serial_number_of_a_module_finds_its_device(store: Store) -> None:
    tell_serial(store, "core", "MOD9", module="1")
    assert opened(store, serial="MOD9").subject.device == "core"


def test_the_same_key_gives_the_same_case_even_when_it_is_closed(store: Store) -> None:
    case = opened(store, key="mail/<1@x>")
    assert opened(store, HOUR, key="mail/<1@x>", title="another").number == case.number
    with store.begin() as tx:
        tx.save_case(replace(case, state=CaseState.CLOSED, live=False, closed=START))
    assert opened(store, 2 * HOUR, key="mail/<1@x>").number == case.number
    assert opened(store, HOUR, key="mail/<2@x>").number != case.number
    assert opened(store).number != opened(store).number


def test_two_that_open_the_same_at_once_open_one_case(each_store: Store) -> None:
    found: list[int] = []

    def race() -> None:
        for _ in range(50):
            try:
                found.append(opened(each_store, key="same").number)
            except CollisionError:
                continue
            return

    racers = [threading.Thread(target=race) for _ in range(6)]
    for each in racers:
        each.start()
    for each in racers:
        each.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    with each_store.read() as tx:
        assert len(tx.cases()) == 1
        assert sorted(job.payload["to"] for job in tx.jobs(kind=JobKind.NOTIFY)) == [
            "li@example.net",
            "sales@example.net",  # no contract is known
        ]


def test_open_cases_and_faults_of_the_same_device_are_mentioned_on_both_sides(store: Store) -> None:
    story = Story(store, Network(network())).run(minutes=3)
    story.cut("core", "edge").run(minutes=5)
    with store.read() as tx:
        (automatic,) = tx.cases()
    case = opened(store, HOUR, device=automatic.subject.device)
    assert texts(store, case, Action.LINKED) == [f"{automatic.name} is open for the same device"]
    assert texts(store, automatic, Action.LINKED) == [f"{case.name} is open for the same device"]


def test_quick_evidence_is_asked_of_the_device_that_is_named(store: Store) -> None:
    case = opened(store, device="edge")
    with store.read() as tx:
        (job,) = tx.jobs(kind=JobKind.COLLECT)
        topics = [row.command for row in tx.evidence(case.number)]
    assert (job.payload["device"], job.payload["tier"]) == ("edge", "quick")
    assert topics[0] == "log" and topics[-1] == "version"


def test_no_evidence_is_asked_of_a_device_without_ssh_or_one_that_is_silent(store: Store) -> None:
    assert texts(store, opened(store, device="bare"), Action.EVIDENCE) == ["no evidence: bare cannot be read over SSH"]
    story = Story(store, Network(network())).run(minutes=3)
    story.kill("edge").run(minutes=5)
    silent = opened(store, HOUR, device="edge")
    assert texts(store, silent, Action.EVIDENCE) == ["no evidence: edge does not answer"]


def test_a_case_without_a_device_is_settled_tended_and_reported_around(store: Store) -> None:
    case = opened(store, title="How do I configure VRRP?", asks=True)
    assert (case.kind, case.severity, str(case.subject), case.about) == (
        CaseKind.REPORTED,
        "P4",
        "",
        "How do I configure VRRP?",
    )
    story = Story(store, Network(network())).run(minutes=3)
    story.cut("core", "edge").run(minutes=10)
    story.mend("core", "edge").run(minutes=90)
    with store.read() as tx:
        after = tx.case(case.number)
        assert len(tx.cases()) == 2
    assert after is not None and after.state is CaseState.NEW


def test_a_contract_that_is_corrected_stands_on_the_case_with_who_did_it(store: Store) -> None:
    case = opened(store, contract="typo", device="edge")
    after, found = at_desk(store, lambda desk: contracts.correct(desk, case, "c-1", "wang"), HOUR)
    assert (after.contract, after.contract_status, found.because) == (
        "C-1",
        "valid",
        "contract C-1 covers edge until 2027-03-02",
    )
    with store.read() as tx:
        last = tx.timeline(case.number)[-1]
    assert (last.action, last.actor, last.data["contract"]) == (Action.CONTRACT, "wang", "C-1")


def test_a_contract_of_another_customer_is_no_correction_in_silence(store: Store) -> None:
    case = opened(store, device="edge")
    after, found = at_desk(store, lambda desk: contracts.correct(desk, case, "O-1", "wang"))
    assert after.contract_status == "not_covered"
    assert found.because == "contract O-1 is orient's, not acme's"


def test_the_serial_number_of_another_device_than_the_one_named_is_told(store: Store) -> None:
    tell_serial(store, "edge", "FOC1")
    tell_serial(store, "bare", "FOC2")
    assert opened(store, device="edge", serial="foc1", contract="C-1").contract_status == "valid"
    wrong = opened(store, device="edge", serial="foc2", contract="C-1")
    assert texts(store, wrong, Action.CONTRACT) == [
        "contract C-1 is not for bare with the serial number FOC2, which is under no contract"
    ]


def test_every_sentence_of_opening_has_chinese_words(store: Store) -> None:
    tell_serial(store, "edge", "FOC1")
    forms: list[dict[str, object]] = [
        {"device": "edge"},
        {"device": "bare"},
        {"device": "edge", "asks": True, "contract": "C-0"},
        {"device": "edge", "contract": "O-1", "severity": Severity.P1, "origin": Origin.WEB, "reporter": "Chen"},
        {"contract": "C-1", "serial": "NONE"},
        {"contract": "C-1", "device": "bare"},
        {"contract": "C-77", "device": "edge"},
        {"contract": "C-77"},
        {"serial": "NONE"},
        {"device": "nobody"},
        {"customer": "orient"},
        {},
    ]
    cases = [opened(store, **said) for said in forms]
    with store.read() as tx:
        told = {entry.text for case in cases for entry in tx.timeline(case.number)}
        told |= {reason for case in cases for each in tx.decisions(case.name) for reason in each.reasons}
    told = {text.removeprefix("P3: ").removeprefix("P4: ").removeprefix("P1: ") for text in told}
    english = {text for text in told if not re.search(r"[\u4e00-\u9fff]", locale.reword(text, "zh_CN"))}
    assert len(told) > 15
    assert english == set()
