"""`netcase notifications` and `netcase channels`, on real servers."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from agent.ports import JobKind
from agent.storage.engine import open_store
from tests.integration.listening import listening
from tests.integration.test_messenger_killed import put
from tests.ports import free_port
from tests.unit.notifications.test_wording import CASE

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-that-must-not-be-seen"
INVENTORY = """
policies: {{smtp: {{host: 127.0.0.1, port: {smtp}, sender: netcase@example.net}}}}
channels:
  sms: {{kind: apprise, url: "env:SMS_URL", to: phone}}
  hook: {{kind: webhook, url: "env:HOOK_URL", secret: "env:HOOK_SECRET", every_case: true, timeout: 2s}}
customers: {{acme: {{}}}}
sites: {{hq: {{customer: acme}}}}
people:
  li: {{name: 李娜, email: li@example.net, phone: "+86 10 5550 0001", channels: [sms, email, console], language: zh_CN}}
devices: {{r1: {{address: 192.0.2.1, site: hq}}}}
"""


class Box:
    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.got.append(envelope.content)
        return "250 2.0.0 Ok: queued as 4F1B2"


def netcase(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=ROOT, env={**os.environ, "NETCASE_DATA": str(folder / "data"), **environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.yaml"
    path.write_text(INVENTORY.format(smtp=free_port()), "utf-8")
    return path


def test_a_person_is_tried_on_every_channel_and_each_answer_is_told(tmp_path: Path, inventory: Path) -> None:
    box = Box()
    port = int(inventory.read_text().split("port: ")[1].split(",")[0])
    mail = Controller(box, hostname="127.0.0.1", port=port)
    mail.start()
    try:
        with listening() as there:
            said = netcase(
                tmp_path, "channels", "test", "li", "-i", str(inventory), "--as", "maria",
                SMS_URL=f"json://{TOKEN}@127.0.0.1:{there.port}/{TOKEN}/{{to}}", HOOK_URL=there.url, HOOK_SECRET="x",
            )  # fmt: skip
    finally:
        mail.stop()
    assert (said.returncode, said.stdout.splitlines()) == (
        0,
        ["sms, +861055500001: taken by JSON", "email, li@example.net: 250 2.0.0 Ok: queued as 4F1B2",
         "console, 李娜: printed"],
    ), said.stderr  # fmt: skip
    ((path, _, body),) = there.got
    assert path == f"/{TOKEN}/+861055500001"
    assert json.loads(body)["message"].startswith("[netcase] netcase 测试消息: maria 于 ")
    assert len(box.got) == 1
    assert TOKEN not in said.stdout + said.stderr


def test_a_channel_that_refuses_is_told_without_its_address(tmp_path: Path, inventory: Path) -> None:
    with listening(status=401, said=TOKEN.encode()) as there:
        said = netcase(
            tmp_path, "channels", "test", "hook", "-i", str(inventory), "--json",
            SMS_URL="x", HOOK_URL=f"{there.url}/{TOKEN}", HOOK_SECRET="x",
        )  # fmt: skip
    assert said.returncode == 3
    (answer,) = json.loads(said.stdout)
    assert (answer["ok"], answer["answer"]) == (False, "webhook hook: it answered 401 Unauthorized …")
    assert TOKEN not in said.stdout + said.stderr


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("test", "nobody"), "nobody is no channel and no person: write one of email, console, sms, hook, li"),
        (("test", "sms"), "sms goes to one person: name one instead, or write --to"),
        (("test", "li", "--to", "x"), "--to goes with a channel"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_advice(
    tmp_path: Path, inventory: Path, words: tuple[str, ...], advice: str
) -> None:
    said = netcase(tmp_path, "channels", *words, "-i", str(inventory), SMS_URL="x", HOOK_URL="x", HOOK_SECRET="x")
    assert said.returncode == 2
    assert advice in said.stderr


def test_the_channels_are_listed_with_references_and_never_with_what_they_stand_for(
    tmp_path: Path, inventory: Path
) -> None:
    said = netcase(tmp_path, "channels", "list", "-i", str(inventory), "--json", SMS_URL=TOKEN)
    assert {row["name"]: (row["address"], row["people"]) for row in json.loads(said.stdout)} == {
        "console": ("", ["li"]),
        "email": (f"127.0.0.1:{inventory.read_text().split('port: ')[1].split(',')[0]}", ["li"]),
        "sms": ("env:SMS_URL", ["li"]),
        "hook": ("env:HOOK_URL", []),
    }
    assert TOKEN not in said.stdout


def test_what_was_told_what_waits_and_what_failed_is_listed(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    (tmp_path / "data").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/data/netcase.db")
    with store.begin() as tx:
        tx.open_case(replace(CASE, number=0, root=""))
        later = put("wang@example.net", "email", JobKind.NOTICE)
        held = replace(later, due=now + timedelta(hours=2), payload={**later.payload, "held": "quiet"})
        tx.enqueue([put("li@example.net", "email"), put("zhang@example.net", "email"), held])
    with store.begin() as tx:
        done, failed = tx.lease(JobKind.NOTIFY, now, timedelta(minutes=1), "me", 2)
        tx.finish(done, now, "250 OK")
        tx.fail(failed, now, "550 no such user\x1b[2J")
    store.close()
    rows = json.loads(netcase(tmp_path, "notifications", "--json").stdout)
    assert [(row["to"], row["state"], row["why"]) for row in rows] == [
        ("wang@example.net", "held", "quiet"), ("zhang@example.net", "failed", ""), ("li@example.net", "done", ""),
    ]  # fmt: skip
    assert [r["to"] for r in json.loads(netcase(tmp_path, "notifications", "--failed", "--json").stdout)] == [
        "zhang@example.net"
    ]
    assert [r["to"] for r in json.loads(netcase(tmp_path, "notifications", "--waiting", "--json").stdout)] == [
        "wang@example.net"
    ]
    shown = netcase(tmp_path, "notifications", "--case", "NC-000001", "--lang", "zh_CN").stdout
    assert "暂缓 (免打扰时段)" in shown
    assert "550 no such user" in shown
    assert "\x1b" not in shown
