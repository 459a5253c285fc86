"""What needs doing today: a short ordered list, each line with its reason out of the data.

The order is the order of the functions in `_RULES`: what is broken, what is late, what nobody sees, what nobody holds,
what is planned, what will break, what will lapse.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent.cases import oncall
from agent.cases.case import CaseState, Evidence, EvidenceState
from agent.cases.oncall import Hole
from agent.faults import availability
from agent.inventory import windows
from agent.locale import N_, Text
from agent.notifications import handover
from agent.ports import JobKind, JobState, Transaction
from reports import period as periods
from reports.document import NOTHING, Item, Section, Tone, moment, seconds
from reports.sections import cases, unobserved
from reports.sections.cases import Standing
from reports.sections.optics import Weak
from reports.sections.resources import Errors, Reading, Resources
from reports.sections.scope import Scope

_SHOWN = 12
_RENEWAL = timedelta(days=30)  # a contract's end is told so long before, and so long after
_NEAR = 0.9  # of a limit
_AHEAD = timedelta(days=1)
Values = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the other sections found."""

    tx: Transaction
    scope: Scope
    cases: tuple[Standing, ...]
    resources: Resources


def items(findings: Findings) -> list[Item]:
    return [item for rule in _RULES for item in rule(findings)]


def section(findings: Findings) -> Section:
    found = items(findings)
    more = len(found) - _SHOWN
    return Section(
        key="actions",
        title=N_("What needs doing"),
        items=tuple(found[:_SHOWN]),
        intro=Text("The first {n}; {more} more follow from the sections below.", {"n": _SHOWN, "more": more})
        if more > 0
        else NOTHING,
        empty=Text("Nothing: no open case, every device observed, no resource near its limit."),
    )


def _restore(findings: Findings) -> Iterator[Item]:
    """P1 and P2 first whatever their age, then what is overdue."""
    waiting = [each for each in findings.cases if each.open and each.restored is None]
    urgent = [each for each in waiting if each.severity in ("P1", "P2")]
    late = [each for each in cases.ageing(findings.cases) if each not in urgent]
    for each in (*urgent, *late):
        yield Item(
            what=Text(
                "Restore {subject}: {kind:word} ({state:word})",
                {"subject": cases.about(each.case), "kind": str(each.case.kind), "state": each.state},
            ),
            why=_clock(each),
            tone=Tone.BAD if each in urgent else Tone.WARN,
            label=each.severity,
            refers=each.case.name,
        )


def _clock(each: Standing) -> Text:
    values = {"age": seconds(each.age), "over": seconds(abs(each.overdue))}
    if each.overdue > timedelta(0):
        return Text("open for {age:duration}, restoring is overdue by {over:duration}", values)
    if -each.overdue >= cases.NO_END:
        return Text(N_("open for {age:duration}"), values)
    return Text("open for {age:duration}, {over:duration} left to restore", values)


def _down_without_case(findings: Findings) -> Iterator[Item]:
    scope = findings.scope
    told = {each.case.subject.device for each in findings.cases if each.open}
    faults = {fault.id: fault for fault in findings.tx.open_faults()} if _present(scope) else {}
    covered = {fault.subject.device for fault in faults.values() if fault.case or fault.cause}
    for device in scope.devices:
        since = scope.down_since(device)
        if since and scope.state(device) == "down" and device.name not in told | covered:
            yield Item(
                what=Text("Look into {device}: it is down and no open case names it", {"device": device.name}),
                why=Text("down since {at:short}", {"at": moment(since) or ""}),
                tone=Tone.BAD,
                refers=device.name,
            )


def _present(scope: Scope) -> bool:
    """Whether what is asked of the store as it is now may be told in this report."""
    return scope.as_of == scope.now


