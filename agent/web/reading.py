"""What the pages show, read in one transaction each. Templates get these values and ask for nothing more."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.cases import intake, sla
from agent.cases import ledger as ledgers
from agent.cases.case import Case, CaseState, Decision, Entry, Evidence, Severity
from agent.cases.ledger import Ledger
from agent.cases.mirror import Mirror
from agent.cases.rma import Rma
from agent.cases.vendor import Handover
from agent.faults import availability, ledger, rules
from agent.faults.availability import Availability, Span
from agent.faults.fault import Fault, Reason
from agent.faults.ledger import Line
from agent.faults.trends.baseline import Baseline
from agent.inventory import windows
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Occurrence
from agent.locale import N_
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.pipeline import ladder
from agent.pipeline.ladder import Rung
from agent.ports import Finding, Job, JobKind, Transaction
from agent.web import chart, knowledge
from agent.web import facts as told
from agent.web import parts as device_parts
from agent.web.facts import Facts
from agent.web.knowledge import Known
from agent.web.parts import Parts
from agent.web.snapshot import DAY, Seen, everybody, open_cases

LATEST = 10
_TOLD = (JobKind.NOTIFY, JobKind.NOTICE)
_CHARTS = 12  # of one kind of component on a device's page


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    name: str
    title: str
    customer: str
    total: int
    seen: Mapping[Seen, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`troubled` are the devices that are not up, `working` the cases that are not resolved, most severe first."""

    counts: Mapping[Seen, int]
    cases: Mapping[Severity, int]
    sites: tuple[Site, ...]
    troubled: tuple[tuple[Device, Seen], ...]
    working: tuple[Case, ...]
    latest: tuple[Case, ...]
    events: tuple[Event, ...]
    maintenance: tuple[Occurrence, ...]

    @property
    def open(self) -> int:
        return sum(self.cases.values())


def overview(tx: Transaction, inventory: Inventory, now: datetime) -> Overview:
    states = everybody(tx, inventory, now)
    working = [case for case in tx.live_cases() if not case.resolved and not case.closed]
    known = {case.number for case in working}
    latest = [case for case in tx.cases(limit=LATEST + len(known)) if case.number not in known]
    return Overview(
        counts=count(states.values()),
        cases=open_cases(tx),
        sites=_sites(inventory, states),
        troubled=tuple((inventory.devices[name], seen) for name, seen in states.items() if seen is not Seen.UP),
        working=tuple(sorted(working, key=lambda case: (case.severity, -case.number))),
        latest=tuple(latest[:LATEST]),
        events=tx.events(limit=LATEST),
        maintenance=windows.running(windows.known(inventory.windows, tx.windows()), now),
    )


def count(states: Iterable[Seen]) -> dict[Seen, int]:
    counts = dict.fromkeys(Seen, 0)
    for seen in states:
        counts[seen] += 1
    return counts


def _sites(inventory: Inventory, states: Mapping[str, Seen]) -> tuple[Site, ...]:
    found: dict[str, list[Seen]] = {name: [] for name in inventory.sites}
    for name, device in inventory.devices.items():
        found.setdefault(device.site, []).append(states[name])
    sites = []
    for name, seen in found.items():
        site = inventory.sites.get(name)
        customer = site.customer if site else ""
        title = site.title if site else ""
        sites.append(
            Site(
                name=name,
                title=title or name,
                customer=customer_title(inventory, customer),
                total=len(seen),
                seen=count(seen),
            )
        )
    return tuple(sites)


def customer_title(inventory: Inventory, name: str) -> str:
    customer = inventory.customers.get(name)
    return customer.title or customer.name if customer else name


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another case, and what it has to do with this one (a msgid)."""

    how: str
    case: Case


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything known of one case. `root` is None when its fault is no longer in the store."""

    case: Case
    root: Fault | None
    symptoms: tuple[Fault, ...]
    timeline: tuple[Entry, ...]
    decisions: tuple[Decision, ...]
    evidence: tuple[Evidence, ...]
    notifications: tuple[Job, ...]
    clocks: sla.Clocks
    known: Known  # what was learned before of its kind
    mirrors: tuple[Mirror, ...]  # in other ticket systems
    around: tuple[Neighbour, ...] = ()
    ladder: tuple[Rung, ...] = ()  # whom it has reached and will reach
    handovers: tuple[Handover, ...] = ()  # to vendors
    rmas: tuple[Rma, ...] = ()

    @property
    def reported(self) -> str:
        """What a person wrote when they opened it."""
        return intake.told(self.timeline)

    @property
    def ledger(self) -> Ledger:
        """How fast it was seen, opened, told, answered and over."""
        return ledgers.of(self.case, (*([self.root] if self.root else ()), *self.symptoms), self.timeline)


