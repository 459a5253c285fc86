from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.faults.availability import Availability, Span
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inspection import checklist, components, verdicts
from agent.inspection.material import Material, Printed
from agent.inspection.verdicts import Result
from agent.inventory.device import Device
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
QUARTERLY = checklist.shipped()
DEVICE = Device(
    name="r1", address="127.0.0.1", customer="acme", site="bj", platform="cisco_ios", software_target="17.9.4"
)
HERE = Subject("r1")
EMPTY = Material(
    device=DEVICE,
    now=NOW,
    period=Span(NOW - timedelta(days=90), NOW),
    availability=Availability(unobserved=timedelta(days=90)),
    target_pct=99.9,
)


def part(kind: ComponentKind, name: str) -> Subject:
    return Subject("r1", kind, name)


def poll(tier, *observations, complete=()):
    return {tier: Batch(device="r1", tier=tier, at=NOW, observations=observations, complete=frozenset(complete))}


def fault(kind, *, suppressed="", state=FaultState.CLEARED, subject=HERE):
    return Fault(id="f", subject=subject, kind=kind, state=state, began=NOW, reason="x", suppressed=suppressed)


def verdict(item, **known):
    found = {each.item: each for each in verdicts.judge(QUARTERLY, replace(EMPTY, **known))}
    return found[item]


def result(item, **known):
    return verdict(item, **known).result


def test_of_a_device_of_which_nothing_is_known_nothing_passes():
    found = verdicts.judge(QUARTERLY, EMPTY)
    assert [each.item for each in found] == [item.id for item in QUARTERLY.items]
    assert {each.result for each in found} == {Result.NOT_CHECKED}
    assert all(each.evidence.text and not each.advice for each in found)


def test_advice_is_given_where_something_needs_doing_and_nowhere_else():
    bad = verdict("reachability", availability=Availability(up=timedelta(days=80), down=timedelta(days=10)))
    assert (bad.result, bool(bad.advice)) == (Result.FAIL, True)
    assert verdict("reachability", availability=Availability(up=timedelta(days=90)), state="up").advice == ""


@pytest.mark.parametrize(
    ("down", "unobserved", "state", "expected"),
    [
        (0, 0, "up", Result.PASS),
        (timedelta(hours=1), 0, "up", Result.PASS),
        (timedelta(hours=3), 0, "up", Result.FAIL),
        (0, timedelta(days=10), "up", Result.WARN),
        (timedelta(seconds=1), 0, "down", Result.FAIL),
        (0, timedelta(days=1000), "up", Result.NOT_CHECKED),
        (timedelta(hours=9), timedelta(days=1000), "up", Result.NOT_CHECKED),
        (timedelta(hours=9), timedelta(days=1000), "down", Result.FAIL),
    ],
)
def test_reachability_is_measured_against_the_inventorys_target(down, unobserved, state, expected):
    known = Availability(timedelta(days=90), down or timedelta(0), timedelta(0), unobserved or timedelta(0))
    assert result("reachability", availability=known, state=state) is expected


def test_restarts_count_outside_maintenance_windows():
    up = poll(Tier.STATUS, Observation(HERE, Fact.UPTIME, 86_400.0))
    own, planned = fault(FaultKind.DEVICE_RESTARTED), fault(FaultKind.DEVICE_RESTARTED, suppressed="maintenance: x")
    assert result("restarts", batches=up) is Result.PASS
    assert result("restarts", batches=up, faults=(planned,) * 5) is Result.PASS
    assert result("restarts", batches=up, faults=(own,)) is Result.WARN
    assert result("restarts", faults=(own,) * 3) is Result.FAIL


@pytest.mark.parametrize(
    ("mean", "highest", "expected"),
    [(10.0, 40.0, Result.PASS), (10.0, 95.0, Result.WARN), (61.0, 70.0, Result.WARN), (80.0, 99.0, Result.FAIL)],
)
def test_cpu_is_judged_by_its_mean_and_warned_of_by_its_peak(mean, highest, expected):
    known = {(part(ComponentKind.CPU, "1"), Fact.USAGE): (mean, highest)}
    assert result("cpu", extremes=known) is expected


