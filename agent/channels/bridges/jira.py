"""Jira, in the cloud and in a data centre: REST API 2, whose texts are plain; the search of the cloud is that of API 3.

The external key is a label. States change by the workflow's transitions: the one that leads to the wanted status by
name is taken. With `user` the token logs in as a password does (cloud), without it stands for itself (data centre).
"""

import base64
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from agent.cases import mirror as mirrors
from agent.cases.mirror import Note, Remote, Ticket
from agent.channels.bridges.exchange import Exchange, identity, part, rows, table, text
from agent.errors import DeliveryError
from agent.inventory.bridges import BridgeSetup

_API = "/rest/api/2"
_NEITHER = frozenset({"project", "issuetype"})


class JiraBridge:
    def __init__(
        self, setup: BridgeSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        self.name = setup.name
        self._setup, self._http = setup, Exchange(setup, secret, context=context)

    def _call(self, method: str, path: str, query: dict[str, str] | None = None, body: Any = None) -> Any:
        token = self._http.reveal(self._setup.token)
        login = f"Bearer {token}"
        if self._setup.user:
            login = "Basic " + base64.b64encode(f"{self._setup.user}:{token}".encode()).decode()
        return self._http.call(method, path, {"Authorization": login}, query=query, body=body)

    def check(self) -> str:
        me = table(self._call("GET", f"{_API}/myself"))
        known_as = mirrors.bounded(text(me.get("displayName")) or text(me.get("name")))
        return f"bridge {self.name} answers and knows us as {known_as}"

    def find(self, key: str) -> str:
        cloud = bool(self._setup.user)
        query = {"jql": f'labels = "{key}" ORDER BY created ASC', "fields": "labels", "maxResults": "10"}
        path = "/rest/api/3/search/jql" if cloud else f"{_API}/search"
        found = rows(table(self._call("GET", path, query)).get("issues"))
        ours = [row for row in found if key in (table(row.get("fields")).get("labels") or ())]
        return next((text(row.get("key")) for row in ours), "")

    def create(self, ticket: Ticket) -> str:
        fields: dict[str, Any] = {name: value for name, value in ticket.fields.items() if name not in _NEITHER}
        fields |= {
            "project": {"key": ticket.fields.get("project", "")},
            "issuetype": {"name": ticket.fields.get("issuetype", "Task")},
            "summary": ticket.title,
            "description": ticket.text,
            "labels": [ticket.key],
            "priority": {"name": ticket.level},
        }
        return identity(table(self._call("POST", f"{_API}/issue", body={"fields": fields})).get("key"), self.name)

    def read(self, theirs: str, *, notes: bool) -> Remote | None:
        query = {"fields": "status,priority,comment" if notes else "status,priority"}
        row = table(self._call("GET", f"{_API}/issue/{part(theirs)}", query))
        if text(row.get("key")) != theirs:
            raise DeliveryError(f"bridge {self.name} answered another issue than the one that was asked for")
        fields = table(row.get("fields"))
        comments = rows(table(fields.get("comment")).get("comments"))
        return Remote(
            id=theirs,
            name=mirrors.bounded(theirs),
            link=f"{self._setup.url}/browse/{part(theirs)}",
            state=mirrors.bounded(text(table(fields.get("status")).get("name"))),
            level=mirrors.bounded(text(table(fields.get("priority")).get("name"))),
            notes=tuple(
                Note(
                    id=mirrors.bounded(text(each.get("id"))),
                    at=mirrors.bounded(text(each.get("created"))),
                    author=mirrors.bounded(text(table(each.get("author")).get("displayName"))),
                    text=mirrors.bounded(text(each.get("body")), mirrors.LONGEST_NOTE),
                )
                for each in comments
                if text(each.get("id"))
            ),
        )

    def update(self, theirs: str, ticket: Ticket, was: Remote | None, notes: Sequence[Note]) -> None:
        path = f"{_API}/issue/{part(theirs)}"
        for note in notes:
            self._call("POST", f"{path}/comment", body={"body": mirrors.marked(note, ticket.key)})
        if was is None or was.level != ticket.level:
            self._call("PUT", path, body={"fields": {"priority": {"name": ticket.level}, "summary": ticket.title}})
        if was is None or was.state != ticket.state:
            self._move(path, ticket.state)

    def _move(self, path: str, to: str) -> None:
        possible = rows(table(self._call("GET", f"{path}/transitions")).get("transitions"))
        named = [row for row in possible if text(table(row.get("to")).get("name")).casefold() == to.casefold()]
        if not named:
            names = ", ".join(sorted({mirrors.bounded(text(table(row.get("to")).get("name"))) for row in possible}))
            said = f"bridge {self.name}: the workflow leads from here to {names or 'nothing'}, not to {to}: see states"
            raise DeliveryError(said, permanent=True)
        self._call("POST", f"{path}/transitions", body={"transition": {"id": text(named[0].get("id"))}})
