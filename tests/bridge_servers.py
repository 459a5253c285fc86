"""Other ticket systems, for the tests: each a real HTTP server that speaks the shapes that the product documents.

They are written from the products' documentation and share nothing with the adapters: not the real products. Each
keeps tickets of its own, and can be told to misbehave: `faults` are taken one a request, before or after it is done.
"""

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN, APP_TOKEN, USER = "s3cret-t0ken-of-the-desk", "app-t0ken-of-glpi", "netcase"


@dataclass
class Ask:
    """A request as a product sees it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class Product:
    """`do` answers; `faults` come first: a status, `slow`, `drop` (before it is done) or `lost` (after)."""

    word: ClassVar[dict[str, str]]  # what the contract calls it → what this product does

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.faults: list[str | int] = []
        self.tickets: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._count = 100

    def fresh(self) -> str:
        self._count += 1
        return str(self._count)

    def answer(self, ask: Ask) -> Answer:
        with self._lock:
            self.asked.append(ask)
            return self.do(ask) if self.lets_in(ask) else Answer(401, {"error": "no"})

    def lets_in(self, ask: Ask) -> bool:
        raise NotImplementedError

    def do(self, ask: Ask) -> Answer:
        raise NotImplementedError

    # what people do there
    def set_state(self, theirs: str, state: str) -> None:
        raise NotImplementedError

    def state(self, theirs: str) -> str:
        raise NotImplementedError

    def write(self, theirs: str, author: str, text: str) -> None:
        raise NotImplementedError

    def texts(self, theirs: str) -> list[str]:
        return [str(note["text"]) for note in self.notes.get(theirs, [])]


def _bearer(ask: Ask) -> bool:
    return ask.headers.get("authorization") == f"Bearer {TOKEN}"


def _basic(ask: Ask) -> bool:
    login = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
    return ask.headers.get("authorization") == f"Basic {login}"


class Rest(Product):
    word: ClassVar = {
        "new": "new",
        "open": "in_progress",
        "resolved": "resolved",
        "closed": "closed",
        "P1": "P1",
        "P3": "P3",
    }

    def lets_in(self, ask: Ask) -> bool:
        return _bearer(ask)

    def do(self, ask: Ask) -> Answer:
        match ask.method, ask.path.split("/")[1:]:
            case "GET", ["tickets"]:
                return Answer(200, [t for t in self.tickets.values() if t["key"] == ask.query.get("key")])
            case "POST", ["tickets"]:
                assert ask.headers["idempotency-key"] == ask.body["key"]
                theirs = self.fresh()
                self.tickets[theirs] = {**ask.body, "id": theirs, "name": f"D{theirs}"}
                return Answer(201, self.tickets[theirs])
            case "GET", ["tickets", theirs] if theirs in self.tickets:
                return Answer(200, self.tickets[theirs])
            case "PATCH", ["tickets", theirs] if theirs in self.tickets:
                self.tickets[theirs] |= ask.body
                return Answer(200, self.tickets[theirs])
            case "GET", ["tickets", theirs, "notes"]:
                return Answer(200, self.notes.get(theirs, []))
            case "POST", ["tickets", theirs, "notes"] if theirs in self.tickets:
                self.notes.setdefault(theirs, []).append({**ask.body, "id": self.fresh()})
                return Answer(201, {})
        return Answer(404, {"error": "not found"})

    def set_state(self, theirs: str, state: str) -> None:
        self.tickets[theirs]["state"] = state

    def state(self, theirs: str) -> str:
        return str(self.tickets[theirs]["state"])

    def level(self, theirs: str) -> str:
        return str(self.tickets[theirs]["severity"])

    def write(self, theirs: str, author: str, text: str) -> None:
        note = {"id": self.fresh(), "at": "2026-11-22T12:00:00Z", "author": author, "text": text}
        self.notes.setdefault(theirs, []).append(note)


class Zammad(Product):
    word: ClassVar = {
        "new": "new",
        "open": "open",
        "resolved": "closed",
        "closed": "closed",
        "P1": "3 high",
        "P3": "2 normal",
    }

    def lets_in(self, ask: Ask) -> bool:
        return ask.headers.get("authorization") == f"Token token={TOKEN}"

    def do(self, ask: Ask) -> Answer:
        assert ask.path.startswith("/api/v1/")
        match ask.method, ask.path.split("/")[3:]:
            case "GET", ["users", "me"]:
                return Answer(200, {"id": 3, "login": "netcase@example.net"})
            case "GET", ["tickets", "search"]:
                wanted = re.fullmatch(r'tags:"(.*)"', ask.query["query"])
                found = [
                    t for t in self.tickets.values() if wanted and wanted[1].lower() in " ".join(t["tags"]).lower()
                ]
                return Answer(200, [self._shown(t, "expand" in ask.query) for t in reversed(found)])
            case "GET", ["tags"]:
                return Answer(200, {"tags": self.tickets[ask.query["o_id"]]["tags"]})
            case "POST", ["tickets"]:
                if not {"title", "group", "customer", "article"} <= ask.body.keys():
                    return Answer(422, {"error": "Group can't be blank"})
                theirs = self.fresh()
                self.tickets[theirs] = {
                    "id": int(theirs),
                    "number": f"22{theirs}",
                    "title": ask.body["title"],
                    "state": ask.body.get("state", "new"),
                    "priority": ask.body.get("priority", "2 normal"),
                    "tags": ask.body["tags"].split(","),
                }
                self._article(theirs, "netcase", ask.body["article"]["body"], "text/plain")
                return Answer(201, self._shown(self.tickets[theirs], expand=False))
            case "GET", ["tickets", theirs] if theirs in self.tickets:
                return Answer(200, self._shown(self.tickets[theirs], "expand" in ask.query))
            case "PUT", ["tickets", theirs] if theirs in self.tickets:
                self.tickets[theirs] |= ask.body
                return Answer(200, self._shown(self.tickets[theirs], expand=False))
            case "GET", ["ticket_articles", "by_ticket", theirs] if theirs in self.tickets:
                return Answer(200, [{**note, "body": note["text"]} for note in self.notes[theirs]])
            case "POST", ["ticket_articles"]:
                self._article(str(ask.body["ticket_id"]), "netcase", ask.body["body"], ask.body["content_type"])
                return Answer(201, {})
        return Answer(404, {"error": "Couldn't find Ticket"})

    def _article(self, theirs: str, sender: str, text: str, kind: str) -> None:
        one = {"id": int(self.fresh()), "from": sender, "created_at": "2026-11-22T12:00:00Z", "content_type": kind}
        self.notes.setdefault(theirs, []).append({**one, "text": text})

    @staticmethod
    def _shown(ticket: dict[str, Any], expand: bool) -> dict[str, Any]:
        plain = {name: ticket[name] for name in ("id", "number", "title")}
        names = {"state": ticket["state"], "priority": ticket["priority"]}
        return {**plain, "state_id": 1, "priority_id": 2, **(names if expand else {})}

    def set_state(self, theirs: str, state: str) -> None:
        self.tickets[theirs]["state"] = state

    def state(self, theirs: str) -> str:
        return str(self.tickets[theirs]["state"])

    def level(self, theirs: str) -> str:
        return str(self.tickets[theirs]["priority"])

    def write(self, theirs: str, author: str, text: str) -> None:
        self._article(theirs, author, f"<div>{text}</div>", "text/html")


class ServiceNow(Product):
    word: ClassVar = {"new": "1", "open": "2", "resolved": "6", "closed": "7", "P1": "1/1", "P3": "2/2"}

    def lets_in(self, ask: Ask) -> bool:
        return _basic(ask)

    def do(self, ask: Ask) -> Answer:
        assert ask.path.startswith("/api/now/table/")
        match ask.method, ask.path.split("/")[4:]:
            case "GET", ["incident"]:
                wanted = re.match(r"correlation_id=([^^]*)", ask.query.get("sysparm_query", ""))
                found = [t for t in self.tickets.values() if wanted is None or t["correlation_id"] == wanted[1]]
                return Answer(200, {"result": [self._shown(t, ask) for t in found]})
            case "POST", ["incident"]:
                theirs = hashlib.md5(self.fresh().encode()).hexdigest()
                self.tickets[theirs] = {**ask.body, "sys_id": theirs, "number": f"INC00{self.fresh()}"}
                return Answer(201, {"result": self._shown(self.tickets[theirs], ask)})
            case "GET", ["incident", theirs] if theirs in self.tickets:
                return Answer(200, {"result": self._shown(self.tickets[theirs], ask)})
            case "PATCH", ["incident", theirs] if theirs in self.tickets:
                change = dict(ask.body)
                if change.get("state") in ("6", "7") and not change.get("close_code"):
                    return Answer(403, {"error": {"message": "Data Policy Exception: close code is mandatory"}})
                if text := change.pop("work_notes", ""):
                    self.write(theirs, USER, text)
                self.tickets[theirs] |= change
                return Answer(200, {"result": self._shown(self.tickets[theirs], ask)})
            case "GET", ["sys_journal_field"]:
                wanted = re.match(r"element_id=([0-9a-f]{32})\^", ask.query["sysparm_query"])
                found = self.notes.get(wanted[1], []) if wanted else []
                return Answer(200, {"result": [{**note, "value": note["text"]} for note in found]})
        return Answer(404, {"error": {"message": "No Record found", "detail": ""}, "status": "failure"})

    @staticmethod
    def _shown(ticket: dict[str, Any], ask: Ask) -> dict[str, Any]:
        fields = ask.query.get("sysparm_fields", "")
        return {name: ticket.get(name, "") for name in fields.split(",")} if fields else dict(ticket)

    def set_state(self, theirs: str, state: str) -> None:
        self.tickets[theirs]["state"] = state

    def state(self, theirs: str) -> str:
        return str(self.tickets[theirs]["state"])

    def level(self, theirs: str) -> str:
        return f"{self.tickets[theirs]['impact']}/{self.tickets[theirs]['urgency']}"

    def write(self, theirs: str, author: str, text: str) -> None:
        note = {"sys_id": self.fresh(), "sys_created_by": author, "sys_created_on": "2026-11-22 12:00:00"}
        self.notes.setdefault(theirs, []).append({**note, "text": text})


class Jira(Product):
    word: ClassVar = {
        "new": "To Do",
        "open": "In Progress",
        "resolved": "Done",
        "closed": "Done",
        "P1": "Highest",
        "P3": "Medium",
    }
    leads: ClassVar = {"To Do": ("In Progress", "Done"), "In Progress": ("To Do", "Done"), "Done": ("In Progress",)}

    def lets_in(self, ask: Ask) -> bool:
        return _basic(ask)

    def do(self, ask: Ask) -> Answer:
        match ask.method, ask.path.split("/")[2:]:
            case "GET", ["api", "2", "myself"]:
                return Answer(200, {"displayName": "Netcase", "accountId": "5b1"})
            case "GET", ["api", "3", "search", "jql"]:
                wanted = re.match(r'labels = "([^"]*)"', ask.query["jql"])
                found = [t for t in self.tickets.values() if wanted and wanted[1] in t["labels"]]
                return Answer(200, {"issues": [{"key": t["key"], "fields": {"labels": t["labels"]}} for t in found]})
            case "POST", ["api", "2", "issue"]:
                fields = ask.body["fields"]
                if not fields["project"]["key"]:
                    return Answer(400, {"errors": {"project": "valid project is required"}})
                theirs = f"NOC-{self.fresh()}"
                self.tickets[theirs] = {
                    "key": theirs,
                    "labels": fields["labels"],
                    "status": "To Do",
                    "priority": fields["priority"]["name"],
                }
                return Answer(201, {"id": self.fresh(), "key": theirs, "self": "x"})
            case "GET", ["api", "2", "issue", theirs] if theirs in self.tickets:
                return Answer(200, self._shown(theirs, ask.query["fields"].split(",")))
            case "PUT", ["api", "2", "issue", theirs] if theirs in self.tickets:
                self.tickets[theirs]["priority"] = ask.body["fields"]["priority"]["name"]
                return Answer(204)
            case "GET", ["api", "2", "issue", theirs, "transitions"]:
                names = self.leads[self.tickets[theirs]["status"]]
                return Answer(200, {"transitions": [{"id": str(i), "to": {"name": n}} for i, n in enumerate(names)]})
            case "POST", ["api", "2", "issue", theirs, "transitions"]:
                chosen = int(ask.body["transition"]["id"])
                self.tickets[theirs]["status"] = self.leads[self.tickets[theirs]["status"]][chosen]
                return Answer(204)
            case "POST", ["api", "2", "issue", theirs, "comment"] if theirs in self.tickets:
                self.write(theirs, "Netcase", ask.body["body"])
                return Answer(201, {"id": "1"})
        return Answer(404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]})

    def _shown(self, theirs: str, wanted: list[str]) -> dict[str, Any]:
        ticket = self.tickets[theirs]
        fields: dict[str, Any] = {
            "status": {"name": ticket["status"]},
            "priority": {"name": ticket["priority"]},
            "comment": {"comments": [{**note, "body": note["text"]} for note in self.notes.get(theirs, [])]},
        }
        return {"key": theirs, "fields": {name: fields[name] for name in wanted}}

    def set_state(self, theirs: str, state: str) -> None:
        self.tickets[theirs]["status"] = state

    def state(self, theirs: str) -> str:
        return str(self.tickets[theirs]["status"])

    def level(self, theirs: str) -> str:
        return str(self.tickets[theirs]["priority"])

    def write(self, theirs: str, author: str, text: str) -> None:
        note = {"id": self.fresh(), "author": {"displayName": author}, "created": "2026-11-22T12:00:00.000+0000"}
        self.notes.setdefault(theirs, []).append({**note, "text": text})


class Glpi(Product):
    word: ClassVar = {"new": "1", "open": "2", "resolved": "5", "closed": "6", "P1": "6", "P3": "3"}

    def __init__(self) -> None:
        super().__init__()
        self.sessions: set[str] = set()

    def lets_in(self, ask: Ask) -> bool:
        if ask.headers.get("app-token") != APP_TOKEN:
            return False
        if ask.path == "/apirest.php/initSession":
            return ask.headers.get("authorization") == f"user_token {TOKEN}"
        return ask.headers.get("session-token") in self.sessions

    def do(self, ask: Ask) -> Answer:
        match ask.method, ask.path.split("/")[2:]:
            case "GET", ["initSession"]:
                session = f"session{self.fresh()}"
                self.sessions.add(session)
                return Answer(200, {"session_token": session})
            case "GET", ["killSession"]:
                self.sessions.discard(ask.headers["session-token"])
                return Answer(200)
            case "GET", ["getActiveProfile"]:
                return Answer(200, {"active_profile": {"name": "Technician"}})
            case "GET", ["search", "Ticket"]:
                wanted = ask.query["criteria[0][value]"]
                found = [t for t in self.tickets.values() if wanted in t["name"]]
                rows = [{"1": t["name"], "2": t["id"]} for t in found]
                return Answer(200, {"totalcount": len(rows), **({"data": rows} if rows else {})})
            case "POST", ["Ticket"]:
                theirs = self.fresh()
                self.tickets[theirs] = {**ask.body["input"], "id": int(theirs)}
                return Answer(201, {"id": int(theirs), "message": ""})
            case "GET", ["Ticket", theirs] if theirs in self.tickets:
                return Answer(200, self.tickets[theirs])
            case "PUT", ["Ticket", theirs] if theirs in self.tickets:
                self.tickets[theirs] |= ask.body["input"]
                return Answer(200, [{theirs: True, "message": ""}])
            case "POST", ["Ticket", theirs, "ITILFollowup"] if theirs in self.tickets:
                assert ask.body["input"]["itemtype"] == "Ticket"
                self.write(theirs, "7", ask.body["input"]["content"])
                return Answer(201, {"id": 1})
            case "GET", ["Ticket", theirs, "ITILFollowup"] if theirs in self.tickets:
                return Answer(200, [{**note, "content": note["text"]} for note in self.notes.get(theirs, [])])
        return Answer(404, ["ERROR_ITEM_NOT_FOUND", "Item not found"])

    def set_state(self, theirs: str, state: str) -> None:
        self.tickets[theirs]["status"] = int(state)

    def state(self, theirs: str) -> str:
        return str(self.tickets[theirs]["status"])

    def level(self, theirs: str) -> str:
        return str(self.tickets[theirs]["priority"])

    def write(self, theirs: str, author: str, text: str) -> None:
        note = {"id": int(self.fresh()), "users_id": author, "date": "2026-11-22 12:00:00", "text": text}
        self.notes.setdefault(theirs, []).append(note)


class Hook(Product):
    """A receiver of signed messages: what it was told stands in `asked`, each key once in `tickets`."""

    def lets_in(self, ask: Ask) -> bool:
        return True

    def do(self, ask: Ask) -> Answer:
        self.tickets.setdefault(ask.headers["idempotency-key"], ask.body)
        return Answer(204)


# ---------------------------------------------------------------- over HTTP


def _signed(body: bytes, headers: dict[str, str]) -> bool:
    timestamp = headers.get("x-netcase-timestamp", "")
    wanted = hmac.new(TOKEN.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get("x-netcase-signature", ""), f"v1={wanted}")


@contextmanager
def served(product: Product) -> Iterator[str]:
    """The address of the product."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            split = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = {name: values[0] for name, values in parse_qs(split.query).items()}
            ask = Ask(self.command, unquote(split.path), query, headers, json.loads(body) if body else None)
            fault = product.faults.pop(0) if product.faults else ""
            if isinstance(product, Hook) and not _signed(body, headers):
                return self._send(Answer(401, {"error": "signature"}))
            if fault == "drop":
                return self._drop()
            if fault == "slow":
                time.sleep(3)
            if isinstance(fault, int):
                return self._send(
                    Answer(fault, {"error": f"told to answer {fault}, {TOKEN}"}, {"location": "http://192.0.2.1/"})
                )
            if fault == "junk":
                return self._send(Answer(200, raw=b"<html>\xff not json"))
            if fault == "huge":
                return self._send(Answer(200, raw=b"[" + b"1," * 3_000_000 + b"1]"))
            answer = product.answer(ask)
            if fault == "lost":
                return self._drop()
            return self._send(answer)

        do_GET = do_POST = do_PUT = do_PATCH = _do  # noqa: N815 - as http.server calls them

        def _drop(self) -> None:
            self.close_connection = True
            self.connection.close()

        def _send(self, answer: Answer) -> None:
            said = (
                answer.raw
                if answer.raw is not None
                else b""
                if answer.body is None
                else json.dumps(answer.body).encode()
            )
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:
                self.close_connection = True

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
