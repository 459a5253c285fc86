"""One case from the hotline to the FAQ, through every step of the service handbook, and the next of its kind."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Counter

from agent.app.delivery import Diagnosis
from agent.app.messenger import Messenger
from agent.cases import faq
from agent.cases.case import Action, Case, CaseState, Entry, Origin, Severity
from agent.cases.faq import FaqState, Written
from agent.cases.intake import Form
from agent.cases.links import Links, Purpose
from agent.cases.rma import RmaState
from agent.cases.spares import Spare
from agent.errors import RefusedError
from agent.inventory.customers import Person
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Team
from agent.inventory.vendors import Vendor
from agent.notifications.notification import Notification
from agent.observation import Fact, Observation, Subject, Tier
from agent.pipeline import (
    Pipeline,
    answering,
    consenting,
    fitting,
    handing,
    intake,
    learning,
    moving,
    replacing,
    surveying,
)
from agent.pipeline.desk import Desk
from agent.pipeline.questions import Reply
from agent.ports import JobKind, Transaction
from agent.storage.engine import SqlStore
from agent.storage.evidence import FileEvidence
from tests import story as stories
from tests.fakes import Postbox, Transcriber
from tests.story import Network, Story

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LINKS = Links(b"k" * 32, "https://noc.example.net")
PEOPLE = {
    "li": Person(name="Li Na", email="li@example.net", channels=("email",)),
    "lead": Person(name="Wang Lei", email="lead@example.net"),
    "manager": Person(name="Maria Silva", email="manager@example.net"),
}
POSTS = {"project_lead": "lead", "technical_manager": "manager"}


class Boxes(Network):
    """Devices that tell their serial numbers."""

    serials: dict[str, str]

    def _identity(self, name: str) -> Iterable[Observation]:
        yield from super()._identity(name)
        yield Observation(Subject(name), Fact.SERIAL, self.serials[name])
        yield Observation(Subject(name), Fact.MODEL, "S5720-28X")
        yield Observation(Subject(name), Fact.PLATFORM, "huawei_vrp")


def network() -> Boxes:
    plain = stories.inventory(
        [stories.device("core"), stories.device("acc1"), stories.device("acc2")],
        [("core", "acc1"), ("core", "acc2")],
        ["core"],
    )
    boxes = Boxes(
        replace(
            plain,
            people=PEOPLE,
            teams={"tac": Team(name="tac", on_call=("li",), roles=POSTS)},
            vendors={"huawei": Vendor(name="huawei", title="Huawei", email="tac@vendor.example", contract="V-77")},
        )
    )
    boxes.serials = {"core": "SN-CORE", "acc1": "SN-OLD", "acc2": "SN-ACC2"}
    return boxes


@dataclass
class Life:
    """The agent, its outbox emptied as it fills, and the people around it."""

    story: Story
    folder: Path
    post: Postbox = field(default_factory=Postbox)
    shell: Transcriber = field(default_factory=Transcriber)

    def __post_init__(self) -> None:
        self.story.pipeline = Pipeline(self.story.store, self.inventory, links=LINKS)
        counter = Counter("sent", "", ["channel", "state"], registry=None)
        now = lambda: self.story.now  # noqa: E731 - the story goes on
        self._messenger = Messenger(self.story.store, {"email": self.post}, now, counter, self.inventory, LINKS)
        files = FileEvidence(self.folder)
        self._diagnosis = Diagnosis(self.story.store, files, self.shell, self.inventory, now)

    @property
    def inventory(self) -> Inventory:
        return self.story.network.inventory

    def wait(self, *, hours: float = 0, minutes: float = 0) -> None:
        until = self.story.now + timedelta(hours=hours, minutes=minutes)
        while self.story.now < until:
            self.story.now += timedelta(minutes=1)
            self.story.pipeline.tend(self.story.now)
            self.deliver()

    def deliver(self) -> None:
        with self.story.store.begin() as tx:
            jobs = [tx.lease(kind, self.story.now, timedelta(minutes=5), "me", 50) for kind in JobKind]
        for job in (job for each in jobs for job in each):
            if job.kind is JobKind.NOTIFY:
                self._messenger.send(job)
            elif job.kind is JobKind.COLLECT:
                self._diagnosis.collect(job)

    def at_the_desk(self, do: Callable[[Desk], Any]) -> Any:
        with self.story.store.begin() as tx:
            done = do(Desk(tx, self.inventory, self.story.now, LINKS))
        self.wait(minutes=1)
        return done

    def move(self, case: Case, to: CaseState, why: str, who: str = "li") -> None:
        self.at_the_desk(lambda desk: moving.move(desk.tx, case.number, to, who, why, desk.now))

    def case(self, number: int) -> Case:
        with self.story.store.read() as tx:
            case = tx.case(number)
        assert case
        return case

    def log(self, case: Case, action: Action) -> list[str]:
        with self.story.store.read() as tx:
            return [entry.text for entry in tx.timeline(case.number) if entry.action is action]

    def read(self, look: Callable[[Transaction], Any]) -> Any:
        with self.story.store.read() as tx:
            return look(tx)

    def mails(self, to: str, about: str = "") -> list[Notification]:
        return [mail for mail in self.post.kept if mail.to == to and about in mail.subject]

    def follow(self, mail: Notification, purpose: Purpose, reply: Reply) -> None:
        """The reader follows the link of a mail and answers the page."""
        token = re.search(r"https://noc\.example\.net/answer/([A-Za-z0-9_-]+)", mail.text)
        assert token, mail.text
        ticket = LINKS.read(token[1], self.story.now)
        assert ticket.purpose is purpose
        self.at_the_desk(lambda desk: answering.answer(desk, ticket, reply))


@pytest.fixture
def life(store: SqlStore, tmp_path: Path) -> Life:
    return Life(Story(store, network(), now=MONDAY).run(minutes=3), tmp_path)


LEARNED = Written(
    title="S5720 whose fabric fails: replace it, the vendor knows of the batch",
    symptom="The switch answers and forwards only some of the frames; its log names fabric parity errors.",
    cause="A batch of 2024 with a weak fabric chip.",
    fix="Replace the switch. A restart helps for hours only.",
)


def test_a_case_lives_from_the_hotline_to_the_faq_and_the_next_of_its_kind_shows_what_was_learned(life: Life) -> None:
    # a clerk types in what the customer says; the contract and the serial number are looked up
    form = Form(
        origin=Origin.HOTLINE, title="acc1 loses frames since this morning", severity=Severity.P2, contract="C-1",
        serial="sn-old", reporter="Mr Zhang", reporter_address="zhang@example.com", key="call-1", actor="clerk",
    )  # fmt: skip
    case = life.at_the_desk(lambda desk: intake.open_case(desk, form))
    assert (case.contract_status, case.subject.device, case.severity) == ("valid", "acc1", Severity.P2)
    # the engineer on call and the customer are told, and evidence comes by itself
    assert life.mails("li@example.net", case.name) and life.mails("zhang@example.com", case.name)
    assert {device for device, _ in life.shell.visits} >= {"acc1"}
    assert life.read(lambda tx: [e for e in tx.evidence(case.number) if e.sha256])
    # it is taken up, and no fix is found: the project lead after 2 hours, the technical manager after 4
    life.move(case, CaseState.IN_PROGRESS, "looking at its counters")
    for _ in range(3):  # the state is kept current, so that only time escalates
        life.wait(minutes=38)
        life.at_the_desk(lambda desk: desk.tx.log([_note(case, "still looking", desk.now)]))
    assert not life.mails("manager@example.net")
    life.wait(minutes=5)
    assert len([m for m in life.mails("lead@example.net") if "project lead" in m.subject]) == 1
    for _ in range(4):
        life.wait(minutes=30)
        life.at_the_desk(lambda desk: desk.tx.log([_note(case, "still looking", desk.now)]))
    assert len([m for m in life.mails("manager@example.net") if "technical manager" in m.subject]) == 1
    # the vendor finds that the hardware is broken
    life.at_the_desk(lambda desk: handing.open_(desk, life.case(case.number), "huawei", "li", reference="HW-4711"))
    assert life.case(case.number).state is CaseState.WITH_VENDOR
    life.at_the_desk(lambda desk: handing.close(desk, life.case(case.number), "fabric parity: replace it", "li"))
    # a spare of the branch is promised once the customer agrees, on the page behind the link
    spare = Spare(serial="SN-NEW", part="S5720-28X", location="hq", changed=MONDAY)
    life.at_the_desk(lambda desk: desk.tx.save_spares([spare]))
    wish = replacing.Form(fault="fabric parity errors")
    rma = life.at_the_desk(lambda desk: replacing.request(desk, life.case(case.number), wish, "li"))
    assert (rma.serial_out, life.case(case.number).state) == ("SN-OLD", CaseState.RMA_PENDING)
    asked = life.mails("zhang@example.com", rma.name)[-1]
    life.follow(asked, Purpose.RMA, Reply(choice=_first_choice(life, asked), name="Zhang Wei"))
    assert life.read(lambda tx: tx.rma(rma.number)).serial_in == "SN-NEW"
    # it is changed in a running network only with the customer's written consent
    for act in (fitting.ship, fitting.deliver):
        life.at_the_desk(lambda desk, act=act: act(desk, desk.tx.rma(rma.number), "li"))
    with pytest.raises(RefusedError, match="ask the customer for written consent"):
        life.at_the_desk(lambda desk: fitting.install(desk, desk.tx.rma(rma.number), "li"))
    _ask_consent(life, case)
    wanted = life.mails("zhang@example.com", "consent")[-1]
    life.follow(wanted, Purpose.CONSENT, Reply(choice="given", name="Zhang Wei"))
    life.at_the_desk(lambda desk: fitting.install(desk, desk.tx.rma(rma.number), "li"))
    # the next poll sees the new serial number, and the switch is found healthy
    life.story.network.serials["acc1"] = "SN-NEW"  # type: ignore[attr-defined]
    life.story.poll("acc1", Tier.IDENTITY)
    life.wait(minutes=2)
    assert life.read(lambda tx: tx.rma(rma.number)).state is RmaState.SEEN
    life.wait(minutes=40)
    assert life.read(lambda tx: tx.rma(rma.number)).state is RmaState.HEALTHY
    # solved; the customer confirms, a person closes
    life.move(case, CaseState.RESOLVED, "switch replaced, no more errors")
    fixed = life.mails("zhang@example.com", case.name)[-1]
    life.follow(fixed, Purpose.CONFIRM, Reply(choice=_first_choice(life, fixed), name="Zhang Wei"))
    assert any("confirm" in text for text in life.log(case, Action.CUSTOMER))
    life.move(case, CaseState.CLOSED, "the customer confirmed")
    # the customer is not content: the manager has to call back
    survey = life.mails("zhang@example.com", case.name)[-1]
    given = {"response": "2", "skill": "4", "attitude": "5", "result": "4"}
    life.follow(survey, Purpose.SURVEY, Reply(choice=_first_choice(life, survey), scores=given, name="Zhang Wei"))
    assert [m for m in life.mails("manager@example.net") if "call" in m.subject.lower()]
    life.at_the_desk(lambda desk: surveying.called(desk, life.case(case.number), "sorry for four hours", "manager"))
    # the failed part goes back within ten working days
    life.at_the_desk(lambda desk: replacing.give_back(desk, desk.tx.rma(rma.number), "li", tracking="SF-1"))
    life.at_the_desk(lambda desk: replacing.close(desk, desk.tx.rma(rma.number), "li"))
    assert life.read(lambda tx: tx.rma(rma.number)).state is RmaState.CLOSED
    # what was learned is written down, and the next of the kind shows it
    life.at_the_desk(lambda desk: _learn(desk, life.case(case.number)))
    form = replace(form, title="acc2 forwards only some frames", serial="SN-ACC2", key="call-2")
    second = life.at_the_desk(lambda desk: intake.open_case(desk, form))
    assert second.number != case.number
    (seen,) = life.log(second, Action.FAQ)
    assert "FAQ-000001" in seen


def _note(case: Case, text: str, now: datetime) -> Entry:
    return Entry(case=case.number, at=now, action=Action.NOTE, text=text, actor="li")


def _first_choice(life: Life, mail: Notification) -> str:
    """What the first button of the page behind the link says."""
    token = re.search(r"/answer/([A-Za-z0-9_-]+)", mail.text)
    assert token, mail.text
    ticket = LINKS.read(token[1], life.story.now)
    with life.story.store.read() as tx:
        asked = answering.question(Desk(tx, life.inventory, life.story.now, LINKS), ticket)
    return asked.choices[0].value


def _ask_consent(life: Life, case: Case) -> None:
    life.at_the_desk(
        lambda desk: consenting.ask(desk, life.case(case.number), "replace acc1, 10 minutes without it", None, "li")
    )


def _learn(desk: Desk, case: Case) -> None:
    entry = faq.first(LEARNED, learning.signed(desk.tx, case), case, "li", desk.now)
    kept = learning.keep(desk.tx, entry, "first")
    learning.keep(desk.tx, faq.moved(kept, FaqState.PUBLISHED, "li", desk.now), "read by Maria")
