"""`/availability`: how long things were up, for people and for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from agent.errors import UsageError
from agent.faults.availability import Availability, Span
from agent.faults.availability import standing as standings
from agent.faults.availability.reliability import Outage
from agent.faults.availability.standing import By, Hours, Standing
from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Inventory
from agent.ports import Transaction
from agent.web import chart
from agent.web.pages import PER_PAGE, Page, Site, Text
from agent.web.schemas import AvailabilityShape, FourShape, OutageShape
from reports import past as pasts
from reports.past import Parts

_FEW = 20  # devices that are asked one by one
_PIECES = 400  # of a strip; more cannot be told apart
_TOLD = 100  # outages of one thing, for programs
_SHOWN = 3  # … for people
_MOMENT = timedelta(microseconds=1)
_LONGEST = timedelta(days=1100)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # nobody was asked before
_FAILURES = frozenset({FaultKind.DEVICE_UNREACHABLE, FaultKind.INTERFACE_DOWN})
Place = Annotated[str, Query(max_length=200)]


class Back(StrEnum):
    """How far back from now."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"

    @property
    def length(self) -> timedelta:
        return timedelta(days={"day": 1, "week": 7, "month": 30, "quarter": 91}[self])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`bars` are a strip of the time as it went, or of several devices' time as it sums up."""

    standing: Standing
    bars: Sequence[chart.Bar]
    outages: tuple[tuple[Outage, int], ...]  # the newest, each with its case or 0
    more: int  # outages that are not shown


def read(
    tx: Transaction, inventory: Inventory, period: Span, now: datetime, by: By, hours: Hours, device: str = ""
) -> tuple[Standing, ...]:
    """The worst first. Of interfaces only one device's: all of a network's are for the command line."""
    parts = Parts.LINKED if by is By.LINK else Parts.ALL if by is By.INTERFACE else Parts.NONE
    past = pasts.read(tx, inventory, period, now, parts, device)
    return tuple(sorted(standings.of(past, by, hours), key=_badness))


def _badness(line: Standing) -> tuple[float, timedelta, str]:
    return (101.0 if line.percent is None else line.percent, -line.sums.unobserved, line.name)


def path(
    tx: Transaction, inventory: Inventory, period: Span, now: datetime, ends: tuple[str, str], hours: Hours
) -> Standing:
    """Raises UsageError where an end stands for nothing."""
    return standings.path(pasts.read(tx, inventory, period, now, Parts.LINKED), *ends, hours)


def lines(tx: Transaction, found: Iterable[Standing], period: Span) -> tuple[Line, ...]:
    return tuple(_line(tx, standing, period) for standing in found)


def _line(tx: Transaction, standing: Standing, period: Span) -> Line:
    newest = standing.reliability.outages[::-1][:_SHOWN]
    bars = chart.strip(standing.division, period) if standing.division is not None else []
    if not 0 < len(bars) <= _PIECES:
        bars = chart.shares(standing.sums)
    more = len(standing.reliability.outages) - len(newest)
    return Line(standing=standing, bars=bars, outages=with_cases(tx, standing, newest), more=more)


def with_cases(tx: Transaction, standing: Standing, some: Iterable[Outage]) -> tuple[tuple[Outage, int], ...]:
    """Each outage with the case that was opened for it, 0 where there is none."""
    wanted = tuple(some)
    if not wanted:
        return ()
    start, end = min(each.start for each in wanted), max(each.end for each in wanted)
    names = sorted({subject.device for subject in standing.subjects})
    asked: Sequence[str | None] = names if len(names) <= _FEW else [None]
    faults = [fault for name in asked for fault in tx.faults(start=start, end=end + _MOMENT, device=name)]
    own = [fault for fault in faults if fault.kind in _FAILURES and fault.subject in standing.subjects and fault.case]
    return tuple((outage, _case(outage, own)) for outage in wanted)


def _case(outage: Outage, faults: Iterable[Fault]) -> int:
    known = [f for f in faults if f.began < outage.end and (f.cleared is None or f.cleared > outage.start)]
    return min(known, key=lambda fault: abs(fault.began - outage.start)).case if known else 0


# ---------------------------------------------------------------- for people


