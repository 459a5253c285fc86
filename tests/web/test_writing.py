"""Signing in, opening cases and working on them in a browser, and opening them by the API."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.cases.case import Action, CaseState
from agent.inventory.customers import Contact, Customer, Person
from agent.inventory.teams import Team
from agent.metrics import Metrics
from agent.pipeline import attaching
from agent.ports import JobKind
from agent.storage.engine import SqlStore, open_store
from agent.web import site
from agent.web.auth import COOKIE, Gate, Keys
from tests.web import network
from tests.web.conftest import Files, reports

KEY = "li-na-" + "7" * 40
BEARER = {"authorization": f"Bearer {KEY}"}
HOSTILE = "<script>alert('x')</script>\"'>{{7*7}}"


class Clock:
    now = network.NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/netcase.db")
    yield opened
    opened.close()


def made(tmp_path: Path, store: SqlStore, keys: dict[str, str]) -> TestClient:
    inventory = replace(
        network.inventory(),
        people={"li-na": Person(name="李娜", email="li@example.net")},
        teams={"tac": Team(name="tac", on_call=("li-na",))},
        customers={
            "acme": Customer(name="acme", team="tac", contacts=(Contact(name="Zhang", email="zhang@acme.example"),)),
            "orient": Customer(name="orient"),
        },
    )
    files = Files(tmp_path / "evidence")
    metrics = Metrics(CollectorRegistry(), "0.1.0")
    app = site.create(store, inventory, files, metrics, lambda: Clock.now, reports, gate=Gate(Keys(keys)))
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def client(tmp_path: Path, store: SqlStore) -> TestClient:
    return made(tmp_path, store, {"li-na": KEY})


@pytest.fixture
def signed(client: TestClient) -> TestClient:
    assert client.post("/sign-in", data={"key": KEY}).status_code == 303
    return client


def token(client: TestClient, page: str = "/cases/new") -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get(page).text)
    assert found
    return found[1]


def hidden(client: TestClient) -> dict[str, str]:
    page = client.get("/cases/new").text
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


# ---------------------------------------------------------------- signing in


def test_a_key_signs_its_person_in_and_leads_to_where_they_wanted(client: TestClient) -> None:
    assert client.get("/cases/new").headers["location"] == "/sign-in?to=/cases/new"
    answer = client.post("/sign-in", data={"key": f" {KEY} ", "to": "/cases/new"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/new")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "max-age=43200" in cookie
    assert KEY not in cookie
    assert "li-na" in client.get("/").text


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "x"]
)
def test_signing_in_leads_nowhere_else(client: TestClient, to: str) -> None:
    assert client.post("/sign-in", data={"key": KEY, "to": to}).headers["location"] == "/"


def test_a_wrong_key_is_told_and_ten_of_them_are_enough(client: TestClient) -> None:
    answers = [client.post("/sign-in", data={"key": "wrong"}) for _ in range(11)]
    assert [each.status_code for each in answers] == [401] * 9 + [429] * 2
    assert "Nobody has that key." in answers[0].text
    assert "wait five minutes" in answers[-1].text
    assert COOKIE not in client.cookies
    assert client.post("/sign-in", data={"key": KEY}).status_code == 429


def test_whoever_signs_out_is_signed_out(signed: TestClient) -> None:
    assert signed.post("/sign-out", data={"form_token": token(signed)}).status_code == 303
    assert signed.get("/cases/new").status_code == 303


def test_without_any_key_the_site_is_read_only_and_says_how_it_would_not_be(tmp_path: Path, store: SqlStore) -> None:
    client = made(tmp_path, store, {})
    for path in ("/cases/new", "/sign-in", "/api/v1/cases", "/cases/1/act"):
        answer = client.post(path)
        assert answer.status_code == 405
        assert "nobody in the inventory has a key (people.NAME.token)" in answer.text
    assert "This site is read only: nobody has a key yet." in client.get("/sign-in").text
    assert "Sign in" not in client.get("/").text


# ---------------------------------------------------------------- opening in a browser


def test_a_case_is_opened_by_the_form_and_the_right_people_are_told(signed: TestClient, store: SqlStore) -> None:
    form = hidden(signed) | {
        "title": "No telephone in Shanghai",
        "text": "since nine\r\nall of them",
        "severity": "P2",
        "contract": "c-1",
        "device": "sh-edge-1",
        "reporter": "Chen Wei",
        "reporter_address": "chen@acme.example",
    }
    files = [("files", ("../../plan.pdf", io.BytesIO(b"%PDF-1.4 x"), "text/html"))]
    answer = signed.post("/cases/new", data=form, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/1")
    again = signed.post("/cases/new", data=form)
    assert again.headers["location"] == "/cases/1"
    with store.read() as tx:
        case, log, rows = tx.case(1), tx.timeline(1), tx.evidence(1)
        told = {job.payload["to"] for job in tx.jobs(kind=JobKind.NOTIFY, case=1)}
    assert case is not None
    assert (case.severity, case.contract, case.contract_status) == ("P2", "C-1", "valid")
    assert (log[0].action, log[0].actor) == (Action.OPENED, "li-na")
    assert any("李娜 on call is paged at once" in entry.text for entry in log)
    assert told == {"li@example.net", "zhang@acme.example", "chen@acme.example"}
    assert [(row.command, row.topic) for row in rows if row.tier == "upload"] == [("plan.pdf", "pdf")]
    page = signed.get("/cases/1").text
    assert "No telephone in Shanghai" in page and "since nine\nall of them" in page and "plan.pdf" in page


def test_an_attachment_is_handed_out_as_a_download_that_no_browser_opens(signed: TestClient, store: SqlStore) -> None:
    files = [("files", ('x".html', io.BytesIO(b"<script>alert(1)</script>"), "text/html"))]
    signed.post("/cases/new", data=hidden(signed) | {"title": "x"}, files=files)
    with store.read() as tx:
        row = next(row for row in tx.evidence(1) if row.tier == "upload")
    answer = signed.get(f"/cases/1/evidence/{row.id}")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_cannot_be_taken_is_marked_and_nothing_typed_is_lost(signed: TestClient, store: SqlStore) -> None:
    form = hidden(signed) | {"title": "x", "text": HOSTILE, "device": "sh-egde-1"}
    answer = signed.post("/cases/new", data=form, headers={"accept-language": "zh"})
    assert answer.status_code == 422
    assert "没有名为 sh-egde-1 的设备（是否为 sh-edge-1？）" in answer.text
    assert "&lt;script&gt;" in answer.text and HOSTILE not in answer.text
    with store.read() as tx:
        assert tx.cases() == ()


def test_a_hostile_case_is_one_escaped_line_wherever_it_is_shown(signed: TestClient) -> None:
    form = hidden(signed) | {"title": HOSTILE + "z" * 100, "reporter": HOSTILE, "serial": HOSTILE, "contract": HOSTILE}
    assert signed.post("/cases/new", data=form).status_code == 303
    for path in ("/", "/cases", "/cases/1", "/api/v1/cases", "/api/v1/cases/1", "/metrics", "/faults?case=1"):
        answer = signed.get(path)
        assert answer.status_code == 200, path
        if not path.startswith(("/api", "/metrics")):
            assert "<script>alert" not in answer.text and "49" not in answer.text.partition("</h1>")[0][-300:]


@pytest.mark.parametrize("wrong", ["", "x" * 43])
def test_a_form_without_the_token_of_its_session_is_refused(signed: TestClient, store: SqlStore, wrong: str) -> None:
    assert signed.post("/cases/new", data={"title": "x", "form_token": wrong}).status_code == 403
    assert signed.post("/cases/1/act", data={"do": "note", "form_token": wrong}).status_code == 403
    with store.read() as tx:
        assert tx.cases() == ()


def test_a_form_of_another_site_is_refused_before_it_is_read(signed: TestClient) -> None:
    form = hidden(signed) | {"title": "x"}
    answer = signed.post("/cases/new", data=form, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.text) == (403, "Forms of other sites are not taken.\n")


def test_nobody_writes_who_is_not_signed_in(client: TestClient) -> None:
    assert client.post("/cases/new", data={"title": "x"}).status_code == 401
    assert client.post("/cases/1/act", data={"do": "note"}).status_code == 401


def test_a_session_that_is_over_writes_nothing(signed: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    form = hidden(signed) | {"title": "x"}
    monkeypatch.setattr(Clock, "now", network.NOW + timedelta(hours=12))
    assert signed.post("/cases/new", data=form).status_code == 401


# ---------------------------------------------------------------- bounds


def test_a_body_is_bounded_whatever_it_says_of_its_length(signed: TestClient) -> None:
    form = hidden(signed)
    assert signed.post("/cases/1/act", content=b"x" * 70_000).status_code == 413
    chunks = (b"x" * 10_000 for _ in range(20))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert signed.post("/cases/1/act", content=chunks, headers=headers).status_code == 413
    assert signed.post("/cases/1/act", headers={"content-length": "-1"}, data=form).status_code in {400, 413}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: form-data; name=title\r\n\r\nno end"),
        ("multipart/form-data; boundary=a", b"\xff" * 5000),
        ("application/x-www-form-urlencoded", b"&" * 5000),
        ("application/x-www-form-urlencoded", b"title=%ff%fe&title=%00"),
        ("application/json", b'{"title": "x"}'),
        ("", b""),
    ],
)
@pytest.mark.parametrize("path", ["/cases/new", "/cases/1/act", "/cases/1/attach", "/sign-in"])
def test_a_broken_body_is_no_error_of_ours(signed: TestClient, path: str, kind: str, body: bytes) -> None:
    assert 400 <= signed.post(path, content=body, headers={"content-type": kind}).status_code < 500


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"title": 1}', b"\xff", b'"x"', b"[" * 10_000])
def test_a_broken_document_is_no_error_of_ours(client: TestClient, body: bytes) -> None:
    assert client.post("/api/v1/cases", content=body, headers=BEARER).status_code == 422


def test_a_long_text_counts_as_browsers_count_it(signed: TestClient) -> None:
    text = "\r\n".join(["x"] * 4000)
    assert signed.post("/cases/new", data=hidden(signed) | {"title": "x", "text": text}).status_code == 303


def test_a_file_that_is_too_large_is_refused_by_name(signed: TestClient, store: SqlStore) -> None:
    files = [("files", ("big.bin", io.BytesIO(b"\0" * (21 * 1024 * 1024)), "x/y"))]
    answer = signed.post("/cases/new", data=hidden(signed) | {"title": "x"}, files=files)
    assert answer.status_code == 422
    assert "big.bin is larger than 20 MiB" in answer.text
    with store.read() as tx:
        assert tx.cases() == ()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/cases/new", "/api/v1/cases", "/sign-in"])
def test_only_post_writes(signed: TestClient, method: str, path: str) -> None:
    assert signed.request(method, path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/cases", "/devices/x", "/cases/1", "/metrics", "/api/v1/faults", "/cases/1/act/x"]
)
def test_nothing_but_the_known_paths_is_written_to(signed: TestClient, path: str) -> None:
    answer = signed.post(path)
    assert (answer.status_code, answer.text) == (405, "Nothing can be written here.\n")


def test_a_case_is_found_by_words_of_what_it_says(signed: TestClient) -> None:
    for title, reporter in (("No telephone", "Chen"), ("VPN is slow", "Wu")):
        signed.post("/cases/new", data=hidden(signed) | {"title": title, "reporter": reporter, "serial": "foc 1"})
    for q, numbers in (("TELE chen", [1]), ("foc1", [2, 1]), ("nc-000002", [2]), ("tele wu", []), ("", [2, 1])):
        found = signed.get("/api/v1/cases", params={"q": q}).json()
        assert [case["number"] for case in found] == numbers, q
        page = signed.get("/cases", params={"q": q}).text
        assert ("No telephone" in page, "VPN is slow" in page) == (1 in numbers, 2 in numbers)


# ---------------------------------------------------------------- working on a case


def act(client: TestClient, do: str, reason: str = "") -> int:
    form = {"form_token": token(client), "do": do, "reason": reason}
    return int(client.post("/cases/1/act", data=form).status_code)


def test_a_case_is_worked_on_from_its_page_by_whoever_is_signed_in(signed: TestClient, store: SqlStore) -> None:
    signed.post("/cases/new", data=hidden(signed) | {"title": "x"})
    steps = [
        ("note", "seen"),
        ("assign", ""),
        ("acknowledge", ""),
        ("start", ""),
        ("resolve", "cable"),
        ("close", "ok"),
    ]
    for do, reason in steps:
        assert act(signed, do, reason) == 303, do
    with store.read() as tx:
        case, log = tx.case(1), tx.timeline(1)
    assert case is not None
    assert (case.state, case.assignee) == (CaseState.CLOSED, "li-na")
    assert {entry.actor for entry in log if entry.action in (Action.NOTE, Action.STATE)} == {"li-na"}


def test_a_move_that_is_not_allowed_says_why_and_changes_nothing(signed: TestClient, store: SqlStore) -> None:
    signed.post("/cases/new", data=hidden(signed) | {"title": "x"})
    form = {"form_token": token(signed), "do": "close", "reason": "done"}
    answer = signed.post("/cases/1/act", data=form)
    assert answer.status_code == 409
    assert "That was not done." in answer.text and "cannot become closed" in answer.text
    with store.read() as tx:
        assert tx.case(1).state == CaseState.NEW  # type: ignore[union-attr]


def test_a_file_is_attached_to_a_case_that_is_open(signed: TestClient, store: SqlStore) -> None:
    signed.post("/cases/new", data=hidden(signed) | {"title": "x"})
    files = [("files", ("a.txt", io.BytesIO(b"hello"), "text/plain"))]
    assert signed.post("/cases/1/attach", data={"form_token": token(signed)}, files=files).status_code == 303
    with store.read() as tx:
        assert [row.command for row in tx.evidence(1)] == ["a.txt"]
        assert tx.timeline(1)[-1].actor == "li-na"


# ---------------------------------------------------------------- the API


def test_the_api_opens_a_case_once_for_each_key(client: TestClient, store: SqlStore) -> None:
    body = {"title": "No telephone", "contract": "C-1", "device": "127.0.1.3", "severity": "P1"}
    first = client.post("/api/v1/cases", json=body, headers=BEARER | {"idempotency-key": "a-1"})
    assert (first.status_code, first.headers["location"]) == (201, "/api/v1/cases/1")
    assert first.json() == {
        "number": 1,
        "name": "NC-000001",
        "severity": "P1",
        "state": "new",
        "contract": "C-1",
        "contract_status": "valid",
        "customer": "acme",
        "device": "sh-edge-1",
    }
    again = client.post("/api/v1/cases", json=body, headers=BEARER | {"idempotency-key": "a-1"})
    assert (again.status_code, again.json()["number"]) == (200, 1)
    other = client.post("/api/v1/cases", json={"title": "y"}, headers=BEARER | {"idempotency-key": "a-1"})
    assert other.status_code == 422
    assert "this Idempotency-Key opened NC-000001 with other words" in other.json()["detail"][0]["msg"]
    assert client.post("/api/v1/cases", json=body, headers=BEARER).status_code == 201
    with store.read() as tx:
        assert len(tx.cases()) == 2
        assert tx.timeline(1)[0].actor == "li-na"
    assert client.get("/api/v1/cases/1").json()["case"]["title"] == "No telephone"


def test_a_key_that_opened_a_case_gives_it_when_it_is_closed_too(client: TestClient, store: SqlStore) -> None:
    headers = BEARER | {"idempotency-key": "a"}
    client.post("/api/v1/cases", json={"title": "x"}, headers=headers)
    with store.begin() as tx:
        case = tx.case(1)
        assert case
        tx.save_case(replace(case, state=CaseState.CLOSED, live=False, closed=network.NOW))
    answer = client.post("/api/v1/cases", json={"title": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "closed")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {KEY}"}])
def test_the_api_takes_nothing_of_strangers(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/cases", json={"title": "x"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="netcase"'


def test_the_api_attaches_files_once(client: TestClient, store: SqlStore) -> None:
    client.post("/api/v1/cases", json={"title": "x"}, headers=BEARER)
    files = [("files", ("a.pcap", b"\xd4\xc3\xb2\xa1 packets", "x/y")), ("files", ("b.txt", b"b", "x/y"))]
    for _ in range(2):
        answer = client.post("/api/v1/cases/1/attachments", files=files, headers=BEARER)
        assert answer.status_code == 201
        assert [(each["name"], each["bytes"]) for each in answer.json()] == [("a.pcap", 12), ("b.txt", 1)]
    with store.read() as tx:
        assert [(row.command, row.topic) for row in tx.evidence(1)] == [("a.pcap", "pcap"), ("b.txt", "text")]
    empty = [("files", ("c.txt", b"", "x/y"))]
    refused = client.post("/api/v1/cases/1/attachments", files=empty, headers=BEARER)
    assert (refused.status_code, refused.json()["detail"][0]["msg"]) == (422, "c.txt is empty: attach the file itself")
    assert client.post("/api/v1/cases/9/attachments", files=files, headers=BEARER).status_code == 404
    assert client.post("/api/v1/cases/1/attachments", files=files).status_code == 401
    assert client.post("/api/v1/cases/1/attachments", headers=BEARER).status_code == 422


def test_a_browsers_session_opens_nothing_by_the_api(signed: TestClient) -> None:
    assert signed.post("/api/v1/cases", json={"title": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "title", "Field required"),
        ({"title": "x", "severity": "P9"}, "severity", "Input should be 'P1', 'P2', 'P3' or 'P4'"),
        ({"title": "x", "customer": "acne"}, "customer", "no customer is called acne (did you mean acme?)"),
        ({"title": "x", "devise": "a"}, "devise", "Extra inputs are not permitted"),
        ({"title": "x" * 201}, "title", "String should have at most 200 characters"),
    ],
)
def test_what_the_api_cannot_take_names_the_field_and_what_to_write(
    client: TestClient, store: SqlStore, body: dict[str, str], field: str, message: str
) -> None:
    answer = client.post("/api/v1/cases", json=body, headers=BEARER)
    assert answer.status_code == 422
    assert (answer.json()["detail"][0]["loc"], answer.json()["detail"][0]["msg"]) == (["body", field], message)
    with store.read() as tx:
        assert tx.cases() == ()


def test_a_case_comes_with_its_files_or_not_at_all(
    signed: TestClient, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, files = hidden(signed) | {"title": "x"}, [("files", ("a.txt", b"hello", "text/plain"))]
    with monkeypatch.context() as broken:
        broken.setattr(attaching, "attach", lambda *_: 1 / 0)
        assert signed.post("/cases/new", data=form, files=files).status_code == 500
    with store.read() as tx:
        assert tx.cases() == ()
    for _ in range(2):
        assert signed.post("/cases/new", data=form, files=files).status_code == 303
    with store.read() as tx:
        assert [row.command for row in tx.evidence(1)] == ["a.txt"]
