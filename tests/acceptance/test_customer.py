"""Stories of a customer: told, asked whether it works, asked for consent, asked for an opinion, called back."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.cases import confirmation, consent, survey
from agent.cases.case import Case, CaseState
from agent.cases.confirmation import How
from agent.cases.links import ExpiredError, Links, Ticket
from agent.cases.survey import Standing
from agent.errors import RefusedError
from agent.inventory.device import Role
from agent.inventory.policies import CustomerCare, Policies, Survey
from agent.notifications import wire
from agent.pipeline import Pipeline, answering, confirming, consenting, moving, surveying
from agent.pipeline.desk import Desk
from agent.pipeline.questions import Question, Reply, WrongAnswerError
from agent.ports import JobKind, Store
from tests.story import Network, Story, device, inventory

LINKS = Links(b"a key of at least thirty-two bytes", "https://cases.example.net")
CUSTOMER, ENGINEER = "zhang@example.com", "li@example.net"


class Customer:
    """A customer with a mailbox, in front of the pipeline."""

    def __init__(self, store: Store, policies: Policies | None = None, links: Links | None = LINKS) -> None:
        devices = [device("core1", Role.CORE), device("acc1", Role.ACCESS)]
        net = Network(inventory(devices, [("core1", "acc1")], ["core1"], policies=policies))
        self.story, self.links = Story(store, net), links
        self.inventory = net.inventory
        self.story.pipeline = Pipeline(store, net.inventory, links=links)
        self.story.run(minutes=3)

    @property
    def now(self) -> datetime:
        return self.story.now

    @property
    def case(self) -> Case:
        return self.story.cases()[0]

    def breaks(self) -> "Customer":
        self.story.kill("acc1").run(minutes=4)
        return self

    def is_mended(self) -> "Customer":
        self.story.revive("acc1").run(minutes=15)
        assert self.case.state is CaseState.RESOLVED
        return self

    def passes(self, length: timedelta) -> "Customer":
        """Time in which nothing is polled."""
        self.story.now += length
        self.story.pipeline.tend(self.story.now)
        return self

    def is_closed(self) -> "Customer":
        self.moves(CaseState.CLOSED)
        return self.passes(timedelta(seconds=5))

    def moves(self, to: CaseState) -> None:
        with self.story.store.begin() as tx:
            moving.move(tx, self.case.number, to, "li", "done", self.now)
        self.story.pipeline.tend(self.now)

    def mails(self, to: str = CUSTOMER, occasion: str = "") -> list[str]:
        with self.story.store.read() as tx:
            jobs = tx.jobs(kind=JobKind.NOTIFY)
        found = [job for job in jobs if job.payload["to"] == to and occasion in ("", job.payload["occasion"])]
        return [f"{job.payload['subject']}\n{job.payload['text']}" for job in found]

    def link(self, occasion: str, last: bool = True) -> Ticket:
        mail = self.mails(occasion=occasion)[-1 if last else 0]
        found = re.search(r"https://cases\.example\.net/answer/([\w-]+)\?lang=en", mail)
        assert found, mail
        assert self.links
        return self.links.read(found[1], self.now)

    def desk(self, tx: object) -> Desk:
        return Desk(tx, self.inventory, self.now, self.links)  # type: ignore[arg-type]

    def answers(self, ticket: Ticket, **reply: object) -> Question:
        with self.story.store.begin() as tx:
            said = answering.answer(self.desk(tx), ticket, Reply(**reply))  # type: ignore[arg-type]
        self.story.pipeline.tend(self.now)
        return said

    def opens(self, ticket: Ticket) -> Question:
        with self.story.store.read() as tx:
            return answering.question(self.desk(tx), ticket)

    def timeline(self) -> list[str]:
        return self.story.timeline(self.case)


@pytest.fixture
def customer(store: Store) -> Customer:
    return Customer(store)


# ---------------------------------------------------------------- told


def test_the_customer_hears_that_it_works_again_and_is_asked_once_whether_it_does(customer: Customer) -> None:
    customer.breaks().is_mended()
    subjects = [mail.splitlines()[0] for mail in customer.mails()]
    assert [s.split(":")[0] for s in subjects] == [
        "[NC-000001] P3 case NC-000001",
        "[NC-000001] Resolved, case NC-000001",
    ]
    assert "No password is needed" in customer.mails()[-1]
    customer.passes(timedelta(hours=30))
    assert len(customer.mails()) == 2


def test_every_state_that_matters_is_told_once_with_what_is_needed(customer: Customer) -> None:
    customer.breaks()
    with customer.story.store.begin() as tx:
        moving.move(tx, 1, CaseState.IN_PROGRESS, "li", "on it", customer.now)
    customer.passes(timedelta(minutes=1))
    with customer.story.store.begin() as tx:
        moving.move(tx, 1, CaseState.WAITING_FOR_CUSTOMER, "li", "who may enter the building?", customer.now)
    customer.passes(timedelta(minutes=1))
    with customer.story.store.begin() as tx:
        moving.move(tx, 1, CaseState.IN_PROGRESS, "li", "on it again", customer.now)
    customer.passes(timedelta(minutes=1))
    told = customer.mails(occasion="state")
    assert [mail.splitlines()[0] for mail in told] == [
        "[NC-000001] Work has begun on case NC-000001: interface down, core1/interface:to-acc1",
        "[NC-000001] We need something from you for case NC-000001: interface down, core1/interface:to-acc1",
    ]
    assert "What we need: who may enter the building?" in told[1]


def test_a_fault_that_comes_and_goes_by_itself_is_not_told_of_before_it_is_over(customer: Customer) -> None:
    customer.breaks()
    for _ in range(3):
        customer.story.revive("acc1").run(minutes=4)
        customer.story.kill("acc1").run(minutes=4)
    assert customer.mails(occasion="state") == []


def test_whoever_was_told_by_a_person_that_it_works_hears_once_that_it_does_not(customer: Customer) -> None:
    customer.breaks().moves(CaseState.MONITORING)
    customer.story.revive("acc1").run(minutes=3)
    for _ in range(2):
        customer.story.kill("acc1").run(minutes=4)
        customer.story.revive("acc1").run(minutes=4)
    heads = [mail.splitlines()[0].split(",")[0] for mail in customer.mails(occasion="state")]
    assert heads == ["[NC-000001] It works again and is watched", "[NC-000001] The fault is back"]


def test_the_inventory_says_of_which_states_customers_are_told(store: Store) -> None:
    quiet = Customer(store, Policies(customer=CustomerCare(told_of=())))
    quiet.breaks().is_mended()
    assert quiet.mails(occasion="state") == []
    assert len(quiet.mails(occasion="resolved")) == 1


# ---------------------------------------------------------------- the fix


def test_looking_at_the_page_changes_nothing(customer: Customer) -> None:
    ticket = customer.breaks().is_mended().link("resolved")
    before = (customer.case, customer.timeline())
    for _ in range(5):
        assert [choice.value for choice in customer.opens(ticket).choices] == ["confirmed", "rejected"]
    assert (customer.case, customer.timeline()) == before


def test_a_confirmed_fix_stays_resolved_until_a_person_closes_it(customer: Customer) -> None:
    ticket = customer.breaks().is_mended().link("resolved")
    said = customer.answers(ticket, choice="confirmed", words="all well")
    assert said.answered.text.startswith("{by} confirmed")
    assert said.answered.values["by"] == "Zhang"
    assert customer.case.state is CaseState.RESOLVED
    assert "customer: Zhang confirmed the fix: all well" in customer.timeline()
    assert "all well" in customer.mails(ENGINEER, "confirmed")[0]
    customer.is_closed()
    assert customer.case.state is CaseState.CLOSED


def test_a_second_answer_says_what_was_answered_and_changes_nothing(customer: Customer) -> None:
    ticket = customer.breaks().is_mended().link("resolved")
    customer.answers(ticket, choice="confirmed")
    again = customer.answers(ticket, choice="rejected", words="changed my mind")
    assert again.answered.text.startswith("{by} confirmed")
    assert customer.case.state is CaseState.RESOLVED
    assert len(customer.mails(ENGINEER, "rejected")) == 0


def test_a_rejected_fix_opens_the_case_again_and_the_engineer_hears_why(customer: Customer) -> None:
    ticket = customer.breaks().is_mended().link("resolved")
    with pytest.raises(WrongAnswerError):
        customer.answers(ticket, choice="rejected", words="  ")
    customer.answers(ticket, choice="rejected", words="still no internet on floor 3")
    assert (customer.case.state, customer.case.reopened, customer.case.live) == (CaseState.NEW, 1, True)
    assert "still no internet on floor 3" in customer.mails(ENGINEER, "rejected")[0]
    assert customer.opens(ticket).answered.text.startswith("{by} told us")


def test_a_rejection_after_the_grace_period_opens_the_same_case_as_long_as_nobody_closed_it(customer: Customer) -> None:
    customer.breaks().is_mended()
    ticket = customer.link("resolved")
    customer.passes(timedelta(hours=30))
    assert not customer.case.live
    customer.answers(ticket, choice="rejected", words="no")
    assert (customer.case.live, customer.case.state) == (True, CaseState.NEW)


def test_what_does_not_work_when_the_case_is_closed_is_a_new_case_about_the_same(customer: Customer) -> None:
    ticket = customer.breaks().is_mended().link("resolved")
    customer.is_closed()
    said = customer.answers(ticket, choice="rejected", words="printers are dead")
    old, new = customer.story.cases()
    assert (old.state, new.state, new.customer) == (CaseState.CLOSED, CaseState.NEW, "acme")
    assert new.subject.device == old.subject.device
    assert "printers are dead" in new.title
    assert said.answered.values["other"] == new.name
    assert f"linked: {new.name} goes on with it" in customer.timeline()
    customer.answers(ticket, choice="rejected", words="again")
    assert len(customer.story.cases()) == 2


def test_the_answer_to_one_resolution_says_nothing_of_the_next(customer: Customer) -> None:
    first = customer.breaks().is_mended().link("resolved")
    customer.story.kill("acc1").run(minutes=4)
    customer.is_mended()
    second = customer.link("resolved")
    assert first.about != second.about
    assert "opened again meanwhile" in customer.opens(first).answered.text
    customer.answers(first, choice="confirmed")
    assert confirmation.given(customer.story.store.read().__enter__().timeline(1), second.about) is None
    customer.answers(second, choice="confirmed")
    assert customer.opens(second).answered.text.startswith("{by} confirmed")


def test_without_a_public_address_the_mail_asks_for_an_answer_by_mail_and_the_engineer_writes_it_down(
    store: Store,
) -> None:
    customer = Customer(store, links=None)
    customer.breaks().is_mended()
    assert "Please answer this mail" in customer.mails(occasion="resolved")[0]
    assert "https://" not in customer.mails(occasion="resolved")[0]
    with store.begin() as tx:
        desk = customer.desk(tx)
        confirming.decide(desk, customer.case, confirmation.Answer.CONFIRMED, "Zhang", "", How.MAIL, "li")
    with store.read() as tx:
        entry = tx.timeline(1)[-1]
    assert (entry.actor, entry.data["by"], entry.data["how"]) == ("li", "Zhang", "mail")


# ---------------------------------------------------------------- consent


def ask(customer: Customer, window: tuple[datetime, datetime] | None = None) -> None:
    with customer.story.store.begin() as tx:
        consenting.ask(customer.desk(tx), customer.case, "restart core1: 3 min without network", window, "li")
    customer.story.pipeline.tend(customer.now)


def test_a_planned_change_is_asked_for_by_link_signed_by_name_and_holds_up_the_case_until_then(
    customer: Customer,
) -> None:
    customer.breaks()
    ask(customer)
    with pytest.raises(RefusedError, match="has not consented to change 1"):
        customer.moves(CaseState.RESOLVED)
    ticket = customer.link("consent")
    with pytest.raises(WrongAnswerError):
        customer.answers(ticket, choice="given")
    customer.answers(ticket, choice="given", name="Director Chen", words="after 22:00 please")
    said = "consent: Director Chen (link of Zhang) consented to change 1: after 22:00 please"
    assert said in customer.timeline()
    assert "after 22:00 please" in customer.mails(ENGINEER, "consent_given")[0]
    customer.moves(CaseState.RESOLVED)
    assert customer.case.state is CaseState.RESOLVED


def test_a_change_that_nobody_answers_expires_and_the_engineer_is_told_once(customer: Customer) -> None:
    customer.breaks()
    ask(customer)
    ticket = customer.link("consent")
    customer.passes(timedelta(days=7))
    customer.passes(timedelta(days=1))
    assert len(customer.mails(ENGINEER, "consent_expired")) == 1
    assert customer.opens(ticket).answered.text.startswith("The time to answer was over")
    with pytest.raises(RefusedError, match="nobody answered"):
        customer.moves(CaseState.RESOLVED)
    with customer.story.store.begin() as tx:
        consenting.withdraw(customer.desk(tx), customer.case, "li", "not needed")
    customer.moves(CaseState.RESOLVED)
    assert "The change for case NC-000001 is withdrawn" in customer.mails(occasion="consent_withdrawn")[0]


def test_recovery_by_itself_needs_nobodys_consent(customer: Customer) -> None:
    customer.breaks()
    ask(customer)
    customer.is_mended()


# ---------------------------------------------------------------- survey and call-back


def test_a_closed_case_is_asked_about_and_good_scores_oblige_nobody(customer: Customer) -> None:
    customer.breaks().is_mended().is_closed()
    ticket = customer.link("survey")
    page = customer.opens(ticket)
    assert [scale.name for scale in page.scales] == ["response", "skill", "attitude", "result"]
    with pytest.raises(WrongAnswerError):
        customer.answers(ticket, choice="send", scores={"response": "5", "skill": "5", "result": "5"})
    customer.answers(ticket, choice="send", scores=dict.fromkeys(("response", "skill", "attitude", "result"), "5"))
    with customer.story.store.read() as tx:
        found = tx.survey(1)
    assert found is not None
    assert (found.standing, found.lowest, found.call_back) == (Standing.ANSWERED, 5, None)
    assert customer.mails(ENGINEER, "call_back") == []


def test_a_low_score_obliges_to_call_back_and_is_pressed_for_until_that_is_done(customer: Customer) -> None:
    customer.breaks().is_mended().is_closed()
    scores = {"response": "4", "skill": "5", "attitude": "5", "result": "2"}
    customer.answers(customer.link("survey"), choice="send", scores=scores, words="it came back\ntwice")
    told = customer.mails(ENGINEER, "call_back")  # nobody holds the post, so whoever is on call does
    assert len(told) == 1
    assert "it came back twice" in told[0]
    for _ in range(3):
        customer.passes(timedelta(hours=23))
    assert len(customer.mails(ENGINEER, "call_back")) == 3
    with customer.story.store.begin() as tx:
        surveying.called(customer.desk(tx), customer.case, "a visit on Friday", "wang")
    customer.passes(timedelta(days=5))
    assert len(customer.mails(ENGINEER, "call_back")) == 3
    with customer.story.store.read() as tx:
        assert [s.called_by for s in tx.surveys(customer.now - timedelta(days=30), customer.now)] == ["wang"]


def test_whoever_does_not_answer_is_reminded_once_and_then_counted_as_no_answer(customer: Customer) -> None:
    customer.breaks().is_mended().is_closed()
    ticket = customer.link("survey")
    for _ in range(20):
        customer.passes(timedelta(days=1))
    assert len(customer.mails(occasion="survey")) == 2
    with customer.story.store.read() as tx:
        found = tx.survey(1)
    assert found is not None
    assert found.standing is Standing.NO_ANSWER
    with pytest.raises(ExpiredError):
        LINKS.read(LINKS.token(ticket.purpose, 1, CUSTOMER, ticket.expires), customer.now)


def test_a_survey_is_taken_by_telephone_too(customer: Customer) -> None:
    customer.breaks().is_mended().is_closed()
    with customer.story.store.begin() as tx:
        given = survey.scores({"response": "5", "skill": "4", "attitude": "5", "result": "5"})
        surveying.record(customer.desk(tx), customer.case, given, "Zhang", "", How.PHONE, "li")
    assert "Zhang" in str(customer.opens(customer.link("survey")).answered.values["by"])
    customer.passes(timedelta(days=5))
    assert len(customer.mails(occasion="survey")) == 1


def test_nobody_is_surveyed_where_the_policy_says_so_or_nobody_is_there(store: Store) -> None:
    customer = Customer(store, Policies(customer=CustomerCare(survey=Survey(send=False))))
    customer.breaks().is_mended().is_closed()
    assert customer.mails(occasion="survey") == []
    assert "survey: no survey: the inventory switches it off" in customer.timeline()


def test_a_restart_in_the_middle_tells_nobody_twice(customer: Customer) -> None:
    customer.breaks().is_mended()
    customer.story.pipeline = Pipeline(customer.story.store, customer.inventory, links=LINKS)
    customer.passes(timedelta(hours=1)).is_closed()
    customer.story.pipeline = Pipeline(customer.story.store, customer.inventory, links=LINKS)
    customer.passes(timedelta(hours=1))
    assert len(customer.mails(occasion="resolved")) == 1
    assert len(customer.mails(occasion="survey")) == 1


def test_what_customers_write_stays_on_its_lines_wherever_it_is_told(customer: Customer) -> None:
    hostile = "no\r\nBcc: everyone@example.org\n<script>alert(1)</script>\x00\x1b[2J" + "x" * 5000
    ticket = customer.breaks().is_mended().link("resolved")
    customer.answers(ticket, choice="rejected", words=hostile)
    with customer.story.store.read() as tx:
        job = next(j for j in tx.jobs(kind=JobKind.NOTIFY) if j.payload["occasion"] == "rejected")
        stored = next(e for e in tx.timeline(1) if e.data.get("what") == "rejected")
    message = wire.unpack({k: v for k, v in job.payload.items() if k in wire._FIELDS})
    assert "\n" not in message.subject
    assert "<script>" not in message.html
    assert "\x1b" not in message.text
    assert len(stored.data["words"]) <= confirmation.LONGEST_WORDS


def test_of_two_who_hold_a_link_the_first_to_answer_decides(customer: Customer) -> None:
    customer.breaks().is_mended()
    other = replace(customer.link("resolved"), person=LINKS.digest(1, "somebody@example.com"))
    customer.answers(other, choice="rejected", words="no")
    assert customer.opens(customer.link("resolved")).answered.values["by"] == "customer"


def test_consent_is_a_pure_function_of_the_log(customer: Customer) -> None:
    customer.breaks()
    ask(customer)
    with customer.story.store.read() as tx:
        log = tx.timeline(1)
    assert consent.changes(log, customer.now) == consent.changes(tuple(log), customer.now)
