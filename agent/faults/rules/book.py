"""The rules that are in force: those that are shipped, an operator's own laid over them, and per device what the
overrides and the inventory say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pydantic import ValidationError

from agent.faults.fault import FaultKind
from agent.faults.rules import (
    change,
    counting,
    events,
    expiry,
    forecast,
    interface,
    rising,
    state,
    threshold,
    unusual,
)
from agent.faults.rules import device as whole
from agent.faults.rules.rule import Frozen, Rule, Words
from agent.faults.rules.states import STATES
from agent.inventory.device import Device
from agent.inventory.policies import Confirmation
from agent.observation import ComponentKind, Fact, Subject, Tier

CONDITIONS: Mapping[str, type[Rule]] = {
    "unreachable": whole.Unreachable,
    "agent_dead": whole.AgentDead,
    "restarted": whole.Restarted,
    "interface_down": interface.InterfaceDown,
    "threshold": threshold.Threshold,
    "state": state.State,
    "share": counting.Share,
    "load": counting.Load,
    "lowered": change.Lowered,
    "touched": change.Touched,
    "switched": change.Switched,
    "stale": change.Stale,
    "expiring": expiry.Expiring,
    "events": events.Events,
    "told": whole.Told,
    "unusual": unusual.Unusual,
    "rising": rising.Rising,
    "drifting": rising.Drifting,
    "filling": forecast.Filling,
}

Written = Mapping[str, object]


class Match(Frozen):
    """Which devices an override is for: those that meet every selector that is written. Shell patterns."""

    device: Words = ()
    group: Words = ()
    role: Words = ()
    site: Words = ()
    customer: Words = ()
    platform: Words = ()
    tag: Words = ()

    def meets(self, device: Device) -> bool:
        values = {
            "device": (device.name,),
            "group": (device.group,),
            "role": (str(device.role),),
            "site": (device.site,),
            "customer": (device.customer,),
            "platform": (device.platform,),
            "tag": tuple(device.tags),
        }
        return all(_any(found, getattr(self, selector)) for selector, found in values.items())


def _any(values: Iterable[str], patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for value in values for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule as it is written, checked, with what it becomes for some devices."""

    written: Written
    overrides: tuple[tuple[Match, Written], ...] = ()
    origins: tuple[str, ...] = ("shipped",)


class Book:
    """Answers which rules hold for a device. What it answers is kept, for there are few different answers."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = dict(entries)
        self.plain = {name: made(name, entry.written) for name, entry in self.entries.items()}
        self.state_kinds = frozenset(rule.kind for rule in self.plain.values() if _follows_state(rule))
        self._variants: dict[tuple[object, ...], Rule] = {}
        self._by_device: dict[str, tuple[Device, tuple[Rule, ...], dict[Tier, tuple[Rule, ...]]]] = {}

    def rules(self, device: Device) -> tuple[Rule, ...]:
        """Those that are enabled for it."""
        return self._of(device)[1]

    def at(self, device: Device, tier: Tier) -> tuple[Rule, ...]:
        return self._of(device)[2].get(tier, ())

    def listening(self, device: Device) -> tuple[events.Events, ...]:
        """Those that are judged by events."""
        return tuple(rule for rule in self.rules(device) if isinstance(rule, events.Events))

    def _of(self, device: Device) -> tuple[Device, tuple[Rule, ...], dict[Tier, tuple[Rule, ...]]]:
        known = self._by_device.get(device.name)
        if known is None or known[0] is not device:
            every = tuple(rule for name in self.entries if (rule := self.rule(name, device)).enabled)
            tiers = {tier: tuple(r for r in every if r.tier is tier and not r.listens) for tier in Tier}
            known = self._by_device[device.name] = (device, every, tiers)
        return known

    def rule(self, name: str, device: Device) -> Rule:
        entry = self.entries[name]
        chosen = tuple(n for n, (match, _) in enumerate(entry.overrides) if match.meets(device))
        own = self._own(name, device)
        if not chosen and not own:
            return self.plain[name]
        key = (name, chosen, own)
        if key not in self._variants:
            changes = {k: v for n in chosen for k, v in entry.overrides[n][1].items()}
            self._variants[key] = _together(name, {**entry.written, **changes, **dict(own)})
        return self._variants[key]

    def _own(self, name: str, device: Device) -> tuple[tuple[str, float], ...]:
        """What the inventory says of the device itself goes before everything else."""
        written = ((key, getattr(device.thresholds, word)) for key, word in self.plain[name].inventory.items())
        return tuple((key, value) for key, value in written if value is not None)

    # ------------------------------------------------------------ by kind of fault

    def of_kind(self, kind: FaultKind, device: Device | None = None) -> Rule | None:
        """The rule that a fault of this kind comes from, where it does not say which: the first."""
        for name, rule in self.plain.items():
            if rule.kind is kind:
                return self.rule(name, device) if device else rule
        return None

    def behind(self, kind: FaultKind, subject: Subject, device: Device | None = None) -> Rule | None:
        """The rule that a fault comes from: a rule about log lines is what its fault is about."""
        if subject.kind is ComponentKind.RULE and subject.name in self.entries:
            return self.rule(subject.name, device) if device else self.plain[subject.name]
        return self.of_kind(kind, device)

    def judges(self, kind: FaultKind, subject: Subject, device: Device) -> bool:
        """Whether a rule that is enabled for the device says when such a fault is over. One that a rule about log lines
        began is over by being quiet."""
        return subject.kind is ComponentKind.RULE or any(rule.kind is kind for rule in self.rules(device))

    def tier(self, kind: FaultKind) -> Tier | None:
        """The poll to ask again at once; None where no poll sees it, or it can wait for its turn."""
        rule = self.of_kind(kind)
        return rule.tier if rule and rule.recheck else None

    def severity(self, kind: FaultKind, device: Device | None = None) -> str:
        rule = self.of_kind(kind, device)
        return rule.severity if rule else "P3"

    def believe(self, kind: FaultKind, device: Device | None = None) -> Confirmation:
        rule = self.of_kind(kind, device)
        return rule.believe.confirmation if rule else Confirmation()

    def limit(self, name: str, device: Device | None = None) -> float:
        """Where a threshold rule raises for a device, as pages and reports draw it."""
        rule = self.rule(name, device) if device else self.plain[name]
        return float(getattr(rule, "raise_at", None) or 0.0)


def _follows_state(rule: Rule) -> bool:
    """The duplex mode of a port, or whether it is in its aggregate, is not the state that is kept of it."""
    return rule.follows_state and getattr(rule, "fact", Fact.STATE) in STATES


def _together(name: str, written: Written) -> Rule:
    """What was checked apart. Levels to raise and to clear at that come from two places may cross: then one is both."""
    try:
        return made(name, written)
    except ValidationError:
        return made(name, {**written, "clear_at": written.get("raise_at")})


def made(name: str, written: Written) -> Rule:
    """Raises pydantic's ValidationError."""
    return CONDITIONS[str(written["test"])].model_validate({"kind": name, **written, "name": name})
