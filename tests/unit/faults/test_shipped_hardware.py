"""The rules of parts, sessions, light and what ends, as shipped: what each calls bad, and what it leaves alone."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.faults import rules
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Judgement, Scene
from agent.inventory.device import Device
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier, Value

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEVICE = Device(name="r1", address="192.0.2.1", customer="acme", site="hq")
Kind, C, S, H, I = FaultKind, ComponentKind, Tier.STATUS, Tier.HEALTH, Tier.IDENTITY  # noqa: E741


def part(component: ComponentKind) -> Subject:
    return Subject("r1", component, "" if component is C.DEVICE else "x")


def judged(
    kind: FaultKind, tier: Tier, *told: Observation, was: str = "", open_: bool = False, complete: bool = True
) -> Judgement | None:
    subject = told[0].subject
    fault = Fault(id="f", subject=subject, kind=kind, state=FaultState.CONFIRMED, began=NOW, reason="bad")
    batch = Batch("r1", tier, NOW, told, frozenset(C) if complete else frozenset())
    scene = Scene(
        device=DEVICE, batch=batch, states={subject: was} if was else {}, open={(kind, subject): fault} if open_ else {}
    )
    found = [one for one in rules.judge(scene, rules.shipped()) if one.kind is kind and one.subject == subject]
    return found[0] if found else None


def verdict(judgement: Judgement | None) -> bool | None:
    return None if judgement is None else judgement.bad


@pytest.mark.parametrize(
    ("kind", "tier", "of", "fact", "word", "detail", "was", "bad"),
    [
        (Kind.MODULE_FAILED, H, C.MODULE, Fact.STATE, "failed", "diagFailed", "", True),
        (Kind.MODULE_FAILED, H, C.MODULE, Fact.STATE, "absent", "missing", "ok", True),
        (Kind.MODULE_FAILED, H, C.MODULE, Fact.STATE, "absent", "missing", "", None),
        (Kind.MODULE_FAILED, H, C.MODULE, Fact.STATE, "absent", "outOfServiceAdmin", "ok", None),
        (Kind.MODULE_FAILED, H, C.MODULE, Fact.STATE, "unknown", "boot", "ok", None),
        (Kind.MODULE_FAILED, H, C.MODULE, Fact.STATE, "ok", "ok", "failed", False),
        (Kind.STACK_DEGRADED, H, C.STACK, Fact.STATE, "failed", "verMismatch", "", True),
        (Kind.STACK_DEGRADED, H, C.STACK, Fact.STATE, "absent", "removed", "ok", True),
        (Kind.STACK_DEGRADED, H, C.STACK, Fact.STATE, "absent", "provisioned", "", None),
        (Kind.STACK_DEGRADED, H, C.STACK, Fact.STATE, "unknown", "down", "ok", True),
        (Kind.STACK_DEGRADED, H, C.STACK, Fact.STATE, "unknown", "down", "", None),
        (Kind.REDUNDANCY_LOST, H, C.REDUNDANCY, Fact.STATE, "failed", "non-functional", "", True),
        (Kind.REDUNDANCY_LOST, H, C.REDUNDANCY, Fact.STATE, "absent", "initial", "ok", True),
        (Kind.REDUNDANCY_LOST, H, C.REDUNDANCY, Fact.STATE, "absent", "initial", "", None),
        (Kind.REDUNDANCY_LOST, H, C.REDUNDANCY, Fact.STATE, "unknown", "speak", "ok", None),
        (Kind.REDUNDANCY_LOST, H, C.REDUNDANCY, Fact.STATE, "ok", "standby", "absent", False),
        (Kind.CHASSIS_ALARM, H, C.CHASSIS_ALARM, Fact.STATE, "failed", "on", "", True),
        (Kind.CHASSIS_ALARM, H, C.CHASSIS_ALARM, Fact.STATE, "ok", "off", "failed", False),
        (Kind.TEMPERATURE_HIGH, H, C.TEMPERATURE, Fact.STATE, "failed", "critical", "", True),
        (Kind.TEMPERATURE_HIGH, H, C.TEMPERATURE, Fact.STATE, "failed", "notFunctioning", "", None),
        (Kind.SENSOR_OUT_OF_RANGE, H, C.SENSOR, Fact.STATE, "failed", "alarm", "", True),
        (Kind.DUPLEX_CHANGED, H, C.INTERFACE, Fact.DUPLEX, "half", "", "up", True),
        (Kind.DUPLEX_CHANGED, H, C.INTERFACE, Fact.DUPLEX, "half", "", "down", False),
        (Kind.DUPLEX_CHANGED, H, C.INTERFACE, Fact.DUPLEX, "full", "", "up", False),
        (Kind.LAG_MEMBER_DOWN, H, C.INTERFACE, Fact.LAG_STATE, "detached", "", "up", True),
        (Kind.LAG_MEMBER_DOWN, H, C.INTERFACE, Fact.LAG_STATE, "detached", "", "down", False),
        (Kind.LAG_MEMBER_DOWN, H, C.INTERFACE, Fact.LAG_STATE, "detached", "", "admin_down", False),
        (Kind.LAG_MEMBER_DOWN, H, C.INTERFACE, Fact.LAG_STATE, "attached", "", "up", False),
        (Kind.OSPF_NEIGHBOUR_DOWN, S, C.OSPF_NEIGHBOUR, Fact.OSPF_STATE, "twoWay", "", "", False),
        (Kind.OSPF_NEIGHBOUR_DOWN, S, C.OSPF_NEIGHBOUR, Fact.OSPF_STATE, "full", "", "", False),
        (Kind.OSPF_NEIGHBOUR_DOWN, S, C.OSPF_NEIGHBOUR, Fact.OSPF_STATE, "exchangeStart", "", "", True),
        (Kind.OSPF_NEIGHBOUR_DOWN, S, C.OSPF_NEIGHBOUR, Fact.OSPF_STATE, "init", "", "", True),
        (Kind.BFD_SESSION_DOWN, S, C.BFD_SESSION, Fact.BFD_STATE, "down", "", "", True),
        (Kind.BFD_SESSION_DOWN, S, C.BFD_SESSION, Fact.BFD_STATE, "failing", "", "", True),
        (Kind.BFD_SESSION_DOWN, S, C.BFD_SESSION, Fact.BFD_STATE, "adminDown", "", "", False),
        (Kind.BFD_SESSION_DOWN, S, C.BFD_SESSION, Fact.BFD_STATE, "up", "", "", False),
        (Kind.CLOCK_UNSYNCHRONISED, H, C.DEVICE, Fact.NTP_STATE, "unsynchronised", "notSynchronized", "", True),
        (Kind.CLOCK_UNSYNCHRONISED, H, C.DEVICE, Fact.NTP_STATE, "unsynchronised", "notRunning", "", None),
        (Kind.CLOCK_UNSYNCHRONISED, H, C.DEVICE, Fact.NTP_STATE, "synchronised", "syncToRemoteServer", "", False),
    ],
)
def test_words_are_judged(
    kind: FaultKind,
    tier: Tier,
    of: ComponentKind,
    fact: Fact,
    word: Value,
    detail: str,
    was: str,
    bad: bool | None,
) -> None:
    assert verdict(judged(kind, tier, Observation(part(of), fact, word, detail), was=was)) is bad


def light(value: float, unit: str = "dBm", low: float | None = -11.1, high: float | None = -1.0) -> Observation:
    return Observation(part(C.SENSOR), Fact.SENSOR_VALUE, value, unit, high, low)


@pytest.mark.parametrize(
    ("reading", "bad"),
    [
        (light(-6.2), False),
        (light(-11.1), False),
        (light(-13.8), True),
        (light(0.5), True),
        (light(-40.0), None),
        (light(-22.0), None),
        (light(-13.8, low=None, high=None), None),
        (light(-13.8, low=-1.0, high=-11.1), None),
        (light(-13.8, unit="V"), None),
    ],
)
def test_light_is_judged_by_the_transceivers_own_limits_while_there_is_any(
    reading: Observation, bad: bool | None
) -> None:
    assert verdict(judged(Kind.OPTICAL_POWER, H, reading)) is bad


def test_light_that_came_back_is_so_half_a_decibel_inside_of_the_limit() -> None:
    assert verdict(judged(Kind.OPTICAL_POWER, H, light(-11.0), open_=True)) is True
    assert verdict(judged(Kind.OPTICAL_POWER, H, light(-10.5), open_=True)) is False


@pytest.mark.parametrize(
    ("reading", "bad"),
    [
        (light(11.2, "V", 11.4, 12.6), True),
        (light(12.0, "V", 11.4, 12.6), False),
        (light(0.0, "V", 11.4, 12.6), True),
        (light(0.004, "A", 0.005, 0.07), True),
        (light(0.000002, "A", 0.005, 0.07), None),
        (light(300.0, "W", None, 370.0), False),
        (light(-13.8), None),
        (light(5.0, "V", None, None), None),
    ],
)
def test_other_readings_are_judged_by_the_devices_own_limits_where_a_laser_is_on(
    reading: Observation, bad: bool | None
) -> None:
    assert verdict(judged(Kind.SENSOR_OUT_OF_RANGE, H, reading)) is bad


@pytest.mark.parametrize("days", [400.0, 31.0, 29.0, 0.5, -3.0])
@pytest.mark.parametrize(
    ("kind", "of"), [(Kind.LICENCE_EXPIRING, C.LICENCE), (Kind.CERTIFICATE_EXPIRING, C.CERTIFICATE)]
)
def test_what_ends_is_told_a_month_before(kind: FaultKind, of: ComponentKind, days: float) -> None:
    ends = (NOW + timedelta(days=days)).isoformat()
    found = judged(kind, I, Observation(part(of), Fact.EXPIRES, ends))
    assert found is not None and found.bad is (days <= 30)
    other = Kind.CERTIFICATE_EXPIRING if of is C.LICENCE else Kind.LICENCE_EXPIRING
    assert judged(other, I, Observation(part(of), Fact.EXPIRES, ends)) is None


@pytest.mark.parametrize("raw", ["", "soon", "2026-01-01", "2026-01-01T00:00:00", "9999999"])
def test_what_is_no_time_with_a_zone_ends_nothing(raw: str) -> None:
    assert judged(Kind.LICENCE_EXPIRING, I, Observation(part(C.LICENCE), Fact.EXPIRES, raw)) is None


def test_what_an_operator_switches_off_after_it_failed_is_over() -> None:
    told = Observation(part(C.MODULE), Fact.STATE, "absent", "outOfServiceAdmin")
    assert verdict(judged(Kind.MODULE_FAILED, H, told, was="failed", open_=True)) is False


@pytest.mark.parametrize(("kind", "of"), [(Kind.MODULE_FAILED, C.MODULE), (Kind.STACK_DEGRADED, C.STACK)])
def test_a_part_that_is_gone_from_a_whole_table_is_missed(kind: FaultKind, of: ComponentKind) -> None:
    other, gone = Observation(part(of), Fact.STATE, "ok"), Subject("r1", of, "gone")
    for complete in (True, False):
        batch = Batch("r1", H, NOW, (other,), frozenset(C) if complete else frozenset())
        scene = Scene(device=DEVICE, batch=batch, states={gone: "ok"})
        found = {j.subject: j.bad for j in rules.judge(scene, rules.shipped()) if j.kind is kind}
        assert found.get(gone) is (True if complete else None)


def test_the_state_that_is_kept_of_a_port_is_not_its_duplex_mode() -> None:
    kinds = rules.shipped().state_kinds
    assert {Kind.DUPLEX_CHANGED, Kind.LAG_MEMBER_DOWN, Kind.CLOCK_UNSYNCHRONISED}.isdisjoint(kinds)
    assert {Kind.INTERFACE_DOWN, Kind.BGP_PEER_DOWN, Kind.MODULE_FAILED, Kind.BFD_SESSION_DOWN} <= kinds
