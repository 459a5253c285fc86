"""The pages for people: addresses, filters, and which template shows what."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from agent import locale
from agent.cases import attachments
from agent.cases.case import CaseState, Evidence, Severity
from agent.errors import NetcaseError, UnavailableError
from agent.faults.fault import Reason
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import Source, Subject, SyslogSeverity
from agent.ports import EvidenceFiles, Store
from agent.web import maintenance, promises, reading, standing
from agent.web.rendering import Pages, language
from agent.web.shield import REPORT_POLICY
from agent.web.snapshot import Seen, everybody

PER_PAGE = 50
Text = Annotated[str, Query(max_length=200)]
Name = Annotated[str, Query(max_length=2000)]
Page = Annotated[int, Query(ge=1, le=2000)]
Reports = Callable[[str, str, str, str], bytes]
"""(name, date or key, language, format) → the file. Raises NetcaseError when there is none."""
_KEY = re.compile(r"[\w.:@+-]{1,100}", re.ASCII)
WEEKLY = ("tracking", "satisfaction")
_REPORT_TYPES = {"html": "text/html; charset=utf-8", "json": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What every page needs."""

    store: Store
    inventory: Inventory
    evidence: EvidenceFiles
    reports: Reports
    now: Callable[[], datetime]
    pages: Pages
    bundles: bool = False  # whether a case's bundle can be had

    def today(self) -> date:
        """On the clock that reports go by."""
        return self.now().astimezone(ZoneInfo(self.inventory.policies.daily_report.timezone)).date()


