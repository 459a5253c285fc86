"""Zammad, by its REST API: https://docs.zammad.org/en/latest/api/intro.html

The external key is a tag of the ticket, and stands in its title. The search goes over an index that follows a moment
later, so that a ticket made in this very second is not found yet; the first retry comes after 15 seconds.
"""

import ssl
from collections.abc import Callable, Sequence
from typing import Any

from agent.cases import mirror as mirrors
from agent.cases.mirror import Note, Remote, Ticket
from agent.channels.bridges.exchange import Exchange, identity, part, rows, table, text
from agent.errors import DeliveryError
from agent.inventory.bridges import BridgeSetup

_API = "/api/v1"


class ZammadBridge:
    def __init__(
        self, setup: BridgeSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        self.name = setup.name
        self._setup, self._http = setup, Exchange(setup, secret, context=context)

    def _call(self, method: str, path: str, query: dict[str, str] | None = None, body: Any = None) -> Any:
        headers = {"Authorization": f"Token token={self._http.reveal(self._setup.token)}"}
        return self._http.call(method, f"{_API}{path}", headers, query=query, body=body)

    def check(self) -> str:
        me = table(self._call("GET", "/users/me"))
        return (
            f"bridge {self.name} answers and knows us as {mirrors.bounded(text(me.get('login')) or text(me.get('id')))}"
        )

    def find(self, key: str) -> str:
        answer = self._call("GET", "/tickets/search", {"query": f'tags:"{key}"', "limit": "10", "expand": "true"})
        found = rows(answer) or rows(list(table(table(table(answer).get("assets")).get("Ticket")).values()))
        numbers = sorted(int(text(row.get("id"))) for row in found if text(row.get("id")).isdecimal())
        return next((str(number) for number in numbers if self._is_tagged(number, key)), "")

    def _is_tagged(self, number: int, key: str) -> bool:
        """The search is one over words: that it is the very key is looked at."""
        tags = table(self._call("GET", "/tags", {"object": "Ticket", "o_id": str(number)})).get("tags")
        return isinstance(tags, list) and any(str(tag).lower() == key.lower() for tag in tags)

    def create(self, ticket: Ticket) -> str:
        article = {"subject": ticket.title, "body": ticket.text, "type": "note", "content_type": "text/plain"}
        body = {
            **ticket.fields,
            "title": f"{ticket.title} [{ticket.key}]",
            "state": ticket.state,
            "priority": ticket.level,
            "tags": ticket.key,
            "article": {**article, "internal": False},
        }
        return identity(table(self._call("POST", "/tickets", body=body)).get("id"), self.name)

    def read(self, theirs: str, *, notes: bool) -> Remote | None:
        row = table(self._call("GET", f"/tickets/{part(theirs)}", {"expand": "true"}))
        if text(row.get("id")) != theirs:
            raise DeliveryError(f"bridge {self.name} answered another ticket than the one that was asked for")
        found = rows(self._call("GET", f"/ticket_articles/by_ticket/{part(theirs)}")) if notes else []
        return Remote(
            id=theirs,
            name=mirrors.bounded(text(row.get("number")) or theirs),
            link=f"{self._setup.url}/#ticket/zoom/{part(theirs)}",
            state=mirrors.bounded(text(row.get("state"))),
            level=mirrors.bounded(text(row.get("priority"))),
            notes=tuple(_note(article) for article in found[1:] if text(article.get("id"))),  # the first: the ticket's
        )

    def update(self, theirs: str, ticket: Ticket, was: Remote | None, notes: Sequence[Note]) -> None:
        if was is None or (was.state, was.level) != (ticket.state, ticket.level):
            change = {"state": ticket.state, "priority": ticket.level, "title": f"{ticket.title} [{ticket.key}]"}
            self._call("PUT", f"/tickets/{part(theirs)}", body=change)
        for note in notes:
            self._call("POST", "/ticket_articles", body={
                "ticket_id": int(theirs) if theirs.isdecimal() else theirs,
                "body": mirrors.marked(note, ticket.key),
                "type": "note",
                "content_type": "text/plain",
                "internal": True,
            })  # fmt: skip


def _note(article: Any) -> Note:
    body = text(article.get("body"))
    plain = mirrors.plain(body) if "html" in text(article.get("content_type")) else body
    return Note(
        id=mirrors.bounded(text(article.get("id"))),
        at=mirrors.bounded(text(article.get("created_at"))),
        author=mirrors.bounded(text(article.get("from"))),
        text=mirrors.bounded(plain, mirrors.LONGEST_NOTE),
    )
