"""`kill -9` at any moment: a restarted agent loses nothing, doubles nothing, and tells nobody twice.

A real agent in a process of its own watches the demonstration network in another; the network is broken, the agent is
killed again and again while the case opens, evidence is read and mail goes out, and is started anew each time.
"""

import asyncio
import email
import email.policy
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.demo import environment
from agent.demo.process import DemoProcess
from tests.ports import free_port, loopback_prefix

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(400)
async def test_a_killed_agent_opens_one_case_and_tells_everybody_once(tmp_path: Path) -> None:
    place = Place(tmp_path)
    network = DemoProcess(
        place.inventory,
        tmp_path,
        syslog=("127.0.0.1", place.syslog),
        traps=("127.0.0.1", place.traps),
        prefix="",
    )
    await network.start()
    try:
        agent = place.start()
        await place.until(lambda: place.known() == place.devices)
        await network.break_("cut")
        chance = random.Random(7)
        for _ in range(8):
            await asyncio.sleep(chance.uniform(0.3, 2.5))
            agent.send_signal(signal.SIGKILL)
            agent.wait()
            agent = place.start()
        await place.until(lambda: bool(place.cases()) and place.settled())
        case = place.one_case()
        told = [(n["to"], n["channel"], n["subject"]) for n in case["notifications"]]
        assert sorted(told) == sorted(set(told))
        opened = [n["to"] for n in case["notifications"] if n["occasion"] == "opened"]
        assert sorted(opened) == sorted(set(opened))
        assert {n["state"] for n in case["notifications"]} == {"done"}
        assert [e["action"] for e in case["timeline"]].count("opened") == 1
        assert {e["state"] for e in case["evidence"]} <= {"done", "failed"}
        assert any(e["state"] == "done" for e in case["evidence"])
        mails = place.mails(case["case"]["name"])
        assert len({mail["message-id"] for mail in mails}) == len({(m["to"], m["subject"]) for m in mails}) > 0
        await network.mend("cut")
        await place.until(lambda: place.cases()[0]["state"] == "monitoring")
        again = [n["to"] for n in place.one_case()["notifications"] if n["occasion"] == "opened"]
        assert again == opened
    finally:
        agent.kill()
        agent.wait()
        await network.stop()


class Place:
    """An inventory on addresses and ports of its own, a data folder, and the commands that ask about it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.inventory = folder / "inventory.yaml"
        self.syslog, self.traps = free_port(udp=True), free_port(udp=True)
        text = (ROOT / "inventory.yaml").read_text("utf-8")
        text = text.replace("127.0.1.", loopback_prefix())
        for port in ("16161", "16122", "2525"):
            text = text.replace(f" {port}", f" {free_port(udp=port == '16161')}")
        text = text.replace("strict_host_key: true", f"strict_host_key: true\n    known_hosts: {folder}/known_hosts")
        self.inventory.write_text(text, "utf-8")
        environment.provide()
        self.environment = dict(os.environ)
        self.devices = text.count("address: 127.")

    def start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "agent.log").open("ab") as log:
            return subprocess.Popen(
                [*self._netcase("run"), "-i", str(self.inventory), "--data", str(self.data), "--web", "127.0.0.1:0",
                 "--syslog", f"127.0.0.1:{self.syslog}", "--traps", f"127.0.0.1:{self.traps}"],
                stdout=log, stderr=log, cwd=ROOT, env=self.environment,
            )  # fmt: skip

    def _netcase(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "agent", *words]

    def ask(self, *words: str) -> object:
        done = subprocess.run(
            self._netcase(*words, "--data", str(self.data), "--json"),
            capture_output=True, check=False, cwd=ROOT, env=self.environment,
        )  # fmt: skip
        return json.loads(done.stdout) if done.returncode == 0 else []

    async def until(self, done: object, patience: float = 120) -> None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if await asyncio.to_thread(done):  # type: ignore[arg-type]
                return
            await asyncio.sleep(0.5)
        log = (self.folder / "agent.log").read_text("utf-8", errors="replace")
        raise AssertionError(f"not within {patience} s; the agent's log:\n{log[-4000:]}")

    def known(self) -> int:
        devices = self.ask("devices", "-i", str(self.inventory))
        return sum(device["state"] == "up" and bool(device["version"]) for device in devices)  # type: ignore[attr-defined]

    def cases(self) -> list[dict[str, str]]:
        return list(self.ask("cases"))  # type: ignore[call-overload]

    def one_case(self) -> dict[str, list[dict[str, str]]]:
        cases = self.cases()
        assert len(cases) == 1, cases
        return self.ask("case", "show", cases[0]["name"])  # type: ignore[return-value]

    def settled(self) -> bool:
        case = self.one_case()
        evidence = {row["state"] for row in case["evidence"]}
        return not evidence & {"queued", "running"} and {n["state"] for n in case["notifications"]} == {"done"}

    def mails(self, case: str) -> list[email.message.EmailMessage]:
        found = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in (self.folder / "mail").glob("*.eml")
        ]
        return [mail for mail in found if case in mail["subject"]]
