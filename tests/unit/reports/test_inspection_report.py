import json
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.cases.case import EvidenceState
from agent.inspection import checklist, verdicts
from agent.inspection.verdicts import Result
from agent.locale import Text
from agent.observation import Batch, Fact, Observation, Subject, Tier
from agent.ports import Transcript
from reports import document as documents
from reports import inspected, inspection
from reports.render import html
from reports.render import json as json_form
from tests import fakes_reports as history

QUARTERLY = checklist.shipped()


def transcript(folder, topic, text, state=EvidenceState.DONE, detail=""):
    path = folder / f"{topic}.txt"
    path.write_text(text, encoding="utf-8")
    return Transcript(
        topic=topic, command="show", state=state, started=history.MORNING, took_s=0.1, path=path, detail=detail
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """An inspection of the network that `history.story` tells of, in the morning after."""
    folder = tmp_path_factory.mktemp("history")
    store = history.story(folder)
    said = {
        "bj-core-1": inspected.answers(
            [
                transcript(folder, "redundancy", "Hardware Mode = Simplex\n"),
                transcript(folder, "clock", "*23:30:01.0 UTC Sat Nov 21 2026\nClock is synchronized, stratum 3\n"),
                transcript(folder, "configuration_saved", "+ip domain name changed.example <b>\n"),
            ]
        ),
        "sz-acc-1": inspected.answers(
            [transcript(folder, "clock", "half", EvidenceState.PARTIAL, "the connection was lost")]
        ),
    }
    with store.begin() as tx:
        tx.keep(identity("bj-core-1", "17.9.4"))
        tx.keep(identity("sh-rt-1", "17.6.1"))
        materials = inspected.material(
            tx, history.inventory(), history.inventory().devices, QUARTERLY, said, history.MORNING
        )
    return [verdict for material in materials for verdict in verdicts.judge(QUARTERLY, material)]


def identity(name, version):
    told = Observation(Subject(name), Fact.VERSION, version)
    return Batch(device=name, tier=Tier.IDENTITY, at=history.MORNING, observations=(told,))


@pytest.fixture(scope="module")
def report(found):
    return inspection.build(QUARTERLY, found, history.inventory(), history.MORNING)


def results(found):
    return {(each.device, each.item): each.result for each in found}


def test_every_item_of_every_device_has_a_verdict(found):
    assert len(found) == 6 * 20
    assert len(results(found)) == 6 * 20


def test_the_history_in_the_store_answers_what_it_can(found):
    answered = results(found)
    assert answered["sz-rt-1", "reachability"] is Result.FAIL
    assert answered["sh-sw-1", "interface_errors"] is Result.FAIL
    assert answered["sz-acc-1", "cpu"] is Result.FAIL
    assert answered["bj-core-1", "log_severities"] is Result.WARN
    assert answered["bj-core-1", "fans"] is Result.PASS
    assert answered["sh-rt-1", "software_version"] is Result.FAIL
    assert answered["bj-core-1", "software_version"] is Result.PASS
    assert answered["bj-core-2", "software_version"] is Result.NOT_CHECKED
    assert answered["bj-core-1", "routing_peers"] is Result.NOT_CHECKED


def test_what_was_printed_over_ssh_answers_the_rest(found):
    answered = results(found)
    assert answered["bj-core-1", "redundancy"] is Result.PASS  # its partner is up
    assert answered["bj-core-1", "clock"] is Result.PASS
    assert answered["bj-core-1", "configuration_saved"] is Result.FAIL
    assert answered["sz-acc-1", "clock"] is Result.NOT_CHECKED
    lost = next(each for each in found if (each.device, each.item) == ("sz-acc-1", "clock"))
    assert lost.evidence == Text("it could not be asked: {why}", {"why": "the connection was lost"})


def test_the_report_says_what_to_repair_first(report):
    table = report.section("failing").tables[0]
    assert [row.cells[2] for row in table.rows] == sorted(row.cells[2] for row in table.rows)
    assert all(row.cells[-1].text for row in table.rows)
    figures = {figure.key: figure.value for figure in report.headline}
    assert figures["devices"] == 6
    assert figures["fail"] + figures["warn"] == len(table.rows)
    assert len(report.section("summary").tables[0].rows) == 6
    assert len(report.section("all").tables[0].rows) == 120


def test_an_inspection_is_compared_with_the_last_one(found, report):
    mended = [replace(each, result=Result.PASS) if each.item == "configuration_saved" else each for each in found]
    later = history.MORNING + timedelta(days=90)
    stored = documents.from_json(json.loads(json.dumps(documents.to_json(report))))
    again = inspection.build(QUARTERLY, mended, history.inventory(), later, stored)
    changed = {(row.cells[0], row.cells[2], row.cells[3]) for row in again.section("changes").tables[0].rows}
    assert ("bj-core-1", "fail", "pass") in changed
    assert all(then != now for _device, then, now in changed)
    assert again.headline[2].note == Text("nothing got worse since last time")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_report_reads_in_both_languages_and_escapes_what_devices_print(report, language):
    text = html.render(report, language)
    assert "changed.example &lt;b&gt;" in text
    assert ("Quarterly inspection" if language == "en" else "季度巡检") in text
    assert ("Look at the difference" in text) is (language == "en")
    assert documents.from_json(json.loads(json_form.render(report, language))) == report


def test_an_inspection_of_nothing_is_a_report_that_says_so():
    empty = inspection.build(QUARTERLY, [], history.inventory(), history.MORNING)
    assert "No device was inspected." in html.render(empty, "en")
    assert inspection.results_of(empty) == {}


def test_interface_errors_of_a_quiet_interface_are_none(found):
    quiet = next(each for each in found if (each.device, each.item) == ("bj-core-1", "interface_errors"))
    assert quiet.result is Result.PASS


def test_what_was_polled_for_the_inspection_counts_before_what_is_stored(tmp_path):
    with history.story(tmp_path).begin() as tx:
        hot = {Tier.HEALTH: history.health("sh-rt-1", history.MORNING, celsius=75.0, errors=0)}
        (found,) = inspected.material(
            tx, history.inventory(), ["sh-rt-1"], QUARTERLY, {}, history.MORNING, {"sh-rt-1": hot}
        )
    assert (found.state, found.batches) == ("up", hot)
    assert results(verdicts.judge(QUARTERLY, found))["sh-rt-1", "temperature"] is Result.FAIL


def test_a_counter_that_was_read_only_once_says_nothing(tmp_path):
    with history.empty_store(tmp_path).begin() as tx:
        for name, errors, told in (("sh-rt-1", 0, [0.0]), ("sh-sw-1", 5_000, [])):
            fresh = {name: {Tier.HEALTH: history.health(name, history.MORNING, errors=errors)}}
            (found,) = inspected.material(tx, history.inventory(), [name], QUARTERLY, {}, history.MORNING, fresh)
            assert list(found.errors.values()) == told