def test_a_device_without_sensors_is_told_from_one_that_was_not_asked():
    asked = poll(Tier.HEALTH, complete=[ComponentKind.TEMPERATURE, ComponentKind.FAN, ComponentKind.POWER_SUPPLY])
    for item in ("temperature", "fans", "power_supplies"):
        assert result(item, batches=asked) is Result.NOT_APPLICABLE
        assert result(item, batches=poll(Tier.HEALTH)) is Result.NOT_CHECKED


@pytest.mark.parametrize(
    ("highest", "limit", "expected"),
    [(50.0, 65.0, Result.PASS), (56.0, 65.0, Result.WARN), (65.0, 65.0, Result.FAIL), (61.0, None, Result.WARN)],
)
def test_a_temperature_is_held_against_the_devices_own_limit_else_the_inventorys(highest, limit, expected):
    sensor = part(ComponentKind.TEMPERATURE, "Inlet")
    batches = poll(Tier.HEALTH, Observation(sensor, Fact.CELSIUS, 40.0, limit=limit))
    assert result("temperature", batches=batches, extremes={(sensor, Fact.CELSIUS): (40.0, highest)}) is expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("ok", "ok"), Result.PASS),
        (("ok", "absent"), Result.PASS),
        (("ok", "unknown"), Result.WARN),
        (("ok", "failed"), Result.FAIL),
        (("absent", "absent"), Result.NOT_CHECKED),
    ],
)
def test_every_power_supply_that_is_there_has_to_work(states, expected):
    told = [
        Observation(part(ComponentKind.POWER_SUPPLY, f"PSU {n}"), Fact.STATE, state, detail=f"word {n}")
        for n, state in enumerate(states)
    ]
    found = verdict("power_supplies", batches=poll(Tier.HEALTH, *told))
    assert found.result is expected
    if expected is Result.FAIL:
        assert found.evidence.values == {"names": "PSU 1: word 1"}


@pytest.mark.parametrize(("errors", "expected"), [(0, Result.PASS), (100, Result.WARN), (1000, Result.FAIL)])
def test_interface_errors_are_judged_by_the_worst_interface(errors, expected):
    counted = {part(ComponentKind.INTERFACE, "Gi0/1"): float(errors), part(ComponentKind.INTERFACE, "Gi0/2"): 0.0}
    assert result("interface_errors", errors=counted) is expected


def port(name, oper, admin="up", alias=""):
    subject = part(ComponentKind.INTERFACE, name)
    return (
        Observation(subject, Fact.ADMIN_STATUS, admin),
        Observation(subject, Fact.OPER_STATUS, oper),
        *([Observation(subject, Fact.ALIAS, alias)] if alias else []),
    )


@pytest.mark.parametrize(
    ("ports", "linked", "expected"),
    [
        (port("Gi0/1", "up"), (), Result.PASS),
        (port("Gi0/1", "down"), (), Result.PASS),
        (port("Gi0/1", "down", alias="to the branch"), (), Result.WARN),
        (port("Gi0/1", "down"), ("Gi0/1",), Result.FAIL),
        (port("Gi0/1", "down", admin="down", alias="old"), ("Gi0/1",), Result.PASS),
    ],
)
def test_an_interface_that_is_down_matters_when_somebody_meant_it_to_be_up(ports, linked, expected):
    assert result("interfaces_down", batches=poll(Tier.STATUS, *ports), linked=frozenset(linked)) is expected


def peer(state, admin="start"):
    subject = part(ComponentKind.BGP_PEER, "192.0.2.1")
    return Observation(subject, Fact.BGP_STATE, state), Observation(subject, Fact.BGP_ADMIN, admin)


def test_routing_peers_are_established_or_stopped_on_purpose():
    asked = [ComponentKind.BGP_PEER]
    assert result("routing_peers", batches=poll(Tier.STATUS, *peer("established"))) is Result.PASS
    assert result("routing_peers", batches=poll(Tier.STATUS, *peer("active"))) is Result.FAIL
    assert result("routing_peers", batches=poll(Tier.STATUS, *peer("idle", "stop"))) is Result.NOT_APPLICABLE
    assert result("routing_peers", batches=poll(Tier.STATUS, complete=asked)) is Result.NOT_APPLICABLE
    assert result("routing_peers", batches=poll(Tier.STATUS)) is Result.NOT_CHECKED


