"""Serves the pages from the agent's own event loop."""

import asyncio
import contextlib
import socket
from functools import partial

import uvicorn

from agent.app import bundle, compose
from agent.app.compose import Memory
from agent.app.reporting import Reporter
from agent.cases.links import Links
from agent.errors import ListenError
from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.settings import Endpoint, Settings
from agent.web import site
from agent.web.auth import Gate, Keys


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # the agent takes the signals itself
        yield


class Website:
    def __init__(
        self,
        settings: Settings,
        inventory: Inventory,
        memory: Memory,
        metrics: Metrics,
        reporter: Reporter,
        links: Links | None = None,
    ) -> None:
        self._endpoint = settings.web
        app = site.create(
            memory.store,
            inventory,
            memory.evidence,
            metrics,
            compose.now,
            reporter.read,
            allow_hosts=names(settings.web.host),
            gate=Gate(keys(inventory)),
            links=links,
            bundles=partial(bundle.of_case, memory, inventory),
        )
        self._server = _Server(
            uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1)
        )
        self._task: asyncio.Task[None] | None = None
        self.address = ""

    async def start(self) -> None:
        listening = listen(self._endpoint)
        host, port = listening.getsockname()[:2]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def stop(self) -> None:
        if self._task:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)


def keys(inventory: Inventory) -> Keys:
    """Of the people who may write. Raises UsageError for a key that could be guessed, UnavailableError for one that
    is not there."""
    return Keys({key: compose.reveal(person.token) for key, person in inventory.people.items() if person.token})


def names(host: str) -> set[str]:
    """What the page may be called: by the address it listens on, and where that is every address, by this machine's."""
    if host not in {"0.0.0.0", "::"}:
        return {host}
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        return {name, socket.getfqdn(), *(str(info[4][0]) for info in socket.getaddrinfo(name, None))}
    return {name}


def listen(endpoint: Endpoint) -> socket.socket:
    """Raises ListenError with a sentence that says what to do."""
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((endpoint.host, endpoint.port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ListenError(
            f"the web page cannot listen on {endpoint}: {error.strerror}; choose another port with --web"
        ) from error
    listening.setblocking(False)
    return listening
