"""How well promises were kept: per contract, customer or severity, of the cases that were opened in a period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from agent.cases import sla
from agent.cases.case import Case, CaseKind, Entry
from agent.cases.sla import Clocks, Kind, State
from agent.inventory.inventory import Inventory

_JUDGED = (Kind.RESPONSE, Kind.ON_SITE, Kind.RESTORE)


class By(StrEnum):
    CONTRACT = "contract"
    CUSTOMER = "customer"
    SEVERITY = "severity"


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises of one kind. What is still open is in neither, until it is late."""

    met: int = 0
    missed: int = 0

    @property
    def percent(self) -> float | None:
        """None: nothing was promised, or nothing has come out yet."""
        judged = self.met + self.missed
        return 100 * self.met / judged if judged else None

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(self.met + other.met, self.missed + other.missed)


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its clocks, and with how often its state was told anew in time."""

    case: Case
    clocks: Clocks
    updates: Kept

    @property
    def kept(self) -> Mapping[Kind, Kept]:
        found = {clock.kind: _judge(clock.state) for clock in self.clocks if clock.kind in _JUDGED}
        return {**found, Kind.UPDATE: self.updates}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """`late` in time that counts; of one that is still open, so far."""

    case: str
    kind: Kind
    severity: str
    late: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Of one contract, customer or severity."""

    name: str
    cases: int
    kept: Mapping[Kind, Kept] = field(default_factory=dict)
    missed: tuple[Missed, ...] = ()


def judge(case: Case, log: Sequence[Entry], inventory: Inventory, now: datetime) -> Judged:
    promised, late = sla.updates(case, log, inventory, now)
    return Judged(case, sla.clocks(case, log, inventory, now), Kept(promised - late, late))


def counts(case: Case, start: datetime, end: datetime) -> bool:
    """A case that goes on in another is counted there; nobody was promised that somebody is on call."""
    return start <= case.opened < end and not case.merged_into and case.kind is not CaseKind.ON_CALL_GAP


def records(judged: Iterable[Judged], by: By) -> list[Record]:
    """By name, and all of them together last, under an empty name."""
    groups: dict[str, list[Judged]] = {}
    every = list(judged)
    for each in every:
        groups.setdefault(str(getattr(each.case, by)) or "–", []).append(each)
    return [*(_record(name, groups[name]) for name in sorted(groups)), _record("", every)]


def _record(name: str, judged: Sequence[Judged]) -> Record:
    kept = {kind: sum((each.kept[kind] for each in judged), Kept()) for kind in Kind}
    missed = tuple(miss for each in judged for miss in _missed(each))
    return Record(name=name, cases=len(judged), kept=kept, missed=missed)


def _missed(judged: Judged) -> Iterable[Missed]:
    for clock in judged.clocks:
        if clock.kind in _JUDGED and clock.state is State.MISSED and clock.remaining is not None:
            yield Missed(
                case=judged.case.name, kind=clock.kind, severity=str(judged.case.severity), late=-clock.remaining
            )


def _judge(state: State) -> Kept:
    return Kept(met=int(state is State.MET), missed=int(state is State.MISSED))