def case_file(tx: Transaction, inventory: Inventory, number: int, now: datetime) -> CaseFile | None:
    case = tx.case(number)
    if case is None:
        return None
    faults = tx.faults(case=number)
    root = next((fault for fault in faults if fault.id == case.root), None)
    return CaseFile(
        case=case,
        root=root or next(iter(tx.faults(ids=[case.root])), None),
        symptoms=tuple(fault for fault in faults if fault.id != case.root),
        timeline=tx.timeline(number),
        decisions=tx.decisions(case.name),
        evidence=tx.evidence(number),
        notifications=tuple(job for job in tx.jobs(case=number) if job.kind in _TOLD),
        clocks=sla.clocks(case, tx.timeline(number), inventory, now),
        known=knowledge.of_case(tx, case, tx.timeline(number)),
        mirrors=tx.mirrors(case=number),
        around=tuple(_around(tx, case)),
        ladder=ladder.rungs(tx, inventory, case, tx.timeline(number), now),
        handovers=tx.handovers(number),
        rmas=tx.rmas(case=number),
    )


def _around(tx: Transaction, case: Case) -> Iterator[Neighbour]:
    """The cases that it has to do with."""
    if case.parent and (parent := tx.case(case.parent)):
        yield Neighbour(N_("Part of"), parent)
    if case.merged_into and (into := tx.case(case.merged_into)):
        yield Neighbour(N_("Merged into"), into)
    yield from (Neighbour(N_("Part:"), child) for child in tx.children(case.number))
    yield from (Neighbour(N_("Linked to"), other) for other in tx.related(case.number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    name: str
    state: str
    alias: str
    speed_bps: int
    errors: int | None  # in and out, since the device counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One number of one component, with its last day. `limit` is where it becomes too much."""

    name: str
    value: float
    limit: float | None
    points: str
    band: str = ""  # what is usual, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFile:
    device: Device
    seen: Seen
    since: datetime | None
    identity: Mapping[Fact, str]
    polled: Mapping[Tier, datetime]
    failures: tuple[str, ...]
    ports: tuple[Port, ...]
    cpu: tuple[Gauge, ...]
    memory: tuple[Gauge, ...]
    temperature: tuple[Gauge, ...]
    round_trip: tuple[Gauge, ...]
    parts: Parts
    peers: tuple[tuple[str, str, int], ...]  # address, BGP state, remote AS
    faults: tuple[Fault, ...]
    cases: tuple[Case, ...]
    decisions: tuple[Decision, ...]
    events: tuple[Event, ...]
    availability: Availability
    strip: Sequence[chart.Bar]
    drawn: timedelta  # how far back the gauges' curves reach
    findings: tuple[Finding, ...]  # what its history shows

    @property
    def usual(self) -> bool:
        """Whether any of the curves is drawn with what is usual."""
        return any(gauge.band for gauge in (*self.cpu, *self.memory, *self.temperature, *self.round_trip))


_IDENTITY = (Fact.VENDOR, Fact.MODEL, Fact.VERSION, Fact.SERIAL, Fact.PLATFORM, Fact.SYS_NAME, Fact.SYS_DESCR)


def device_file(tx: Transaction, inventory: Inventory, name: str, now: datetime) -> DeviceFile | None:
    device = inventory.devices.get(name)
    if device is None:
        return None
    period = Span(now - DAY, now)
    batches = _latest(tx, name)
    facts = told.merge(batches)
    own = facts.get(Subject(name), {})
    intervals = tx.intervals(period.start, now + timedelta(microseconds=1), kind=ComponentKind.DEVICE, device=name)
    coverage = tx.coverage("reachability", period.start, now, name).get(name, [])
    planned = availability.planned_for(device, windows.known(inventory.windows, tx.windows()), period)
    division = availability.divide(period, coverage, intervals, planned)
    book, drawn = rules.in_force(), _known(period, division)
    site = inventory.sites.get(device.site)
    drawing = _Drawing(tx, facts, drawn, tx.baselines(name), ZoneInfo(site.timezone if site else "UTC"))
    return DeviceFile(
        device=device,
        seen=everybody(tx, inventory, now)[name],
        since=next((interval.began for interval in reversed(intervals) if interval.ended is None), None),
        identity={fact: str(own[fact].value) for fact in _IDENTITY if fact in own},
        polled={batch.tier: batch.at for batch in batches},
        failures=tuple(dict.fromkeys(cause for batch in batches for cause in batch.failures)),
        ports=_ports(facts, tx.states(name)),
        cpu=drawing.gauges(ComponentKind.CPU, Fact.USAGE, book.limit("cpu_high", device)),
        memory=drawing.gauges(ComponentKind.MEMORY, Fact.USED, book.limit("memory_high", device)),
        temperature=drawing.gauges(ComponentKind.TEMPERATURE, Fact.CELSIUS, book.limit("temperature_high", device)),
        round_trip=drawing.gauges(ComponentKind.DEVICE, Fact.RTT, None),
        parts=device_parts.read(facts, own, batches, _known_as(inventory)),
        peers=_peers(facts),
        faults=_newest_first(tx.faults(start=now - 7 * DAY, device=name)),
        cases=tx.cases(device=name, limit=LATEST),
        decisions=tx.decisions(name, limit=LATEST),
        events=tx.events(device=name, limit=LATEST),
        availability=availability.of(period, coverage, intervals, planned),
        strip=chart.strip(division, period),
        drawn=drawn.length,
        findings=tx.findings(name),
    )


def _known(period: Span, division: availability.Division) -> Span:
    """The part of the period since the device was first observed in it, five minutes at least."""
    seen = [span.start for span in (*division.up, *division.down, *division.planned)]
    first = min([*seen, period.end - timedelta(minutes=5)])
    return Span(max(first, period.start), period.end)


def _newest_first(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.cleared is None, fault.began), reverse=True))[:50]


