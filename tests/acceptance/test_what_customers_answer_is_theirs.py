"""What a customer answers by a link is no work of ours, and holds for the case that goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.cases import course
from agent.cases.case import Action, CaseState, Origin
from agent.cases.confirmation import How
from agent.cases.intake import Form
from agent.cases.links import Purpose, Ticket
from agent.cases.rma import RmaState
from agent.cli import customer as commands
from agent.errors import RefusedError, UsageError
from agent.pipeline import answering, consenting, moving, replacing
from agent.pipeline.desk import Desk
from agent.pipeline.intake import open_case
from agent.pipeline.questions import Reply
from agent.ports import Store
from tests import story
from tests.story import START

INVENTORY = story.inventory([story.device("sw1")], [], ["sw1"])
LATER = START + timedelta(minutes=10)


def asked(store: Store) -> Ticket:
    """Of a replacement that the case waits for."""
    with store.begin() as tx:
        desk = Desk(tx, INVENTORY, START)
        case = open_case(desk, Form(origin=Origin.HOTLINE, title="PSU dead", device="sw1", actor="li"))
        found = replacing.request(desk, case, replacing.Form(serial="BAD1", part="PSU", fault="dead"), "li")
    return Ticket(purpose=Purpose.RMA, case=1, person="", expires=LATER + timedelta(days=1), about=found.name)


@pytest.mark.parametrize("choice", ["confirmed", "cancelled"])
def test_an_answer_about_a_replacement_meets_no_clock_of_ours(store, choice):
    ticket = asked(store)
    with store.begin() as tx:
        answering.answer(Desk(tx, INVENTORY, LATER), ticket, Reply(choice=choice, name="Wu", words="after six"))
        rows = [entry for entry in tx.timeline(1) if entry.action is Action.RMA and entry.at == LATER]
    assert rows and not [entry for entry in rows if course.is_ours(entry, START)]


def test_the_link_of_a_replacement_holds_after_its_case_was_merged(store):
    ticket = asked(store)
    with store.begin() as tx:
        case = tx.case(1)
        other = tx.open_case(replace(case, number=0, problem="another", state=CaseState.NEW))
        moving.merge(tx, 1, other.number, "li", "the same", LATER)
        found = tx.rma(1)
        tx.save_rma(replace(found, case=other.number), found.state)
        answering.answer(Desk(tx, INVENTORY, LATER), ticket, Reply(choice="confirmed", name="Wu"))
        assert tx.rma(1).state is not RmaState.REQUESTED


def test_a_change_without_consent_is_not_merged_away(store):
    with store.begin() as tx:
        desk = Desk(tx, INVENTORY, START)
        for title in ("one", "two"):
            open_case(desk, Form(origin=Origin.HOTLINE, title=title, device="sw1", actor="li"))
        consenting.ask(desk, tx.case(1), "restart of sw1", None, "li")
        with pytest.raises(RefusedError, match="has not consented to change 1"):
            moving.merge(tx, 1, 2, "li", "the same", LATER)
        consenting.withdraw(desk, tx.case(1), "li", "planned on the other case")
        moving.merge(tx, 1, 2, "li", "the same", LATER)


@pytest.mark.parametrize("how", [How.LINK, How.PHONE, How.PAPER])
def test_nobody_of_ours_writes_down_a_consent_that_nothing_shows(how):
    with pytest.raises(UsageError):
        commands.record("1", by="Anna Berg", how=how)
