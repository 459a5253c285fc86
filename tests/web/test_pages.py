"""Every page, full and empty, in both languages."""

from html.parser import HTMLParser

import pytest

from agent.errors import StoreError
from agent.locale import LANGUAGES
from agent.web.shield import POLICY
from tests.web import network

PAGES = [
    "/",
    "/cases",
    "/cases?state=open&severity=P2&customer=acme&device=sh-edge-1",
    "/devices",
    "/devices?q=core+cisco&state=up&at=beijing",
    "/maintenance",
    "/events",
    "/events?severity=error&source=syslog&device=bj-core-1",
    "/reports",
    "/inspections",
]
FULL_PAGES = [*PAGES, "/cases/1", "/cases/2", "/devices/bj-core-1", "/devices/sh-edge-1", "/devices/sz-fw-1"]


class Page(HTMLParser):
    """What a browser would make of it: the text, the tags, the addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += " " + data.strip()

    def links(self) -> list[str]:
        found = [attributes.get("href") or attributes.get("src") for _tag, attributes in self.tags]
        return [link for link in found if link]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", FULL_PAGES)
def test_every_page_is_shown_in_every_language(client, case, address, language):
    answer = client.get(address, headers={"accept-language": language.replace("_", "-")})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language.replace("_", "-")
    assert f'<html lang="{language.replace("_", "-")}">' in answer.text
    assert ("概览" in answer.text) is (language == "zh_CN")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_a_new_agent_has_pages_that_say_what_will_be_there(client, address, language):
    answer = client.get(address, params={"lang": language})
    assert answer.status_code == 200
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("address", FULL_PAGES)
def test_pages_lead_nowhere_but_to_pages_that_are_there(client, case, address):
    links = Page(client.get(address).text).links()
    assert links
    for link in links:
        if link == "#main":
            continue
        assert link.startswith("/"), link
        assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("address", FULL_PAGES)
def test_what_a_device_says_never_becomes_markup(client, case, address):
    page = Page(client.get(address).text)
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert scripts == [{"src": "/static/refresh.js", "defer": None}]
    assert not any(name.startswith("on") or name == "style" for _tag, attributes in page.tags for name in attributes)
    assert "alert('x')49" not in page.text


@pytest.mark.parametrize("address", ["/devices/bj-core-1", "/events", "/cases/1"])
def test_hostile_text_is_shown_as_it_came(client, case, address):
    assert network.HOSTILE in Page(client.get(address).text).text


def test_control_characters_of_an_event_are_made_visible(client, case):
    assert "\x1b" not in client.get("/events").text


def test_hostile_filters_are_shown_as_they_came(client, case):
    page = Page(client.get("/cases", params={"device": network.HOSTILE}).text)
    assert ("input", network.HOSTILE) in [(tag, attributes.get("value")) for tag, attributes in page.tags]


def test_the_overview_says_in_one_sentence_how_the_network_is(client, case):
    page = Page(client.get("/").text)
    assert "2 of 5 devices are down. 1 case is open." in " ".join(page.text.split())
    assert "NC-000001" in page.text


def test_a_case_tells_its_cause_its_symptoms_its_decision_and_who_was_told(client, case):
    text = " ".join(Page(client.get("/cases/1").text).text.split())
    assert "P2 because the whole of site shanghai is cut off." in text
    assert "lies behind sh-edge-1" in text
    assert "device unreachable: sh-edge-1: no answer" in text, "our codes are worded"
    assert "P1 if all 4 devices of acme were lost (now 2)" in text
    assert "li@example.net" in text
    for state in ("done", "partial", "running", "queued", "refused", "timed out", "failed"):
        assert state in text


def test_filters_choose_cases(client, case):
    def shown(**chosen: str) -> list[str]:
        text = client.get("/cases", params=chosen).text
        return [name for name in ("NC-000001", "NC-000002") if name in text]

    assert shown() == ["NC-000001", "NC-000002"]
    assert shown(state="open") == ["NC-000001"]
    assert shown(severity="P3") == ["NC-000002"]
    assert shown(state="resolved") == ["NC-000002"]
    assert shown(customer="orient") == []
    assert shown(severity="nonsense") == ["NC-000001", "NC-000002"]


def test_evidence_is_handed_out_as_a_plain_file_that_nothing_opens(client, case):
    answer = client.get("/cases/1/evidence/1")
    assert answer.status_code == 200
    assert answer.text == network.TRANSCRIPT
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="NC-000001-bj-core-1-show-log.txt"'
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "address",
    [
        "/cases/2/evidence/1",  # another case's
        "/cases/1/evidence/3",  # not collected yet
        "/cases/1/evidence/999",
        "/cases/1/evidence/..%2f..%2fetc%2fpasswd",
        "/cases/99",
        "/cases/99999999999999999999999999",
        "/cases/x",
        "/devices/nobody",
        "/reports/daily/2026-03-03",  # tomorrow
        "/reports/daily",
        "/reports/daily?day=x",
        "/reports/daily/2026-3-1",
        "/reports/daily/..%2f..%2fsecret",
        "/reports/daily/2026-03-01?format=exe",
        "/inspections/none",
        "/static/../site.py",
        "/nothing",
    ],
)
def test_what_is_not_there_is_a_plain_page_that_says_so(client, case, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert answer.headers["content-security-policy"] == POLICY


def test_evidence_whose_file_is_gone_is_not_there(client, case, files, monkeypatch, tmp_path):
    monkeypatch.setattr(files, "path", tmp_path.joinpath)
    assert client.get("/cases/1/evidence/1").status_code == 404


@pytest.mark.parametrize("address", ["/cases?page=0", "/events?page=x", f"/devices?q={'x' * 201}"])
def test_an_address_that_means_nothing_is_told_so_on_a_plain_page(client, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert "This address cannot be understood." in answer.text


def test_a_database_that_cannot_be_read_is_told_without_details(client, store, monkeypatch):
    def fail() -> None:
        raise StoreError("/secret/place is locked")

    monkeypatch.setattr(store, "read", fail)
    for address in ("/", "/api/v1/cases", "/healthz"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert "secret" not in answer.text


def test_an_error_of_ours_shows_no_traceback_and_keeps_the_headers(client, store, monkeypatch):
    def fail() -> None:
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr(store, "read", fail)
    for address in ("/", "/api/v1/cases"):
        answer = client.get(address)
        assert answer.status_code == 500
        assert "deep inside" not in answer.text
        assert answer.headers["content-security-policy"] == POLICY


def test_a_chosen_language_is_remembered(client):
    assert client.get("/?lang=zh_CN").headers["content-language"] == "zh-CN"
    assert client.get("/", headers={"accept-language": "en"}).headers["content-language"] == "zh-CN"
    assert client.get("/?lang=en").headers["content-language"] == "en"
    assert client.get("/", headers={"accept-language": "zh"}).headers["content-language"] == "en"


def test_a_report_opens_in_either_language_and_runs_nothing(client, case):
    for language in LANGUAGES:
        answer = client.get("/reports/daily/2026-03-01", params={"lang": language})
        assert answer.text == f"<p style='color:red'>daily 2026-03-01 {language} html</p>"
        assert "script-src" not in answer.headers["content-security-policy"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert client.get("/reports/daily/2026-03-01?format=json").headers["content-type"] == "application/json"
    assert client.get("/reports/daily?day=2026-03-02&lang=zh_CN").text.endswith("daily 2026-03-02 zh_CN html</p>")
    assert client.get("/inspections/2026-Q1?lang=en").text.endswith("inspection 2026-Q1 en html</p>")
