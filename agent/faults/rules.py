"""Judges one batch: which subjects are in order, which are not, and which cannot be told.

Every rule is a function of the device, what was just seen, what was seen before and which faults are open
(so that a threshold clears lower than it raises). It returns judgements; believing them is `confirmation`'s.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from agent.faults import counters
from agent.faults.fault import FaultKind
from agent.inventory.device import Device, Role, reachable
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier

UPTIME_WRAPS_S = 2**32 / 100  # sysUpTime counts hundredths of a second in 32 bits: 497 days
RESTART_TOLERANCE_S = 30.0  # clocks of agents drift, and a poll takes time
DOWN = frozenset({"down", "lowerLayerDown", "notPresent"})


@dataclass(frozen=True, slots=True)
class Judgement:
    subject: Subject
    kind: FaultKind
    bad: bool
    reason: str
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a rule may look at. `states` are the present states by subject, `linked` the ifNames that carry links."""

    device: Device
    batch: Batch
    previous: Batch | None = None  # the one before, of the same tier
    states: Mapping[Subject, str] = field(default_factory=dict)
    open: frozenset[tuple[FaultKind, Subject]] = frozenset()
    linked: frozenset[str] = frozenset()

    def facts(self, *facts: Fact) -> dict[Subject, dict[Fact, Observation]]:
        return by_subject(self.batch.observations, facts)

    def is_open(self, kind: FaultKind, subject: Subject) -> bool:
        return (kind, subject) in self.open

    def open_of(self, kind: FaultKind) -> Iterator[Subject]:
        return (subject for found, subject in self.open if found is kind)


def by_subject(observations: Iterable[Observation], facts: Iterable[Fact]) -> dict[Subject, dict[Fact, Observation]]:
    wanted = frozenset(facts)
    found: dict[Subject, dict[Fact, Observation]] = {}
    for o in observations:
        if o.fact in wanted:
            found.setdefault(o.subject, {})[o.fact] = o
    return found


def judge(scene: Scene) -> list[Judgement]:
    """All that can be told from this batch, in a fixed order; a subject of which nothing is known is left out."""
    return [judgement for rule in RULES[scene.batch.tier] for judgement in rule(scene)]


# ---------------------------------------------------------------- status


def _device_unreachable(scene: Scene) -> Iterator[Judgement]:
    answered = reachable(scene.device, scene.batch.observations)
    if answered is None:
        return
    methods = ", ".join(scene.device.reachability)
    reason = f"answers ({methods})" if answered else f"no answer to {methods}"
    yield Judgement(Subject(scene.device.name), FaultKind.DEVICE_UNREACHABLE, not answered, reason)


def _snmp_agent_dead(scene: Scene) -> Iterator[Judgement]:
    subject = Subject(scene.device.name)
    told = scene.facts(Fact.SNMP_REACHABLE, Fact.ICMP_REACHABLE, Fact.TCP_REACHABLE).get(subject, {})
    snmp = told.pop(Fact.SNMP_REACHABLE, None)
    if snmp is None:
        return
    if snmp.value:
        yield Judgement(subject, FaultKind.SNMP_AGENT_DEAD, False, "SNMP answers")
        return
    others = [fact for fact, o in told.items() if o.value]
    if others:
        how = " and ".join(fact.removesuffix("_reachable").upper() for fact in others)
        yield Judgement(
            subject, FaultKind.SNMP_AGENT_DEAD, True, f"{how} answers, SNMP does not ({snmp.detail or 'timeout'})"
        )


def _interface_down(scene: Scene) -> Iterator[Judgement]:
    kind = FaultKind.INTERFACE_DOWN
    for subject, told in scene.facts(Fact.ADMIN_STATUS, Fact.OPER_STATUS).items():
        admin, oper = told.get(Fact.ADMIN_STATUS), told.get(Fact.OPER_STATUS)
        if admin is None or oper is None or ignored(scene.device, subject.name):
            continue
        if admin.value != "up":
            yield Judgement(subject, kind, False, f"admin {admin.value}")
        elif oper.value not in DOWN:
            yield Judgement(subject, kind, False, f"oper {oper.value}")
        elif expected_up(scene, subject):
            yield Judgement(subject, kind, True, f"oper {oper.value}, admin up")


def ignored(device: Device, interface: str) -> bool:
    return any(fnmatchcase(interface, pattern) for pattern in device.ignore_interfaces)


def expected_up(scene: Scene, subject: Subject) -> bool:
    """An interface that nobody plugged anything into is no fault; one that carried something is.

    On an access device only links count: desks are switched off every evening.
    """
    if subject.name in scene.linked or scene.is_open(FaultKind.INTERFACE_DOWN, subject):
        return True
    return scene.device.role is not Role.ACCESS and scene.states.get(subject) == "up"


