"""What the conditions of the shipped rules make of a poll: the ones that `test_rules` does not show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.faults import rules
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Judgement, Scene
from agent.faults.rules.events import Events
from agent.inventory.device import Device, Role, SnmpAccess
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ME = Subject("r1")
PORT = Subject("r1", ComponentKind.INTERFACE, "Gi0/1")


def device(**more: object) -> Device:
    known: dict[str, object] = {"customer": "acme", "site": "hq", "role": Role.CORE, "snmp": SnmpAccess()}
    return Device(name="r1", address="192.0.2.1", **{**known, **more})  # type: ignore[arg-type]


def poll(tier: Tier, *told: Observation, at: datetime = NOW) -> Batch:
    return Batch("r1", tier, at, told, frozenset(ComponentKind))


def known(kind: FaultKind, subject: Subject, **more: object) -> dict[tuple[FaultKind, Subject], Fault]:
    fault = Fault(id="f", subject=subject, kind=kind, state=FaultState.CONFIRMED, began=NOW, reason="bad", **more)  # type: ignore[arg-type]
    return {(kind, subject): fault}


def one(scene: Scene, kind: FaultKind, book: rules.Book | None = None) -> Judgement | None:
    found = [judgement for judgement in rules.judge(scene, book) if judgement.kind is kind]
    assert len(found) <= 1
    return found[0] if found else None


def bad(scene: Scene, kind: FaultKind, book: rules.Book | None = None) -> bool | None:
    found = one(scene, kind, book)
    return found.bad if found else None


# ---------------------------------------------------------------- threshold

LOW_VOLTAGE = rules.parse(
    "battery: {test: threshold, kind: sensor_out_of_range, tier: health, of: sensor, fact: sensor_value, unit: V,"
    " below: true, raise_at: 11, clear_at: 12}",
    "rules.yaml",
)


@pytest.mark.parametrize(
    ("volts", "open_before", "expected"),
    [(10.5, False, True), (11.0, False, True), (11.5, False, False), (11.5, True, True), (12.5, True, False)],
)
def test_a_low_value_is_bad_below_and_over_above(volts: float, open_before: bool, expected: bool) -> None:
    battery, kind = Subject("r1", ComponentKind.SENSOR, "battery"), FaultKind.SENSOR_OUT_OF_RANGE
    batch = poll(Tier.HEALTH, Observation(battery, Fact.SENSOR_VALUE, volts, "V"))
    scene = Scene(device=device(), batch=batch, open=known(kind, battery) if open_before else {})
    found = [j for j in rules.judge(scene, LOW_VOLTAGE) if j.kind is kind and j.threshold in (11.0, 12.0)]
    assert [j.bad for j in found] == [expected]


def test_a_device_s_own_temperature_limit_is_named_and_has_its_own_way_back() -> None:
    sensor = Subject("r1", ComponentKind.TEMPERATURE, "inlet")

    def at(celsius: float, was: bool = False) -> Judgement | None:
        batch = poll(Tier.HEALTH, Observation(sensor, Fact.CELSIUS, celsius, limit=45.0))
        open_now = known(FaultKind.TEMPERATURE_HIGH, sensor) if was else {}
        return one(Scene(device=device(), batch=batch, open=open_now), FaultKind.TEMPERATURE_HIGH)

    hot, cooling, cool = at(45.0), at(43.0, was=True), at(41.9, was=True)
    assert hot
    assert hot.reason == "45 °C ≥ 45 °C, the device's own limit"
    assert cooling
    assert cooling.bad
    assert cool
    assert not cool.bad


@pytest.mark.parametrize(("rtt", "expected"), [(350.0, True), (299.0, False)])
def test_a_round_trip_that_takes_too_long_is_told(rtt: float, expected: bool) -> None:
    batch = poll(Tier.STATUS, Observation(ME, Fact.RTT, rtt), Observation(ME, Fact.ICMP_REACHABLE, True))
    assert bad(Scene(device=device(), batch=batch), FaultKind.LATENCY_HIGH) is expected


# ---------------------------------------------------------------- counters


def octets(grown: int, seconds: int = 300, speed: float = 1e9) -> Scene:
    before = poll(Tier.HEALTH, Observation(PORT, Fact.OUT_OCTETS, 1000), at=NOW - timedelta(seconds=seconds))
    now = poll(Tier.HEALTH, Observation(PORT, Fact.OUT_OCTETS, 1000 + grown))
    return Scene(device=device(), batch=now, previous=before, speeds={"Gi0/1": speed} if speed else {})


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.97, True), (0.90, False), (2.0, None)],  # twice the speed is a counter that jumped, not traffic
)
def test_an_interface_that_carries_nearly_all_it_can_is_saturated(share: float, expected: bool | None) -> None:
    assert bad(octets(int(share * 1e9 / 8 * 300)), FaultKind.INTERFACE_SATURATED) is expected


def test_without_a_known_speed_nothing_is_saturated() -> None:
    assert bad(octets(10**12, speed=0), FaultKind.INTERFACE_SATURATED) is None


def test_the_reason_of_a_saturated_interface_says_the_direction_and_the_speed() -> None:
    found = one(octets(int(0.97 * 1e9 / 8 * 300)), FaultKind.INTERFACE_SATURATED)
    assert found
    assert found.reason == "out 97 % ≥ 95 % of 1 Gbit/s"


@pytest.mark.parametrize(("discards", "expected"), [(500, True), (50, False), (100, False)])
def test_discards_are_weighed_against_the_packets(discards: int, expected: bool) -> None:
    def read(lost: int, sent: int, at: datetime) -> Batch:
        return poll(
            Tier.HEALTH, Observation(PORT, Fact.OUT_DISCARDS, lost), Observation(PORT, Fact.OUT_PACKETS, sent), at=at
        )

    before = read(0, 0, NOW - timedelta(minutes=5))
    scene = Scene(device=device(), batch=read(discards, 10_000, NOW), previous=before)
    assert bad(scene, FaultKind.INTERFACE_DISCARDS) is expected


@pytest.mark.parametrize(("unicast", "expected"), [(20, False), (10_000, True)])
def test_a_blocked_port_that_discards_what_it_hears_is_no_fault(unicast: int, expected: bool) -> None:
    def read(lost: int, heard: int, at: datetime) -> Batch:
        return poll(
            Tier.HEALTH, Observation(PORT, Fact.IN_DISCARDS, lost), Observation(PORT, Fact.IN_PACKETS, heard), at=at
        )

    scene = Scene(device=device(), batch=read(5_000, unicast, NOW), previous=read(0, 0, NOW - timedelta(minutes=5)))
    assert bad(scene, FaultKind.INTERFACE_DISCARDS) is expected


# ---------------------------------------------------------------- changes


def speed(bps: float, at: datetime = NOW) -> Batch:
    return poll(Tier.HEALTH, Observation(PORT, Fact.SPEED, bps), at=at)


def test_an_interface_that_is_slower_than_before_is_told_until_it_is_as_fast_again() -> None:
    kind, before = FaultKind.SPEED_CHANGED, speed(1e9, NOW - timedelta(hours=6))
    found = one(Scene(device=device(), batch=speed(1e8), previous=before), kind)
    assert found
    assert (found.bad, found.reason, found.threshold) == (True, "100 Mbit/s, was 1 Gbit/s", 1e9)
    open_now = known(kind, PORT, threshold=1e9)
    assert bad(Scene(device=device(), batch=speed(1e8), previous=speed(1e8), open=open_now), kind) is True
    assert bad(Scene(device=device(), batch=speed(1e9), previous=speed(1e8), open=open_now), kind) is False
    late = speed(1e8, NOW + timedelta(days=8))
    assert bad(Scene(device=device(), batch=late, previous=speed(1e8), open=open_now), kind) is False, "accepted"


def test_a_port_that_is_down_has_no_speed_to_lose() -> None:
    scene = Scene(device=device(), batch=speed(1e7), previous=speed(1e9), states={PORT: "down"})
    assert bad(scene, FaultKind.SPEED_CHANGED) is None


def test_half_duplex_is_told() -> None:
    for word, expected in (("half", True), ("full", False), ("unknown", None)):
        batch = poll(Tier.HEALTH, Observation(PORT, Fact.DUPLEX, word))
        assert bad(Scene(device=device(), batch=batch), FaultKind.DUPLEX_CHANGED) is expected


@pytest.mark.parametrize(("age_s", "expected"), [(200, False), (899, False), (901, True)])
def test_counters_that_were_not_seen_for_three_intervals_are_stale(age_s: int, expected: bool) -> None:
    batch = poll(Tier.STATUS, Observation(ME, Fact.SNMP_REACHABLE, True), Observation(ME, Fact.ICMP_REACHABLE, True))
    scene = Scene(device=device(), batch=batch, seen={Tier.HEALTH: NOW - timedelta(seconds=age_s)})
    assert bad(scene, FaultKind.STALE_COLLECTION) is expected


def test_a_device_that_came_back_has_its_turn_still_to_come() -> None:
    batch = poll(Tier.STATUS, Observation(ME, Fact.SNMP_REACHABLE, True), Observation(ME, Fact.ICMP_REACHABLE, True))
    seen = {Tier.HEALTH: NOW - timedelta(hours=3)}
    for ago, expected in ((60, False), (901, True)):
        since = NOW - timedelta(seconds=ago)
        scene = Scene(device=device(), batch=batch, seen=seen, answering_since=lambda since=since: since)  # type: ignore[misc]
        assert bad(scene, FaultKind.STALE_COLLECTION) is expected


def test_a_device_that_does_not_answer_is_not_stale_but_silent() -> None:
    batch = poll(Tier.STATUS, Observation(ME, Fact.SNMP_REACHABLE, False), Observation(ME, Fact.ICMP_REACHABLE, True))
    scene = Scene(device=device(), batch=batch, seen={Tier.HEALTH: NOW - timedelta(days=1)})
    assert bad(scene, FaultKind.STALE_COLLECTION) is None


# ---------------------------------------------------------------- sessions

NEIGHBOUR = Subject("r1", ComponentKind.OSPF_NEIGHBOUR, "10.0.0.2")
OTHER = Subject("r1", ComponentKind.OSPF_NEIGHBOUR, "10.0.0.6")


@pytest.mark.parametrize(
    ("state", "expected"), [("full", False), ("twoWay", False), ("exchangeStart", True), ("init", True), ("down", True)]
)
def test_an_ospf_neighbour_is_in_order_when_full_or_two_way(state: str, expected: bool) -> None:
    batch = poll(Tier.STATUS, Observation(NEIGHBOUR, Fact.OSPF_STATE, state))
    assert bad(Scene(device=device(), batch=batch), FaultKind.OSPF_NEIGHBOUR_DOWN) is expected


def test_an_ospf_neighbour_that_is_gone_is_missed_while_others_are_told() -> None:
    batch = poll(Tier.STATUS, Observation(OTHER, Fact.OSPF_STATE, "full"))
    scene = Scene(device=device(), batch=batch, states={NEIGHBOUR: "up", OTHER: "up"})
    told = {j.subject: j.bad for j in rules.judge(scene) if j.kind is FaultKind.OSPF_NEIGHBOUR_DOWN}
    assert told == {OTHER: False, NEIGHBOUR: True}


def test_an_empty_ospf_table_says_nothing() -> None:
    scene = Scene(device=device(), batch=poll(Tier.STATUS), states={NEIGHBOUR: "up"})
    assert bad(scene, FaultKind.OSPF_NEIGHBOUR_DOWN) is None


GROUP = Subject("r1", ComponentKind.REDUNDANCY, "Vlan10 HSRP 1")


def role(word: str, at: datetime = NOW) -> Batch:
    return poll(Tier.HEALTH, Observation(GROUP, Fact.ROLE, word), at=at)


def test_a_standby_that_takes_over_is_told_for_a_while() -> None:
    kind, before = FaultKind.FAILOVER, role("standby", NOW - timedelta(minutes=5))
    found = one(Scene(device=device(), batch=role("active"), previous=before), kind)
    assert found
    assert (found.bad, found.reason) == (True, "active, was standby")
    assert bad(Scene(device=device(), batch=role("standby"), previous=before), kind) is None
    open_now = known(kind, GROUP, last_seen=NOW)
    for minutes, expected in ((10, True), (31, False)):
        now = role("active", NOW + timedelta(minutes=minutes))
        assert bad(Scene(device=device(), batch=now, previous=role("active"), open=open_now), kind) is expected


# ---------------------------------------------------------------- ends, events


@pytest.mark.parametrize(("days", "expected"), [(40, False), (29, True), (-1, True)])
def test_what_ends_soon_or_has_ended_is_told(days: int, expected: bool) -> None:
    book = rules.parse(
        "mine: {test: expiring, kind: licence_expiring, tier: identity, of: licence, days: 30}", "r.yaml"
    )
    licence = Subject("r1", ComponentKind.LICENCE, "security")
    ends = (NOW + timedelta(days=days)).isoformat()
    scene = Scene(device=device(), batch=poll(Tier.IDENTITY, Observation(licence, Fact.EXPIRES, ends)))
    assert {j.bad for j in rules.judge(scene, book) if j.subject == licence} == {expected}


@pytest.mark.parametrize("ends", ["soon", "2026-13-45", "2026-03-04T00:00:00", ""])
def test_an_end_that_is_no_time_says_nothing(ends: str) -> None:
    licence = Subject("r1", ComponentKind.LICENCE, "security")
    book = rules.parse(
        "mine: {test: expiring, kind: licence_expiring, tier: identity, of: licence, days: 30}", "r.yaml"
    )
    scene = Scene(device=device(), batch=poll(Tier.IDENTITY, Observation(licence, Fact.EXPIRES, ends)))
    assert [j for j in rules.judge(scene, book) if j.subject == licence] == []


def line(text: str, mnemonic: str = "", severity: SyslogSeverity = SyslogSeverity.ERROR, ago: int = 0) -> Event:
    arrived = NOW - timedelta(seconds=ago)
    return Event("r1", "192.0.2.1", Source.SYSLOG, arrived, severity, text, mnemonic=mnemonic)


def pattern(keys: str) -> Events:
    text = f"mine: {{test: events, kind: syslog_pattern, {keys}}}"
    (rule,) = [rule for rule in rules.parse(text, "r.yaml").listening(device()) if rule.name == "mine"]
    return rule


def test_a_log_rule_meets_lines_that_meet_every_key() -> None:
    rule = pattern("at_least: error, mnemonic: 'IP-4-DUP*', text: '10\\.0\\.0\\.[0-9]+'")
    assert rule.meets(line("duplicate address 10.0.0.7", "IP-4-DUPADDR"))
    assert not rule.meets(line("duplicate address 10.0.0.7", "IP-4-DUPADDR", SyslogSeverity.INFO))
    assert not rule.meets(line("duplicate address 10.0.0.7", "LINK-3-UPDOWN"))
    assert not rule.meets(line("duplicate address", "IP-4-DUPADDR"))


def test_a_log_rule_counts_within_its_time() -> None:
    rule = pattern("text: bad, count: 3, within: 1m")
    assert rule.heard("r1", [line("bad"), line("bad", ago=30), line("bad", ago=61)], NOW) is None
    found = rule.heard("r1", [line("bad 1"), line("bad", ago=30), line("bad", ago=59), line("fine")], NOW)
    assert found
    assert found.reason == "bad 1 (3 times)"


# ---------------------------------------------------------------- what an operator left out, or mixed up


def test_one_direction_is_counted_where_only_one_is_written() -> None:
    book = rules.parse("interface_errors: {parts: {in: in_errors}}", "rules.yaml")
    counters = (Fact.IN_ERRORS, Fact.IN_PACKETS, Fact.OUT_ERRORS, Fact.OUT_PACKETS)
    before = poll(Tier.HEALTH, *(Observation(PORT, fact, 0) for fact in counters), at=NOW - timedelta(minutes=5))
    now = poll(Tier.HEALTH, *(Observation(PORT, fact, 100) for fact in counters))
    assert bad(Scene(device=device(), batch=now, previous=before), FaultKind.INTERFACE_ERRORS, book) is True


def test_a_word_is_neither_too_high_nor_too_low() -> None:
    book = rules.parse("latency_high: {fact: platform}", "rules.yaml")
    scene = Scene(device=device(), batch=poll(Tier.STATUS, Observation(ME, Fact.PLATFORM, "cisco_ios")))
    assert bad(scene, FaultKind.LATENCY_HIGH, book) is None


@pytest.mark.parametrize(
    ("name", "kind", "counts"),
    [
        ("Gi0/1", 6, True),
        ("Tunnel1", 131, False),
        ("Vlan10", 53, False),
        ("Port-channel1", 53, True),
        ("Po2", 161, True),
    ],
)
def test_what_a_tunnel_is_said_to_carry_is_no_limit(name: str, kind: int, counts: bool) -> None:
    port = Subject("r1", ComponentKind.INTERFACE, name)
    told = poll(Tier.IDENTITY, Observation(port, Fact.IF_TYPE, kind), Observation(port, Fact.SPEED, 100_000))
    assert rules.speeds(told) == ({name: 100_000.0} if counts else {})


def _slower(**more: object) -> Scene:
    before, now = speed(1_000_000_000, at=NOW - timedelta(minutes=5)), speed(10_000_000)
    return Scene(device=device(**more), batch=now, previous=before)


def test_an_interface_that_is_not_watched_has_no_fault_of_any_kind() -> None:
    assert bad(_slower(), FaultKind.SPEED_CHANGED) is True
    assert bad(_slower(ignore_interfaces=("Gi0/*",)), FaultKind.SPEED_CHANGED) is None


def test_a_desk_that_wakes_slowly_is_no_fault_and_a_link_is_one() -> None:
    desk = _slower(role=Role.ACCESS)
    assert bad(desk, FaultKind.SPEED_CHANGED) is None
    assert bad(replace(desk, linked=frozenset({"Gi0/1"})), FaultKind.SPEED_CHANGED) is True