def parts(tx: Transaction, inventory: Inventory, name: str) -> Parts:
    """What the last polls told of a device of the inventory."""
    batches = _latest(tx, name)
    facts = told.merge(batches)
    return device_parts.read(facts, facts.get(Subject(name), {}), batches, _known_as(inventory))


def _latest(tx: Transaction, name: str) -> list[Batch]:
    return [batch for batch in (tx.latest(name, tier) for tier in Tier) if batch]


def _known_as(inventory: Inventory) -> Callable[[str, str], str]:
    """The device of the inventory that goes by a name, with or without its domain, or by an address; else ""."""
    names = {name.lower(): name for name in inventory.devices}
    addresses = {device.address: name for name, device in inventory.devices.items()}

    def known_as(name: str, address: str) -> str:
        lower = name.lower()
        return names.get(lower) or names.get(lower.partition(".")[0]) or addresses.get(address, "")

    return known_as


def _ports(facts: Facts, states: Mapping[Subject, str]) -> tuple[Port, ...]:
    return tuple(_port(subject, known, states) for subject, known in told.of(facts, ComponentKind.INTERFACE))


def _port(subject: Subject, known: Mapping[Fact, Observation], states: Mapping[Subject, str]) -> Port:
    admin, oper = (str(known[f].value) if f in known else "" for f in (Fact.ADMIN_STATUS, Fact.OPER_STATUS))
    errors = [int(known[f].value) for f in (Fact.IN_ERRORS, Fact.OUT_ERRORS) if f in known]
    return Port(
        name=subject.name,
        state=states.get(subject) or ("admin_down" if admin == "down" else oper or "unknown"),
        alias=str(known[Fact.ALIAS].value) if Fact.ALIAS in known else "",
        speed_bps=int(known[Fact.SPEED].value) if Fact.SPEED in known else 0,
        errors=sum(errors) if errors else None,
    )


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What the curves of a device's page are drawn from."""

    tx: Transaction
    facts: Facts
    period: Span
    usual: Mapping[tuple[Subject, Fact], Baseline]
    zone: ZoneInfo

    def gauges(self, kind: ComponentKind, fact: Fact, limit: float | None) -> tuple[Gauge, ...]:
        """Percentages and temperatures on a scale of 0 to 100, other numbers up to their highest."""
        having = [(subject, known[fact]) for subject, known in told.of(self.facts, kind) if fact in known]
        return tuple(self._gauge(subject, o, limit) for subject, o in having[:_CHARTS])

    def _gauge(self, subject: Subject, o: Observation, limit: float | None) -> Gauge:
        period, usual = self.period, self.usual.get((subject, o.fact))
        samples = self.tx.series(subject, o.fact, period.start, period.end)
        highest = max((sample.value for sample in samples), default=1.0)
        if usual is not None:
            highest = max(highest, *(usual.expected(at, self.zone).high for at in (period.start, period.end)))
        top = 100.0 if limit else highest * 1.1
        return Gauge(
            name=subject.name,
            value=float(o.value),
            limit=None if o.detail == "reclaimable" else o.limit or limit,
            points=chart.line(samples, period, 0.0, top),
            band=chart.band(usual, self.zone, period, 0.0, top) if usual else "",
        )


