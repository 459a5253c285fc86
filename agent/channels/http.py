"""One POST: bounded in time and size, to the address that was given and to no other. Redirects are not followed."""

import base64
import contextlib
import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Timer
from urllib.parse import unquote, urlsplit

from agent.channels.scrubbing import parts_of, scrub
from agent.errors import DeliveryError

MOST_READ = 64 * 1024  # bytes of an answer
_SHOWN = 120  # characters of it
_LATER = frozenset({408, 425, 429})  # RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str

    def __str__(self) -> str:
        return f"{self.status} {self.text}".strip()


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    timeout_s: float,
    *,
    context: ssl.SSLContext | None = None,
    secrets: frozenset[str] = frozenset(),
) -> Answer:
    """Raises DeliveryError for every answer but 2xx; permanent where the same request is refused again: 3xx, and 4xx
    but 408, 425 and 429. `timeout_s` is for all of it together. Neither the address nor `secrets` come out."""
    status, reason, said = exchange("POST", url, body, headers, timeout_s, MOST_READ, context=context, secrets=secrets)
    shown = said.decode("utf-8", "replace")[:_SHOWN]
    return _judged(Answer(status, scrub(f"{reason} {shown}", parts_of(url) | secrets)))


def exchange(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    timeout_s: float,
    most: int,
    *,
    context: ssl.SSLContext | None = None,
    secrets: frozenset[str] = frozenset(),
) -> tuple[int, str, bytes]:
    """Whatever is answered: its status, reason, and at most `most` bytes of it. Raises DeliveryError for no answer."""
    hidden = parts_of(url) | secrets
    connection, path, more = _connection(url, timeout_s, context)
    clock = _Clock(timeout_s)
    try:
        connection.connect()
        clock.start(connection.sock)
        connection.request(method, path, body, {**headers, **more})
        with contextlib.closing(connection.getresponse()) as response:
            said = response.read(most)
            status, reason = response.status, response.reason
        if clock.ran_out:
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(_trouble(error, timeout_s, hidden, late=clock.ran_out)) from None
    finally:
        clock.stop()
        connection.close()
    return status, reason, said


def _judged(answer: Answer) -> Answer:
    kind = answer.status // 100
    if kind == 2:
        return answer
    if kind == 3:
        raise DeliveryError(f"it answered {answer.status}, a redirect, which is not followed", permanent=True)
    raise DeliveryError(f"it answered {answer}", permanent=kind == 4 and answer.status not in _LATER)


def _connection(
    url: str, timeout_s: float, context: ssl.SSLContext | None
) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    """With the path to ask for, and the headers that the address itself calls for."""
    try:
        split = urlsplit(url)
        host, port = split.hostname, split.port
    except ValueError:
        host, port = None, None
    if not host or split.scheme not in ("http", "https"):
        raise DeliveryError("its URL is none of http:// or https://", permanent=False)
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    more = {}
    if split.username is not None:
        login = f"{unquote(split.username)}:{unquote(split.password or '')}"
        more["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    if split.scheme == "https":
        tls = context or ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=tls), path, more
    return http.client.HTTPConnection(host, port, timeout=timeout_s), path, more


class _Clock:
    """Ends a connection when its time is over: a server that sends a byte now and then is late as well."""

    def __init__(self, timeout_s: float) -> None:
        self.ran_out = False
        self._sock: socket.socket | None = None
        self._timer = Timer(timeout_s, self._end)
        self._timer.daemon = True

    def start(self, sock: socket.socket) -> None:
        self._sock = sock
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.ran_out = True
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)


def _trouble(error: Exception, timeout_s: float, hidden: frozenset[str], *, late: bool) -> str:
    if late or isinstance(error, TimeoutError):
        return f"it did not answer within {timeout_s:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {scrub(error.verify_message, hidden)}"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"no connection: {scrub(said, hidden) or type(error).__name__}"
