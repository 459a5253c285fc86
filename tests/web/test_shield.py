import pytest

from agent.web.shield import POLICY, host_of


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "NOC.example.net", "noc.example.net.:8080"]
)
def test_the_site_answers_to_its_own_names(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example.org", "localhost.evil.example.org", "localhost@evil", "", "127.0.0.1:80:80", "[::1"]
)
@pytest.mark.parametrize("address", ["/", "/metrics", "/api/v1/cases", "/static/netcase.css"])
def test_the_site_answers_to_no_other_name(client, host, address):
    answer = client.get(address, headers={"host": host})
    assert answer.status_code == 400
    assert "does not go by that name" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("address", ["/", "/cases/1", "/api/v1/cases", "/metrics"])
def test_nothing_can_be_changed_through_the_site(client, method, address):
    assert client.request(method, address).status_code == 405


def test_head_is_answered_as_get(client):
    assert client.head("/").status_code == 200


@pytest.mark.parametrize("address", ["/", "/nothing", "/api/v1/cases", "/static/netcase.css", "/metrics"])
def test_every_answer_leaves_the_browser_no_room(client, address):
    headers = client.get(address).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("header", "host"), [("a.b:80", "a.b"), ("[FE80::1]:80", "fe80::1"), ("a:b:c", ""), ("a:123456", ""), ("[a]b", "")]
)
def test_a_host_header_is_read_as_http_defines_it(header, host):
    assert host_of(header) == host
