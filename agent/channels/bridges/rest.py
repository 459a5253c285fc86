"""The plain REST bridge, for a system that speaks it or a small program in between; docs/reference/bridges.md has it.

GET   {url}/tickets?key=K          [ticket, …]
POST  {url}/tickets                ticket, with Idempotency-Key: K
GET   {url}/tickets/{id}           ticket
PATCH {url}/tickets/{id}           {title, state, severity, closing}
GET   {url}/tickets/{id}/notes     [{id, at, author, text}, …]
POST  {url}/tickets/{id}/notes     {key, at, author, text}, with Idempotency-Key: key
"""

import ssl
from collections.abc import Callable, Sequence

from agent.cases import mirror as mirrors
from agent.cases.mirror import Note, Remote, Ticket
from agent.channels.bridges.exchange import Exchange, identity, part, rows, table, text
from agent.errors import DeliveryError
from agent.inventory.bridges import BridgeSetup


class RestBridge:
    def __init__(
        self, setup: BridgeSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        self.name = setup.name
        self._setup, self._http = setup, Exchange(setup, secret, context=context)

    def _login(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._http.reveal(self._setup.token)}"}

    def check(self) -> str:
        self._http.call("GET", "/tickets", self._login(), query={"key": f"{self._setup.key}-check"})
        return f"bridge {self.name} answers and lets us in"

    def find(self, key: str) -> str:
        found = rows(self._http.call("GET", "/tickets", self._login(), query={"key": key}))
        ours = [text(row.get("id")) for row in found if row.get("key") == key]
        return next(iter(ours), "")

    def create(self, ticket: Ticket) -> str:
        body = {
            **ticket.fields,
            "key": ticket.key,
            "title": ticket.title,
            "text": ticket.text,
            "state": ticket.state,
            "severity": ticket.level,
        }
        headers = {**self._login(), "Idempotency-Key": ticket.key}
        return identity(table(self._http.call("POST", "/tickets", headers, body=body)).get("id"), self.name)

    def read(self, theirs: str, *, notes: bool) -> Remote | None:
        path = f"/tickets/{part(theirs)}"
        row = table(self._http.call("GET", path, self._login()))
        if text(row.get("id")) != theirs:
            raise DeliveryError(f"bridge {self.name} answered another ticket than the one that was asked for")
        found = rows(self._http.call("GET", f"{path}/notes", self._login(), may_lack=True)) if notes else []
        return Remote(
            id=theirs,
            name=mirrors.bounded(text(row.get("name")) or theirs),
            link="",
            state=mirrors.bounded(text(row.get("state"))),
            level=mirrors.bounded(text(row.get("severity"))),
            notes=tuple(
                Note(
                    id=mirrors.bounded(text(each.get("id"))),
                    at=mirrors.bounded(text(each.get("at"))),
                    author=mirrors.bounded(text(each.get("author"))),
                    text=mirrors.bounded(text(each.get("text")), mirrors.LONGEST_NOTE),
                )
                for each in found
                if text(each.get("id"))
            ),
        )

    def update(self, theirs: str, ticket: Ticket, was: Remote | None, notes: Sequence[Note]) -> None:
        path = f"/tickets/{part(theirs)}"
        if was is None or (was.state, was.level) != (ticket.state, ticket.level):
            body = {
                "title": ticket.title,
                "state": ticket.state,
                "severity": ticket.level,
                "closing": ticket.closing,
            }
            self._http.call("PATCH", path, self._login(), body=body)
        for note in notes:
            key = f"{ticket.key}-{note.id}"
            body = {"key": key, "at": note.at, "author": note.author, "text": mirrors.marked(note, ticket.key)}
            self._http.call("POST", f"{path}/notes", {**self._login(), "Idempotency-Key": key}, body=body)
