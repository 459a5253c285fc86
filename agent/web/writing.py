"""What everything that is written on the web goes through: who is signed in, forms that are ours, files, and the pages
that sign people in and out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from agent.cases import attachments
from agent.cases.intake import Refusal
from agent.cases.links import Links
from agent.errors import CollisionError
from agent.pipeline import attaching
from agent.pipeline.attaching import Kept
from agent.pipeline.desk import Desk
from agent.web.auth import COOKIE, FORM_FIELD, LASTS, Gate
from agent.web.pages import Site

T = TypeVar("T")
TRIES = 5
MOST_FILES = 10  # of one form
Line = Annotated[str, Form(max_length=1000)]
Words = Annotated[str, Form(max_length=20_000)]
Token = Annotated[str, Form(alias=FORM_FIELD, max_length=200)]


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


def router(writing: Writing) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    _sign_in(routes, writing)
    return routes


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


# ---------------------------------------------------------------- files


def wrong_files(files: list[UploadFile]) -> list[Refusal]:
    if len(files) > MOST_FILES:
        return [Refusal("files", f"{MOST_FILES} files at most: attach the others to the case")]
    found = []
    for file in files:
        head = file.file.read(1024)
        file.file.seek(0)
        if why := attachments.refusal(file.filename or "", file.size or 0, head, ()):
            found.append(Refusal("files", why))
    return found[:1]


def put(writing: Writing, files: list[UploadFile]) -> list[Kept]:
    return [attaching.put(writing.site.evidence, file.file.read, file.filename or "file") for file in files]
