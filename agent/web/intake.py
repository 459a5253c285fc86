"""Opening a case in a browser, by the form, and by the API."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, HTTPException, Path, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from agent.cases import attachments, intake
from agent.cases.case import Case, CaseState, Origin, Severity
from agent.cases.intake import LONGEST, Refusal
from agent.cases.intake import Form as Report
from agent.errors import RefusedError
from agent.pipeline import attaching
from agent.pipeline import intake as opening
from agent.pipeline.attaching import Kept
from agent.pipeline.desk import Desk
from agent.web.writing import Line, Token, Words, Writing, put, wrong_files


def router(writing: Writing) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    _opening(routes, writing)
    return routes


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
        wrong = [*intake.refusals(report, site.inventory), *wrong_files(given)]
        if wrong:
            return _form(writing, request, report, wrong)
        kept, report = put(writing, given), replace(report, key=f"web/{person}/{key}" if key else "")
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


def _opened(desk: Desk, report: Report, files: Sequence[Kept]) -> Case:
    """With its files or not at all."""
    case = opening.open_case(desk, report)
    attaching.attach(desk.tx, case, files, report.actor, desk.now, "theirs")
    return case


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


class AttachedShape(BaseModel):
    """`id` is that of the evidence: `/cases/NUMBER/evidence/ID` hands the file out."""

    id: int
    name: str
    bytes: int
    sha256: str


def api(writing: Writing) -> APIRouter:
    routes, site, gate = APIRouter(prefix="/api/v1", tags=["v1"]), writing.site, writing.gate

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

    @routes.post("/cases/{number}/attachments", status_code=201)
    def attach(
        request: Request, number: Annotated[int, Path(ge=1, le=2**31 - 1)], files: list[UploadFile]
    ) -> list[AttachedShape]:
        """Attach files (multipart/form-data, field `files`). Needs a person's key. None is doubled."""
        person = gate.bearer(request, site.now())
        if not person:
            raise HTTPException(401)
        with site.store.read() as tx:
            case = tx.case(number)
        if case is None:
            raise HTTPException(404, "no such case")
        if wrong := wrong_files(files):
            raise HTTPException(422, [_wrong("files", each.message) for each in wrong])
        kept = put(writing, files)
        try:
            rows = writing.in_one(lambda desk: attaching.attach(desk.tx, case, kept, person, desk.now))
        except RefusedError as error:
            raise HTTPException(422, [_wrong("files", str(error))]) from error
        return [AttachedShape(id=row.id, name=row.command, bytes=row.bytes, sha256=row.sha256) for row in rows]

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
