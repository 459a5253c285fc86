"""ServiceNow, by its Table API: incidents at /api/now/table/incident

The external key is `correlation_id`. Severity is impact and urgency, written "impact/urgency": the priority comes of
them. Notes are work notes, read back from the journal (sys_journal_field).
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

_TABLE = "/api/now/table"
_FIELDS = "sys_id,number,state,impact,urgency,correlation_id"
_CLOSE_CODE = "Solution provided"  # of the base system; another in `fields: {close_code: …}`


class ServiceNowBridge:
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
        answer = self._http.call(method, f"{_TABLE}{path}", {"Authorization": login}, query=query, body=body)
        return table(answer).get("result")

    def check(self) -> str:
        self._call("GET", "/incident", {"sysparm_limit": "1", "sysparm_fields": "sys_id"})
        return f"bridge {self.name} answers and lets us read incidents"

    def find(self, key: str) -> str:
        query = {
            "sysparm_query": f"correlation_id={key}^ORDERBYsys_created_on",
            "sysparm_fields": _FIELDS,
            "sysparm_limit": "10",
        }
        found = [row for row in rows(self._call("GET", "/incident", query)) if row.get("correlation_id") == key]
        return next((text(row.get("sys_id")) for row in found), "")

    def create(self, ticket: Ticket) -> str:
        impact, _, urgency = ticket.level.partition("/")
        body = {
            **{name: value for name, value in ticket.fields.items() if name != "close_code"},
            "short_description": ticket.title,
            "description": ticket.text,
            "correlation_id": ticket.key,
            "correlation_display": "netcase",
            "state": ticket.state,
            "impact": impact,
            "urgency": urgency,
        }
        return identity(table(self._call("POST", "/incident", body=body)).get("sys_id"), self.name)

    def read(self, theirs: str, *, notes: bool) -> Remote | None:
        row = table(self._call("GET", f"/incident/{part(theirs)}", {"sysparm_fields": _FIELDS}))
        if text(row.get("sys_id")) != theirs:
            raise DeliveryError(f"bridge {self.name} answered another incident than the one that was asked for")
        return Remote(
            id=theirs,
            name=mirrors.bounded(text(row.get("number")) or theirs),
            link=f"{self._setup.url}/nav_to.do?uri=incident.do%3Fsys_id%3D{part(theirs)}",
            state=mirrors.bounded(text(row.get("state"))),
            level=mirrors.bounded(f"{text(row.get('impact'))}/{text(row.get('urgency'))}"),
            notes=self._notes(theirs) if notes else (),
        )

    def _notes(self, theirs: str) -> tuple[Note, ...]:
        query = {
            "sysparm_query": f"element_id={theirs}^elementINcomments,work_notes^ORDERBYsys_created_on",
            "sysparm_fields": "sys_id,value,sys_created_by,sys_created_on",
            "sysparm_limit": "500",
        }
        return tuple(
            Note(
                id=mirrors.bounded(text(row.get("sys_id"))),
                at=mirrors.bounded(text(row.get("sys_created_on"))),
                author=mirrors.bounded(text(row.get("sys_created_by"))),
                text=mirrors.bounded(text(row.get("value")), mirrors.LONGEST_NOTE),
            )
            for row in rows(self._call("GET", "/sys_journal_field", query))
            if text(row.get("sys_id"))
        )

    def update(self, theirs: str, ticket: Ticket, was: Remote | None, notes: Sequence[Note]) -> None:
        """Notes first: an incident that is closed may take none any more."""
        path = f"/incident/{part(theirs)}"
        for note in notes:
            self._call("PATCH", path, body={"work_notes": mirrors.marked(note, ticket.key)})
        if was is not None and (was.state, was.level) == (ticket.state, ticket.level):
            return
        impact, _, urgency = ticket.level.partition("/")
        body = {"state": ticket.state, "impact": impact, "urgency": urgency, "short_description": ticket.title}
        if ticket.closing:
            body |= {"close_code": ticket.fields.get("close_code", _CLOSE_CODE), "close_notes": ticket.closing}
        self._call("PATCH", path, body=body)