@pytest.mark.parametrize(
    ("version", "target", "order"),
    [
        ("17.9.4", "17.9.4", 0),
        ("17.09.04", "17.9.4", 0),
        ("17.6.5", "17.9.4", -1),
        ("17.10.1", "17.9.4", 1),
        ("17.9.4a", "17.9.4", 1),
        ("V200R010C10SPC700", "V200R019C10SPC500", -1),
        ("15.7(3)M8", "15.7(3)M10", -1),
        ("21.4R3-S5.4", "21.4R3-S5.4", 0),
    ],
)
def test_versions_are_compared_number_by_number(version, target, order):
    assert components.compare(version, target) == order


def test_a_version_behind_its_target_fails_and_one_ahead_is_worth_a_look():
    for version, expected in (("17.9.4", Result.PASS), ("17.6.1", Result.FAIL), ("17.12.1", Result.WARN)):
        batches = poll(Tier.IDENTITY, Observation(HERE, Fact.VERSION, version))
        assert result("software_version", batches=batches) is expected
    assert result("software_version", device=replace(DEVICE, software_target="")) is Result.NOT_APPLICABLE


def printed(topic, text, at=NOW):
    return {"transcripts": {topic: Printed(text, at)}}


HOT = "Hardware Mode = Duplex\n peer state = 8  -STANDBY HOT\n"
COLD = "Hardware Mode = Duplex\n peer state = 1  -DISABLED\n"
SIMPLEX = "Hardware Mode = Simplex\n"


@pytest.mark.parametrize(
    ("text", "partners", "expected"),
    [
        (HOT, {}, Result.PASS),
        (COLD, {}, Result.FAIL),
        (SIMPLEX, {}, Result.NOT_APPLICABLE),
        (SIMPLEX, {"r2": "up"}, Result.PASS),
        (SIMPLEX, {"r2": "unobserved"}, Result.NOT_CHECKED),
        (HOT, {"r2": "down"}, Result.FAIL),
        ("% Invalid input", {"r2": "up"}, Result.NOT_CHECKED),
        ("a new version's words", {"r2": "up"}, Result.NOT_CHECKED),
    ],
)
def test_redundancy_is_a_second_half_or_another_device(text, partners, expected):
    assert result("redundancy", partners=partners, **printed("redundancy", text)) is expected


SYNCED = "*12:00:{second}.000 UTC Sat Nov 21 2026\nClock is {word}, stratum 3\n"


@pytest.mark.parametrize(
    ("second", "word", "expected"),
    [
        ("02", "synchronized", Result.PASS),
        ("07", "synchronized", Result.WARN),
        ("02", "unsynchronized", Result.FAIL),
    ],
)
def test_a_clock_is_right_when_it_is_near_and_follows_a_server(second, word, expected):
    assert result("clock", **printed("clock", SYNCED.format(second=second, word=word))) is expected


def test_a_clock_can_be_read_over_snmp_where_ssh_says_nothing():
    told = poll(Tier.IDENTITY, Observation(HERE, Fact.CLOCK, "2026-11-21T20:02:00+08:00"))
    found = verdict("clock", batches=told, failures={"clock": "wrong password"})
    assert (found.result, found.measured.values) == (Result.FAIL, {"offset": 120.0})
    assert result("clock", batches=poll(Tier.IDENTITY, Observation(HERE, Fact.CLOCK, "noon"))) is Result.NOT_CHECKED


NTP = Observation(HERE, Fact.NTP_STATE, "synchronised", "sync")
LOST = Observation(HERE, Fact.NTP_STATE, "unsynchronised", "freqNotDetermined")


