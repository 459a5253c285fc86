"""What stands before every page: only reading, only for our own names, and headers that leave a browser no room.

There is no sign-in. The site is bound to loopback by default, and answers only to host names it knows, so that a page
elsewhere cannot make a visitor's browser read it under another name (DNS rebinding).
"""

import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::\d{1,5})?")


class Shield:
    """`hosts` are host names and addresses beside loopback's; a lone `*` lets every name through."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = LOOPBACK | {host.lower().strip("[]") for host in hosts}

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

        refusal = self._refusal(scope)
        if refusal:
            await refusal(scope, receive, shielded)
        else:  # HEAD is answered as GET is; the server leaves the body out
            await self._app({**scope, "method": "GET"}, receive, shielded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        host = host_of(Headers(scope=scope).get("host", ""))
        if "*" not in self._hosts and host not in self._hosts:
            return PlainTextResponse("This site does not go by that name; add it to the allowed hosts.\n", 400)
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("This site is read only.\n", 405, {"allow": "GET, HEAD"})
        return None


def host_of(header: str) -> str:
    """The name or address in a Host header (RFC 9110 §7.2), without its port; empty when it is malformed."""
    match = _HOST.fullmatch(header)
    return (match[1] or match[2]).lower().rstrip(".") if match else ""