def router(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    _network(routes, site)
    _faults(routes, site)
    _cases(routes, site)
    _maintenance(routes, site)
    _documents(routes, site)
    return routes


def _network(routes: APIRouter, site: Site) -> None:
    @routes.get("/")
    def overview(request: Request) -> Response:
        with site.store.read() as tx:
            shown = reading.overview(tx, site.inventory, site.now())
        return site.pages.render(request, "overview.html", overview=shown, inventory=site.inventory)

    @routes.get("/devices")
    def devices(
        request: Request, q: Text = "", state: Text = "", customer: Text = "", at: Text = "", page: Page = 1
    ) -> Response:
        with site.store.read() as tx:
            states = everybody(tx, site.inventory, site.now())
        found = [
            (device, states[device.name])
            for device in site.inventory.devices.values()
            if _matches(device, q) and customer in {"", device.customer} and at in {"", device.site}
        ]
        if state in set(Seen):
            found = [pair for pair in found if pair[1] == state]
        start = (page - 1) * PER_PAGE
        return site.pages.render(
            request,
            "devices.html",
            devices=found[start : start + PER_PAGE],
            counts=reading.count(states.values()),
            total=len(found),
            page=page,
            more=len(found) > start + PER_PAGE,
            inventory=site.inventory,
            chosen={"q": q, "state": state, "customer": customer, "at": at},
        )

    @routes.get("/devices/{name}")
    def device(request: Request, name: str) -> Response:
        with site.store.read() as tx:
            file, now = reading.device_file(tx, site.inventory, name, site.now()), site.now()
            planned = maintenance.of(tx, site.inventory, Subject(name), now - maintenance.WEEK, now + maintenance.DAY)
        if file is None:
            raise HTTPException(404)
        return site.pages.render(request, "device.html", file=file, maintained=planned, inventory=site.inventory)

    @routes.get("/events")
    def events(request: Request, device: Text = "", source: Text = "", severity: Text = "", page: Page = 1) -> Response:
        chosen = {"device": device, "source": source, "severity": severity}
        with site.store.read() as tx:
            found = reading.events(tx, **chosen, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
        return site.pages.render(
            request,
            "events.html",
            events=found[:PER_PAGE],
            page=page,
            more=len(found) > PER_PAGE,
            chosen=chosen,
            inventory=site.inventory,
            sources=[Source.SYSLOG, Source.TRAP],
            severities=list(SyslogSeverity),
        )


def _matches(device: Device, q: str) -> bool:
    words = (
        f"{device.name} {device.address} {device.platform} {device.role} {device.site} {' '.join(device.tags)}".lower()
    )
    return all(word in words for word in q.lower().split())


def _faults(routes: APIRouter, site: Site) -> None:
    @routes.get("/faults")
    def faults(
        request: Request, show: Text = "", reason: Text = "", device: Text = "", case: int = 0, page: Page = 1
    ) -> Response:
        chosen = {"show": show, "reason": reason, "device": device}
        with site.store.read() as tx:
            found = reading.faults(tx, site.now(), **chosen, case=_stored(case))
        start = (page - 1) * PER_PAGE
        return site.pages.render(
            request,
            "faults.html",
            faults=found[start : start + PER_PAGE],
            total=len(found),
            counts=reading.count_reasons(found),
            page=page,
            more=len(found) > start + PER_PAGE,
            chosen={**chosen, "case": case or ""},
            reasons=list(Reason),
            inventory=site.inventory,
        )


def _cases(routes: APIRouter, site: Site) -> None:
    @routes.get("/cases")
    def cases(
        request: Request,
        state: Text = "",
        severity: Text = "",
        device: Text = "",
        customer: Text = "",
        q: Text = "",
        page: Page = 1,
    ) -> Response:
        chosen = {"state": state, "severity": severity, "device": device, "customer": customer, "q": q}
        with site.store.read() as tx:
            found = reading.cases(tx, **chosen, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
            due = promises.next_due(tx, found[:PER_PAGE], site.inventory, site.now())
        return site.pages.render(
            request,
            "cases.html",
            cases=found[:PER_PAGE],
            due=due,
            page=page,
            more=len(found) > PER_PAGE,
            chosen=chosen,
            states=list(CaseState),
            severities=list(Severity),
            inventory=site.inventory,
        )

    @routes.get("/cases/{number:int}")
    def case(request: Request, number: int) -> Response:
        with site.store.read() as tx:
            file = reading.case_file(tx, site.inventory, _stored(number), site.now())
            planned = maintenance.of_case(tx, site.inventory, file.case, site.now()) if file else ()
        if file is None:
            raise HTTPException(404)
        theirs = standing.of(file.case, file.timeline, site.now())
        known = site.inventory
        return site.pages.render(
            request, "case.html", file=file, theirs=theirs, maintained=planned, inventory=known, bundles=site.bundles
        )

    @routes.get("/cases/{number:int}/evidence/{id:int}")
    def evidence(number: int, id: int) -> Response:  # noqa: A002 - as it stands in the address
        with site.store.read() as tx:
            found = next((e for e in tx.evidence(_stored(number)) if e.id == id and e.sha256), None)
        path = site.evidence.path(found.sha256) if found else None
        if found is None or path is None or not path.is_file():
            raise HTTPException(404)
        if found.tier == attachments.TIER:  # a person's file: nobody knows what it is, and no browser shall open it
            name = attachments.name(found.command)
            return FileResponse(path, media_type="application/octet-stream", filename=name)
        return FileResponse(path, media_type="text/plain; charset=utf-8", filename=_file_name(found))


def _stored(number: int) -> int:
    """A number that a database can look for."""
    if number > 2**31 - 1:
        raise HTTPException(404)
    return number


def _file_name(evidence: Evidence) -> str:
    words = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{evidence.device}-{evidence.command}").strip("-.")
    return f"NC-{evidence.case:06d}-{words[:80]}.txt"


def _maintenance(routes: APIRouter, site: Site) -> None:
    @routes.get("/maintenance")
    def plan(request: Request) -> Response:
        with site.store.read() as tx:
            found = maintenance.read(tx, site.inventory, site.now())
        return site.pages.render(request, "maintenance.html", plan=found, inventory=site.inventory)

    @routes.get("/maintenance/window")
    def window(request: Request, name: Name, at: Text = "") -> Response:
        with site.store.read() as tx:
            file = maintenance.window_file(tx, site.inventory, name, at, site.now())
        if file is None:
            raise HTTPException(404)
        return site.pages.render(request, "window.html", file=file, inventory=site.inventory)


def _documents(routes: APIRouter, site: Site) -> None:
    @routes.get("/reports")
    def reports(request: Request) -> Response:
        with site.store.read() as tx:
            daily = [(date.fromisoformat(key), at) for key, at in tx.documents("daily") if _is_day(key)]
            months = tx.documents("rma")
            weeks = sorted({key for name in WEEKLY for key, _ in tx.documents(name) if _is_day(key)}, reverse=True)
        days, today = [date.fromisoformat(key) for key in weeks], site.today()
        return site.pages.render(request, "reports.html", daily=daily, months=months, weeks=days, today=today)

    @routes.get("/inspections")
    def inspections(request: Request) -> Response:
        with site.store.read() as tx:
            known = tx.documents("inspection")
        return site.pages.render(request, "inspections.html", inspections=known)

    @routes.get("/reports/daily")
    def chosen(day: Text = "", lang: Text = "") -> Response:
        """Where the form of the reports' page leads."""
        if not _is_day(day):
            raise HTTPException(404)
        return RedirectResponse(f"/reports/daily/{day}?lang={locale.match(lang)}")

    @routes.get("/reports/daily/{day}")
    def daily(request: Request, day: str, format: Text = "html") -> Response:  # noqa: A002
        """Any day's until today: what is not written yet is made of what is known now."""
        if not _is_day(day) or date.fromisoformat(day) > site.today():
            raise HTTPException(404)
        return document(site, request, "daily", day, format)

    @routes.get("/reports/tracking/{day}")
    def tracking(request: Request, day: str, format: Text = "html") -> Response:  # noqa: A002
        return _week(site, request, "tracking", day, format)

    @routes.get("/reports/satisfaction/{day}")
    def satisfaction(request: Request, day: str, format: Text = "html") -> Response:  # noqa: A002
        return _week(site, request, "satisfaction", day, format)

    @routes.get("/inspections/{key}")
    def inspection(request: Request, key: str, format: Text = "html") -> Response:  # noqa: A002
        with site.store.read() as tx:
            if tx.document("inspection", key) is None:
                raise HTTPException(404)
        return document(site, request, "inspection", key, format)


def _week(site: Site, request: Request, name: str, day: str, form: str) -> Response:
    """The seven days that end with any day until today."""
    if not _is_day(day) or date.fromisoformat(day) > site.today():
        raise HTTPException(404)
    return document(site, request, name, day, form)


def document(site: Site, request: Request, kind: str, key: str, form: str) -> Response:
    """A report in the visitor's language, as a file that runs nothing."""
    if form not in _REPORT_TYPES or not _KEY.fullmatch(key):
        raise HTTPException(404)
    try:
        content = site.reports(kind, key, language(request), form)
    except UnavailableError:
        raise
    except NetcaseError as error:
        raise HTTPException(404) from error
    headers = {"content-security-policy": REPORT_POLICY}
    return Response(content, media_type=_REPORT_TYPES[form], headers=headers)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
