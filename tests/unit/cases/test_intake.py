from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.cases import attachments, intake
from agent.cases.case import Action, CaseKind, Evidence, EvidenceState, Origin, Severity
from agent.cases.intake import Form
from agent.inventory.customers import Contact, Customer
from tests.unit.cases.test_contract import inventory

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FORM = Form(origin=Origin.HOTLINE, title="No telephone", contract="C-1", device="core-1", reporter="Chen Wei", key="k")


def test_a_form_becomes_a_case_with_what_is_known_of_it() -> None:
    case = intake.opened(FORM, inventory(), {}, NOW).case
    assert (case.kind, case.problem, case.origin) == (CaseKind.REPORTED, "reported|k", Origin.HOTLINE)
    assert (case.title, case.reporter, case.subject.device, case.root) == ("No telephone", "Chen Wei", "core-1", "")
    assert (case.customer, case.site, case.contract, case.contract_status) == ("acme", "hq", "C-1", "valid")


@pytest.mark.parametrize(
    ("said", "asks", "severity"),
    [(None, False, "P3"), (None, True, "P4"), (Severity.P1, True, "P1"), (Severity.P4, False, "P4")],
)
def test_severity_is_as_the_person_says_and_p3_or_p4_where_they_do_not(said, asks, severity) -> None:  # type: ignore[no-untyped-def]
    assert intake.opened(replace(FORM, severity=said, asks=asks), inventory(), {}, NOW).case.severity == severity


def test_only_the_first_line_of_the_timeline_is_the_persons() -> None:
    made = intake.opened(FORM, inventory(), {}, NOW)
    entries = intake.first_entries(made.case, replace(FORM, actor="li-na"), made, NOW)
    assert [(e.action, e.actor) for e in entries] == [
        (Action.OPENED, "li-na"),
        (Action.SEVERITY, "netcase"),
        (Action.CONTRACT, "netcase"),
    ]
    assert intake.told(entries) == ""
    assert intake.taken(entries) == intake.fingerprint(FORM)


def test_whoever_writes_from_a_contacts_address_is_taken_for_that_customer() -> None:
    known = inventory()
    contact = Contact(name="Chen", email="Chen@acme.example")
    known.customers["acme"] = Customer(name="acme", contacts=(contact,))
    form = Form(origin=Origin.EMAIL, title="x", reporter_address="chen@ACME.example")
    assert intake.opened(form, known, {}, NOW).case.customer == "acme"
    assert intake.customer_of("", known) == ""


def test_hostile_texts_become_bounded_lines() -> None:
    hostile = Form(
        origin=Origin.EMAIL,
        title="\x1b[31m" + "a\n\r\t\u202e" * 5000,
        text="one\r\ntwo\x00\x1b]0;x\x07" + "z" * 20_000,
        reporter="r" * 9999,
        serial="\n\n",
        actor="a\nb",
    )
    form = intake.bounded(hostile)
    assert len(form.title) == intake.LONGEST["title"] and form.title.isprintable()
    assert form.text.startswith("one\ntwo") and len(form.text) == intake.LONGEST["text"]
    assert all(c.isprintable() or c == "\n" for c in form.text)
    assert (len(form.reporter), form.serial, form.actor) == (intake.LONGEST["reporter"], "", "a b")


def test_a_form_without_a_title_takes_the_beginning_of_its_text() -> None:
    assert intake.bounded(Form(origin=Origin.EMAIL, title=" ", text="all\nis dark")).title == "all is dark"
    assert intake.bounded(Form(origin=Origin.EMAIL, title="")).title == "(no title)"


def test_a_long_key_is_kept_by_its_hash() -> None:
    assert intake.problem("k") == "reported|k"
    assert len(intake.problem("k" * 100_000)) < 100
    assert intake.problem("k" * 300) != intake.problem("k" * 301)


@pytest.mark.parametrize(
    ("form", "field", "message"),
    [
        (replace(FORM, title="  "), "title", "say in a few words what is wrong"),
        (replace(FORM, title="x" * 201), "title", "is longer than 200 characters"),
        (replace(FORM, device="core1"), "device", "no device is called core1 (did you mean core-1?): write its name"),
        (replace(FORM, device="zzz"), "device", "no device is called zzz: write its name"),
        (replace(FORM, customer="acne"), "customer", "no customer is called acne (did you mean acme?)"),
        (replace(FORM, reporter_address="a b@c"), "reporter_address", "write an e-mail address as name@example.net"),
        (replace(FORM, reporter_address="a@b\r\nBcc: c@d"), "reporter_address", "write an e-mail address"),
    ],
)
def test_a_refusal_names_the_field_and_what_to_write_instead(form: Form, field: str, message: str) -> None:
    refusals = intake.refusals(form, inventory())
    assert [each.field for each in refusals] == [field]
    assert refusals[0].message.startswith(message)


def test_a_good_form_is_refused_nothing() -> None:
    assert intake.refusals(replace(FORM, reporter_address="chen@example.com"), inventory()) == []
    assert intake.refusals(replace(FORM, reporter_address="+86 10 5550", contract="nobody knows"), inventory()) == []


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"%PDF-1.7", "pdf"), (b"II*\0x", "tiff"), (b"\x89PNG\r\n\x1a\n", "png"), (b"MZ\0\0", "file"), (b"hello", "text")],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, kind: str) -> None:
    assert attachments.kind(head) == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\scan.pdf", "scan.pdf"),
        ("\x1b[31mred\n.txt", "_[31mred_.txt"),
        ("a/..", "file"),
        ("", "file"),
        ("图纸.pdf", "图纸.pdf"),
        ("\u202egnp.exe", "_gnp.exe"),
        ("x" * 500 + ".tar", "x" * 108 + ".tar"),
    ],
)
def test_the_name_of_a_file_leads_nowhere(given: str, kept: str) -> None:
    assert attachments.name(given) == kept


def test_a_file_is_refused_with_what_can_be_done_instead() -> None:
    row = Evidence(case=1, device="", command="a", tier="upload", state=EvidenceState.DONE, at=NOW)
    assert attachments.refusal("a.pdf", 10, b"%PDF-", ()) == ""
    assert "is empty" in attachments.refusal("a.pdf", 0, b"", ())
    assert "larger than 20 MiB" in attachments.refusal("a.pdf", attachments.LARGEST + 1, b"%PDF-", ())
    assert "is no scan" in attachments.refusal("a.pdf", 10, b"MZ", (), scan=True)
    assert "at most 50 attachments" in attachments.refusal("a.pdf", 10, b"x", [row] * attachments.MOST)
