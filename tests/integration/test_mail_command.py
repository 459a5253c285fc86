"""`netcase run` with a mailbox, and the commands that tell what became of the mails."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.storage.engine import open_store
from tests import dovecot, mails
from tests.dovecot import PASSWORD, Dovecot
from tests.mails import STRANGER, mail, multipart
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.system("dovecot", "openssl", "root"), pytest.mark.timeout(600)]

INVENTORY = """\
policies:
  mailbox:
    host: localhost
    port: {port}
    ca: {ca}
    username: tac@example.net
    password: env:NETCASE_MAILBOX_PASSWORD
    every: 200ms
customers:
  harbour-bank:
    title: Harbour Bank
    team: tac
    contacts:
      - {{name: 张伟, email: zhang@example.com, language: zh_CN}}
contracts:
  C-2026-001: {{customer: harbour-bank, starts: 2026-01-01, ends: 2030-12-31}}
sites:
  beijing: {{customer: harbour-bank}}
people:
  li-na: {{name: Li Na, email: li.na@example.net, channels: [console]}}
teams:
  tac: {{on_call: [li-na]}}
devices:
  bj-core-1: {{address: 127.0.0.1, site: beijing, reachability: [tcp], tcp_port: {web}, contract: C-2026-001}}
"""


class Place:
    def __init__(self, folder: Path, server: Dovecot) -> None:
        self.folder, self.server, self.web = folder, server, free_port()
        self.inventory = folder / "inventory.yaml"
        self.inventory.write_text(INVENTORY.format(port=server.imaps, ca=server.folder / "cert.pem", web=self.web))
        self.environment = {**os.environ, "NETCASE_MAILBOX_PASSWORD": PASSWORD, "LANG": "en_US.UTF-8", "LC_ALL": ""}
        self.agent: subprocess.Popen[bytes] | None = None

    def netcase(self, *arguments: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "agent", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def mail(self, *arguments: str, code: int = 0) -> str:
        return self.netcase("mail", *arguments, "--data", str(self.folder / "data"), code=code)

    def start(self) -> None:
        ports = {"web": self.web, "traps": free_port(udp=True), "syslog": free_port(udp=True)}
        options = [text for name, port in ports.items() for text in (f"--{name}", f"127.0.0.1:{port}")]
        command = [sys.executable, "-m", "agent", "run", "-i", str(self.inventory), "--data", str(self.folder / "data")]
        with (self.folder / "log").open("ab") as log:
            self.agent = subprocess.Popen([*command, *options], cwd=ROOT, env=self.environment, stderr=log, stdout=log)

    def stop(self) -> None:
        if self.agent and self.agent.poll() is None:
            self.agent.send_signal(signal.SIGTERM)
            self.agent.wait(30)

    def until(self, told: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not told():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.2)

    def verdicts(self) -> dict[str, str]:
        """By sender, read from the store: a command takes its time to start."""
        if not (self.folder / "data" / "netcase.db").exists():
            return {}
        store = open_store(f"sqlite:///{self.folder}/data/netcase.db")
        with store.read() as tx:
            found = {each.sender: str(each.verdict) for each in tx.letters()}
        store.close()
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with dovecot.running() as server:
        made = Place(tmp_path, server)
        yield made
        made.stop()


def test_mails_are_read_by_the_agent_and_told_by_the_commands(place: Place) -> None:
    found = json.loads(
        place.netcase("mail", "check", "-i", str(place.inventory), "--json", "--data", str(place.folder))
    )
    assert (found["mails"], found["new"], found["files_as_wanted"]) == (0, 0, True)
    place.server.deliver(mail(subject="P2 bj-core-1 无法登录", text="从今天早上起。\n合同号：C-2026-001"))
    place.server.deliver(mail(sender=f"Mallory <{STRANGER}>", subject="Offer", id="<two@x>"))
    place.start()
    place.until(lambda: len(place.verdicts()) == 2)
    reply = multipart(
        ("Content-Type: text/plain", b"See the log. <script>alert(1)</script>"),
        mails.attached("show-log.txt", b"a log"),
    )
    reply = reply.replace(b"From: zhang@", b"From: wu@").replace(
        b"Subject: with parts", b"Subject: Re: [NC-000001] log"
    )
    place.server.deliver(reply)
    place.until(lambda: len(place.verdicts()) == 3)
    assert place.verdicts() == {"zhang@example.com": "opened", STRANGER: "refused", "wu@example.com": "unclear"}
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{place.web}/metrics", timeout=10).read().decode()
    for line in ('netcase_mails_total{verdict="opened"} 1.0', "netcase_mailbox_up 1.0", "netcase_mails_waiting 1.0"):
        assert line in metrics
    case = json.loads(place.netcase("case", "show", "1", "--json", "--data", str(place.folder / "data")))
    assert (case["case"]["severity"], case["case"]["contract"]) == ("P2", "C-2026-001")
    assert case["case"]["subject"] == "bj-core-1"

    waiting = json.loads(place.mail("list", "--waiting", "--json"))
    assert [each["sender"] for each in waiting] == ["wu@example.com"]
    assert len(json.loads(place.mail("list", "--refused", "--json"))) == 2
    assert len(json.loads(place.mail("list", "--case", "NC-000001", "--json"))) == 1
    number = str(waiting[0]["id"])
    assert "has nothing to do with that case" in place.mail("show", number)
    assert "与该工单无关" in place.mail("show", number, "--lang", "zh_CN")
    assert json.loads(place.mail("show", number, "--json"))["attachments"][0]["name"] == "show-log.txt"
    assigned = place.mail("assign", number, "1", "--as", "li-na", "-i", str(place.inventory))
    assert assigned == f"mail {number} is on NC-000001\n"
    assert "on NC-000001 already" in place.mail("assign", number, "1", "-i", str(place.inventory), code=1)
    assert "there is no mail 99" in place.mail("show", "99", code=2)
    page = urllib.request.urlopen(f"http://127.0.0.1:{place.web}/cases/1", timeout=10).read().decode()
    assert "See the log." in page
    assert "<script>alert" not in page
    assert "show-log.txt" in page


def test_a_mailbox_that_cannot_be_read_is_told_by_the_check_and_by_a_metric(place: Place) -> None:
    place.environment["NETCASE_MAILBOX_PASSWORD"] = "hunter2"
    told = place.netcase("mail", "check", "-i", str(place.inventory), code=3)
    assert "refused the login of tac@example.net" in told
    assert "hunter2" not in told
    place.start()
    place.until(lambda: "the mailbox cannot be read" in (place.folder / "log").read_text())
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{place.web}/metrics", timeout=10).read().decode()
    assert "netcase_mailbox_up 0.0" in metrics
    assert "hunter2" not in (place.folder / "log").read_text()


def test_an_inventory_without_a_mailbox_is_told_what_to_write(place: Place) -> None:
    text = place.inventory.read_text()
    start, end = text.index("  mailbox:"), text.index("customers:")
    place.inventory.write_text(f"{text[:start]}  settle: 20s\n{text[end:]}")
    assert "write policies.mailbox" in place.netcase("mail", "check", "-i", str(place.inventory), code=2)
