"""Gathers what an inspection looks at: the history over its period, the latest polls, what was printed over SSH."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.cases.case import EvidenceState
from agent.faults.availability import Span
from agent.inspection.checklist import Checklist
from agent.inspection.material import Material, Printed
from agent.inventory import topology
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.ports import Transaction, Transcript
from reports import inspection
from reports.sections import scope as scopes
from reports.sections.scope import Scope

_LONGEST = 400_000  # octets of a transcript that are looked at
_EXTREMES = {
    ComponentKind.CPU: Fact.USAGE,
    ComponentKind.MEMORY: Fact.USED,
    ComponentKind.TEMPERATURE: Fact.CELSIUS,
}
_ERRORS = (Fact.IN_ERRORS, Fact.OUT_ERRORS)
_LATE = timedelta(days=2)  # before the end: how far back the last reading of a counter is looked for


@dataclass(frozen=True, slots=True)
class Answers:
    """What a device said over SSH, by topic, and why it said nothing."""

    printed: Mapping[str, Printed] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


def answers(transcripts: Iterable[Transcript]) -> Answers:
    """Only a whole transcript can answer: half of a difference looks like none."""
    printed: dict[str, Printed] = {}
    failures: dict[str, str] = {}
    for each in transcripts:
        if each.state is EvidenceState.DONE and each.path is not None:
            with each.path.open("rb") as file:
                printed[each.topic] = Printed(file.read(_LONGEST).decode("utf-8", "replace"), each.started)
        else:
            failures[each.topic] = each.detail or str(each.state)
    return Answers(printed, failures)


def material(
    tx: Transaction,
    inventory: Inventory,
    devices: Iterable[str],
    checklist: Checklist,
    said: Mapping[str, Answers],
    now: datetime,
    fresh: Mapping[str, Mapping[Tier, Batch]] | None = None,
) -> tuple[Material, ...]:
    """One for each device, in the order given. `said` holds the devices that were asked over SSH, `fresh` the batches
    of those that were polled for the inspection and answered; for the others the store's latest stand in.

    The history is read once for all, however many devices there are.
    """
    span = inspection.period(checklist, now)
    scope = scopes.read(tx, inventory, span, now, inventory.policies.daily_report.timezone)
    known = {name: (fresh or {}).get(name) or _stored(tx, name) for name in devices}
    history = History(
        extremes=_extremes(tx, known, span),
        errors=_errors(tx, known, span),
        messages=_messages(tx, span),
        net=topology.build(inventory, tx.latest_all(Tier.IDENTITY)),
    )
    return tuple(
        _of(tx, scope, inventory.devices[name], batches, history, said.get(name, Answers()), name in (fresh or {}))
        for name, batches in known.items()
    )


Extremes = dict[tuple[Subject, Fact], tuple[float, float]]
Batches = Mapping[str, Mapping[Tier, Batch]]


@dataclass(frozen=True, slots=True)
class History:
    """What the store says of all devices, by device."""

    extremes: Mapping[str, Extremes]
    errors: Mapping[str, dict[Subject, float]]
    messages: Mapping[str, dict[str, int]]
    net: Topology


def _stored(tx: Transaction, name: str) -> dict[Tier, Batch]:
    latest = {tier: tx.latest(name, tier) for tier in Tier}
    return {tier: batch for tier, batch in latest.items() if batch is not None}


def _of(
    tx: Transaction,
    scope: Scope,
    device: Device,
    batches: Mapping[Tier, Batch],
    history: History,
    said: Answers,
    answered: bool,
) -> Material:
    span, devices = scope.period, scope.inventory.devices
    return Material(
        device=device,
        now=scope.now,
        period=span,
        availability=scope.sums[device.name],
        target_pct=scope.target(device),
        state="up" if answered else scope.state(device),
        batches=batches,
        faults=tx.faults(start=span.start, end=span.end, device=device.name),
        extremes=history.extremes.get(device.name, {}),
        errors=history.errors.get(device.name, {}),
        messages=history.messages.get(device.name, {}),
        linked=history.net.linked_interfaces(device.name),
        partners={name: scope.state(devices[name]) for name in device.redundant_with},
        transcripts=said.printed,
        failures=said.failures,
    )


def _messages(tx: Transaction, span: Span) -> dict[str, dict[str, int]]:
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (device, severity), count in tx.event_counts(span.start, span.end).items():
        found[device][severity] = count
    return dict(found)


def _extremes(tx: Transaction, known: Batches, span: Span) -> dict[str, Extremes]:
    """Of the period's samples, and of what was measured last, which may not be among them yet."""
    found: defaultdict[str, Extremes] = defaultdict(dict)
    for kind, fact in _EXTREMES.items():
        for subject, extremes in tx.extremes(kind, fact, span.start, span.end).items():
            found[subject.device][subject, fact] = extremes
    for name, batches in known.items():
        for observation in _health(batches):
            subject, fact = observation.subject, observation.fact
            if _EXTREMES.get(subject.kind) is fact:
                value = float(observation.value)
                mean, most = found[name].get((subject, fact), (value, value))
                found[name][subject, fact] = mean, max(most, value)
    return dict(found)


def _health(batches: Mapping[Tier, Batch]) -> tuple[Observation, ...]:
    return batches[Tier.HEALTH].observations if Tier.HEALTH in batches else ()


def _errors(tx: Transaction, known: Batches, span: Span) -> dict[str, dict[Subject, float]]:
    """By device and interface: errors in both directions, over as long as hours are kept. A counter that stands at zero
    needs no history, and one that was read once says nothing."""
    found: defaultdict[str, dict[Subject, float]] = defaultdict(dict)
    unknown: set[Subject] = set()
    late = max(span.start, span.end - _LATE)
    stood = {fact: tx.extremes(ComponentKind.INTERFACE, fact, late, span.end) for fact in _ERRORS}
    grew = {fact: tx.growth(ComponentKind.INTERFACE, fact, span.start, span.end) for fact in _ERRORS}
    for name, batches in known.items():
        for observation in _health(batches):
            subject, fact = observation.subject, observation.fact
            if fact not in _ERRORS:
                continue
            if observation.value and subject not in stood[fact] and subject not in grew[fact]:
                unknown.add(subject)
                continue
            now = float(observation.value)
            highest = stood[fact][subject][1] if subject in stood[fact] else now
            grown = max(0.0, now - highest)
            if subject in grew[fact]:
                grown += grew[fact][subject].grown
            found[name][subject] = found[name].get(subject, 0.0) + grown
    return {name: {s: grown for s, grown in each.items() if s not in unknown} for name, each in found.items()}