def test_whether_a_clock_follows_a_server_is_asked_over_snmp_where_ssh_says_nothing():
    near = poll(Tier.HEALTH, NTP, Observation(HERE, Fact.NTP_STRATUM, 3), Observation(HERE, Fact.NTP_OFFSET, -2.5))
    found = verdict("clock", batches=near)
    assert (found.result, found.measured.values) == (Result.PASS, {"offset": -2.5})
    assert found.evidence.values == {"line": "NTP: sync, stratum 3"}
    assert result("clock", batches=poll(Tier.HEALTH, NTP)) is Result.PASS
    assert result("clock", batches=poll(Tier.HEALTH, LOST)) is Result.FAIL
    far = poll(Tier.HEALTH, NTP, Observation(HERE, Fact.NTP_OFFSET, 6_000.0))
    assert result("clock", batches=far) is Result.WARN
    assert (
        result(
            "clock",
            batches=poll(Tier.HEALTH, LOST),
            **printed("clock", SYNCED.format(second="02", word="synchronized")),
        )
        is Result.PASS
    ), "what was printed counts"


def told(kind, fact, value, name="x", detail="", **limits):
    return Observation(part(kind, name), fact, value, detail, **limits)


def state(kind, value, name="x", detail=""):
    return told(kind, Fact.STATE, value, name, detail)


CHASSIS = {
    "storage": ComponentKind.STORAGE,
    "modules": ComponentKind.MODULE,
    "stack": ComponentKind.STACK,
    "chassis_alarms": ComponentKind.CHASSIS_ALARM,
    "optical_power": ComponentKind.SENSOR,
}


@pytest.mark.parametrize("item", CHASSIS)
def test_what_a_whole_poll_told_nothing_of_is_not_applicable_and_what_failed_is_not_checked(item):
    assert result(item, batches=poll(Tier.HEALTH)) is Result.NOT_APPLICABLE
    broken = {Tier.HEALTH: replace(poll(Tier.HEALTH)[Tier.HEALTH], failures=("timeout",))}
    assert result(item, batches=broken) is Result.NOT_CHECKED


@pytest.mark.parametrize(
    ("used", "detail", "expected"),
    [
        (40.0, "", Result.PASS),
        (80.0, "", Result.WARN),
        (90.0, "", Result.FAIL),
        (99.0, "reclaimable", Result.NOT_APPLICABLE),
    ],
)
def test_storage_is_judged_by_the_fullest(used, detail, expected):
    flash = told(ComponentKind.STORAGE, Fact.USED, used, "flash", detail)
    assert result("storage", batches=poll(Tier.HEALTH, flash)) is expected


def test_the_evidence_of_full_storage_names_each_that_is():
    disks = [
        told(ComponentKind.STORAGE, Fact.USED, used, name) for name, used in (("a", 85.0), ("b", 97.0), ("c", 3.0))
    ]
    found = verdict("storage", batches=poll(Tier.HEALTH, *disks))
    assert (found.measured.values, found.evidence.values) == ({"value": 97.0}, {"names": "b: 97.0 %, a: 85.0 %"})


@pytest.mark.parametrize("item", ["modules", "stack", "chassis_alarms"])
@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["ok", "ok", "absent"], Result.PASS),
        (["ok", "unknown"], Result.PASS),
        (["ok", "failed"], Result.FAIL),
        (["unknown"], Result.NOT_CHECKED),
        (["absent"], Result.NOT_APPLICABLE),
    ],
)
def test_parts_are_in_order_when_none_of_those_that_tell_has_failed(item, states, expected):
    seen = [state(CHASSIS[item], value, f"part {n}") for n, value in enumerate(states)]
    assert result(item, batches=poll(Tier.HEALTH, *seen)) is expected


def test_an_alarm_is_told_in_the_devices_own_words():
    lamps = state(ComponentKind.CHASSIS_ALARM, "failed", "Minor alarm LED", "amber")
    found = verdict("chassis_alarms", batches=poll(Tier.HEALTH, lamps))
    assert (found.measured.values, found.evidence.values) == ({"n": 1}, {"names": "Minor alarm LED: amber"})