def pages(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/availability")
    def availability(
        request: Request,
        by: Text = "",
        back: Text = "",
        hours: Text = "",
        device: Text = "",
        a: Place = "",
        b: Place = "",
        page: Page = 1,
    ) -> Response:
        """What means nothing chooses nothing."""
        now, far = site.now(), Back(back) if back in set(Back) else Back.DAY
        kind = By(by) if by in set(By) else By.DEVICE
        counted = Hours(hours) if hours in set(Hours) else Hours.ALWAYS
        kind = By.DEVICE if kind is By.INTERFACE and device not in site.inventory.devices else kind
        period, wrong, found = Span(now - far.length, now), "", tuple[Standing, ...]()
        start = (page - 1) * PER_PAGE
        with site.store.read() as tx:
            try:
                if a and b:
                    found = (path(tx, site.inventory, period, now, (a, b), counted),)
                else:
                    found = read(tx, site.inventory, period, now, kind, counted, device)
            except UsageError as error:
                wrong = str(error)
            shown = lines(tx, found[start : start + PER_PAGE], period)
        return site.pages.render(
            request,
            "availability.html",
            lines=shown,
            total=len(found),
            page=page,
            more=len(found) > start + PER_PAGE,
            wrong=wrong,
            period=period,
            weights=standings.weights(site.inventory),
            chosen={"by": kind, "back": far, "hours": counted, "device": device, "a": a, "b": b},
            kinds=[each for each in By if each is not By.INTERFACE or kind is By.INTERFACE],
            backs=list(Back),
            inventory=site.inventory,
        )

    return routes


# ---------------------------------------------------------------- for programs


def api(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", tags=["v1"])

    @routes.get("/availability")
    def availability(
        by: By = By.DEVICE,
        hours: Hours = Hours.ALWAYS,
        start: Annotated[datetime | None, Query(alias="from")] = None,
        end: Annotated[datetime | None, Query(alias="to")] = None,
        device: Place = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> list[AvailabilityShape]:
        """The worst first; of the last 24 hours unless told otherwise. Interfaces need the name of their device."""
        if by is By.INTERFACE and device not in site.inventory.devices:
            raise HTTPException(422, "by=interface needs device=, the name of one that there is")
        now = site.now()
        period = _period(start, end, now)
        with site.store.read() as tx:
            found = read(tx, site.inventory, period, now, by, hours, device)
            return [_shape(tx, line) for line in found[offset : offset + limit]]

    @routes.get("/availability/path")
    def reach(
        a: Place,
        b: Place,
        hours: Hours = Hours.ALWAYS,
        start: Annotated[datetime | None, Query(alias="from")] = None,
        end: Annotated[datetime | None, Query(alias="to")] = None,
    ) -> AvailabilityShape:
        """Whether a could reach b: devices, sites or customers."""
        now = site.now()
        with site.store.read() as tx:
            try:
                return _shape(tx, path(tx, site.inventory, _period(start, end, now), now, (a, b), hours))
            except UsageError as error:
                raise HTTPException(404, str(error)) from error

    return routes


def _period(start: datetime | None, end: datetime | None, now: datetime) -> Span:
    """422 for one that is empty, too long, or of naive times."""
    until = min(end, now) if end and end.tzinfo else now
    since = start or max(until, _EARLIEST) - timedelta(days=1)
    if (
        until < _EARLIEST
        or (end or now).tzinfo is None
        or since.tzinfo is None
        or not until - _LONGEST <= since < until
    ):
        raise HTTPException(422, "from must lie before to, before now, at most three years back, each with its offset")
    return Span(since, until)


def _shape(tx: Transaction, line: Standing) -> AvailabilityShape:
    found = line.reliability
    outages = with_cases(tx, line, found.outages[::-1][:_TOLD])
    return AvailabilityShape(
        by=line.by,
        name=line.name,
        customer=line.customer,
        site=line.site,
        percent=line.percent,
        target=line.target,
        verdict=line.verdict,
        hours=line.hours,
        time=_four(line.sums),
        reachable=_four(line.reachable) if line.reachable else None,
        devices=line.devices,
        observed=line.observed,
        missed=line.missed,
        failures=len(found.outages),
        mtbf=_seconds(found.mtbf),
        mttr=_seconds(found.mttr),
        longest=_seconds(found.longest),
        outages=[
            OutageShape(start=outage.start, end=outage.end, down=outage.down.total_seconds(), case=case)
            for outage, case in outages
        ],
    )


def _four(sums: Availability) -> FourShape:
    up, down, planned, unseen = (part.total_seconds() for part in (sums.up, sums.down, sums.planned, sums.unobserved))
    return FourShape(up=up, down=down, planned=planned, unobserved=unseen, percent=sums.percent)


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
