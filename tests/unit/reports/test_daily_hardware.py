"""The daily report on storage, optics, and memory that is full by nature."""

import contextlib

import pytest

from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from reports import daily
from reports.document import Tone
from reports.render import html
from tests import fakes_reports as history

NAME = "bj-core-1"


def told(kind, name, fact, value, detail="", **limits):
    return Observation(Subject(NAME, kind, name), fact, value, detail, **limits)


def light(port, value, low=-17.0):
    return told(
        ComponentKind.SENSOR, f"{port} receive power", Fact.SENSOR_VALUE, value, "dBm", low_limit=low, limit=1.0
    )


@pytest.fixture
def report(tmp_path):
    """The report on a day on which a device told these, every half hour."""

    def made(*observations):
        with contextlib.closing(history.empty_store(tmp_path)) as store, store.begin() as tx:
            for half_hour in range(48):
                at = history.at(half_hour / 2)
                tx.cover(NAME, "reachability", at, history.GAP)
                tx.keep(Batch(device=NAME, tier=Tier.HEALTH, at=at, observations=observations))
            return daily.build(tx, history.inventory(), history.DAY, history.MORNING)

    return made


def rows(document, key):
    tables = {table.key: table for table in document.section("resources").tables}
    if key not in tables:
        return None
    names = [column.key for column in tables[key].columns]
    return [dict(zip(names, row.cells, strict=True)) | {"tone": row.tone} for row in tables[key].rows]


def actions(document):
    return [item.what.text for item in document.section("actions").items]


def test_storage_that_is_nearly_full_is_listed_and_asks_for_room(report):
    found = report(
        told(ComponentKind.STORAGE, "bootflash", Fact.USED, 93.0),
        told(ComponentKind.STORAGE, "crashinfo", Fact.USED, 10.0),
        told(ComponentKind.MEMORY, "main", Fact.USED, 50.0),
    )
    full, spare = rows(found, "storage")
    assert (full["component"], full["highest"], full["limit"], full["tone"]) == ("bootflash", 93.0, 90.0, Tone.BAD)
    assert (spare["component"], spare["tone"]) == ("crashinfo", Tone.PLAIN)
    assert [row["component"] for row in rows(found, "memory")] == ["main"]
    assert "Make room on {names}" in actions(found)


def test_a_network_without_storage_and_optics_has_no_empty_tables_of_them(report):
    found = report(told(ComponentKind.MEMORY, "main", Fact.USED, 50.0))
    assert rows(found, "storage") is None
    assert rows(found, "optics") is None


def test_what_can_be_reclaimed_is_not_among_the_fullest(report):
    buffers = [told(ComponentKind.MEMORY, f"buffers {n}", Fact.USED, 99.0, "reclaimable") for n in range(60)]
    found = report(*buffers, told(ComponentKind.MEMORY, "main", Fact.USED, 50.0))
    assert [row["component"] for row in rows(found, "memory")] == ["main"]
    assert "Find what takes the memory of {names}" not in actions(found)


def test_optics_near_their_low_limit_are_listed_the_weakest_first(report):
    found = report(
        light("Te1", -15.5), light("Te2", -17.5), light("Te3", -5.0), light("Te4", -40.0), light("Te5", -15.0, None)
    )
    weak, near = rows(found, "optics")
    assert (weak["component"], weak["reserve"], weak["tone"]) == ("Te2 receive power", -0.5, Tone.BAD)
    assert (near["component"], near["lowest"], near["reserve"]) == ("Te1 receive power", -15.5, 1.5)
    assert "Clean and measure the optics of {names}" in actions(found)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_tables_read_in_both_languages(report, language):
    page = html.render(report(light("Te2", -17.5), told(ComponentKind.STORAGE, "flash", Fact.USED, 93.0)), language)
    words = {
        "en": ("Optical receive power near its low limit", "Make room on"),
        "zh_CN": ("接收光功率接近下限", "腾出空间"),
    }
    assert all(word in page for word in words[language])
    assert "-17.5 dBm" in page