def _peers(facts: Facts) -> tuple[tuple[str, str, int], ...]:
    peers = []
    for subject, known in told.of(facts, ComponentKind.BGP_PEER):
        state = str(known[Fact.BGP_STATE].value) if Fact.BGP_STATE in known else "unknown"
        remote = int(known[Fact.REMOTE_AS].value) if Fact.REMOTE_AS in known else 0
        peers.append((subject.name, state, remote))
    return tuple(peers)


def cases(
    tx: Transaction,
    *,
    state: str = "",
    severity: str = "",
    device: str = "",
    customer: str = "",
    q: str = "",
    limit: int,
    offset: int = 0,
) -> tuple[Case, ...]:
    """Newest first. `state` is a CaseState or `open` (not resolved, not closed). Unknown words filter nothing. `q` are
    words that all have to stand in what a case says of itself."""
    known = state if state in set(CaseState) else None
    found = tx.cases(device=device or None, customer=customer or None, state=known, limit=10_000)
    if state == "open":
        found = tuple(case for case in found if not case.resolved and not case.closed)
    if severity in set(Severity):
        found = tuple(case for case in found if case.severity == severity)
    if words := q.lower().split():
        found = tuple(case for case in found if all(word in _said(case) for word in words))
    return found[offset : offset + limit]


def _said(case: Case) -> str:
    said = (
        case.name, case.title, str(case.subject), case.reporter, case.reporter_address, case.serial, case.contract,
        case.customer, case.site, case.assignee,
    )  # fmt: skip
    return " ".join(said).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A fault with why it has no case of its own; `line` is None where it has."""

    fault: Fault
    line: Line | None


def faults(
    tx: Transaction, now: datetime, *, show: str = "", reason: str = "", device: str = "", case: int = 0
) -> tuple[Listed, ...]:
    """Newest first: the open ones; with `show` `suppressed` or a reason only what has no case of its own, that which
    ended in the last day too. Words nobody knows filter nothing."""
    if case:
        found = tx.faults(case=case, device=device or None)
    elif show == "suppressed" or reason in set(Reason):
        found = tx.faults(start=now - DAY, device=device or None)
    else:
        found = tx.open_faults(device or None)
    listed = {line.fault.id: line for line in ledger.lines(found)}
    every = [Listed(fault=fault, line=listed.get(fault.id)) for fault in found]
    if show == "suppressed":
        every = [each for each in every if each.line]
    if reason in set(Reason):
        every = [each for each in every if each.line and each.line.why.word == reason]
    return tuple(reversed(every))


def count_reasons(found: Iterable[Listed]) -> dict[Reason, int]:
    """Of the reasons that there are, how many each keeps from a case; most first."""
    return dict(Counter(each.line.why.word for each in found if each.line).most_common())


def events(
    tx: Transaction, *, device: str = "", source: str = "", severity: str = "", limit: int, offset: int = 0
) -> tuple[Event, ...]:
    """Newest first; `severity` means that severe or worse. Words nobody knows filter nothing."""
    found = tx.events(
        device=device or None,
        source=Source(source) if source in set(Source) else None,
        severity=SyslogSeverity(severity) if severity in set(SyslogSeverity) else None,
        limit=offset + limit,
    )
    return found[offset:]
