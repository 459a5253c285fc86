"""GLPI, by its REST API (apirest.php): a session for each visit, closed behind us.

The external key stands in the ticket's name, which is searched. Notes are followups; GLPI keeps them as HTML.
"""

import contextlib
import ssl
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

from agent.cases import mirror as mirrors
from agent.cases.mirror import Note, Remote, Ticket
from agent.channels.bridges.exchange import Exchange, identity, part, rows, table, text
from agent.errors import DeliveryError
from agent.inventory.bridges import BridgeSetup

_API = "/apirest.php"
_NAME, _ID = "1", "2"  # the search options of a ticket: its name, its number


class GlpiBridge:
    def __init__(
        self, setup: BridgeSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        self.name = setup.name
        self._setup, self._http = setup, Exchange(setup, secret, context=context)

    @contextlib.contextmanager
    def _session(self) -> Iterator[Callable[..., Any]]:
        known = {"App-Token": self._http.reveal(self._setup.app_token)} if self._setup.app_token else {}
        login = {"Authorization": f"user_token {self._http.reveal(self._setup.token)}"}
        answer = table(self._http.call("GET", f"{_API}/initSession", {**known, **login}))
        token = text(answer.get("session_token"))
        if not token or not token.isascii() or not token.isprintable():
            raise DeliveryError(f"bridge {self.name} began no session")
        headers = {**known, "Session-Token": token}

        def call(method: str, path: str, query: dict[str, str] | None = None, body: Any = None) -> Any:
            return self._http.call(method, f"{_API}{path}", headers, query=query, body=body)

        try:
            yield call
        finally:
            with contextlib.suppress(DeliveryError):
                call("GET", "/killSession")

    def check(self) -> str:
        with self._session() as call:
            call("GET", "/getActiveProfile")
        return f"bridge {self.name} answers and lets us in"

    def find(self, key: str) -> str:
        query = {
            "criteria[0][field]": _NAME,
            "criteria[0][searchtype]": "contains",
            "criteria[0][value]": f"[{key}]",
            "forcedisplay[0]": _ID,
            "forcedisplay[1]": _NAME,
            "sort": _ID,
            "order": "ASC",
        }
        with self._session() as call:
            found = rows(table(call("GET", "/search/Ticket", query)).get("data"))
        ours = [row for row in found if f"[{key}]" in text(row.get(_NAME))]
        return next((text(row.get(_ID)) for row in ours), "")

    def create(self, ticket: Ticket) -> str:
        made = {
            **ticket.fields,
            "name": f"{ticket.title} [{ticket.key}]",
            "content": escape(ticket.text).replace("\n", "<br>"),
            "status": _number(ticket.state),
            "priority": _number(ticket.level),
        }
        with self._session() as call:
            return identity(table(call("POST", "/Ticket", body={"input": made})).get("id"), self.name)

    def read(self, theirs: str, *, notes: bool) -> Remote | None:
        with self._session() as call:
            row = table(call("GET", f"/Ticket/{part(theirs)}"))
            found = rows(call("GET", f"/Ticket/{part(theirs)}/ITILFollowup")) if notes else []
        if text(row.get("id")) != theirs:
            raise DeliveryError(f"bridge {self.name} answered another ticket than the one that was asked for")
        return Remote(
            id=theirs,
            name=mirrors.bounded(theirs),
            link=f"{self._setup.url}/front/ticket.form.php?id={part(theirs)}",
            state=mirrors.bounded(text(row.get("status"))),
            level=mirrors.bounded(text(row.get("priority"))),
            notes=tuple(
                Note(
                    id=mirrors.bounded(text(each.get("id"))),
                    at=mirrors.bounded(text(each.get("date"))),
                    author=mirrors.bounded(text(each.get("users_id"))),
                    text=mirrors.bounded(mirrors.plain(text(each.get("content"))), mirrors.LONGEST_NOTE),
                )
                for each in found
                if text(each.get("id"))
            ),
        )

    def update(self, theirs: str, ticket: Ticket, was: Remote | None, notes: Sequence[Note]) -> None:
        """Notes first: a ticket that is closed takes none any more."""
        with self._session() as call:
            for note in notes:
                said = escape(mirrors.marked(note, ticket.key))
                call("POST", f"/Ticket/{part(theirs)}/ITILFollowup", body={
                    "input": {"items_id": _number(theirs), "itemtype": "Ticket", "content": said}
                })  # fmt: skip
            if was is None or (was.state, was.level) != (ticket.state, ticket.level):
                change = {"status": _number(ticket.state), "priority": _number(ticket.level)}
                call("PUT", f"/Ticket/{part(theirs)}", body={"input": {"id": _number(theirs), **change}})


def _number(word: str) -> int | str:
    return int(word) if word.isascii() and word.isdecimal() else word
