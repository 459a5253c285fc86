"""The moves of a case on its page, and files attached to it, by whoever is signed in."""

from fastapi import APIRouter, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from agent.cases import intake, moves
from agent.cases.case import Action, Case, CaseState, Entry
from agent.errors import NetcaseError, RefusedError, UnavailableError
from agent.pipeline import attaching, moving
from agent.pipeline.desk import Desk
from agent.web.writing import Line, Token, Words, Writing, put, wrong_files

LONGEST_REASON = 4000
_MOVES = {
    "start": CaseState.IN_PROGRESS,
    "wait": CaseState.WAITING_FOR_CUSTOMER,
    "resolve": CaseState.RESOLVED,
    "close": CaseState.CLOSED,
    "reopen": CaseState.IN_PROGRESS,
}
ACTS = ("note", "assign", "acknowledge", *_MOVES)


def router(writing: Writing) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    _acting(routes, writing)
    return routes


def _acting(routes: APIRouter, writing: Writing) -> None:
    @routes.post("/cases/{number:int}/attach")
    def attach(
        request: Request, number: int, form_token: Token = "", files: list[UploadFile] | None = None
    ) -> Response:
        person, case = writing.checked(request, form_token), _known(writing, number)
        given = [file for file in files or () if file.filename]
        if wrong := wrong_files(given):
            return _refused(writing, request, case, wrong[0].message)
        try:
            kept = put(writing, given)
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
