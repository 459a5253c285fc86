"""What stands before every page: writing only through known doors, only for our own names, and headers that leave a
browser no room.

The site is bound to loopback by default, and answers only to host names it knows, so that a page elsewhere cannot make
a visitor's browser read it under another name (DNS rebinding). Whatever is written comes through a `Door`: a path that
is known, a body that is bounded, and, but for those that say otherwise, somebody who has signed in (`agent.web.auth`).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.web.auth import Gate

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REPORT_POLICY = (  # a report is one self-contained file: its style stands in it, and it runs nothing
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
KIB = 1024
MIB = 1024 * KIB
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::\d{1,5})?")


class Who(Enum):
    ANYBODY = "anybody"  # what they say proves itself: a key, a signed link
    VISITOR = "visitor"  # signed in with a browser; the page checks the form's token
    PROGRAM = "program"  # shows its key


@dataclass(frozen=True, slots=True)
class Door:
    """A path that may be written to (POST), by whom, and how many bytes at most. `keyless`: open also where nobody has
    a key to sign in with."""

    path: re.Pattern[str]
    who: Who
    limit: int
    keyless: bool = False


DOORS: tuple[Door, ...] = (
    Door(re.compile(r"/sign-in|/sign-out"), Who.ANYBODY, 16 * KIB),
    Door(re.compile(r"/cases/new"), Who.VISITOR, 32 * MIB),
    Door(re.compile(r"/cases/[0-9]{1,10}/attach"), Who.VISITOR, 32 * MIB),
    Door(re.compile(r"/cases/[0-9]{1,10}/act"), Who.VISITOR, 64 * KIB),
    Door(re.compile(r"/api/v1/cases"), Who.PROGRAM, 64 * KIB),
    Door(re.compile(r"/api/v1/cases/[0-9]{1,10}/attachments"), Who.PROGRAM, 32 * MIB),
    # What a customer answers by a signed link: the link is what proves it, so nobody signs in and no key is needed.
    Door(re.compile(r"/answer/[A-Za-z0-9_-]{1,400}"), Who.ANYBODY, 64 * KIB, keyless=True),
)


class Shield:
    """`hosts` are host names and addresses beside loopback's; a lone `*` lets every name through."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] = (),
        gate: Gate | None = None,
        now: Callable[[], datetime] = lambda: datetime.fromtimestamp(0, UTC),
        doors: Iterable[Door] = DOORS,
    ) -> None:
        self._app = app
        self._hosts = (LOOPBACK | {host.lower().strip("[]") for host in hosts}) - {""}  # a malformed name is ""
        self._gate, self._now = gate or Gate(), now
        self._doors = tuple(door for door in doors if self._gate.keys or door.keyless)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if refusal := self._refusal(scope):
            await refusal(scope, receive, shielded)
        elif scope["method"] == "POST":
            await self._write(scope, receive, shielded)
        else:  # HEAD is answered as GET is; the server leaves the body out
            await self._app({**scope, "method": "GET"}, receive, shielded)

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The body is counted as it comes, whatever was said of its length before."""
        door = self._door(scope)
        assert door is not None  # noqa: S101 - else it was refused
        count, told = 0, False

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            return message if count <= door.limit else {"type": "http.disconnect"}

        async def answered(message: Message) -> None:
            nonlocal told
            if count <= door.limit:
                await send(message)
            elif not told:
                told = True
                await _too_large(door)(scope, receive, send)

        try:
            await self._app(scope, counted, answered)
        except Exception:
            if count <= door.limit:
                raise
            if not told:  # it broke off for want of the rest
                await _too_large(door)(scope, receive, send)

    def _door(self, scope: Scope) -> Door | None:
        return next((door for door in self._doors if door.path.fullmatch(scope["path"])), None)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = host_of(headers.get("host", ""))
        if "*" not in self._hosts and host not in self._hosts:
            return PlainTextResponse("This site does not go by that name; add it to the allowed hosts.\n", 400)
        if scope["method"] in {"GET", "HEAD"}:
            return None
        door = self._door(scope) if scope["method"] == "POST" else None
        if door is None:
            return self._read_only()
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"} and not door.keyless:
            return PlainTextResponse("Forms of other sites are not taken.\n", 403)
        said = headers.get("content-length", "0")
        if not (said.isascii() and said.isdigit()) or int(said[:18]) > door.limit:
            return _too_large(door)
        return self._stranger(scope, door)

    def _read_only(self) -> Response:
        if self._gate.keys:
            return PlainTextResponse("Nothing can be written here.\n", 405, {"allow": "GET, HEAD"})
        text = "This site is read only: nobody in the inventory has a key (people.NAME.token) to sign in with.\n"
        return PlainTextResponse(text, 405, {"allow": "GET, HEAD"})

    def _stranger(self, scope: Scope, door: Door) -> Response | None:
        """Before a body is read: who has no key writes nothing, and stores nothing on our disk."""
        request, now = HTTPConnection(scope), self._now()
        if door.who is Who.VISITOR and not self._gate.visitor(request, now):
            return PlainTextResponse("Sign in first.\n", 401)
        if door.who is Who.PROGRAM and not self._gate.bearer(request, now):
            return self._unknown_program(request, now)
        return None

    def _unknown_program(self, request: HTTPConnection, now: datetime) -> Response:
        if self._gate.shut_to(request, now):
            detail = "too many wrong keys came from this address: wait five minutes"
            return JSONResponse({"detail": detail}, 429, {"retry-after": "300"})
        detail = "show your key: Authorization: Bearer KEY (people.NAME.token of the inventory)"
        return JSONResponse({"detail": detail}, 401, {"www-authenticate": 'Bearer realm="netcase"'})


def _too_large(door: Door) -> Response:
    size = f"{door.limit // MIB} MiB" if door.limit >= MIB else f"{door.limit // KIB} KiB"
    return PlainTextResponse(f"That is too large: at most {size} are taken here.\n", 413, {"connection": "close"})


def host_of(header: str) -> str:
    """The name or address in a Host header (RFC 9110 §7.2), without its port; empty when it is malformed."""
    match = _HOST.fullmatch(header)
    return (match[1] or match[2]).lower().rstrip(".") if match else ""
