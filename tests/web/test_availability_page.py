"""The page on availability, and what programs are told of it."""

import pytest
from starlette.testclient import TestClient

from agent.cases.case import Case
from tests.web.network import DEVICES, HOSTILE


@pytest.mark.parametrize("by", ["device", "link", "site", "customer", "network", "nonsense"])
@pytest.mark.parametrize("back", ["day", "quarter", "nonsense"])
@pytest.mark.parametrize("lang", ["en", "zh_CN"])
def test_the_page_is_there_for_everything_and_any_period(client: TestClient, case: Case, by, back, lang):
    answer = client.get(f"/availability?by={by}&back={back}&lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == lang.replace("_", "-")


def test_a_device_that_is_down_stands_first_with_the_case_of_its_outage(client: TestClient, case: Case):
    text = client.get("/availability?lang=en").text.partition("<tbody>")[2]
    assert text.index("sh-edge-1") < text.index("bj-core-1")
    assert f'href="/cases/{case.number}"' in text


def test_an_empty_store_claims_nothing(client: TestClient):
    text = client.get("/availability?lang=en").text
    assert "100.00" not in text
    assert "16 h" not in text


def test_a_path_between_sites_is_told(client: TestClient, case: Case):
    text = client.get("/availability?a=beijing&b=shanghai&lang=en").text
    assert "beijing → shanghai" in text


@pytest.mark.parametrize("wrong", ["nowhere", HOSTILE])
def test_a_place_that_is_none_is_said_so_and_escaped(client: TestClient, case: Case, wrong):
    answer = client.get("/availability", params={"a": wrong, "b": "beijing", "lang": "en"})
    assert answer.status_code == 200
    assert "There is no such place." in answer.text
    assert "<script>alert" not in answer.text


def test_programs_get_the_four_parts_in_seconds_and_they_add_up(client: TestClient, case: Case):
    for by in ("device", "site", "customer", "network", "link"):
        for line in client.get(f"/api/v1/availability?by={by}").json():
            time = line["time"]
            total = sum(time[part] for part in ("up", "down", "planned", "unobserved"))
            assert total == pytest.approx(line["devices"] * 86_400)


def test_programs_are_told_outages_with_their_cases(client: TestClient, case: Case):
    lines = {line["name"]: line for line in client.get("/api/v1/availability").json()}
    assert set(lines) == set(DEVICES)
    (outage,) = lines["sh-edge-1"]["outages"]
    assert (outage["case"], lines["sh-edge-1"]["verdict"]) == (case.number, "missed")
    assert lines["sh-edge-1"]["mttr"] == outage["down"]
    assert all(line["mttr"] is None for line in lines.values() if not line["outages"])


@pytest.mark.parametrize(
    "question",
    [
        "by=nothing",
        "by=interface",
        "by=interface&device=nobody",
        "hours=all",
        "from=2026-03-02",
        "from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z",
        "from=1999-01-01T00:00:00Z",
        "to=0001-01-01T00:00:00Z",
        "limit=0",
    ],
)
def test_a_question_that_means_nothing_is_refused(client: TestClient, question):
    assert client.get(f"/api/v1/availability?{question}").status_code == 422


def test_a_path_from_nowhere_is_not_found(client: TestClient):
    assert client.get("/api/v1/availability/path?a=nowhere&b=beijing").status_code == 404
    assert client.get("/api/v1/availability/path?a=beijing&b=shanghai").status_code == 200


def test_a_case_tells_how_fast_it_was_seen_and_opened(client: TestClient, case: Case):
    told = client.get(f"/api/v1/cases/{case.number}").json()["ledger"]
    assert told["opened"] == case.opened.isoformat().replace("+00:00", "Z")
    assert told["steps"]["opening"]["least"] == told["steps"]["opening"]["most"]
    page = client.get(f"/cases/{case.number}?lang=zh_CN").text
    assert "响应速度" in page
    assert "开立工单" in page
