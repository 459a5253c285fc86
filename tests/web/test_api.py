import pytest

from tests.web import network


def test_devices_say_what_is_known_of_each_now(client, case):
    states = {device["name"]: device["state"] for device in client.get("/api/v1/devices").json()}
    assert states == {
        "bj-core-1": "up",
        "bj-core-2": "up",
        "sh-edge-1": "down",
        "sh-acc-1": "down",
        "sz-fw-1": "unobserved",
    }
    assert [d["name"] for d in client.get("/api/v1/devices?state=down&limit=1&offset=1").json()] == ["sh-acc-1"]


def test_cases_can_be_filtered_and_paged(client, case):
    assert [c["name"] for c in client.get("/api/v1/cases").json()] == ["NC-000001", "NC-000002"]
    assert [c["name"] for c in client.get("/api/v1/cases?severity=P3").json()] == ["NC-000002"]
    assert [c["name"] for c in client.get("/api/v1/cases?limit=1&offset=1").json()] == ["NC-000002"]


def test_a_case_comes_with_all_that_belongs_to_it(client, case):
    file = client.get("/api/v1/cases/1").json()
    assert file["case"]["subject"] == "sh-edge-1"
    assert file["root"]["kind"] == "device_unreachable"
    assert [fault["subject"] for fault in file["symptoms"]] == ["sh-acc-1"]
    assert file["decisions"][0]["inputs"]["devices lost"] == "2 of 4"
    assert len(file["timeline"]) == 5
    assert len(file["evidence"]) == 7
    assert file["case"]["opened"].endswith("Z")


def test_faults_that_are_not_over_are_told_with_why_no_case_was_opened(client, case):
    faults = {fault["id"]: fault for fault in client.get("/api/v1/faults").json()}
    assert faults["f-cpu"]["suppressed"] == "maintenance"
    assert faults["f-symptom"]["cause"] == "f-root"
    assert client.get("/api/v1/faults?state=cleared").json() == []


def test_events_are_told_as_they_came(client, case):
    texts = [event["text"] for event in client.get("/api/v1/events").json()]
    assert network.HOSTILE in texts
    severe = client.get("/api/v1/events?severity=error").json()
    assert {event["severity"] for event in severe} == {"error", "critical"}


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/cases?severity=P9",
        "/api/v1/cases?limit=1001",
        "/api/v1/events?offset=-1",
        "/api/v1/cases/x",
        "/api/v1/cases/99999999999999999999",
    ],
)
def test_a_question_that_means_nothing_is_told_so_in_json(client, address):
    answer = client.get(address)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize("address", ["/api/v1/cases/99", "/api/v1/nothing"])
def test_what_is_not_there_is_told_in_json(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_the_api_describes_itself(client):
    description = client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/cases", "/api/v1/devices", "/api/v1/faults", "/api/v1/events", "/healthz"} <= set(
        description["paths"]
    )


def test_health_counts_the_devices(client, case):
    assert client.get("/healthz").json() == {"status": "ok", "devices": 5}
