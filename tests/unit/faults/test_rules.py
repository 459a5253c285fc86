"""What one batch tells, rule by rule."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.faults import rules
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Judgement, Scene
from agent.faults.rules.device import UPTIME_WRAPS_S
from agent.inventory.device import Device, Method, Role
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier, Value

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ME = Subject("r1")
PORT = Subject("r1", ComponentKind.INTERFACE, "Gi0/1")
PEER = Subject("r1", ComponentKind.BGP_PEER, "10.0.0.2")


def device(**more: object) -> Device:
    return Device(name="r1", address="192.0.2.1", customer="acme", site="hq", **more)  # type: ignore[arg-type]


def batch(
    *told: tuple[Subject, Fact, Value], tier: Tier = Tier.STATUS, at: datetime = NOW, complete: bool = True
) -> Batch:
    observations = tuple(Observation(subject, fact, value) for subject, fact, value in told)
    return Batch("r1", tier, at, observations, frozenset(ComponentKind) if complete else frozenset())


def known(kind: FaultKind, subject: Subject, **more: object) -> dict[tuple[FaultKind, Subject], Fault]:
    fault = Fault(id="f", subject=subject, kind=kind, state=FaultState.CONFIRMED, began=NOW, reason="bad", **more)  # type: ignore[arg-type]
    return {(kind, subject): fault}


def judged(scene: Scene, kind: FaultKind) -> list[Judgement]:
    return [judgement for judgement in rules.judge(scene) if judgement.kind is kind]


def bad(scene: Scene, kind: FaultKind) -> bool | None:
    """None where the rule says nothing."""
    found = judged(scene, kind)
    return found[0].bad if found else None


@pytest.mark.parametrize(
    ("counted", "icmp", "snmp", "expected"),
    [
        ((Method.ICMP,), False, True, True),
        ((Method.ICMP, Method.SNMP), False, True, False),
        ((Method.ICMP, Method.SNMP), False, False, True),
        ((Method.TCP,), True, True, None),
    ],
)
def test_a_device_is_unreachable_when_no_method_that_counts_answers(
    counted: tuple[Method, ...], icmp: bool, snmp: bool, expected: bool | None
) -> None:
    told = batch((ME, Fact.ICMP_REACHABLE, icmp), (ME, Fact.SNMP_REACHABLE, snmp))
    assert bad(Scene(device=device(reachability=counted), batch=told), FaultKind.DEVICE_UNREACHABLE) is expected


def test_an_overloaded_poller_says_nothing_of_a_device() -> None:
    assert rules.judge(Scene(device=device(), batch=batch())) == []


def test_snmp_is_dead_only_when_something_else_answers() -> None:
    silent = batch((ME, Fact.ICMP_REACHABLE, False), (ME, Fact.SNMP_REACHABLE, False))
    deaf = batch((ME, Fact.ICMP_REACHABLE, True), (ME, Fact.SNMP_REACHABLE, False))
    assert bad(Scene(device=device(), batch=silent), FaultKind.SNMP_AGENT_DEAD) is None
    assert bad(Scene(device=device(), batch=deaf), FaultKind.SNMP_AGENT_DEAD) is True


def port(oper: str, admin: str = "up") -> Batch:
    return batch((PORT, Fact.ADMIN_STATUS, admin), (PORT, Fact.OPER_STATUS, oper))


@pytest.mark.parametrize(
    ("role", "states", "linked", "expected"),
    [
        (Role.CORE, {PORT: "up"}, frozenset(), True),
        (Role.CORE, {PORT: "down"}, frozenset(), None),
        (Role.CORE, {}, frozenset(), None),
        (Role.CORE, {}, frozenset({"Gi0/1"}), True),
        (Role.ACCESS, {PORT: "up"}, frozenset(), None),
        (Role.ACCESS, {PORT: "up"}, frozenset({"Gi0/1"}), True),
    ],
)
def test_an_interface_is_missed_when_it_carried_something(
    role: Role, states: dict[Subject, str], linked: frozenset[str], expected: bool | None
) -> None:
    scene = Scene(device=device(role=role), batch=port("down"), states=states, linked=linked)
    assert bad(scene, FaultKind.INTERFACE_DOWN) is expected


def test_an_interface_that_was_shut_down_on_purpose_is_no_fault() -> None:
    assert (
        bad(Scene(device=device(), batch=port("down", "down"), states={PORT: "up"}), FaultKind.INTERFACE_DOWN) is False
    )


def test_an_ignored_interface_is_not_judged() -> None:
    scene = Scene(device=device(ignore_interfaces=("Gi0/*",)), batch=port("down"), states={PORT: "up"})
    assert bad(scene, FaultKind.INTERFACE_DOWN) is None


def test_a_bgp_peer_that_was_taken_out_of_the_configuration_is_over() -> None:
    other = Subject("r1", ComponentKind.BGP_PEER, "10.0.0.9")
    scene = Scene(
        device=device(),
        batch=batch((other, Fact.BGP_STATE, "established")),
        open=known(FaultKind.BGP_PEER_DOWN, PEER),
    )
    assert {j.subject: (j.bad, j.reason) for j in judged(scene, FaultKind.BGP_PEER_DOWN)}[PEER] == (
        False,
        "no longer configured",
    )


def test_an_empty_bgp_table_says_nothing_of_the_peers() -> None:
    scene = Scene(device=device(), batch=batch(), open=known(FaultKind.BGP_PEER_DOWN, PEER))
    assert judged(scene, FaultKind.BGP_PEER_DOWN) == []


def uptime(seconds: float, at: datetime = NOW) -> Batch:
    return batch((ME, Fact.UPTIME, seconds), at=at)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (1000.0, 1060.0, False),
        (1000.0, 20.0, True),
        (1000.0, 1058.5, False),
        (UPTIME_WRAPS_S - 30, 30.0, False),  # the counter came round
        (UPTIME_WRAPS_S - 9000, 30.0, True),
    ],
)
def test_a_restart_is_told_from_a_counter_that_came_round(before: float, now: float, expected: bool) -> None:
    scene = Scene(device=device(), batch=uptime(now), previous=uptime(before, NOW - timedelta(seconds=60)))
    assert bad(scene, FaultKind.DEVICE_RESTARTED) is expected


def counters(errors: int, packets: int, at: datetime = NOW) -> Batch:
    return batch((PORT, Fact.IN_ERRORS, errors), (PORT, Fact.IN_PACKETS, packets), tier=Tier.HEALTH, at=at)


@pytest.mark.parametrize(
    ("errors", "packets", "expected"),
    [
        (20, 1000, True),
        (5, 100, False),  # 5 %, but only five packets
        (20, 100_000, False),
        (-3, 1000, None),  # reset
    ],
)
def test_errors_are_weighed_against_the_packets_of_the_interval(
    errors: int, packets: int, expected: bool | None
) -> None:
    before = counters(100, 10_000, NOW - timedelta(minutes=5))
    scene = Scene(device=device(), batch=counters(100 + errors, 10_000 + packets), previous=before)
    assert bad(scene, FaultKind.INTERFACE_ERRORS) is expected


def test_errors_counted_across_a_discontinuity_are_none() -> None:
    def read(errors: int, packets: int, since: float, at: datetime) -> Batch:
        told = ((PORT, Fact.IN_ERRORS, errors), (PORT, Fact.IN_PACKETS, packets), (PORT, Fact.DISCONTINUITY, since))
        return batch(*told, tier=Tier.HEALTH, at=at)

    before = read(100, 10_000, 0.0, NOW - timedelta(minutes=5))
    assert bad(Scene(device=device(), batch=read(1000, 11_000, 0.0, NOW), previous=before), FaultKind.INTERFACE_ERRORS)
    swapped = Scene(device=device(), batch=read(1000, 11_000, 70.0, NOW), previous=before)
    assert bad(swapped, FaultKind.INTERFACE_ERRORS) is None


def test_a_threshold_clears_lower_than_it_raises() -> None:
    cpu = Subject("r1", ComponentKind.CPU, "1")
    busy = batch((cpu, Fact.USAGE, 85.0), tier=Tier.HEALTH)
    assert bad(Scene(device=device(), batch=busy), FaultKind.CPU_HIGH) is False
    open_now = known(FaultKind.CPU_HIGH, cpu)
    assert bad(Scene(device=device(), batch=busy, open=open_now), FaultKind.CPU_HIGH) is True


def test_a_cache_that_is_full_is_no_fault() -> None:
    cache = Subject("r1", ComponentKind.MEMORY, "Cached memory")
    full = Observation(cache, Fact.USED, 99.0, "reclaimable")
    told = Batch("r1", Tier.HEALTH, NOW, (full,))
    assert bad(Scene(device=device(), batch=told), FaultKind.MEMORY_HIGH) is None
    told = Batch("r1", Tier.HEALTH, NOW, (Observation(cache, Fact.USED, 99.0),))
    assert bad(Scene(device=device(), batch=told), FaultKind.MEMORY_HIGH) is True


def test_a_hot_chip_that_the_device_calls_normal_is_no_fault_by_our_limit() -> None:
    chip = Subject("r1", ComponentKind.TEMPERATURE, "ASIC")
    hot, normal = Observation(chip, Fact.CELSIUS, 85.0), Observation(chip, Fact.STATE, "ok", "normal")
    told = Batch("r1", Tier.HEALTH, NOW, (hot, normal))
    assert bad(Scene(device=device(), batch=told), FaultKind.TEMPERATURE_HIGH) is False
    told = Batch("r1", Tier.HEALTH, NOW, (hot, Observation(chip, Fact.STATE, "failed", "critical")))
    assert bad(Scene(device=device(), batch=told), FaultKind.TEMPERATURE_HIGH) is True


def test_the_devices_own_temperature_limit_goes_before_ours() -> None:
    sensor = Subject("r1", ComponentKind.TEMPERATURE, "inlet")
    warm = Batch("r1", Tier.HEALTH, NOW, (Observation(sensor, Fact.CELSIUS, 50.0, limit=45.0),))
    assert bad(Scene(device=device(), batch=warm), FaultKind.TEMPERATURE_HIGH) is True


@pytest.mark.parametrize(
    ("state", "was", "expected"), [("absent", "ok", True), ("absent", "", None), ("unknown", "ok", None)]
)
def test_a_fan_that_was_pulled_out_is_missed_and_an_empty_slot_is_not(
    state: str, was: str, expected: bool | None
) -> None:
    fan = Subject("r1", ComponentKind.FAN, "2")
    scene = Scene(
        device=device(), batch=batch((fan, Fact.STATE, state), tier=Tier.HEALTH), states={fan: was} if was else {}
    )
    assert bad(scene, FaultKind.FAN_FAILED) is expected
