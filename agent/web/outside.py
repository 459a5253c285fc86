"""What is shown under the name that customers know: the pages that they answer on, and nothing of the network."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.web.shield import LOOPBACK, host_of

OPEN = ("/answer/", "/static/")


class Outside:
    """`names` are host names by which only these pages are there; a name of ours among them stays whole."""

    def __init__(self, app: ASGIApp, names: Iterable[str], ours: Iterable[str] = ()) -> None:
        self._app = app
        self._names = {name.lower() for name in names} - LOOPBACK - {name.lower().strip("[]") for name in ours} - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(OPEN) and self._is_outside(scope):
            await PlainTextResponse("There is no such page.\n", 404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_outside(self, scope: Scope) -> bool:
        return host_of(Headers(scope=scope).get("host", "")) in self._names