def _unseen(findings: Findings) -> Iterator[Item]:
    scope = findings.scope
    lost = [device for device in scope.devices if scope.state(device) == "unobserved"]
    if lost and len(lost) == len(scope.devices):
        yield Item(
            what=Text("Start the agent, or give it back its network: it sees none of its devices"),
            why=Text("what is not observed is not known to be well"),
            tone=Tone.BAD,
        )
        return
    for device in lost:
        length = availability.total(scope.divisions[device.name].unobserved)
        yield Item(
            what=Text("Find out why {device} is not polled", {"device": device.name}),
            why=Text("not observed for {time:duration} of the period", {"time": seconds(length)}),
            tone=Tone.WARN,
            refers=device.name,
        )
    silent = [row for row in unobserved.rows(findings.tx, scope) if row.cells[0] not in {d.name for d in lost}]
    if silent:
        names = ", ".join(dict.fromkeys(str(row.cells[0]) for row in silent[:3]))
        yield Item(
            what=Text("See to it that all of {names} is observed", {"names": names}),
            why=silent[0].cells[5] if isinstance(silent[0].cells[5], Text) else NOTHING,
        )


def _unheld(findings: Findings) -> Iterator[Item]:
    for each in findings.cases:
        if each.open and each.restored is None and not each.case.assignee and each.severity in ("P3", "P4"):
            yield Item(
                what=Text(
                    "Assign {subject}: {kind:word}",
                    {"subject": cases.about(each.case), "kind": str(each.case.kind)},
                ),
                why=Text("open for {age:duration}, nobody holds it", {"age": seconds(each.age)}),
                label=each.severity,
                refers=each.case.name,
            )


def _nobody_on_call(findings: Findings) -> Iterator[Item]:
    """Each gap of the rota in the days ahead: it is to be filled before it begins."""
    scope = findings.scope
    if not _present(scope):
        return
    roster = handover.roster(scope.inventory, findings.tx.duties(scope.now))
    for gap in oncall.gaps_ahead(roster, scope.now, scope.now):
        values: Values = {"team": gap.team, "level": gap.level, "person": gap.person}
        times = {"starts": moment(gap.starts) or "", "ends": moment(gap.ends) or ""}
        yield Item(
            what=Text("Put somebody on call for {team}, level {level}", values),
            why=Text(_NOBODY[gap.why], {**values, **times}),
            tone=Tone.BAD if gap.starts <= scope.now else Tone.WARN,
        )


_NOBODY = {
    Hole.NOBODY: N_("nobody is on call from {starts:short} until {ends:short}"),
    Hole.UNKNOWN_PERSON: N_("{person} is on call and not known, from {starts:short} until {ends:short}"),
    Hole.NO_CHANNEL: N_("{person} is on call and has no channel, from {starts:short} until {ends:short}"),
}
_MISSING = (EvidenceState.FAILED, EvidenceState.REFUSED, EvidenceState.TIMED_OUT)


def _without_evidence(findings: Findings) -> Iterator[Item]:
    for each in findings.cases:
        if not each.open or not _present(findings.scope):
            continue
        missing = [file for file in findings.tx.evidence(each.case.number) if file.state in _MISSING]
        if missing:
            yield Item(
                what=Text("Collect by hand what is missing from {case}", {"case": each.case.name}),
                why=Text("{files}", {"files": _files(missing)}),
                label=each.severity,
                refers=each.case.name,
            )


def _files(missing: list[Evidence]) -> str:
    told = [
        f"{file.device}: {file.command or file.tier}" + (f" ({file.detail})" if file.detail else "") for file in missing
    ]
    return "; ".join(told[:3])[:300]


def _resources(findings: Findings) -> Iterator[Item]:
    """One line a kind of resource: who is near the limit, and how near the worst of them came."""
    for readings in findings.resources.readings.values():
        near = [each for each in readings if each.near >= _NEAR]
        if near:
            yield Item(what=_remedy(near), why=_nearest(near[0]), tone=Tone.WARN, refers=near[0].subject.device)
    if weak := [each for each in findings.resources.optics if each.reserve < 0]:
        values: Values = {"names": _names(weak), "lowest": weak[0].lowest, "limit": weak[0].limit}
        yield Item(
            what=Text("Clean and measure the optics of {names}", values),
            why=Text("received light down to {lowest:one} dBm, the transceiver's limit is {limit:one} dBm", values),
            tone=Tone.WARN,
            refers=weak[0].subject.device,
        )
    broken = [each for each in findings.resources.errors if each.errors]
    if broken:
        values = {"names": _names(broken), "n": broken[0].errors, "before": broken[0].before}
        yield Item(
            what=Text("Check cable and optics of {names}", values),
            why=Text("{n:whole} errors, {before:whole} the day before", values),
            refers=broken[0].subject.device,
        )


