"""What makes two faults of the same kind, from coarse to fine: the kind of fault, the vendor, the platform, the model
family, the kind of component, the log message that came with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from agent.cases.case import Case, CaseKind
from agent.inventory.device import Device
from agent.locale import N_
from agent.observation import Event, Fact, Observation, Subject

BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=2)  # around its beginning: messages that may belong to it
_LONGEST = 100
_SPLIT = re.compile(r"[-/ _,]+")
_SAYS_NOTHING = frozenset({*map(str, CaseKind)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Empty: not known. `mnemonic` is our own name of a message where there is one, else the device's."""

    kind: str
    vendor: str = ""
    platform: str = ""
    family: str = ""
    component: str = ""
    mnemonic: str = ""


class Sameness(IntEnum):
    """How much alike two are; more is more."""

    NOTHING = 0
    PLATFORM = 1  # of cases that people opened, whose kind says nothing
    KIND = 2
    VENDOR = 3  # kind and vendor
    KIND_AND_PLATFORM = 4
    MODEL = 5  # kind, platform and model family
    EVERYTHING = 6  # and component and message


SAID: Mapping[Sameness, str] = {
    Sameness.NOTHING: "",
    Sameness.PLATFORM: N_("same platform"),
    Sameness.KIND: N_("same kind"),
    Sameness.VENDOR: N_("same kind and vendor"),
    Sameness.KIND_AND_PLATFORM: N_("same kind and platform"),
    Sameness.MODEL: N_("same kind, platform and model"),
    Sameness.EVERYTHING: N_("same kind, platform, model and message"),
}


def of(case: Case, device: Device | None, told: Iterable[Observation], events: Iterable[Event]) -> Signature:
    """`told` is what the device says of itself, `events` are those of its device around the beginning."""
    facts = {o.fact: str(o.value) for o in told if o.subject == Subject(case.subject.device)}
    platform = (device.platform if device else "") or facts.get(Fact.PLATFORM, "")
    return Signature(
        kind=str(case.kind),
        vendor=_bounded(facts.get(Fact.VENDOR, "") or platform.partition("_")[0]).lower(),
        platform=_bounded(platform),
        family=family(facts.get(Fact.MODEL, "")),
        component=str(case.subject.kind) if case.subject.device else "",
        mnemonic=_mnemonic(case, events),
    )


def family(model: str) -> str:
    """`WS-C2960X-48TS-L` → `WS-C2960X`, `ISR4331/K9` → `ISR4331`: up to the first part that has a digit."""
    parts = [part for part in _SPLIT.split(_bounded(model)) if part]
    for place, part in enumerate(parts):
        if any(character.isdigit() for character in part):
            return "-".join(parts[: place + 1])
    return " ".join(parts)


def around(case: Case) -> tuple[datetime, datetime]:
    """The time whose messages may belong to the case."""
    began = case.began or case.opened
    return began - BEFORE, case.opened + AFTER


def _mnemonic(case: Case, events: Iterable[Event]) -> str:
    """Of the messages about the very subject the most severe; of several the first."""
    if not case.subject.device:
        return ""
    mine = [e for e in events if e.subject == case.subject and (e.name or e.mnemonic)]
    worst = min(mine, key=lambda event: (event.severity.level, event.arrived), default=None)
    return _bounded(worst.name or worst.mnemonic) if worst else ""


def _bounded(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST]


def sameness(one: Signature, other: Signature) -> Sameness:
    """How much alike; the same both ways. What is not known is the same as nothing."""
    platform = bool(one.platform) and one.platform == other.platform
    if one.kind != other.kind or not one.kind or one.kind in _SAYS_NOTHING:
        either = {one.kind, other.kind} & _SAYS_NOTHING
        return Sameness.PLATFORM if platform and either else Sameness.NOTHING
    if not platform:
        return Sameness.VENDOR if one.vendor and one.vendor == other.vendor else Sameness.KIND
    if not one.family or one.family != other.family:
        return Sameness.KIND_AND_PLATFORM
    rest = (one.component, one.mnemonic) == (other.component, other.mnemonic)
    return Sameness.EVERYTHING if rest else Sameness.MODEL