@pytest.mark.parametrize(
    ("halves", "expected"),
    [
        ([("ok", "active"), ("ok", "standbyHot")], Result.PASS),
        ([("ok", "peerUp")], Result.PASS),
        ([("ok", "active"), ("failed", "disabled")], Result.FAIL),
        ([("ok", "active"), ("absent", "disabled")], Result.NOT_CHECKED),
        ([], Result.NOT_CHECKED),
    ],
)
def test_redundancy_is_read_over_snmp_where_ssh_says_nothing(halves, expected):
    seen = [state(ComponentKind.REDUNDANCY, value, f"half {n}", word) for n, (value, word) in enumerate(halves)]
    assert result("redundancy", batches=poll(Tier.HEALTH, *seen)) is expected


def test_redundancy_over_ssh_counts_before_snmp():
    down = poll(Tier.HEALTH, state(ComponentKind.REDUNDANCY, "failed"))
    assert result("redundancy", batches=down, **printed("redundancy", "peer state = 8 -STANDBY HOT\n")) is Result.PASS
    assert result("redundancy", batches=down, **printed("redundancy", "Hardware Mode = Simplex\n")) is Result.FAIL


def light(value, name="Te1 receive power", low=-17.0, high=1.0):
    return told(ComponentKind.SENSOR, Fact.SENSOR_VALUE, value, name, "dBm", low_limit=low, limit=high)


@pytest.mark.parametrize(
    ("optics", "expected"),
    [
        ([light(-8.0), light(-40.0, "Te2 receive power")], Result.PASS),
        ([light(-16.5)], Result.WARN),
        ([light(-17.5)], Result.FAIL),
        ([light(2.0)], Result.FAIL),
        ([light(-40.0)], Result.NOT_APPLICABLE),
        ([light(-8.0, low=None, high=None)], Result.NOT_CHECKED),
        ([light(-20.0, "Te1 transmit power")], Result.NOT_APPLICABLE),
    ],
)
def test_received_light_is_held_against_the_transceivers_own_limits(optics, expected):
    assert result("optical_power", batches=poll(Tier.HEALTH, *optics)) is expected


def test_weak_light_is_told_with_its_limits():
    found = verdict("optical_power", batches=poll(Tier.HEALTH, light(-18.5), light(-40.0, "Te2 receive power")))
    assert found.measured.values == {"n": 0, "all": 1, "dark": 1}
    assert found.evidence.values == {"names": "Te1 receive power: -18.5 dBm (-17 … 1)"}


def test_memory_that_can_be_reclaimed_is_no_load():
    buffers = told(ComponentKind.MEMORY, Fact.USED, 99.0, "buffers", "reclaimable")
    known = {(part(ComponentKind.MEMORY, "buffers"), Fact.USED): (99.0, 99.0)}
    main = {(part(ComponentKind.MEMORY, "main"), Fact.USED): (40.0, 50.0)}
    batches = poll(Tier.HEALTH, buffers, complete=[ComponentKind.MEMORY])
    assert result("memory", batches=batches, extremes=known) is Result.NOT_APPLICABLE
    assert result("memory", batches=batches, extremes=known | main) is Result.PASS


def test_a_configuration_is_saved_only_when_the_device_says_so():
    same = "!No changes were found\n"
    assert result("configuration_saved", **printed("configuration_saved", same)) is Result.PASS
    changed = verdict("configuration_saved", **printed("configuration_saved", "+ip domain name x\n"))
    assert (changed.result, changed.evidence.values) == (Result.FAIL, {"line": "+ip domain name x"})
    assert result("configuration_saved", **printed("configuration_saved", "")) is Result.NOT_CHECKED
    failed = verdict("configuration_saved", failures={"configuration_saved": "the password is wrong"})
    assert failed.evidence.values == {"why": "the password is wrong"}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ({}, Result.NOT_CHECKED),
        ({"info": 5}, Result.PASS),
        ({"error": 100}, Result.WARN),
        ({"critical": 1}, Result.WARN),
        ({"emergency": 4, "alert": 3, "critical": 3}, Result.FAIL),
    ],
)
def test_a_device_that_never_spoke_is_not_a_quiet_one(messages, expected):
    assert result("log_severities", messages=messages) is expected
