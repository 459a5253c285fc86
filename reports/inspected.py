"""Gathers what an inspection looks at: the history over its period, the latest polls, what was printed over SSH."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agent.cases.case import EvidenceState
from agent.faults.availability import Span
from agent.inspection.checklist import Checklist
from agent.inspection.material import Material, Printed
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import ComponentKind, Fact, Subject, Tier
from agent.ports import Transaction, Transcript
from reports import inspection
from reports.sections import scope as scopes
from reports.sections import series
from reports.sections.scope import Scope

_LONGEST = 400_000  # octets of a transcript that are looked at
_EXTREMES = (
    (ComponentKind.CPU, Fact.USAGE),
    (ComponentKind.MEMORY, Fact.USED),
    (ComponentKind.TEMPERATURE, Fact.CELSIUS),
)


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
) -> tuple[Material, ...]:
    """One for each device, in the order given. `said` holds the devices that were asked over SSH."""
    span = inspection.period(checklist, now)
    scope = scopes.read(tx, inventory, span, now, inventory.policies.daily_report.timezone)
    extremes = _extremes(tx, span)
    errors = _errors(tx, span)
    messages: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (device, severity), count in tx.event_counts(span.start, span.end).items():
        messages[device][severity] = count
    return tuple(
        _of(tx, scope, inventory.devices[name], extremes, errors, messages, said.get(name, Answers()))
        for name in devices
    )


def _of(
    tx: Transaction,
    scope: Scope,
    device: Device,
    extremes: Mapping[str, dict[tuple[Subject, Fact], tuple[float, float]]],
    errors: Mapping[str, dict[Subject, float]],
    messages: Mapping[str, dict[str, int]],
    said: Answers,
) -> Material:
    span, devices = scope.period, scope.inventory.devices
    batches = {tier: tx.latest(device.name, tier) for tier in Tier}
    ends = [(link.a, link.a_interface) for link in scope.inventory.links]
    ends += [(link.b, link.b_interface) for link in scope.inventory.links]
    return Material(
        device=device,
        now=scope.now,
        period=span,
        availability=scope.sums[device.name],
        target_pct=scope.target(device),
        state=scope.state(device),
        batches={tier: batch for tier, batch in batches.items() if batch is not None},
        faults=tx.faults(start=span.start, end=span.end, device=device.name),
        extremes=extremes.get(device.name, {}),
        errors=errors.get(device.name, {}),
        messages=messages.get(device.name, {}),
        linked=frozenset(interface for name, interface in ends if name == device.name and interface),
        partners={name: scope.state(devices[name]) for name in device.redundant_with},
        transcripts=said.printed,
        failures=said.failures,
    )


def _extremes(tx: Transaction, span: Span) -> dict[str, dict[tuple[Subject, Fact], tuple[float, float]]]:
    found: defaultdict[str, dict[tuple[Subject, Fact], tuple[float, float]]] = defaultdict(dict)
    for kind, fact in _EXTREMES:
        for subject, extremes in tx.extremes(kind, fact, span.start, span.end).items():
            found[subject.device][subject, fact] = extremes
    return dict(found)


def _errors(tx: Transaction, span: Span) -> dict[str, dict[Subject, float]]:
    """By device and interface: errors in both directions. Only counters that moved are read in full."""
    found: defaultdict[str, dict[Subject, float]] = defaultdict(dict)
    for fact in (Fact.IN_ERRORS, Fact.OUT_ERRORS):
        for subject, (mean, highest) in tx.extremes(ComponentKind.INTERFACE, fact, span.start, span.end).items():
            grown = series.growth(tx.series(subject, fact, span.start, span.end)) if highest > mean else 0.0
            found[subject.device][subject] = found[subject.device].get(subject, 0.0) + grown
    return dict(found)
