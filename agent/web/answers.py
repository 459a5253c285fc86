"""Pages on which customers answer: opened by a signed link and by nothing else.

Whoever holds the link may answer, so there is no sign-in, and no other page can answer in a visitor's name, since none
knows the link. GET only looks: mail scanners and previews follow every link. The pages name nothing of ours but the
case in question, and lead nowhere else.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from agent import locale
from agent.cases import intake
from agent.cases.confirmation import LONGEST_WORDS
from agent.cases.links import ExpiredError, Links, Ticket
from agent.errors import CollisionError, RefusedError
from agent.locale import Text
from agent.pipeline import answering
from agent.pipeline.desk import Desk
from agent.pipeline.questions import LONGEST_NAME, Question, Reply, WrongAnswerError
from agent.ports import Transaction
from agent.web.limiting import Limit
from agent.web.pages import Site
from agent.web.rendering import language

MOST_FIELDS = 40
OPENED = Limit(120, timedelta(minutes=1))  # by each address; an office may share one
FORGED = Limit(20, timedelta(minutes=10))
_SCORE = "score_"
log = structlog.get_logger()


async def _body(request: Request) -> Mapping[str, str]:
    """A form as browsers send it, each field once; the shield bounds its length."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return {}
    text = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def router(site: Site, links: Links | None) -> APIRouter:
    routes, desk = APIRouter(include_in_schema=False), _Desks(site, links)

    @routes.get("/answer/{token}")
    def shown(request: Request, token: str) -> Response:
        return desk.answer(request, token, lambda tx, ticket: desk.look(tx, ticket), writing=False)

    @routes.post("/answer/{token}")
    def given(request: Request, token: str, form: Annotated[Mapping[str, str], Depends(_body)]) -> Response:
        return desk.answer(request, token, lambda tx, ticket: desk.take(tx, ticket, _reply(form)), form, writing=True)

    return routes


def _reply(form: Mapping[str, str]) -> Reply:
    return Reply(
        choice=form.get("choice", "")[:40],
        scores={key.removeprefix(_SCORE): value[:4] for key, value in form.items() if key.startswith(_SCORE)},
        words=intake.plain(form.get("words", ""), LONGEST_WORDS),
        name=intake.flat(form.get("name", ""), LONGEST_NAME),
    )


class _Desks:
    """Answers a request with a page, whatever is wrong with its link."""

    def __init__(self, site: Site, links: Links | None) -> None:
        self._site, self._links = site, links
        self._opened, self._forged = Limit(OPENED.most, OPENED.within), Limit(FORGED.most, FORGED.within)

    def look(self, tx: Transaction, ticket: Ticket) -> Question:
        return answering.question(self._desk(tx), ticket)

    def take(self, tx: Transaction, ticket: Ticket, reply: Reply) -> Question:
        return answering.answer(self._desk(tx), ticket, reply)

    def _desk(self, tx: Transaction) -> Desk:
        return Desk(tx, self._site.inventory, self._site.now(), self._links)

    def answer(
        self,
        request: Request,
        token: str,
        do: Callable[[Transaction, Ticket], Question],
        form: Mapping[str, str] | None = None,
        *,
        writing: bool,
    ) -> Response:
        address, now = request.client.host if request.client else "", self._site.now()
        if self._opened.is_over(address, now) or self._forged.is_over(address, now):
            return self._refused(request, HTTPStatus.TOO_MANY_REQUESTS)
        self._opened.count(address, now)
        try:
            if self._links is None:
                raise RefusedError("customers cannot reach this site")
            ticket = self._links.read(token, now)
        except ExpiredError:
            return self._refused(request, HTTPStatus.GONE)
        except RefusedError as error:
            self._forged.count(address, now)
            log.info("a link was refused", reason=str(error), address=address)
            return self._refused(request, HTTPStatus.NOT_FOUND)
        return self._of(request, ticket, do, form or {}, token if writing else "")

    def _of(
        self,
        request: Request,
        ticket: Ticket,
        do: Callable[[Transaction, Ticket], Question],
        form: Mapping[str, str],
        written: str,
    ) -> Response:
        wrong, store = "", self._site.store
        try:
            question = _again(lambda: self._within(store.begin if written else store.read, do, ticket))
        except WrongAnswerError as error:
            wrong = error.advice
            question = self._within(store.read, self.look, ticket)
        except RefusedError:
            return self._refused(request, HTTPStatus.GONE)
        if written and not wrong:  # so that going back or loading anew sends nothing a second time
            return RedirectResponse(f"{written}?lang={language(request)}", HTTPStatus.SEE_OTHER)
        return self._page(request, ticket, question, form, wrong)

    def _within(
        self, begin: Callable[[], Any], do: Callable[[Transaction, Ticket], Question], ticket: Ticket
    ) -> Question:
        with begin() as tx:
            return do(tx, ticket)

    def _page(
        self, request: Request, ticket: Ticket, question: Question, form: Mapping[str, str], wrong: str
    ) -> Response:
        tongue, zone = language(request), self._zone(ticket)

        def said(text: Text) -> str:
            return locale.say(text.text, tongue, zone, **text.values)

        status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
        page = self._site.pages.render(
            request,
            "answer.html",
            status=status,
            question=question,
            said=said,
            form=form,
            wrong=wrong,
            zone=zone,
            refused="",
            longest_words=LONGEST_WORDS,
            longest_name=LONGEST_NAME,
        )
        page.headers["x-robots-tag"] = "noindex"
        return page

    def _zone(self, ticket: Ticket) -> str:
        """The clock of the case's site, which is the customer's."""
        with self._site.store.read() as tx:
            case = tx.case(ticket.case)
        known = self._site.inventory.sites.get(case.site) if case else None
        return known.timezone if known else self._site.pages.timezone

    def _refused(self, request: Request, status: HTTPStatus) -> Response:
        page = self._site.pages.render(request, "answer.html", status=status, question=None, refused=status.name)
        page.headers["x-robots-tag"] = "noindex"
        if status is HTTPStatus.TOO_MANY_REQUESTS:
            page.headers["retry-after"] = "600"
        return page


def _again(do: Callable[[], Question], times: int = 3) -> Question:
    """Another process wrote the same at once: what it wrote is read, and all is decided anew."""
    for _ in range(times - 1):
        try:
            return do()
        except CollisionError:
            continue
    return do()
