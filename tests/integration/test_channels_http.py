"""Webhook, SMS and chat, Alertmanager: against a real web server on loopback."""

import hashlib
import hmac
import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from agent.channels.alertmanager import AlertmanagerChannel
from agent.channels.journal import Journal
from agent.channels.sms_chat import AppriseChannel
from agent.channels.webhook import WINDOW, WebhookChannel, idempotency_key
from agent.errors import DeliveryError, UnavailableError
from agent.inventory.channels import ChannelKind, ChannelSetup
from agent.inventory.device import Secret
from agent.notifications.notification import Notification
from tests.integration.listening import Listening, listening

TOKEN = "9f86d081884c7d659a2f"
SHARED = "correct horse battery staple"
MESSAGE = Notification(
    key="NC-000012/opened/hook/李娜", channel="hook", to="李娜", language="zh_CN",
    subject="[NC-000012] P2 工单 NC-000012：接口中断", text="级别: P2", short="[NC-000012] P2 接口中断 https://n.example/cases/12",
    about={"occasion": "opened", "case": "NC-000012", "severity": "P2", "customer": "acme", "state": "new",
           "opened": "2026-03-02T08:00:00+00:00", "link": "https://n.example/cases/12"},
)  # fmt: skip


def setup(kind: ChannelKind, **changes: object) -> ChannelSetup:
    plain = ChannelSetup(name="hook", kind=kind, url=Secret("url"), secret=Secret("secret"))
    return replace(plain, timeout=timedelta(seconds=2), **changes)  # type: ignore[arg-type]


def secrets(url: str) -> Callable[[str], str]:
    return {"url": url, "secret": SHARED}.__getitem__


def webhook(url: str, folder: Path) -> WebhookChannel:
    return WebhookChannel(setup(ChannelKind.WEBHOOK), secrets(url), Journal(folder / "journal"))


def chat(url: str, folder: Path) -> AppriseChannel:
    return AppriseChannel(setup(ChannelKind.APPRISE), secrets(url), Journal(folder / "journal"))


# ---------------------------------------------------------------- webhook


def receiver() -> Callable[..., int]:
    """What docs/reference/notifications.md tells whoever receives it to do."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "notifications.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    known: dict[str, Any] = {"hmac": hmac, "hashlib": hashlib}
    exec(code, known)  # the page's own words
    return known["accept"]  # type: ignore[no-any-return]


def test_a_webhook_is_json_signed_and_named(tmp_path: Path) -> None:
    with listening() as there:
        assert webhook(f"{there.url}/hook?token={TOKEN}", tmp_path).send(MESSAGE) == "200 OK ok"
    ((path, headers, body),) = there.got
    assert path == f"/hook?token={TOKEN}"
    said = json.loads(body)
    assert (said["case"], said["severity"], said["to"], said["version"]) == ("NC-000012", "P2", "李娜", 1)
    assert headers["Idempotency-Key"] == idempotency_key(MESSAGE.key)
    accept, now, seen = receiver(), datetime.now(UTC).timestamp(), set[str]()
    assert accept(headers, body, SHARED, now, seen) == 201
    assert accept(headers, body, SHARED, now, seen) == 200, "a repeat is known"
    assert accept(headers, body, SHARED, now + 360, set()) == 408, "an old one is refused"
    assert accept(headers, body + b" ", SHARED, now, set()) == 401, "so is one that was changed"
    assert accept(headers, body, "another secret", now, set()) == 401
    assert timedelta(seconds=300) == WINDOW


def test_a_webhook_that_was_taken_is_not_sent_again_after_a_restart(tmp_path: Path) -> None:
    with listening() as there:
        webhook(there.url, tmp_path).send(MESSAGE)
        assert webhook(there.url, tmp_path).send(MESSAGE) == "200 OK ok (before)"
    assert len(there.got) == 1


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (401, True), (404, True), (410, True), (301, True), (308, True), (408, False), (425, False),
     (429, False), (500, False), (503, False)],
)  # fmt: skip
def test_which_answers_are_final(tmp_path: Path, status: int, permanent: bool) -> None:
    with listening(status=status, headers={"Location": "http://127.0.0.1:1/stolen"}) as there:
        with pytest.raises(DeliveryError, match=str(status)) as refused:
            webhook(there.url, tmp_path).send(MESSAGE)
        assert refused.value.permanent is permanent
    assert len(there.got) == 1, "no redirect is followed"


def test_a_server_that_drips_is_given_up_in_time(tmp_path: Path) -> None:
    with listening(said=b"x" * 100, drip=0.5) as there:
        started = time.monotonic()
        with pytest.raises(DeliveryError, match="did not answer within 2 s") as late:
            webhook(there.url, tmp_path).send(MESSAGE)
    assert time.monotonic() - started < 6
    assert not late.value.permanent


def test_a_server_that_is_not_there_or_has_no_address_is_tried_again(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/{TOKEN}"
    for gone in (url, f"gopher://{TOKEN}", "http://[bad"):
        with pytest.raises(DeliveryError) as refused:
            webhook(gone, tmp_path).send(MESSAGE)
        assert not refused.value.permanent
        assert TOKEN not in str(refused.value)


def test_neither_the_address_nor_the_secret_comes_out_of_an_answer_that_repeats_them(tmp_path: Path) -> None:
    said = f"no {TOKEN} {SHARED} /hook/{TOKEN}\r\n\x1b[2J".encode()
    with listening(status=403, said=said) as there, pytest.raises(DeliveryError) as refused:
        webhook(f"{there.url}/hook/{TOKEN}", tmp_path).send(MESSAGE)
    assert TOKEN not in str(refused.value)
    assert SHARED not in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_secret_that_is_missing_lets_the_message_wait(tmp_path: Path) -> None:
    def missing(reference: str) -> str:
        raise UnavailableError("the environment variable HOOK is not set or empty: run export HOOK=…")

    channel = WebhookChannel(setup(ChannelKind.WEBHOOK), missing, Journal(tmp_path / "journal"))
    with pytest.raises(DeliveryError, match="HOOK is not set") as refused:
        channel.send(MESSAGE)
    assert not refused.value.permanent


# ---------------------------------------------------------------- SMS and chat


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Whatever reaches the log of the program, down to the smallest word."""
    text, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def apprise_url(there: Listening) -> str:
    return f"json://user:{TOKEN}@127.0.0.1:{there.port}/{TOKEN}/{{to}}"


