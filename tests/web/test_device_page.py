"""A device's page: what it is made of, whom it knows, and what needs a look."""

import re
from datetime import timedelta

import pytest

from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.storage.engine import open_store
from agent.web import facts, parts, reading
from agent.web.parts import Mark
from tests.web import network


@pytest.fixture
def page(client, case):
    return client.get("/devices/bj-core-1?lang=en").text


def section(page, title):
    """The text between a heading and the next, without tags."""
    found = re.search(rf"<h2>{re.escape(title)}.*?(?=<h2>|</main>)", page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else None


def made(*observations, **more):
    batch = Batch(device="r1", tier=Tier.HEALTH, at=network.NOW, observations=observations, **more)
    known = facts.merge([batch])
    return parts.read(known, known.get(Subject("r1"), {}), [batch], lambda _name, _address: "")


def sensor(value, unit="dBm", name="Te1 receive power", **limits):
    return Observation(Subject("r1", ComponentKind.SENSOR, name), Fact.SENSOR_VALUE, value, unit, **limits)


def test_every_part_has_its_section(page):
    assert "bootflash 93.5 % 2 GB" in section(page, "Storage")
    assert "peer supervisor redundancy, disabled" in section(page, "Alarms, redundancy and stack")
    assert "PSU B power supply, no input" in section(page, "Fans and power supplies")
    assert "192.0.2.17 exchangeStart 10.255.0.9" in section(page, "OSPF neighbours")
    assert "not synchronised freqNotDetermined" in section(page, "Round trip and clock")
    assert "0.90 – 2.50 ms Jitter 0.30 ms Packet loss 20 %" in section(page, "Round trip and clock")
    assert "2026-03-02 15:59:58" in section(page, "Round trip and clock")


def test_a_sensor_stands_beside_both_limits_and_says_when_it_is_outside(page):
    told = section(page, "Sensors")
    assert "Gi0/1 receive power sensor -18.5 dBm -17 dBm 1 dBm below its limit" in told
    assert "Gi0/2 receive power sensor -40 dBm -17 dBm 1 dBm no light" in told
    assert "Gi0/1 bias sensor 6.2 mA 1 mA 70 mA" in told
    assert "RPS sensor failed alarm" in told


def test_a_long_list_shows_what_failed_and_folds_the_whole(page):
    told = section(page, "Modules 20".removesuffix(" 20"))
    assert told.startswith("Modules 20 Name Model Serial number Version State Slot 7 ")
    assert "All 20" in told
    assert page.count("SN0001") == 1
    assert page.count("SN0007") == 2


def test_a_neighbour_that_is_in_the_inventory_is_a_link(page):
    assert '<a href="/devices/bj-core-2">bj-core-2</a></td>' in page
    assert "Gi0/9 198.51.100.7 LLDP" in section(page, "Neighbours")
    assert "cisco WS-C2960 CDP" in section(page, "Neighbours")


def test_what_was_not_believed_is_told_with_its_reason(page):
    told = section(page, "Not believed")
    assert "Vcc reading" in told
    assert "65535 is not within 0 to 60" in told
    assert "<script>alert" not in page


def test_a_device_of_which_little_is_known_has_no_empty_section(client, case):
    page = client.get("/devices/sz-fw-1?lang=en").text
    assert re.findall(r"<h2>([^<]*[^< ])", page) == [
        "Availability of the last 24 hours",
        "Faults",
        "Interfaces",
        "Last events",
    ]


def test_the_page_reads_in_chinese(client, case):
    page = client.get("/devices/bj-core-1?lang=zh_CN").text
    for words in (
        "传感器",
        "低于下限",
        "无光",
        "告警、冗余与堆叠",
        "OSPF 邻居",
        "未同步",
        "抖动",
        "不可信",
        "65535 不在 0 至 60 之间",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("reading", "mark"),
    [
        (sensor(-10.0, low_limit=-17.0, limit=1.0), Mark.INSIDE),
        (sensor(-17.0, low_limit=-17.0, limit=1.0), Mark.INSIDE),
        (sensor(-17.1, low_limit=-17.0, limit=1.0), Mark.LOW),
        (sensor(1.1, low_limit=-17.0, limit=1.0), Mark.HIGH),
        (sensor(-30.0, low_limit=-17.0, limit=1.0), Mark.DARK),
        (sensor(-40.0), Mark.DARK),
        (sensor(-40.0, "V", limit=0.0, low_limit=0.0), Mark.INSIDE),
        (Observation(Subject("r1", ComponentKind.TEMPERATURE, "x"), Fact.CELSIUS, 65.0, limit=65.0), Mark.HIGH),
    ],
)
def test_a_reading_is_marked_by_the_devices_own_limits(reading, mark):
    (found,) = made(reading).sensors.rows
    assert found.mark is mark


def test_programs_are_told_the_same(client, case):
    told = client.get("/api/v1/devices/bj-core-1/parts").json()
    assert told["device"]["state"] == "up"
    assert told["storage"] == [{"name": "bootflash", "used_pct": 93.5, "total_bytes": 2e9, "limit": 90.0}]
    assert {row["name"]: row["mark"] for row in told["sensors"] if row["unit"] == "dBm"} == {
        "Gi0/1 receive power": "low",
        "Gi0/2 receive power": "dark",
    }
    assert [(row["address"], row["state"]) for row in told["ospf"]][1] == ("192.0.2.17", "exchangeStart")
    assert [row["device"] for row in told["neighbours"]] == ["bj-core-2", ""]
    assert (told["clock"]["state"], told["round_trip"]["jitter"]) == ("unsynchronised", 0.3)
    assert len(told["modules"]) == 20
    empty = client.get("/api/v1/devices/sz-fw-1/parts").json()
    assert (empty["device"]["state"], empty["modules"], empty["clock"]) == ("unobserved", [], None)
    assert client.get("/api/v1/devices/nobody/parts").status_code == 404


def test_of_endless_sensors_those_outside_stay():
    inside = [sensor(0.0, name=f"a{n}", limit=1.0) for n in range(900)]
    told = made(*inside, sensor(5.0, name="z", limit=1.0)).sensors
    assert (len(told), len(told.rows), told.left_out) == (901, 300, 601)
    assert [row.name for row in told.urgent] == ["z"]


def test_memory_that_can_be_reclaimed_has_no_limit_and_storage_is_no_memory(full_site):
    with full_site.store.read() as tx:
        file = reading.device_file(tx, network.inventory(), "bj-core-1", network.NOW)
    assert {gauge.name: gauge.limit for gauge in file.memory} == {"Processor": 90.0, "buffers": None}


def test_a_round_trip_is_drawn_on_a_scale_of_its_own(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/n.db")
    with store.begin() as tx:
        for n, rtt in enumerate((200.0, 400.0, 300.0)):
            at = network.NOW - timedelta(minutes=3 - n)
            told = (Observation(Subject("bj-core-1"), Fact.RTT, rtt),)
            tx.keep(Batch(device="bj-core-1", tier=Tier.STATUS, at=at, observations=told))
        (gauge,) = reading.device_file(tx, network.inventory(), "bj-core-1", network.NOW).round_trip
    store.close()
    heights = [float(point.partition(",")[2]) for point in gauge.points.split()]
    assert (gauge.value, gauge.limit) == (300.0, None)
    assert heights == [54.5, 9.1, 31.8]
