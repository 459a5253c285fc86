"""Whoever reports a case of a customer's need not be the customer: consent is the customer's own."""

import pytest

from agent.cases.case import Origin
from agent.cases.intake import Form
from agent.cases.links import Links
from agent.pipeline import consenting, customer, moving
from agent.pipeline.desk import Desk
from agent.pipeline.intake import open_case
from agent.ports import JobKind, Store
from tests import story
from tests.story import START

INVENTORY = story.inventory([story.device("core-1")], [], ["core-1"])
LINKS = Links(b"a key of at least thirty-two bytes", "https://cases.example.net")
CONTACT, ENGINEER = "zhang@example.com", "li@example.net"


def asked(store: Store, origin: Origin, address: str) -> set[str]:
    """Who is asked to consent, of a case about the customer's device that this address reported."""
    with store.begin() as tx:
        desk = Desk(tx, INVENTORY, START, LINKS)
        form = Form(origin=origin, title="down", device="core-1", reporter="X", reporter_address=address)
        case = open_case(desk, form)
        assert case.customer
        consenting.ask(desk, case, "restart of core-1", None, "li")
        found = {each.to for each in customer.audience(desk, case)}
        told = [job.payload for job in tx.jobs(kind=JobKind.NOTIFY, case=case.number)]
    assert {str(each["to"]) for each in told if each["occasion"] == "consent"} == found
    return found


@pytest.mark.parametrize("origin", [Origin.EMAIL, Origin.WEB, Origin.HOTLINE])
def test_our_own_people_do_not_consent_for_a_customer(store, origin):
    assert asked(store, origin, ENGINEER) == {CONTACT}


def test_a_stranger_whose_mail_names_a_customers_device_does_not_answer_for_the_customer(store):
    assert asked(store, Origin.EMAIL, "mallory@evil.example") == {CONTACT}
    assert asked(store, Origin.EMAIL, "mallory@gmail.com") == {CONTACT}


def test_a_colleague_of_a_contact_does(store):
    assert asked(store, Origin.EMAIL, "Wu@Example.com") == {CONTACT, "Wu@Example.com"}


def test_whom_one_of_ours_wrote_down_as_the_reporter_does(store):
    assert asked(store, Origin.HOTLINE, "chen@elsewhere.example") == {CONTACT, "chen@elsewhere.example"}


def test_whoever_reported_a_duplicate_hears_how_the_case_that_goes_on_ends(store):
    with store.begin() as tx:
        desk = Desk(tx, INVENTORY, START, LINKS)
        for origin, who in ((Origin.HOTLINE, "a"), (Origin.HOTLINE, "b"), (Origin.EMAIL, "mallory")):
            said = Form(origin=origin, title=who, device="core-1", reporter_address=f"{who}@elsewhere.example")
            open_case(desk, said)
        for number in (2, 3):
            moving.merge(tx, number, 1, "li", "the same", START)
        found = [each.to for each in customer.audience(desk, moving.known(tx, 1))]
    assert found == ["a@elsewhere.example", "b@elsewhere.example", CONTACT]
