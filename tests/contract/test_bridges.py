"""What every bridge must do, whatever it speaks: against servers that speak what the products document."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from agent.cases.mirror import Note, Ticket
from agent.channels import bridges
from agent.errors import DeliveryError, UnavailableError
from agent.inventory.bridges import LEVELS, STATES, BridgeKind, BridgeSetup
from agent.inventory.device import Secret
from agent.ports.mirrors import Bridge
from tests import bridge_servers
from tests.bridge_servers import APP_TOKEN, TOKEN, USER, Product

PRODUCTS: dict[BridgeKind, type[Product]] = {
    BridgeKind.REST: bridge_servers.Rest,
    BridgeKind.ZAMMAD: bridge_servers.Zammad,
    BridgeKind.SERVICENOW: bridge_servers.ServiceNow,
    BridgeKind.JIRA: bridge_servers.Jira,
    BridgeKind.GLPI: bridge_servers.Glpi,
}
FIELDS = {
    BridgeKind.ZAMMAD: {"group": "Users", "customer": "noc@example.com"},
    BridgeKind.JIRA: {"project": "NOC"},
}
NOTE = Note(id="0123456789ab", at="2026-11-22T12:00:00+00:00", author="li-na", text="looked at it <b>& 看过</b>")


@dataclass
class Desk:
    bridge: Bridge
    product: Product
    setup: BridgeSetup

    def ticket(self, number: int = 7, state: str = "new", level: str = "P1") -> Ticket:
        return Ticket(
            key=f"netcase-NC-{number:06d}",
            title=f"NC-{number:06d} P1 核心交换机 & <b>core</b>",
            text="Case: NC-000007\n\nIt is slow & 慢",
            state=self.product.word[state],
            level=self.product.word[level],
            closing="a new fan" if state in {"resolved", "closed"} else "",
            fields=self.setup.fields,
        )

    def read(self, theirs: str) -> tuple[str, str]:
        remote = self.bridge.read(theirs, notes=False)
        assert remote is not None
        return remote.state, remote.level


def secret(reference: str) -> str:
    try:
        return {"env:TOKEN": TOKEN, "env:APP": APP_TOKEN}[reference]
    except KeyError:
        raise UnavailableError(f"the environment variable {reference[4:]} is not set or empty") from None


def setup(kind: BridgeKind, url: str) -> BridgeSetup:
    return BridgeSetup(
        name="desk",
        kind=kind,
        url=url,
        token=Secret("env:TOKEN"),
        user=USER if kind in {BridgeKind.SERVICENOW, BridgeKind.JIRA} else "",
        app_token=Secret("env:APP") if kind is BridgeKind.GLPI else None,
        states=STATES[kind],
        levels=LEVELS[kind],
        fields=FIELDS.get(kind, {}),
        timeout=timedelta(seconds=1),
    )


@pytest.fixture(params=list(PRODUCTS))
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    product = PRODUCTS[request.param]()
    with bridge_servers.served(product) as url:
        chosen = setup(request.param, url)
        yield Desk(bridges.made(chosen, secret), product, chosen)


def test_a_ticket_that_is_made_is_found_by_its_key_and_read_back(desk: Desk) -> None:
    assert desk.bridge.find("netcase-NC-000007") == ""
    theirs = desk.bridge.create(desk.ticket())
    assert desk.bridge.find("netcase-NC-000007") == theirs
    remote = desk.bridge.read(theirs, notes=True)
    assert remote is not None
    assert (remote.id, remote.state, remote.level) == (theirs, desk.product.word["new"], desk.product.word["P1"])
    assert remote.name
    assert remote.notes == ()


def test_the_key_of_another_case_finds_nothing_and_of_twins_the_first_is_taken(desk: Desk) -> None:
    desk.bridge.create(desk.ticket(71))
    first = desk.bridge.create(desk.ticket(7))
    desk.bridge.create(desk.ticket(7))
    assert desk.bridge.find("netcase-NC-000007") == first
    assert desk.bridge.find("netcase-NC-000001") == ""


def test_its_state_and_severity_follow_and_it_is_closed_with_how_it_was_solved(desk: Desk) -> None:
    theirs = desk.bridge.create(desk.ticket())
    for state, level in (("open", "P3"), ("resolved", "P3"), ("closed", "P1")):
        was = desk.bridge.read(theirs, notes=False)
        desk.bridge.update(theirs, desk.ticket(state=state, level=level), was, [])
        assert desk.read(theirs) == (desk.product.word[state], desk.product.word[level])


def test_a_ticket_that_is_as_it_shall_be_is_not_written(desk: Desk) -> None:
    theirs = desk.bridge.create(desk.ticket())
    was = desk.bridge.read(theirs, notes=False)
    before = len([ask for ask in desk.product.asked if ask.method != "GET"])
    desk.bridge.update(theirs, desk.ticket(), was, [])
    assert len([ask for ask in desk.product.asked if ask.method != "GET"]) == before


def test_notes_go_there_with_their_marks_and_what_people_write_comes_back(desk: Desk) -> None:
    theirs = desk.bridge.create(desk.ticket())
    desk.bridge.update(theirs, desk.ticket(), desk.bridge.read(theirs, notes=False), [NOTE])
    desk.product.write(theirs, "Ann", "we wait for the carrier &amp; Bob")
    remote = desk.bridge.read(theirs, notes=True)
    assert remote is not None
    ours, answer = remote.notes
    assert "[netcase-NC-000007 0123456789ab]" in ours.text
    assert "li-na: looked at it" in ours.text
    assert "看过" in ours.text
    assert answer.text.startswith("we wait for the carrier &")
    assert (answer.author, answer.id != "") == ("Ann", True)


def test_what_people_there_set_is_read(desk: Desk) -> None:
    theirs = desk.bridge.create(desk.ticket())
    desk.product.set_state(theirs, desk.product.word["closed"])
    assert desk.read(theirs)[0] == desk.product.word["closed"]


def test_a_check_says_that_it_lets_us_in_and_a_wrong_token_is_told_for_good(desk: Desk) -> None:
    assert "desk answers" in desk.bridge.check()
    wrong = bridges.made(desk.setup, lambda _: "another-t0ken")
    for act in (wrong.check, lambda: wrong.find("netcase-NC-000007"), lambda: wrong.create(desk.ticket())):
        with pytest.raises(DeliveryError, match="bridge desk answered 401") as raised:
            act()
        assert raised.value.permanent


def test_a_token_that_is_not_there_is_told_by_its_name(desk: Desk) -> None:
    lacking = bridges.made(replace(desk.setup, token=Secret("env:GONE")), secret)
    with pytest.raises(DeliveryError, match="GONE is not set"):
        lacking.check()


def test_a_ticket_that_is_gone_is_told_for_good(desk: Desk) -> None:
    with pytest.raises(DeliveryError, match="404") as raised:
        desk.bridge.read("99999", notes=False)
    assert raised.value.permanent


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again_later(desk: Desk, status: int) -> None:
    desk.product.faults = [status]
    with pytest.raises(DeliveryError, match=f"desk answered {status}") as raised:
        desk.bridge.create(desk.ticket())
    assert not raised.value.permanent
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("status", [400, 403, 422])
def test_what_is_refused_is_not_tried_again(desk: Desk, status: int) -> None:
    desk.product.faults = [status]
    with pytest.raises(DeliveryError, match=str(status)) as raised:
        desk.bridge.create(desk.ticket())
    assert raised.value.permanent


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(desk: Desk, status: int) -> None:
    desk.product.faults = [status]
    with pytest.raises(DeliveryError, match="redirect, which is not followed"):
        desk.bridge.find("netcase-NC-000007")


@pytest.mark.parametrize("fault", ["slow", "drop", "junk", "huge"])
def test_a_server_that_is_slow_silent_or_babbles_ends_in_time_and_in_a_sentence(desk: Desk, fault: str) -> None:
    desk.product.faults = [fault]
    with pytest.raises(DeliveryError, match="bridge desk") as raised:
        desk.bridge.find("netcase-NC-000007")
    assert TOKEN not in str(raised.value)


def test_an_answer_that_was_lost_left_a_ticket_that_is_found(desk: Desk) -> None:
    desk.product.faults = ["lost"] if desk.setup.kind is not BridgeKind.GLPI else ["", "lost"]  # a session comes first
    with pytest.raises(DeliveryError) as raised:
        desk.bridge.create(desk.ticket())
    assert not raised.value.permanent
    assert desk.bridge.find("netcase-NC-000007") == next(iter(desk.product.tickets))


@pytest.mark.parametrize("theirs", ["../../admin", "7?x=1", "7/../8", "\r\nX: y", "%2e%2e", "编号"])
def test_an_id_of_theirs_stays_one_part_of_a_path(desk: Desk, theirs: str) -> None:
    with pytest.raises(DeliveryError):
        desk.bridge.read(theirs, notes=False)
    inner = {BridgeKind.ZAMMAD: "/api/v1/tickets/", BridgeKind.GLPI: "/apirest.php/"}.get(desk.setup.kind, "/")
    assert all(ask.path.startswith(inner) for ask in desk.product.asked)


def test_glpi_s_sessions_are_closed_behind_us() -> None:
    product = bridge_servers.Glpi()
    with bridge_servers.served(product) as url:
        bridge = bridges.made(setup(BridgeKind.GLPI, url), secret)
        bridge.check()
        with pytest.raises(DeliveryError):
            bridge.read("9", notes=True)
    assert product.sessions == set()


def test_a_webhook_is_told_signed_and_knows_a_repeat_by_its_key() -> None:
    product = bridge_servers.Hook()
    with bridge_servers.served(product) as url:
        bridge = bridges.made(setup(BridgeKind.WEBHOOK, url), secret)
        ticket = Ticket(key="netcase-NC-000007", title="t", text="x", state="new", level="P1", fields={"a": "b"})
        theirs = bridge.create(ticket)
        bridge.create(ticket)
        assert bridge.read(theirs, notes=True) is None
        bridge.update(theirs, replace(ticket, state="resolved"), None, [NOTE])
        bridge.update(theirs, replace(ticket, state="resolved"), None, [NOTE])
        told = list(product.tickets.values())
        wrong = bridges.made(setup(BridgeKind.WEBHOOK, url), lambda _: "another")
        with pytest.raises(DeliveryError, match="401"):
            wrong.create(ticket)
    assert [(each["event"], each["ticket"], each["state"]) for each in told] == [
        ("created", "netcase-NC-000007", "new"),
        ("updated", "netcase-NC-000007", "resolved"),
    ]
    assert told[1]["notes"][0]["key"] == NOTE.id
