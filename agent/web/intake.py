"""Writing on the web: signing in, opening a case, attaching files, and the moves of a case; and opening by the API."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import APIRouter, Form, Header, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from agent.cases import attachments, intake, moves
from agent.cases.case import Action, Case, CaseState, Entry, Origin, Severity
from agent.cases.intake import LONGEST, Refusal
from agent.cases.intake import Form as Report
from agent.cases.links import Links
from agent.errors import CollisionError, NetcaseError, RefusedError, UnavailableError
from agent.pipeline import attaching, moving
from agent.pipeline import intake as opening
from agent.pipeline.attaching import Kept
from agent.pipeline.desk import Desk
from agent.web.auth import COOKIE, FORM_FIELD, LASTS, Gate
from agent.web.pages import Site

T = TypeVar("T")
TRIES = 5
MOST_FILES = 10  # of one form
LONGEST_REASON = 4000
Line = Annotated[str, Form(max_length=1000)]
Words = Annotated[str, Form(max_length=20_000)]
Token = Annotated[str, Form(alias=FORM_FIELD, max_length=200)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
_MOVES = {
    "start": CaseState.IN_PROGRESS,
    "wait": CaseState.WAITING_FOR_CUSTOMER,
    "resolve": CaseState.RESOLVED,
    "close": CaseState.CLOSED,
    "reopen": CaseState.IN_PROGRESS,
}
ACTS = ("note", "assign", "acknowledge", *_MOVES)


@dataclass(frozen=True, slots=True)
class Writing:
    """What everything that is written here needs."""

    site: Site
    gate: Gate
    links: Links | None = None

    def person(self, request: Request) -> str:
        """Who is signed in; 401 for nobody (the shield has looked already)."""
        if person := self.gate.visitor(request, self.site.now()):
            return person
        raise HTTPException(401)

    def checked(self, request: Request, token: str) -> str:
        """The same, and the form is one of ours."""
        person = self.person(request)
        if not self.gate.keys.is_form_of(request.cookies.get(COOKIE, ""), token, self.site.now()):
            raise HTTPException(403)
        return person

    def in_one(self, do: Callable[[Desk], T]) -> T:
        """In a transaction; once more when another wrote the same at once."""
        for left in reversed(range(TRIES)):
            try:
                with self.site.store.begin() as tx:
                    return do(Desk(tx, self.site.inventory, self.site.now(), self.links))
            except CollisionError:
                if not left:
                    raise
        raise AssertionError


def router(site: Site, gate: Gate, links: Links | None = None) -> APIRouter:
    routes, writing = APIRouter(include_in_schema=False), Writing(site, gate, links)
    _sign_in(routes, writing)
    _opening(routes, writing)
    _acting(routes, writing)
    return routes


# ---------------------------------------------------------------- signing in


def _sign_in(routes: APIRouter, writing: Writing) -> None:
    site, gate = writing.site, writing.gate

    @routes.get("/sign-in")
    def ask(request: Request, to: str = "/") -> Response:
        return site.pages.render(request, "sign_in.html", to=_own(to), wrong="", read_only=not gate.keys)

    @routes.post("/sign-in")
    def enter(request: Request, key: Annotated[str, Form(max_length=4096)] = "", to: Line = "/") -> Response:
        now = site.now()
        person = gate.known(request, key.strip(), now)
        if not person:
            wrong, status = ("too_many", 429) if gate.shut_to(request, now) else ("unknown", 401)
            return site.pages.render(request, "sign_in.html", status=status, to=_own(to), wrong=wrong, read_only=False)
        answer = RedirectResponse(_own(to), 303)
        secure = request.url.scheme == "https"
        life = int(LASTS.total_seconds())
        session = gate.keys.session(person, now)
        answer.set_cookie(COOKIE, session, max_age=life, httponly=True, samesite="strict", secure=secure)
        return answer

    @routes.post("/sign-out")
    def leave(request: Request, form_token: Token = "") -> Response:
        writing.checked(request, form_token)
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer


def _own(address: str) -> str:
    """Where to go on, on this site and nowhere else."""
    found = urlsplit(address)
    plain = re.fullmatch(r"/(?![/\\])[\w./?=&%+-]{0,300}", address, re.ASCII)
    return address if plain and not found.netloc and not found.scheme else "/"


# ---------------------------------------------------------------- opening


def _opening(routes: APIRouter, writing: Writing) -> None:
    site, gate = writing.site, writing.gate

    @routes.get("/cases/new")
    def ask(request: Request) -> Response:
        if not gate.visitor(request, site.now()):
            return RedirectResponse("/sign-in?to=/cases/new", 303)
        return _form(writing, request, Report(origin=Origin.WEB, title="", key=uuid4().hex), [])

    @routes.post("/cases/new")
    def take(
        request: Request,
        title: Line = "",
        text: Words = "",
        severity: Line = "",
        contract: Line = "",
        serial: Line = "",
        device: Line = "",
        customer: Line = "",
        reporter: Line = "",
        reporter_address: Line = "",
        key: Line = "",
        form_token: Token = "",
        files: list[UploadFile] | None = None,
    ) -> Response:
        person = writing.checked(request, form_token)
        report = Report(
            origin=Origin.WEB,
            title=title,
            text=text.replace("\r\n", "\n"),  # as browsers count it
            severity=Severity(severity) if severity in set(Severity) else None,
            contract=contract,
            serial=serial,
            device=device,
            customer=customer,
            reporter=reporter,
            reporter_address=reporter_address,
            key=key,
            actor=person,
        )
        given = [file for file in files or () if file.filename]
        wrong = [*intake.refusals(report, site.inventory), *_wrong_files(given)]
        if wrong:
            return _form(writing, request, report, wrong)
        kept, report = _put(writing, given), replace(report, key=f"web/{person}/{key}" if key else "")
        case = writing.in_one(lambda desk: _opened(desk, report, kept))
        return RedirectResponse(f"/cases/{case.number}", 303)


def _form(writing: Writing, request: Request, report: Report, wrong: list[Refusal]) -> Response:
    return writing.site.pages.render(
        request,
        "case_new.html",
        status=422 if wrong else 200,
        report=report,
        wrong={each.field: each.message for each in wrong},
        inventory=writing.site.inventory,
        severities=list(Severity),
        longest=LONGEST,
        largest=attachments.LARGEST,
    )


def _wrong_files(files: list[UploadFile]) -> list[Refusal]:
    if len(files) > MOST_FILES:
        return [Refusal("files", f"{MOST_FILES} files at most: attach the others to the case")]
    found = []
    for file in files:
        head = file.file.read(1024)
        file.file.seek(0)
        if why := attachments.refusal(file.filename or "", file.size or 0, head, ()):
            found.append(Refusal("files", why))
    return found[:1]


def _opened(desk: Desk, report: Report, files: Sequence[Kept]) -> Case:
    """With its files or not at all."""
    case = opening.open_case(desk, report)
    attaching.attach(desk.tx, case, files, report.actor, desk.now, "theirs")
    return case


def _put(writing: Writing, files: list[UploadFile]) -> list[Kept]:
    return [attaching.put(writing.site.evidence, file.file.read, file.filename or "file") for file in files]


# ---------------------------------------------------------------- working on a case


def _acting(routes: APIRouter, writing: Writing) -> None:
    @routes.post("/cases/{number:int}/attach")
    def attach(
        request: Request, number: int, form_token: Token = "", files: list[UploadFile] | None = None
    ) -> Response:
        person, case = writing.checked(request, form_token), _known(writing, number)
        given = [file for file in files or () if file.filename]
        if wrong := _wrong_files(given):
            return _refused(writing, request, case, wrong[0].message)
        try:
            kept = _put(writing, given)
            writing.in_one(lambda desk: attaching.attach(desk.tx, case, kept, person, desk.now))
        except RefusedError as error:
            return _refused(writing, request, case, str(error))
        return RedirectResponse(f"/cases/{number}", 303)

    @routes.post("/cases/{number:int}/act")
    def act(
        request: Request,
        number: int,
        do: Line = "",
        reason: Words = "",
        form_token: Token = "",
    ) -> Response:
        person, case = writing.checked(request, form_token), _known(writing, number)
        if do not in ACTS:
            raise HTTPException(400)
        said = intake.plain(reason, LONGEST_REASON)
        try:
            writing.in_one(lambda desk: _done(desk, number, do, person, said))
        except UnavailableError:
            raise
        except NetcaseError as error:
            return _refused(writing, request, case, str(error))
        return RedirectResponse(f"/cases/{number}", 303)


def _done(desk: Desk, number: int, do: str, person: str, reason: str) -> None:
    """Raises RefusedError, which says what can be done instead."""
    case, tx, now = moving.known(desk.tx, number), desk.tx, desk.now
    if do == "note":
        if not reason:
            raise RefusedError("write what the note shall say")
        tx.log([Entry(case=number, at=now, action=Action.NOTE, text=reason, actor=person)])
    elif do == "assign":
        desk.keep(*moves.assign(case, person, person, now))
    elif do == "acknowledge":
        desk.keep(*moves.acknowledge(case, person, None, reason, now))
    else:
        why = reason or ("work begins" if do == "start" else "")
        moving.move(tx, number, _MOVES[do], person, why, now)


def _known(writing: Writing, number: int) -> Case:
    if number > 2**31 - 1:
        raise HTTPException(404)
    with writing.site.store.read() as tx:
        case = tx.case(number)
    if case is None:
        raise HTTPException(404)
    return case


def _refused(writing: Writing, request: Request, case: Case, why: str) -> Response:
    return writing.site.pages.render(request, "refused.html", status=409, case=case, why=why)


# ---------------------------------------------------------------- the API


class CaseForm(BaseModel):
    """What is reported. `severity` left out: P3, or P4 where something is only asked for (`request`)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: Annotated[str, Field(min_length=1, max_length=LONGEST["title"])]
    text: Annotated[str, Field(max_length=LONGEST["text"])] = ""
    severity: Severity | None = None
    contract: Annotated[str, Field(max_length=LONGEST["contract"])] = ""
    serial: Annotated[str, Field(max_length=LONGEST["serial"])] = ""
    device: Annotated[str, Field(max_length=LONGEST["device"])] = ""
    customer: Annotated[str, Field(max_length=LONGEST["customer"])] = ""
    reporter: Annotated[str, Field(max_length=LONGEST["reporter"])] = ""
    reporter_address: Annotated[str, Field(max_length=LONGEST["reporter_address"])] = ""
    request: bool = False


