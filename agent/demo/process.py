"""The demonstration network in a process of its own, so that playing fourteen devices does not slow the agent.

    python -m agent.demo -i inventory.yaml --folder DIR --syslog HOST:PORT --traps HOST:PORT
                         [--prefix 127.0.2.] [--snmp-port N] [--ssh-port N] [--smtp-port N]

Control is by lines: `break cut A B`, `mend cut`, `default cut`, `describe`, `stop` on its standard input; for each, and
once at the start, one line of JSON on its standard output: {"ok": true, "result": …} or
{"ok": false, "error": "…", "kind": "…"}.
It stops when its input ends, so it never outlives who started it.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from agent import settings
from agent.demo import environment
from agent.demo.network import DemoNetwork
from agent.demo.placement import place
from agent.errors import ListenError, NetcaseError, UnavailableError, UsageError
from agent.inventory.inventory import Inventory
from agent.inventory.parse import parse

_START_S, _ANSWER_S, _STOP_S = 60.0, 30.0, 5.0
_LONGEST_LINE = 4 * 2**20
_ROOT = str(Path(__file__).resolve().parents[2])  # where the package lies, installed or not
_KINDS: dict[str, type[NetcaseError]] = {"UsageError": UsageError, "ListenError": ListenError}


class DemoProcess:
    """The same as DemoNetwork, over there. `inventory` is the file; the placement as in placement.place."""

    def __init__(
        self,
        inventory: Path,
        folder: Path,
        *,
        syslog: tuple[str, int],
        traps: tuple[str, int],
        prefix: str = "",
        snmp_port: int = 0,
        ssh_port: int = 0,
        smtp_port: int = 0,
        mail: bool = True,
    ) -> None:
        self._command = [
            sys.executable, "-m", "agent.demo", "-i", str(inventory), "--folder", str(folder),
            "--syslog", f"{syslog[0]}:{syslog[1]}", "--traps", f"{traps[0]}:{traps[1]}", "--prefix", prefix,
            "--snmp-port", str(snmp_port), "--ssh-port", str(ssh_port), "--smtp-port", str(smtp_port),
            *([] if mail else ["--no-mail"]),
        ]  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """All devices answer when it returns. Raises what DemoNetwork.start raises."""
        environment.provide()
        path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for the agent: it stops the network when it has stopped itself
        )
        try:
            await self._answer(_START_S)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def break_(self, what: str, *arguments: str) -> tuple[str, ...]:
        return tuple(await self._ask("break", what, *arguments))

    async def mend(self, what: str, *arguments: str) -> tuple[str, ...]:
        return tuple(await self._ask("mend", what, *arguments))

    async def default_breakage(self, what: str) -> tuple[str, ...]:
        return tuple(await self._ask("default", what))

    async def describe(self) -> dict[str, dict[str, Any]]:
        described: dict[str, dict[str, Any]] = await self._ask("describe")
        return described

    async def _ask(self, *words: str) -> Any:
        async with self._one_at_a_time:
            if self._process is None or self._process.stdin is None:
                raise UnavailableError("the demonstration network does not run")
            self._process.stdin.write((json.dumps(words) + "\n").encode())
            return await self._answer(_ANSWER_S)

    async def _answer(self, within: float) -> Any:
        if self._process is None or self._process.stdout is None:
            raise UnavailableError("the demonstration network does not run")
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), within)
        except TimeoutError:
            raise UnavailableError(f"the demonstration network said nothing for {within:.0f} s") from None
        if not line:
            raise UnavailableError("the demonstration network has stopped by itself; its last words are above")
        answer = json.loads(line)
        if not answer["ok"]:
            raise _KINDS.get(answer["kind"], UnavailableError)(answer["error"])
        return answer["result"]


async def serve(arguments: argparse.Namespace) -> int:
    """The other side. Returns the exit code."""
    folder = Path(arguments.folder)
    try:
        inventory = _read(arguments.inventory)
        placed = place(
            inventory, folder, prefix=arguments.prefix,
            snmp_port=arguments.snmp_port, ssh_port=arguments.ssh_port, smtp_port=arguments.smtp_port,
        )  # fmt: skip
        network = DemoNetwork(
            placed, folder, syslog=_endpoint(arguments.syslog), traps=_endpoint(arguments.traps), mail=arguments.mail
        )
        await network.start()
    except NetcaseError as error:
        _say({"ok": False, "error": str(error), "kind": type(error).__name__})
        return 2 if isinstance(error, UsageError) else 3
    try:
        _say({"ok": True, "result": "ready"})
        await _obey(network)
    finally:
        await network.stop()
    return 0


async def _obey(network: DemoNetwork) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := (await lines.readline()).decode().strip():
        words = json.loads(line) if line.startswith("[") else line.split()
        if words[0] == "stop":
            return
        try:
            _say({"ok": True, "result": await _do(network, words[0], words[1:])})
        except NetcaseError as error:
            _say({"ok": False, "error": str(error), "kind": type(error).__name__})


async def _do(network: DemoNetwork, verb: str, words: list[str]) -> Any:
    if verb == "describe":
        return network.describe()
    if verb not in ("break", "mend", "default") or not words:
        raise UsageError(f"{verb!r} is not understood: write break, mend or default and what, describe, or stop")
    if verb == "default":
        return network.default_breakage(words[0])
    return await (network.break_ if verb == "break" else network.mend)(*words)


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def _read(path: str) -> Inventory:
    return parse(settings.read_text(Path(path)), path, os.environ.get)


def _endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m agent.demo", description="The demonstration network alone.")
    parser.add_argument("-i", "--inventory", default="inventory.yaml")
    parser.add_argument("--folder", default="demo", help="for known_hosts and mails")
    parser.add_argument("--syslog", default="127.0.0.1:9514", help="where the devices send their messages")
    parser.add_argument("--traps", default="127.0.0.1:9162", help="where the devices send their traps")
    parser.add_argument("--prefix", default="", help="addresses of the devices, as 127.0.2.")
    parser.add_argument("--snmp-port", type=int, default=0)
    parser.add_argument("--ssh-port", type=int, default=0)
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--no-mail", dest="mail", action="store_false", help="without the mail server")
    return parser.parse_args()