def _remedy(near: list[Reading]) -> Text:
    values: Values = {"names": _names(near)}
    return {
        "cpu": Text("Relieve the CPU of {names}", values),
        "memory": Text("Find what takes the memory of {names}", values),
        "storage": Text("Make room on {names}", values),
        "temperature": Text("Cool {names}", values),
        "interface": Text("Plan capacity for {names}", values),
    }[near[0].measure]


def _names(found: Sequence[Reading | Errors | Weak]) -> str:
    return ", ".join(dict.fromkeys(f"{each.subject.device} ({each.subject.name})" for each in found[:3]))


def _nearest(worst: Reading) -> Text:
    values: Values = {"highest": worst.highest, "limit": worst.limit, "mean": worst.mean}
    if worst.measure == "temperature":
        return Text("up to {highest:one} °C of {limit:one} °C, {mean:one} °C on average", values)
    return Text("up to {highest:one} % of {limit:one} %, {mean:one} % on average", values)


def _restored(findings: Findings) -> Iterator[Item]:
    for each in findings.cases:
        if each.restored and each.state in (CaseState.RESOLVED, CaseState.MONITORING):
            yield Item(
                what=Text(
                    "Have the customer confirm {subject} is well, and close",
                    {"subject": cases.about(each.case)},
                ),
                why=Text(
                    "recovered at {at:short}, {state:word}", {"at": moment(each.restored) or "", "state": each.state}
                ),
                tone=Tone.GOOD,
                label=each.severity,
                refers=each.case.name,
            )


def _undelivered(findings: Findings) -> Iterator[Item]:
    if not _present(findings.scope):
        return
    failed = findings.tx.jobs(kind=JobKind.NOTIFY, state=JobState.FAILED)
    if failed:
        yield Item(
            what=Text("Repair the way messages go out"),
            why=Text("not delivered: {n}; the last answer was: {said}", _said(failed[-1].result, len(failed))),
            tone=Tone.WARN,
        )


def _said(result: str, count: int) -> Values:
    return {"n": count, "said": " ".join(result.split())[:200]}


def _contracts(findings: Findings) -> Iterator[Item]:
    scope = findings.scope
    day = periods.today(scope.as_of, scope.timezone)
    for number, contract in sorted(scope.inventory.contracts.items(), key=lambda each: each[1].ends):
        covered = sum(device.contract == number for device in scope.devices)
        left = (contract.ends - day).days
        if not covered or left > _RENEWAL.days:
            continue
        values: Values = {
            "number": number,
            "customer": scope.customer(contract.customer),
            "n": covered,
            "days": abs(left),
            "day": contract.ends.isoformat(),
        }
        if left < 0:
            why = Text("it ended on {day:day} and watched devices still name it: {n}", values)
        else:
            why = Text("it ends on {day:day}; days left: {days}, devices under it: {n}", values)
        yield Item(what=Text("Renew contract {number} with {customer}", values), why=why, refers=number)


def _maintenance(findings: Findings) -> Iterator[Item]:
    scope = findings.scope
    until = scope.as_of + _AHEAD
    ahead = [each for window in scope.windows for each in windows.occurrences(window, scope.as_of, until)]
    for each in sorted(ahead, key=lambda each: each.starts):
        covered = len(windows.devices(each.window, scope.devices))
        yield Item(
            what=Text("Be ready for the maintenance window {name}", {"name": each.name}),
            why=Text(
                "{start:short} to {end:short}; faults open no case on its devices: {n}",
                {"start": each.starts.isoformat(), "end": each.ends.isoformat(), "n": covered},
            ),
            tone=Tone.MUTED,
        )


def _blind(findings: Findings) -> Iterator[Item]:
    scope = findings.scope
    without = [device.name for device in scope.devices if device.ssh is None]
    if without:
        yield Item(
            what=Text("Give the agent SSH access to the devices that lack it: {n}", {"n": len(without)}),
            why=Text("their cases get no evidence, such as {names}", {"names": ", ".join(without[:5])}),
            tone=Tone.MUTED,
        )


_RULES = (
    _restore,
    _down_without_case,
    _unseen,
    _nobody_on_call,
    _unheld,
    _maintenance,
    _without_evidence,
    _resources,
    _undelivered,
    _restored,
    _contracts,
    _blind,
)