class OpenedShape(BaseModel):
    number: int
    name: str
    severity: Severity
    state: CaseState
    contract: str
    contract_status: str
    customer: str
    device: str


IdempotencyKey = Annotated[str, Header(max_length=200, description="The same key again gives the same case.")]


def api(site: Site, gate: Gate, links: Links | None = None) -> APIRouter:
    routes, writing = APIRouter(prefix="/api/v1", tags=["v1"]), Writing(site, gate, links)

    @routes.post(
        "/cases",
        status_code=201,
        responses={
            200: {"description": "The case that this Idempotency-Key opened before."},
            401: {"description": "No key, or nobody's."},
            422: {"description": "What cannot be taken, and what to write instead."},
            429: {"description": "Too many wrong keys."},
        },
    )
    def open_case(request: Request, said: CaseForm, idempotency_key: IdempotencyKey = "") -> OpenedShape:
        """Open a case. Needs a person's key: `Authorization: Bearer KEY`."""
        person = gate.bearer(request, site.now())
        if not person:
            raise HTTPException(401)
        report = _report(said, person, idempotency_key)
        if wrong := intake.refusals(report, site.inventory):
            raise HTTPException(422, [_wrong(each.field, each.message) for each in wrong])
        case, fresh = writing.in_one(lambda desk: _open_once(desk, report))
        answer: Any = JSONResponse(
            _shape(case).model_dump(mode="json"),
            201 if fresh else 200,
            {"location": f"/api/v1/cases/{case.number}"},
        )
        return answer  # type: ignore[no-any-return]  # FastAPI hands a response on as it is

    return routes


def _report(said: CaseForm, person: str, key: str) -> Report:
    fields = said.model_dump(exclude={"request"})
    return Report(
        origin=Origin.API, asks=said.request, actor=person, key=f"api/{person}/{key}" if key else "", **fields
    )


def _open_once(desk: Desk, report: Report) -> tuple[Case, bool]:
    """(the case, whether it is new). A key that opened another case is refused, and says which."""
    before = desk.tx.case_about(intake.problem(report.key)) if report.key else None
    if before is None:
        return opening.open_case(desk, report), True
    if intake.fingerprint(report) != intake.taken(desk.tx.timeline(before.number)):
        why = f"this Idempotency-Key opened {before.name} with other words: send a key of its own"
        raise HTTPException(422, [_wrong("Idempotency-Key", why)])
    return before, False


def _wrong(field: str, message: str) -> dict[str, Any]:
    where = "header" if field == "Idempotency-Key" else "body"
    return {"type": "refused", "loc": [where, field], "msg": message}


def _shape(case: Case) -> OpenedShape:
    return OpenedShape(
        number=case.number,
        name=case.name,
        severity=case.severity,
        state=case.state,
        contract=case.contract,
        contract_status=case.contract_status,
        customer=case.customer,
        device=case.subject.device,
    )
