"""A real Alertmanager takes our cases: one alert a case, which ends when the case is resolved."""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.channels.alertmanager import AlertmanagerChannel
from agent.inventory.channels import ChannelKind, ChannelSetup
from agent.inventory.device import Secret
from agent.notifications.notification import Notification
from tests.ports import free_port

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(PROGRAM is None, reason="no alertmanager (Debian package prometheus-alertmanager)"),
]
NOW = datetime.now(UTC)
MESSAGE = Notification(
    key="k", channel="am", to="am", language="en", subject="[NC-000012] P3 case", text="…",
    about={"case": "NC-000012", "severity": "P3", "customer": "acme", "state": "new",
           "opened": (NOW - timedelta(minutes=9)).isoformat()},
)  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    config = tmp_path / "alertmanager.yml"
    config.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    address = f"127.0.0.1:{free_port()}"
    running = subprocess.Popen(
        [str(PROGRAM), f"--config.file={config}", f"--storage.path={tmp_path}", f"--web.listen-address={address}",
         "--cluster.listen-address="],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://{address}"
    try:
        until(lambda: ask(f"{url}/-/ready") is not None)
        yield url
    finally:
        running.kill()
        running.wait()


def ask(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read()  # type: ignore[no-any-return]
    except OSError:
        return None


def until(done: Any, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.2)


def alerts(url: str) -> list[dict[str, Any]]:
    return json.loads(ask(f"{url}/api/v2/alerts") or b"[]")  # type: ignore[no-any-return]


def test_a_case_is_one_alert_that_ends_with_it(server: str) -> None:
    setup = ChannelSetup(name="am", kind=ChannelKind.ALERTMANAGER, url=Secret("url"))
    channel = AlertmanagerChannel(setup, lambda _: server)
    raised = replace(MESSAGE, about={**MESSAGE.about, "severity": "P1"})
    assert channel.send(MESSAGE).startswith("200")
    assert channel.send(MESSAGE).startswith("200")
    assert channel.send(raised).startswith("200")
    until(lambda: [a["annotations"]["severity"] for a in alerts(server)] == ["P1"])
    (alert,) = alerts(server)
    assert alert["labels"] == {"alertname": "netcase_case", "case": "NC-000012", "customer": "acme"}
    assert alert["status"]["state"] in ("active", "unprocessed")
    over = replace(MESSAGE, about={**MESSAGE.about, "resolved": NOW.isoformat(), "state": "resolved"})
    assert channel.send(over).startswith("200")
    until(lambda: alerts(server) == [])