def _bgp_peer_down(scene: Scene) -> Iterator[Judgement]:
    kind, peers = FaultKind.BGP_PEER_DOWN, scene.facts(Fact.BGP_STATE, Fact.BGP_ADMIN)
    for subject, told in peers.items():
        state, admin = told.get(Fact.BGP_STATE), told.get(Fact.BGP_ADMIN)
        if state is None:
            continue
        if admin is not None and admin.value == "stop":
            yield Judgement(subject, kind, False, "administratively stopped")
        else:
            yield Judgement(subject, kind, state.value != "established", str(state.value))
    if peers and ComponentKind.BGP_PEER in scene.batch.complete:
        for subject in scene.open_of(kind):
            if subject not in peers:  # an empty table says nothing: the BGP process may be what died
                yield Judgement(subject, kind, False, "no longer configured")


def _device_restarted(scene: Scene) -> Iterator[Judgement]:
    subject, kind = Subject(scene.device.name), FaultKind.DEVICE_RESTARTED
    now = scene.facts(Fact.UPTIME).get(subject, {}).get(Fact.UPTIME)
    if now is None or scene.previous is None:
        return
    before = by_subject(scene.previous.observations, (Fact.UPTIME,)).get(subject, {}).get(Fact.UPTIME)
    if before is None:
        return
    elapsed = (scene.batch.at - scene.previous.at).total_seconds()
    expected = float(before.value) + elapsed
    if expected - float(now.value) <= RESTART_TOLERANCE_S and float(now.value) >= float(before.value) - 1:
        yield Judgement(subject, kind, False, f"up for {float(now.value):.0f} s")
    elif expected >= UPTIME_WRAPS_S - RESTART_TOLERANCE_S:
        yield Judgement(subject, kind, False, "sysUpTime wrapped after 497 days")
    elif float(now.value) < float(before.value):
        yield Judgement(subject, kind, True, f"up for {float(now.value):.0f} s, was {float(before.value):.0f} s")


# ---------------------------------------------------------------- health


def _interface_errors(scene: Scene) -> Iterator[Judgement]:
    if scene.previous is None or scene.batch.at <= scene.previous.at:
        return
    wanted = (Fact.IN_ERRORS, Fact.OUT_ERRORS, Fact.IN_PACKETS, Fact.OUT_PACKETS, Fact.DISCONTINUITY)
    before = by_subject(scene.previous.observations, wanted)
    for subject, now in scene.facts(*wanted).items():
        if ignored(scene.device, subject.name):
            continue
        worst = max(_error_ratios(before.get(subject, {}), now), default=None)
        if worst is not None:
            yield _errors_judgement(scene, subject, *worst)


def _error_ratios(
    before: Mapping[Fact, Observation], now: Mapping[Fact, Observation]
) -> Iterator[tuple[float, int, str]]:
    """(percent of packets, errors, direction). A counter that went back was reset: nothing is told from it."""
    for direction, errors, packets in (
        ("in", Fact.IN_ERRORS, Fact.IN_PACKETS),
        ("out", Fact.OUT_ERRORS, Fact.OUT_PACKETS),
    ):
        wrong, right = counters.growth(errors, before, now), counters.growth(packets, before, now)
        if wrong is not None and right is not None:
            yield 100.0 * wrong / max(wrong + right, 1), wrong, direction


def _errors_judgement(scene: Scene, subject: Subject, percent: float, errors: int, direction: str) -> Judgement:
    kind, limits = FaultKind.INTERFACE_ERRORS, scene.device.thresholds
    threshold = limits.errors_clear_pct if scene.is_open(kind, subject) else limits.errors_pct
    bad = percent >= threshold and errors >= limits.errors_at_least
    sign = "≥" if percent >= threshold else "<"
    reason = f"{percent:.2g} % {direction} errors {sign} {threshold:g} % ({errors} packets)"
    return Judgement(subject, kind, bad, reason, percent, threshold)


def _threshold(
    kind: FaultKind, component: ComponentKind, fact: Fact, name: str
) -> Callable[[Scene], Iterator[Judgement]]:
    def rule(scene: Scene) -> Iterator[Judgement]:
        limits = scene.device.thresholds
        for subject, told in scene.facts(fact).items():
            if subject.kind is not component or told[fact].detail == "reclaimable":
                continue
            open_now, value = scene.is_open(kind, subject), float(told[fact].value)
            threshold = getattr(limits, f"{name}_clear_pct" if open_now else f"{name}_pct")
            sign = "≥" if value >= threshold else "<"
            yield Judgement(
                subject, kind, value >= threshold, f"{value:.0f} % {sign} {threshold:g} %", value, threshold
            )

    return rule


