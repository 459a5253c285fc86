"""The pages on which customers answer: opened by a signed link, answered once, and nothing else is there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.cases.links import Links, Purpose
from agent.faults.fault import FaultKind
from agent.inventory.customers import Contact
from agent.metrics import Metrics
from agent.observation import Subject
from agent.pipeline import consenting
from agent.pipeline.desk import Desk
from agent.storage.engine import SqlStore, open_store
from agent.web import site
from tests.web import network
from tests.web.conftest import Files, reports
from tests.web.network import HOSTILE, MINUTE, NOW

LINKS = Links(b"0123456789abcdef0123456789abcdef", "https://cases.example.net", site="")
RESOLVED = NOW - 10 * MINUTE
CONTACT = Contact(name="Zhang Wei", email="zhang@acme.example")
SCORES = {"score_response": "5", "score_skill": "4", "score_attitude": "5", "score_result": "2"}


@dataclass
class Room:
    store: SqlStore
    app: FastAPI
    inventory: object
    now: datetime = NOW

    def client(self, host: str = "localhost", address: str = "192.0.2.9") -> TestClient:
        return TestClient(
            self.app, base_url=f"http://{host}", raise_server_exceptions=False, client=(address, 1), headers={}
        )

    def token(self, purpose: Purpose, about: str = "", expires: timedelta = timedelta(days=1)) -> str:
        return LINKS.token(purpose, 1, CONTACT.email, NOW + expires, about)

    def case(self, number: int = 1) -> Case:
        with self.store.read() as tx:
            found = tx.case(number)
        assert found
        return found

    def timeline(self) -> tuple[Entry, ...]:
        with self.store.read() as tx:
            return tx.timeline(1)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    known = network.inventory()
    acme = replace(known.customers["acme"], contacts=(CONTACT,))
    known = replace(known, customers={**known.customers, "acme": acme})
    store = open_store(f"sqlite:///{tmp_path}/netcase.db")
    made = Case(
        problem="p",
        kind=FaultKind.FAN_FAILED,
        subject=Subject("bj-core-1"),
        severity=Severity.P2,
        state=CaseState.RESOLVED,
        opened=NOW - 60 * MINUTE,
        updated=RESOLVED,
        root="f",
        customer="acme",
        site="beijing",
        title=f"fan {HOSTILE}",
        assignee="li",
        resolved=RESOLVED,
    )
    data = {"from": "in_progress", "to": "resolved"}
    with store.begin() as tx:
        number = tx.open_case(made).number
        fixed = Entry(case=number, at=RESOLVED, action=Action.STATE, text=f"fan swapped {HOSTILE}", data=data)
        tx.log([fixed])
    found = Room(store, FastAPI(), known)
    metrics = Metrics(CollectorRegistry(), "0.1.0")
    app = site.create(store, known, Files(tmp_path / "evidence"), metrics, lambda: found.now, reports, links=LINKS)
    found.app = app
    yield found
    store.close()


MARK = f"{RESOLVED:%Y%m%dT%H%M%S}"


def test_the_page_asks_in_the_language_of_the_link_and_shows_what_it_is_about(room: Room) -> None:
    token = room.token(Purpose.CONFIRM, MARK)
    page = room.client().get(f"/answer/{token}?lang=en")
    assert page.status_code == 200
    assert "Does it work again?" in page.text
    assert "NC-000001" in page.text
    assert "Times are of UTC." in page.text
    assert '<a href="?lang=zh_CN"' in page.text
    chinese = room.client().get(f"/answer/{token}?lang=zh_CN").text
    assert "Does it work again?" not in chinese
    assert '<html lang="zh-CN">' in chinese


def test_the_page_escapes_what_others_wrote_and_leads_nowhere_else(room: Room) -> None:
    page = room.client().get(f"/answer/{room.token(Purpose.CONFIRM, MARK)}").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="/' not in page
    assert "zhang" not in page.lower()


def test_looking_never_writes_however_often_and_by_whatever_method(room: Room) -> None:
    token, before = room.token(Purpose.CONFIRM, MARK), room.timeline()
    for method in ("GET", "HEAD"):
        assert room.client().request(method, f"/answer/{token}?choice=confirmed").status_code == 200
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert room.client().request(method, f"/answer/{token}").status_code == 405
    assert room.timeline() == before


def test_an_answer_is_kept_and_the_browser_is_sent_back_to_a_page_that_says_so(room: Room) -> None:
    token = room.token(Purpose.CONFIRM, MARK)
    client = room.client()
    answer = client.post(f"/answer/{token}?lang=en", data={"choice": "confirmed"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{token}?lang=en")
    page = client.get(f"/answer/{token}?lang=en").text
    assert "Zhang Wei confirmed on" in page
    assert "<form" not in page
    again = client.post(f"/answer/{token}", data={"choice": "rejected", "words": "no"})
    assert "Zhang Wei confirmed on" in again.text
    assert [e.data.get("what") for e in room.timeline() if e.action is Action.CUSTOMER] == ["confirmed"]
    assert room.case().state is CaseState.RESOLVED


def test_a_rejection_without_a_reason_keeps_what_was_filled_in_and_says_what_is_missing(room: Room) -> None:
    token = room.token(Purpose.CONFIRM, MARK)
    page = room.client().post(f"/answer/{token}?lang=en", data={"choice": "rejected", "words": " "})
    assert page.status_code == 422
    assert "say in a few words why" in page.text
    page = room.client().post(f"/answer/{token}?lang=en", data={"choice": "rejected", "words": f"noise {HOSTILE}"})
    assert "does not work" in page.text
    assert "<script" not in page.text
    assert room.case().state is CaseState.IN_PROGRESS


def test_a_survey_has_no_answer_chosen_beforehand_and_wants_all_four(room: Room) -> None:
    with room.store.begin() as tx:
        tx.save_case(replace(room.case(), state=CaseState.CLOSED, closed=NOW, live=False))
    token = room.token(Purpose.SURVEY)
    page = room.client().get(f"/answer/{token}?lang=en").text
    assert page.count('type="radio"') == 20
    assert " checked" not in page
    part = {key: value for key, value in SCORES.items() if key != "score_skill"}
    missing = room.client().post(f"/answer/{token}?lang=en", data={"choice": "send", "words": "hm", **part})
    assert missing.status_code == 422
    assert missing.text.count(" checked") == 3
    assert ">hm</textarea>" in missing.text
    done = room.client().post(f"/answer/{token}?lang=en", data={"choice": "send", "words": "hm", **SCORES})
    assert "We are sorry that it was not as it should be" in done.text
    with room.store.read() as tx:
        found = tx.survey(1)
    assert found is not None
    assert (found.response, found.result, found.comment, found.by) == (5, 2, "hm", "Zhang Wei")


def test_consent_is_signed_with_a_name(room: Room) -> None:
    with room.store.begin() as tx:
        tx.save_case(replace(room.case(), state=CaseState.IN_PROGRESS, resolved=None))
        desk = Desk(tx, room.inventory, NOW, LINKS)  # type: ignore[arg-type]
        consenting.ask(desk, room.case(), f"restart {HOSTILE}\nat night", None, "li")
    token = room.token(Purpose.CONSENT, "1")
    page = room.client().get(f"/answer/{token}?lang=en").text
    assert "May we make this change?" in page
    assert "<script" not in page
    unsigned = room.client().post(f"/answer/{token}?lang=en", data={"choice": "given"})
    assert unsigned.status_code == 422
    assert "write your name" in unsigned.text
    name = f"Chen {HOSTILE}\r\nX: y" + "x" * 300
    signed = room.client().post(f"/answer/{token}?lang=en", data={"choice": "given", "name": name})
    assert "consented on" in signed.text
    assert "<script" not in signed.text
    by = next(e.data["by"] for e in room.timeline() if e.data.get("what") == "given")
    assert by.endswith("(link of Zhang Wei)")
    assert "\n" not in by
    assert len(by) < 120


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_expired_link_is_gone_and_a_forged_one_never_was_and_neither_says_more(room: Room, method: str) -> None:
    old, token = room.token(Purpose.CONFIRM, MARK, timedelta(seconds=-1)), room.token(Purpose.CONFIRM, MARK)
    expired = room.client().request(method, f"/answer/{old}?lang=en")
    assert (expired.status_code, "Its time is over" in expired.text) == (410, True)
    for forged in (token[:-1], token[:20], "x", token.swapcase()):
        page = room.client().request(method, f"/answer/{forged}?lang=en")
        assert (page.status_code, "shortened or changed" in page.text) == (404, True)
        assert "NC-" not in page.text
    assert "NC-" not in expired.text


def test_a_link_to_a_case_that_is_no_more_is_gone(room: Room) -> None:
    token = LINKS.token(Purpose.CONFIRM, 999, "z", NOW + timedelta(days=1))
    assert room.client().get(f"/answer/{token}").status_code == 410
    assert room.client().get(f"/answer/{room.token(Purpose.CONSENT, '7')}").status_code == 410


def test_whoever_tries_many_links_is_made_to_wait_and_nobody_else_is(room: Room) -> None:
    client = room.client(address="192.0.2.66")
    answers = [client.get(f"/answer/{'x' * 90}").status_code for _ in range(25)]
    assert answers == [404] * 20 + [429] * 5
    good = room.token(Purpose.CONFIRM, MARK)
    assert client.get(f"/answer/{good}").status_code == 429
    assert room.client(address="192.0.2.67").get(f"/answer/{good}").status_code == 200
    room.now = NOW + timedelta(minutes=11)
    assert client.get(f"/answer/{good}").status_code == 200


def test_under_the_name_that_customers_know_only_their_pages_are_there(room: Room) -> None:
    outside = room.client("cases.example.net")
    assert outside.get(f"/answer/{room.token(Purpose.CONFIRM, MARK)}").status_code == 200
    assert outside.get("/static/netcase.css").status_code == 200
    for path in ("/", "/cases", "/cases/1", "/api/v1/cases", "/metrics", "/healthz", "//cases", "/answer", "/answer/"):
        assert outside.get(path).status_code == 404, path
    assert room.client().get("/cases").status_code == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"choice=confirmed", "text/plain"),
        (b'{"choice": "confirmed"}', "application/json"),
        (b"choice=confirmed&" + b"a=b&" * 100, "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"choice=" + b"x" * 10_000, "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_of_ours_answers_nothing(room: Room, body: bytes, kind: str) -> None:
    token, before = room.token(Purpose.CONFIRM, MARK), room.timeline()
    answer = room.client().post(f"/answer/{token}", content=body, headers={"content-type": kind})
    assert answer.status_code == 422
    assert room.timeline() == before


def test_a_body_that_is_too_large_is_refused(room: Room) -> None:
    token, before = room.token(Purpose.CONFIRM, MARK), room.timeline()
    form = {"choice": "rejected", "words": "x" * 100_000}
    assert room.client().post(f"/answer/{token}", data=form).status_code == 413
    assert room.timeline() == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(words=st.text(max_size=300), name=st.text(max_size=100))
def test_whatever_is_written_is_kept_bounded_and_shown_harmlessly(room: Room, words: str, name: str) -> None:
    with room.store.begin() as tx:
        again = replace(room.case(), state=CaseState.RESOLVED, resolved=room.now, live=True)
        tx.save_case(again)
    room.now += timedelta(minutes=2)
    token = LINKS.token(
        Purpose.CONFIRM, 1, CONTACT.email, room.now + timedelta(days=1), f"{again.resolved:%Y%m%dT%H%M%S}"
    )
    form = {"choice": "rejected", "words": words, "name": name}
    answer = room.client().post(f"/answer/{token}", data={k: v.encode("utf-8", "replace") for k, v in form.items()})
    assert answer.status_code in {200, 422}
    assert "<script" not in answer.text
