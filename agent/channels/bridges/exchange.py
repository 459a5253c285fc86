"""JSON over HTTP with one server: the address of the inventory and no other, bounded, no redirects, TLS verified.

A token goes into a header and nowhere else: what is raised names the bridge, the status and some words of the answer,
with the token and every part of the address struck out.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from agent.channels import http
from agent.channels.scrubbing import parts_of, scrub
from agent.errors import DeliveryError, NetcaseError
from agent.inventory.bridges import BridgeSetup
from agent.inventory.device import Secret

MOST_READ = 4 * 1024 * 1024  # bytes of an answer
MOST_SCRUBBED = 4096  # bytes of one that refuses that are looked at: a token must not be cut in two and stay
_SHOWN = 160  # characters of one that refuses
_LATER = frozenset({408, 409, 423, 425, 429})
_NONE = 404
_OPEN = frozenset({"Idempotency-Key"})  # headers that hold no secret


class Exchange:
    def __init__(
        self, setup: BridgeSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        self.setup, self._secret, self._context = setup, secret, context
        self._revealed: set[str] = set()  # what must never come out again

    def reveal(self, reference: Secret | None) -> str:
        """Raises DeliveryError where nothing is there, or what no header can carry."""
        try:
            value = self._secret(str(reference)) if reference else ""
        except NetcaseError as error:
            raise DeliveryError(f"bridge {self.setup.name}: {error}") from error
        if not value.isascii() or not value.isprintable():
            raise DeliveryError(f"bridge {self.setup.name}: the token holds what no header can carry", permanent=True)
        if value:
            self._revealed.add(value)
        return value

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        may_lack: bool = False,
    ) -> Any:
        """The answer's JSON; None for an empty one, and with `may_lack` for 404. `path` is quoted already."""
        url = f"{self.setup.url}{path}" + (f"?{urlencode(query)}" if query else "")
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        every = {"Accept": "application/json", "User-Agent": "netcase", **headers}
        if sent is not None:
            every["Content-Type"] = "application/json; charset=utf-8"
        shown = {value for name, value in headers.items() if name not in _OPEN}
        hidden = frozenset(
            {*self._revealed, *shown, *(each for value in shown for each in value.split(" ")[1:])} - {""}
        )
        timeout_s = self.setup.timeout.total_seconds()
        try:
            status, reason, said = http.exchange(
                method, url, sent, every, timeout_s, MOST_READ + 1, context=self._context, secrets=hidden
            )
        except DeliveryError as error:
            raise DeliveryError(f"bridge {self.setup.name}: {error}", permanent=error.permanent) from None
        if status == _NONE and may_lack:
            return None
        self._judge(status, reason, said, hidden | parts_of(self.setup.url))
        return self._read(said)

    def _judge(self, status: int, reason: str, said: bytes, hidden: frozenset[str]) -> None:
        if status // 100 == 2:
            return
        whole = scrub(f"{reason} {said[:MOST_SCRUBBED].decode('utf-8', 'replace')}", hidden)
        shown = " ".join("".join(c if c.isprintable() else " " for c in whole).split())[:_SHOWN]
        what = f"bridge {self.setup.name} answered {status} {shown}".strip()
        if status // 100 == 3:
            raise DeliveryError(f"{what}: a redirect, which is not followed; write its address as url", permanent=True)
        raise DeliveryError(what, permanent=status // 100 == 4 and status not in _LATER)

    def _read(self, said: bytes) -> Any:
        if len(said) > MOST_READ:
            raise DeliveryError(f"bridge {self.setup.name} answered more than {MOST_READ >> 20} MiB", permanent=True)
        if not said.strip():
            return None
        try:
            return json.loads(said)
        except (ValueError, RecursionError):
            raise DeliveryError(f"bridge {self.setup.name} answered something that is no JSON") from None


def part(text: str) -> str:
    """Their id as one part of a path, whatever it holds."""
    return quote(text, safe="")


def table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A word or a number of theirs; nothing else is one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def identity(value: Any, bridge: str) -> str:
    """The id of what was made. Raises DeliveryError where none was told: the next try looks for it."""
    found = text(value)
    if not found or len(found) > 200 or not found.isprintable():
        raise DeliveryError(f"bridge {bridge} did not say which ticket it made")
    return found
