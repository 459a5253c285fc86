"""The site: pages for people, `/api/v1` for programs, `/metrics` for Prometheus, `/healthz` for supervisors."""

import asyncio
import contextlib
import gc
import gzip
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from agent import version
from agent.cases.links import Links
from agent.errors import UnavailableError
from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.ports import EvidenceFiles, Store
from agent.web import acting, answers, api, availability, faq, hardware, intake, pages, writing
from agent.web.auth import Gate
from agent.web.metrics_page import CONTENT_TYPE, MetricsPage
from agent.web.outside import Outside
from agent.web.rendering import Pages
from agent.web.schemas import Health
from agent.web.shield import HEADERS, Shield
from agent.web.writing import Writing

log = structlog.get_logger()


def create(
    store: Store,
    inventory: Inventory,
    evidence: EvidenceFiles,
    metrics: Metrics,
    now: Callable[[], datetime],
    reports: pages.Reports,
    *,
    allow_hosts: Iterable[str] = (),
    links: Links | None = None,
    refresh_s: float = 15.0,
    gate: Gate | None = None,
    bundles: hardware.Bundles | None = None,
) -> FastAPI:
    """The ASGI application. `allow_hosts` are the names it answers to beside loopback's, `gate` knows who may write.

    Run with its lifespan (uvicorn does) it keeps the network's state for `/metrics` fresh, every `refresh_s` at most.
    """
    network = MetricsPage(metrics, store, inventory, now)
    gate = gate or Gate()
    made = Pages(inventory.policies.daily_report.timezone, now, version(), gate)
    site = FastAPI(
        title="netcase",
        version=version(),
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_keeping_fresh(network, refresh_s),
    )
    site.include_router(api.router(store, inventory, now))
    whole = pages.Site(
        store=store,
        inventory=inventory,
        evidence=evidence,
        reports=reports,
        now=now,
        pages=made,
        bundles=bundles is not None,
    )
    site.include_router(pages.router(whole))
    signed = Writing(whole, gate, links)
    for made_of in (writing.router, intake.router, intake.api, acting.router):
        site.include_router(made_of(signed))
    site.include_router(faq.pages(whole))
    site.include_router(hardware.pages(whole, bundles))
    site.include_router(hardware.api(whole))
    site.include_router(availability.pages(whole))
    site.include_router(availability.api(whole))
    site.include_router(answers.router(whole, links))
    _machines(site, network, store, inventory)
    site.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    _errors(site, made)
    addresses = (links.base, links.site) if links else ("", "")
    public, inside = (urlsplit(address).hostname or "" for address in addresses)
    site.add_middleware(Outside, names=[public], ours=(*allow_hosts, inside))
    site.add_middleware(Shield, hosts=(*allow_hosts, public, inside), gate=gate, now=now)
    return site


def _keeping_fresh(
    network: MetricsPage, refresh_s: float
) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_site: FastAPI) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # what is loaded by now stays; looking through it again and again stops the event loop for 0.2 s
        task = asyncio.create_task(network.keep_fresh(refresh_s))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return lifespan


def _machines(site: FastAPI, network: MetricsPage, store: Store, inventory: Inventory) -> None:
    @site.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        page, headers = network.page(), {"vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            page, headers["content-encoding"] = gzip.compress(page, compresslevel=1), "gzip"
        return Response(page, media_type=CONTENT_TYPE, headers=headers)

    @site.get("/healthz", tags=["health"])
    def healthz() -> Health:
        """Whether the agent can read its store; 503 when it cannot."""
        with store.read() as tx:
            tx.job_counts()
        return Health(status="ok", devices=len(inventory.devices))


def _errors(site: FastAPI, made: Pages) -> None:
    """Programs get JSON, people a plain page; nobody gets a traceback."""

    @site.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if _is_program(request):
            return await http_exception_handler(request, error)
        return made.render(request, "error.html", status=error.status_code, code=error.status_code)

    @site.exception_handler(RequestValidationError)
    async def misunderstood(request: Request, error: RequestValidationError) -> Response:
        if _is_program(request):
            told = [{key: each[key] for key in ("type", "loc", "msg")} for each in error.errors()]
            return JSONResponse({"detail": told}, 422)  # without what was sent, which may be any bytes
        return made.render(request, "error.html", status=400, code=400)

    @site.exception_handler(UnavailableError)
    async def unavailable(request: Request, error: UnavailableError) -> Response:
        log.error("a page cannot be answered", path=request.url.path, error=str(error))
        if _is_program(request):
            return JSONResponse({"detail": "the store cannot be read now"}, 503)
        return made.render(request, "error.html", status=503, code=503)

    @site.exception_handler(Exception)
    async def broken(request: Request, _error: Exception) -> Response:
        if _is_program(request):
            return JSONResponse({"detail": "an error of ours; the log has it"}, 500, HEADERS)
        response = made.render(request, "error.html", status=500, code=500)
        response.headers.update(HEADERS)  # this answer is given outside the shield; the server logs the error
        return response


def _is_program(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/metrics", "/healthz"))