def test_a_chat_message_is_one_line_and_a_link_to_the_person(tmp_path: Path) -> None:
    with listening() as there:
        assert chat(apprise_url(there), tmp_path).send(MESSAGE) == "taken by JSON"
        assert chat(apprise_url(there), tmp_path).send(MESSAGE) == "taken by JSON (before)"
    ((path, headers, body),) = there.got
    assert path.startswith(f"/{TOKEN}/%E6%9D%8E%E5%A8%9C")
    assert json.loads(body)["message"] == MESSAGE.short
    assert json.loads(body)["title"] == ""
    assert json.loads(body)["type"] == "failure"
    assert headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(("status", "permanent"), [(401, True), (404, True), (429, False), (500, False)])
def test_a_service_that_refuses_is_final_where_it_refuses_for_good(
    tmp_path: Path, status: int, permanent: bool, logged: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    with listening(status=status, said=TOKEN.encode()) as there, pytest.raises(DeliveryError) as refused:
        chat(apprise_url(there), tmp_path).send(MESSAGE)
    assert refused.value.permanent is permanent
    assert str(status) in str(refused.value)
    out, err = capfd.readouterr()
    for said in (
        str(refused.value),
        repr(refused.value),
        logged.getvalue(),
        out,
        err,
        (tmp_path / "journal").read_text(),
    ):
        assert TOKEN not in said


@pytest.mark.parametrize(
    "url",
    [f"https://hooks.slack.com/services/T00000000/B00000000/{TOKEN}{TOKEN}", f"nothing://{TOKEN}", TOKEN, ""],
)
def test_a_url_that_cannot_be_used_is_not_repeated(
    tmp_path: Path, url: str, logged: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    channel = AppriseChannel(
        setup(ChannelKind.APPRISE),
        secrets(f"json://127.0.0.1:1/{TOKEN}" if "slack" in url else url),
        Journal(tmp_path / "j"),
    )
    with pytest.raises(DeliveryError) as refused:
        channel.send(MESSAGE)
    out, err = capfd.readouterr()
    assert TOKEN not in str(refused.value) + logged.getvalue() + out + err
    assert not refused.value.permanent


@pytest.mark.parametrize(
    "url",
    [
        "wecombot://693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa", "dingtalk://accesstoken", "feishu://token",
        "lark://token", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "workflows://host:443/workflow/signature",
        "twilio://AC735c307c62944b5a:9d0f0cc0f4a7ff1b2c@15551234567/{to}", "tgram://123456789:abcdefg_hijklmnop/12315544/",
    ],
)  # fmt: skip
def test_the_services_that_the_page_names_are_known_to_apprise(url: str) -> None:
    from apprise import Apprise

    assert Apprise.instantiate(re.sub(r"\{to\}", "%2B8613800138000", url)) is not None


# ---------------------------------------------------------------- Alertmanager


def test_a_case_is_one_alert_from_its_opening_until_it_is_resolved() -> None:
    raised = replace(MESSAGE, key="b", about={**MESSAGE.about, "severity": "P1", "occasion": "raised"})
    over = replace(
        MESSAGE, key="c", about={**MESSAGE.about, "state": "resolved", "resolved": "2026-03-02T09:30:00+00:00"}
    )
    with listening() as there:
        channel = AlertmanagerChannel(setup(ChannelKind.ALERTMANAGER), secrets(f"{there.url}/am/"))
        for message in (MESSAGE, raised, over):
            assert channel.send(message) == "200 OK ok"
    assert {path for path, _, _ in there.got} == {"/am/api/v2/alerts"}
    alerts = [json.loads(body)[0] for _, _, body in there.got]
    assert {json.dumps(alert["labels"]) for alert in alerts} == {
        '{"alertname": "netcase_case", "case": "NC-000012", "customer": "acme"}'
    }
    assert [alert["annotations"]["severity"] for alert in alerts] == ["P2", "P1", "P2"]
    assert {alert["startsAt"] for alert in alerts} == {"2026-03-02T08:00:00.000Z"}
    assert [alert["endsAt"] for alert in alerts[:2]] == ["2036-02-28T08:00:00.000Z"] * 2
    assert alerts[2]["endsAt"] == "2026-03-02T09:30:00.000Z"
    assert alerts[0]["generatorURL"] == "https://n.example/cases/12"
