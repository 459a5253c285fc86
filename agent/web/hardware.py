"""Vendors' cases, RMAs and spare parts on pages and at `/api/v1`; a case's bundle and the monthly list as files."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from agent.cases import spares, vendor
from agent.cases.spares import SpareState
from agent.web import hardware_shapes as shapes
from agent.web import pages as site_pages
from agent.web.pages import Site
from agent.web.schemas import HandoverShape, RmaShape, SpareShape, StockShape

Bundles = Callable[[int], tuple[str, bytes] | None]
"""A case's number → the name and the bytes of its bundle; None when there is no such case."""
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Name = Annotated[str, Query(max_length=200)]
_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")


def pages(site: Site, bundles: Bundles | None) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/cases/{number:int}/bundle")
    def bundle(number: int) -> Response:
        """Everything that a vendor needs of the case, as one archive."""
        made = bundles(number) if bundles and number < 2**31 else None
        if made is None or not _NAME.fullmatch(made[0]):
            raise HTTPException(404)
        headers = {"content-disposition": f'attachment; filename="{made[0]}"'}
        return Response(made[1], media_type="application/zip", headers=headers)

    @routes.get("/reports/rma/{month}")
    def monthly(request: Request, month: str, format: str = "html") -> Response:  # noqa: A002 - as in the address
        """Of any month until this one, as 2026-11."""
        try:
            day = date.fromisoformat(f"{month}-01") if re.fullmatch(r"\d{4}-\d{2}", month) else None
        except ValueError:
            day = None
        if day is None or day > site.today():
            raise HTTPException(404)
        return site_pages.document(site, request, "rma", day.isoformat(), format)

    return routes


def api(site: Site) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", tags=["v1"])

    @routes.get("/rmas")
    def rmas(
        case: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        device: Name = "",
        all: bool = False,  # noqa: A002 - as it stands in the query
        limit: Limit = 100,
    ) -> list[RmaShape]:
        """By number: those that are not over, with `all` the others too."""
        with site.store.read() as tx:
            found = tx.rmas(case=case or None, device=device or None, only_open=not all)
        return [shapes.rma(each) for each in found[:limit]]

    @routes.get("/rmas/{number}")
    def rma(number: Number) -> RmaShape:
        with site.store.read() as tx:
            found = tx.rma(number)
        if found is None:
            raise HTTPException(404, "no such RMA")
        return shapes.rma(found)

    @routes.get("/spares")
    def parts(
        part: Name = "", location: Name = "", state: SpareState | None = None, limit: Limit = 100
    ) -> list[SpareShape]:
        """By part number, location and serial number."""
        with site.store.read() as tx:
            found = tx.spares(part=part or None, location=location or None)
        return [shapes.spare(each) for each in found if state in {None, each.state}][:limit]

    @routes.get("/stock")
    def stock(low: bool = False) -> list[StockShape]:
        """How many of each part lie where; with `low` only what runs low."""
        with site.store.read() as tx:
            counted = spares.count(tx.spares(), site.inventory.policies.rma.minimum_stock)
        return [shapes.stock(each) for each in counted if each.low or not low]

    @routes.get("/vendors")
    def vendors(all: bool = False, limit: Limit = 100) -> list[HandoverShape]:  # noqa: A002 - as it stands in the query
        """Our cases in the hands of vendors, those whose news are overdue first; with `all` those that are over too."""
        now = site.now()
        with site.store.read() as tx:
            found = [(case, each) for each in tx.handovers(only_open=not all) if (case := tx.case(each.case))]
        return [shapes.handover(case, each) for case, each in vendor.by_urgency(found, now)[:limit]]

    return routes
