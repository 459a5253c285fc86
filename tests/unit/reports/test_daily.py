from dataclasses import replace
from datetime import date, timedelta

import pytest

from agent.faults import upkeep
from agent.inventory import windows
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Window
from agent.locale import Text
from reports import catalogue, daily
from reports.document import Tone
from tests import fakes_reports as history


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return history.story(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def report(store):
    with store.begin() as tx:
        return daily.build(tx, history.inventory(), history.DAY, history.MORNING)


def table(document, section, key):
    return next(each for each in document.section(section).tables if each.key == key)


def rows(document, section, key):
    found = table(document, section, key)
    names = [column.key for column in found.columns]
    return [dict(zip(names, row.cells, strict=True)) for row in found.rows]


def headline(document):
    return {figure.key: figure.value for figure in document.headline}


def test_the_headline_counts_devices_cases_and_availability(report):
    found = headline(report)
    assert (found["up"], found["down"], found["unobserved"]) == (5, 1, 0)
    assert (found["open"], found["ageing"]) == (4, 2)
    assert found["availability"] == pytest.approx((21 / 23 + 21 / 23 + 20.75 / 21 + 3) / 6 * 100)


def test_the_report_of_last_night_tells_what_happened_until_this_morning(report):
    assert [row["case"] for row in rows(report, "cases", "new")] == ["NC-000002", "NC-000003", "NC-000004"]
    assert report.subtitle.values["at"] == history.MORNING.isoformat()


def test_cases_are_told_by_what_became_of_them(report):
    (worse,) = rows(report, "cases", "worsened")
    assert (worse["case"], worse["change"]) == (
        "NC-000003",
        Text("from {before} to {after}", {"before": "P3", "after": "P2"}),
    )
    late = rows(report, "cases", "ageing")
    assert [row["case"] for row in late] == ["NC-000001", "NC-000003"]
    assert late[1]["overdue"] == timedelta(hours=31.5 - 24.5 - 4).total_seconds()  # raised at 0:30
    (back,) = rows(report, "cases", "recovered")
    assert (back["case"], back["took"]) == ("NC-000002", pytest.approx(1.98 * 3600))
    assert rows(report, "cases", "other") == []


def test_the_same_day_read_much_later_is_as_it_stood_when_it_ended(store):
    with store.begin() as tx:
        old = daily.build(tx, history.inventory(), history.DAY, history.MORNING + timedelta(days=5))
    assert [row["severity"] for row in rows(old, "cases", "new")] == ["P2", "P3"]
    assert rows(old, "cases", "worsened") == []
    assert headline(old)["open"] == 3


def test_availability_divides_the_day_exactly_and_puts_the_worst_first(report):
    found = {row["device"]: row for row in rows(report, "availability", "devices")}
    assert list(found)[:3] == ["sh-rt-1", "sz-rt-1", "bj-core-2"]
    hour = 3600
    core = found["bj-core-2"]
    assert (core["down"], core["planned"], core["unobserved"]) == (0.25 * hour, 2 * hour, hour)
    assert core["availability"] == pytest.approx(100 * 20.75 / 21)
    assert found["sz-acc-1"]["unobserved"] == 5 * hour
    assert [row["verdict"] for row in found.values()] == ["missed"] * 3 + ["met"] * 3
    for row in found.values():
        assert sum(length for _what, length in row["day"].strip) == 24 * hour


def test_a_network_is_its_devices_together(report):
    found = {row["network"]: row for row in rows(report, "availability", "networks")}
    forge = found["North Forge"]
    assert (forge["devices"], forge["missed"]) == (2, 1)
    assert forge["availability"] == pytest.approx((100 + 100 * 21 / 23) / 2)
    assert forge["by_time"] == pytest.approx(100 * (21 + 19) / (23 + 19))


def test_what_was_not_observed_says_for_how_long_and_why(report):
    found = {row["device"]: row for row in rows(report, "unobserved", "devices")}
    assert found["sz-acc-1"]["for"] == 4 * 3600
    assert found["sz-acc-1"]["why"] == Text("its polls stopped while others went on")
    assert found["sh-sw-1"]["what"] == Text("health, by SNMP")
    assert report.section("unobserved").intro.values["time"] == 3600  # the agent's own sleep is told once, for all


def test_resources_are_compared_with_the_same_hours_of_the_day_before(report):
    first = rows(report, "resources", "cpu")[0]
    assert (first["device"], first["highest"], first["limit"]) == ("sz-acc-1", 99.0, 90.0)
    assert first["change"] > 10
    assert len(first["day"].spark) == 48
    port = rows(report, "resources", "interface")[0]
    assert (port["device"], port["speed"]) == ("sz-acc-1", 200_000_000)
    assert 40 < port["mean"] < 50 < port["highest"] <= 90.1
    (errors,) = rows(report, "resources", "errors")
    assert (errors["device"], errors["received"], errors["before"]) == ("sh-sw-1", 27 * 40, 0)
    assert {row["limit"] for row in rows(report, "resources", "temperature")} == {67.0}  # the device's own


def test_syslog_is_counted_by_device_and_strangers_are_named_as_such(report):
    found = {row["device"]: row for row in rows(report, "syslog", "devices")}
    assert next(iter(found)) == "bj-core-1"
    assert (found["bj-core-1"]["critical"], found["bj-core-1"]["change"]) == (4, 4 - 19)
    assert found["127.0.9.99"]["remark"] == Text("not in the inventory")
    loudest = {row["device"]: row for row in rows(report, "syslog", "loudest")}
    assert (loudest["sh-rt-1"]["count"], loudest["sh-rt-1"]["mnemonic"]) == (6, "LINK-3-UPDOWN")


def test_what_needs_doing_is_short_ordered_and_has_its_reasons(report):
    items = report.section("actions").items
    assert len(items) <= 12
    assert [(item.label, item.refers) for item in items[:2]] == [("P2", "NC-000003"), ("P3", "NC-000001")]
    assert items[0].tone is Tone.BAD
    texts = [item.what.text for item in items]
    assert "Relieve the CPU of {names}" in texts
    assert "Renew contract {number} with {customer}" in texts
    assert "Be ready for the maintenance window {name}" in texts
    assert all(item.why.text for item in items)


def test_today_is_told_as_far_as_it_has_come(store):
    with store.begin() as tx:
        today = daily.build(tx, history.inventory(), history.DAY + timedelta(days=1), history.MORNING)
    assert today.phase == "so_far"
    plant = next(row for row in rows(today, "availability", "devices") if row["device"] == "sz-rt-1")
    assert plant["availability"] == 0.0
    assert plant["day"].strip[-1] == ("future", 16.5 * 3600)


@pytest.mark.parametrize(("day", "phase"), [(date(2027, 1, 1), "future"), (date(2025, 1, 1), "unwatched")])
def test_a_day_that_nobody_saw_says_so_instead_of_claiming_all_is_well(store, day, phase):
    with store.begin() as tx:
        empty = daily.build(tx, history.inventory(), day, history.MORNING)
    assert (empty.phase, empty.headline, empty.sections) == (phase, (), ())
    assert empty.notes


def test_a_network_without_devices_has_a_report_too(tmp_path):
    with history.empty_store(tmp_path).begin() as tx:
        tx.cover("stranger", "reachability", history.at(3), history.GAP)
        found = daily.build(tx, Inventory(), history.DAY, history.MORNING)
    assert found.phase == "unwatched"


def test_every_report_of_the_catalogue_can_be_built_for_a_day(store):
    for name in catalogue.REPORTS:
        with store.begin() as tx:
            found = catalogue.report(name).build(tx, history.inventory(), history.DAY, history.MORNING)
        of_a_day = name in ("daily", "availability")  # others are of a week or a month, which goes on
        assert (found.kind, found.phase) == (name, "complete" if of_a_day else "so_far")


def test_the_windows_of_the_day_are_told_with_what_did_not_come_back(store):
    known = replace(history.inventory(), windows=())
    with store.begin() as tx:
        before = {section.key for section in daily.build(tx, known, history.DAY, history.MORNING).sections}
        swap = Window(name="swap", starts=history.at(2), ends=history.at(3), devices=frozenset({"bj-core-1"}))
        (each,) = windows.occurrences(swap, swap.starts, swap.ends)
        progress = upkeep.took(upkeep.begun(each, ("bj-core-1",)), ("bj-core-1",), each.starts)
        done = upkeep.finished(upkeep.compared(progress, "bj-core-1", 0, 2), history.at(4))
        tx.save_document(upkeep.OCCURRENCE, upkeep.key(each), each.starts, upkeep.pack(done))
        with_one = replace(
            known, windows=(swap, replace(swap, name="later", starts=history.at(25), ends=history.at(26)))
        )
        report = daily.build(tx, with_one, history.DAY, history.MORNING)
    told = [row for row in rows(report, "maintenance", "windows") if row["window"] in ("swap", "later")]
    assert "later" not in {row["window"] for row in told}
    (row,) = told
    assert row["left"] == Text("{n} of {names}", {"n": 2, "names": "bj-core-1"})
    assert "maintenance" not in before, "a day without any says nothing of it"
