"""The manifest beside exported evidence."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent import locale
from agent.cases import manifest
from agent.cases.case import Case, CaseState, Evidence, EvidenceState, Severity
from agent.cases.outcome import SENTENCES, Outcome
from agent.faults.fault import FaultKind
from agent.observation import Subject

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CASE = Case(
    problem="p",
    kind=FaultKind.CPU_HIGH,
    subject=Subject("core-1"),
    severity=Severity.P3,
    state=CaseState.NEW,
    opened=NOON + timedelta(seconds=30),
    updated=NOON,
    root="f",
    number=7,
    began=NOON,
)
VERSION = Evidence(
    case=7,
    device="core-1",
    topic="version",
    command="show version",
    tier="quick",
    state=EvidenceState.DONE,
    at=NOON + timedelta(seconds=41.5),
    took_s=1.23456,
    bytes=1834,
    sha256="ab" * 32,
    secrets_removed=2,
    outcome=Outcome.DONE,
)
NOTHING = replace(
    VERSION, topic="log", state=EvidenceState.FAILED, bytes=0, sha256="", secrets_removed=0,
    detail="wrong", outcome=Outcome.WRONG_PASSWORD,
)  # fmt: skip


def made(*rows: Evidence, case: Case | None = CASE) -> dict:
    return manifest.document(rows, manifest.names(rows), netcase="1.2", made=NOON, case=case)


def test_each_file_is_told_with_what_was_asked_and_how_far_from_the_fault():
    (told,) = made(VERSION)["files"]
    assert told == {
        "name": "core-1-version.txt",
        "device": "core-1",
        "topic": "version",
        "command": "show version",
        "collected_at": "2026-03-01T12:00:41.500000+00:00",
        "seconds_from_fault": 41.5,
        "took_s": 1.235,
        "state": "done",
        "outcome": "done",
        "detail": "",
        "bytes": 1834,
        "sha256": "ab" * 32,
        "secrets_removed": 2,
    }


def test_what_could_not_be_had_stands_there_with_the_reason():
    told = made(VERSION, NOTHING)
    assert told["totals"] == {"files": 1, "missing": 1, "bytes": 1834, "secrets_removed": 2}
    assert (told["files"][1]["name"], told["files"][1]["sha256"]) == (None, None)
    assert (told["files"][1]["outcome"], told["files"][1]["detail"]) == ("wrong_password", "wrong")


def test_without_a_case_nothing_is_counted_from_a_fault():
    told = made(VERSION, case=None)
    assert (told["case"], told["fault_began"], told["files"][0]["seconds_from_fault"]) == (None, None, None)
    assert (told["version"], told["netcase"], made(VERSION)["case"]) == (1, "1.2", "NC-000007")


def test_what_was_collected_before_the_fault_has_a_negative_distance():
    early = replace(VERSION, at=NOON - timedelta(seconds=5))
    assert made(early)["files"][0]["seconds_from_fault"] == -5.0


def test_what_still_waits_has_no_outcome_yet():
    waiting = replace(NOTHING, state=EvidenceState.QUEUED, outcome=None, detail="")
    assert made(waiting)["files"][0]["outcome"] is None


def test_it_is_json():
    assert json.loads(json.dumps(made(VERSION, NOTHING))) == made(VERSION, NOTHING)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.text(max_size=150), st.text(max_size=30)), max_size=8))
def test_every_file_has_a_safe_name_of_its_own_on_every_file_system(wanted):
    rows = [replace(VERSION, device=device, topic=topic) for device, topic in wanted]
    names = manifest.names(rows)
    assert len({name.lower() for name in names}) == len(names) and manifest.NAME not in names
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.txt", name) and len(name) < 120 for name in names)


def test_every_outcome_has_a_sentence_in_both_languages_and_a_row_in_the_reference():
    page = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "evidence.md").read_text("utf-8")
    assert set(SENTENCES) == set(Outcome)
    for outcome, sentence in SENTENCES.items():
        assert locale.words("zh_CN")(sentence) != sentence
        assert re.search(rf"^\| `{outcome}` \| [a-z, ]+ \| {re.escape(sentence)} \|$", page, re.MULTILINE), outcome