def _temperature_high(scene: Scene) -> Iterator[Judgement]:
    kind, limits = FaultKind.TEMPERATURE_HIGH, scene.device.thresholds
    for subject, told in scene.facts(Fact.CELSIUS, Fact.STATE).items():
        if Fact.CELSIUS not in told:
            continue
        value, limit = float(told[Fact.CELSIUS].value), told[Fact.CELSIUS].limit
        verdict = told.get(Fact.STATE)
        if limit is None and verdict is not None and verdict.value == "ok":  # it knows its chips better than we do
            yield Judgement(subject, kind, False, f"{value:.0f} °C, {verdict.detail or 'ok'} by the device", value)
            continue
        threshold = limits.temperature_c if limit is None else limit
        if scene.is_open(kind, subject):
            threshold -= limits.temperature_hysteresis_c
        sign, whose = ("≥" if value >= threshold else "<"), ("the device's own limit" if limit is not None else "")
        reason = f"{value:.0f} °C {sign} {threshold:g} °C {whose}".rstrip()
        yield Judgement(subject, kind, value >= threshold, reason, value, threshold)


def _unit_failed(kind: FaultKind, component: ComponentKind) -> Callable[[Scene], Iterator[Judgement]]:
    """A fan or a power supply: failed, or pulled out after it was seen in order."""

    def rule(scene: Scene) -> Iterator[Judgement]:
        seen = {s: told for s, told in scene.facts(Fact.STATE).items() if s.kind is component}
        for subject, told in seen.items():
            state, word = str(told[Fact.STATE].value), told[Fact.STATE].detail
            if state == "ok":
                yield Judgement(subject, kind, False, word or "ok")
            elif state == "failed" or (state == "absent" and _was_there(scene, kind, subject)):
                yield Judgement(subject, kind, True, word or state)
        if seen and component in scene.batch.complete:
            for subject, was in scene.states.items():
                if subject.kind is component and subject not in seen and was in {"ok", "failed"}:
                    yield Judgement(subject, kind, True, "missing")

    return rule


def _was_there(scene: Scene, kind: FaultKind, subject: Subject) -> bool:
    return scene.states.get(subject) == "ok" or scene.is_open(kind, subject)


RULES: Mapping[Tier, tuple[Callable[[Scene], Iterator[Judgement]], ...]] = {
    Tier.STATUS: (_device_unreachable, _snmp_agent_dead, _device_restarted, _interface_down, _bgp_peer_down),
    Tier.HEALTH: (
        _interface_errors,
        _threshold(FaultKind.CPU_HIGH, ComponentKind.CPU, Fact.USAGE, "cpu"),
        _threshold(FaultKind.MEMORY_HIGH, ComponentKind.MEMORY, Fact.USED, "memory"),
        _temperature_high,
        _unit_failed(FaultKind.FAN_FAILED, ComponentKind.FAN),
        _unit_failed(FaultKind.POWER_SUPPLY_FAILED, ComponentKind.POWER_SUPPLY),
    ),
    Tier.IDENTITY: (),
}

TIER_OF: Mapping[FaultKind, Tier] = {
    FaultKind.DEVICE_UNREACHABLE: Tier.STATUS,
    FaultKind.SNMP_AGENT_DEAD: Tier.STATUS,
    FaultKind.DEVICE_RESTARTED: Tier.STATUS,
    FaultKind.HOST_KEY_CHANGED: Tier.STATUS,  # no poll sees it: see agent.pipeline.logins
    FaultKind.INTERFACE_DOWN: Tier.STATUS,
    FaultKind.BGP_PEER_DOWN: Tier.STATUS,
    FaultKind.INTERFACE_ERRORS: Tier.HEALTH,
    FaultKind.CPU_HIGH: Tier.HEALTH,
    FaultKind.MEMORY_HIGH: Tier.HEALTH,
    FaultKind.TEMPERATURE_HIGH: Tier.HEALTH,
    FaultKind.FAN_FAILED: Tier.HEALTH,
    FaultKind.POWER_SUPPLY_FAILED: Tier.HEALTH,
}


def states(scene: Scene) -> dict[Subject, str]:
    """The state each component is in, for the history; a device's own follows its faults instead."""
    found: dict[Subject, str] = {}
    for subject, told in scene.facts(Fact.ADMIN_STATUS, Fact.OPER_STATUS, Fact.BGP_STATE, Fact.STATE).items():
        if Fact.OPER_STATUS in told:
            admin = told.get(Fact.ADMIN_STATUS)
            oper = str(told[Fact.OPER_STATUS].value)
            found[subject] = (
                "admin_down" if admin is not None and admin.value == "down" else ("down" if oper in DOWN else oper)
            )
        elif Fact.BGP_STATE in told:
            found[subject] = "up" if told[Fact.BGP_STATE].value == "established" else "down"
        elif Fact.STATE in told and told[Fact.STATE].value != "unknown":
            found[subject] = str(told[Fact.STATE].value)
    return found
