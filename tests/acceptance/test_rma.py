"""Failed hardware is replaced: a spare of the branch, of headquarters, of the vendor; the device tells which part is
in; health is verified; the failed part goes back."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from agent import locale
from agent.cases.case import Action, CaseState
from agent.cases.confirmation import How
from agent.cases.links import Purpose, Ticket
from agent.cases.rma import Rma, RmaState
from agent.cases.spares import Spare, SpareState
from agent.errors import RefusedError
from agent.inventory.customers import Contract
from agent.inventory.device import Role
from agent.inventory.holidays import Calendar
from agent.inventory.inventory import Inventory
from agent.inventory.policies import Policies
from agent.inventory.vendors import Replacing, Vendor
from agent.observation import ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import answering, consenting, fitting, handing, moving, replacing
from agent.pipeline.desk import Desk
from agent.pipeline.questions import Question, Reply
from agent.pipeline.replacing import Form
from agent.ports import JobKind
from agent.storage.engine import SqlStore
from tests.story import START, Network, Story, device, inventory

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PSU = "PWR-C1-715WAC"


@dataclass
class Boxes(Network):
    """Devices that tell their serial numbers, and those of what is in them."""

    serials: dict[str, str] = field(default_factory=dict)  # by subject

    def _identity(self, name: str) -> Iterable[Observation]:
        yield from super()._identity(name)
        for subject, serial in self.serials.items():
            about = Subject.parse(subject)
            if about.device == name and serial:
                yield Observation(about, Fact.SERIAL, serial)
                yield Observation(about, Fact.MODEL, "WS-C3850" if about.kind is ComponentKind.DEVICE else PSU)


def network() -> Inventory:
    known = inventory(
        [device("core", Role.CORE), device("sw1", Role.BRANCH, site="branch")],
        [("core", "sw1")],
        ["core"],
        policies=replace(Policies(), rma=Replacing(healthy_after=timedelta(minutes=30))),
    )
    until = START.date().replace(year=2027)
    contract = Contract(number="C-1", customer="acme", starts=START.date(), ends=until, holidays="bank")
    zoned = {name: replace(site, timezone="Asia/Shanghai") for name, site in known.sites.items()}
    calendar = Calendar(name="bank", country="CN")
    vendors = {"maker": Vendor(name="maker", title="Maker TAC", email="tac@maker.example")}
    return replace(known, sites=zoned, contracts={"C-1": contract}, calendars={"bank": calendar}, vendors=vendors)


class Hardware(Story):
    """What people do, in the story's time."""

    def do(self, what, found: Rma, *arguments: object, **more: object) -> Rma:  # type: ignore[no-untyped-def]
        with self.store.begin() as tx:
            done: Rma = what(Desk(tx, self.network.inventory, self.now), self.rma(found.number, tx), *arguments, **more)
            return done

    def rma(self, number: int = 1, tx=None) -> Rma:  # type: ignore[no-untyped-def]
        if tx is None:
            with self.store.read() as tx:
                return self.rma(number, tx)
        found: Rma | None = tx.rma(number)
        assert found
        return found

    def stock(self, *spares: Spare) -> "Hardware":
        with self.store.begin() as tx:
            tx.save_spares(spares)
        return self

    def spare(self, serial: str) -> Spare:
        with self.store.read() as tx:
            found = tx.spare(serial)
        assert found
        return found

    def request(self, **form: str) -> Rma:
        case = self.cases()[0]
        with self.store.begin() as tx:
            desk = Desk(tx, self.network.inventory, self.now)
            asked = Form(**{"serial": "BAD0001", "part": PSU, "fault": "no output", "device": "sw1", **form})
            return replacing.request(desk, case, asked, "li")

    def consented(self) -> "Hardware":
        case = self.cases()[0]
        with self.store.begin() as tx:
            desk = Desk(tx, self.network.inventory, self.now)
            change = consenting.ask(desk, case, "swap PSU 2 of sw1, no outage expected", None, "li")
            consenting.record(desk, case, change, True, "Zhang", "", How.MAIL)
        return self

    def up_to(self, found: Rma, state: RmaState, **more: str) -> Rma:
        """The way there, as people go it."""
        found = self.do(replacing.confirm, found, "Zhang", "li")
        found = self.do(fitting.ship, found, "li", "SF 100", **more)
        found = self.do(fitting.deliver, found, "li")
        if state is RmaState.INSTALLED:
            self.consented()
            found = self.do(fitting.install, found, "li")
        return found

    def put_in(self, serial: str) -> None:
        self.network.serials["sw1/power_supply:PSU 2"] = serial  # type: ignore[attr-defined]

    def tended(self, at: datetime) -> None:
        self.now = at
        self.pipeline.tend(at)

    def case_log(self) -> list[str]:
        return [line for line in self.timeline(self.cases()[0]) if line.startswith("rma: ")]

    def told_of(self, part: str) -> set[str]:
        with self.store.read() as tx:
            jobs = [job for job in tx.jobs(kind=JobKind.NOTIFY) if part in str(job.payload["subject"])]
        return {str(job.payload["to"]) for job in jobs}


@pytest.fixture
def story(store: SqlStore) -> Hardware:
    """A switch with a power supply that failed: the case is open, the device runs on the other one."""
    boxes = Boxes(network(), serials={"sw1": "SWITCH01", "sw1/power_supply:PSU 2": "BAD0001"})
    told = Hardware(store, boxes)
    psu = Subject("sw1", ComponentKind.POWER_SUPPLY, "PSU 2")
    boxes.health["sw1"] = [Observation(psu, Fact.STATE, "failed", "faulty")]
    told.run(minutes=20)
    assert [str(case.subject) for case in told.cases()] == ["sw1/power_supply:PSU 2"]
    return told


def healed(story: Hardware) -> None:
    psu = Subject("sw1", ComponentKind.POWER_SUPPLY, "PSU 2")
    story.network.health["sw1"] = [Observation(psu, Fact.STATE, "ok")]


def a_spare(serial: str, location: str) -> Spare:
    return Spare(serial=serial, part=PSU, location=location, changed=START - DAY)


def test_a_spare_of_the_branch_replaces_the_part_and_the_device_tells_it(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"), a_spare("NEW0002", "headquarters"))
    asked = story.request()
    assert (asked.slot, asked.contract, asked.contract_status, asked.warning) == (
        "sw1/power_supply:PSU 2",
        "C-1",
        "valid",
        "",
    )
    assert story.cases()[0].state is CaseState.RMA_PENDING
    assert story.told_of("Please confirm the replacement RMA-000001") == {"zhang@example.com"}
    agreed = story.do(replacing.confirm, asked, "Zhang", "li")
    assert (agreed.state, agreed.source, agreed.location, agreed.serial_in) == (
        RmaState.SOURCED,
        "site",
        "branch",
        "NEW0001",
    )
    assert story.spare("NEW0001").state is SpareState.RESERVED
    story.do(fitting.ship, agreed, "li", "SF 100")
    story.do(fitting.deliver, agreed, "li")
    story.consented()
    story.do(fitting.install, agreed, "li")
    assert (story.spare("NEW0001").state, story.spare("BAD0001").state) == (SpareState.IN_USE, SpareState.DEFECTIVE)
    story.put_in("NEW0001")
    healed(story)
    story.run(minutes=3)  # the device is asked at once, not in six hours
    assert story.rma().state is RmaState.SEEN
    assert story.cases()[0].state is CaseState.RMA_PENDING
    story.run(minutes=45)
    assert story.rma().state is RmaState.HEALTHY
    assert story.cases()[0].state is not CaseState.RMA_PENDING
    story.do(replacing.give_back, agreed, "li", "SF 200")
    assert (story.spare("BAD0001").state, story.spare("BAD0001").location) == (SpareState.RETURNED, "headquarters")
    story.do(replacing.close, agreed, "li")
    assert story.rma().state is RmaState.CLOSED
    assert story.case_log() == [
        f"rma: RMA-000001 requested: {PSU} of sw1, serial number BAD0001: no output",
        "rma: RMA-000001 confirmed by Zhang",
        "rma: RMA-000001: spare NEW0001 of branch is reserved",
        "rma: RMA-000001 shipped, SF 100: serial number NEW0001",
        "rma: RMA-000001 delivered: serial number NEW0001",
        "rma: RMA-000001 installed: serial number NEW0001, instead of BAD0001",
        "rma: RMA-000001: sw1 tells the new serial number NEW0001",
        *[line for line in story.case_log() if "not healthy yet" in line],
        "rma: RMA-000001 is healthy: sw1 had no fault for 0:30:00",
        "rma: RMA-000001: the failed part BAD0001 went back, SF 200",
        "rma: RMA-000001 closed",
    ]


def test_the_replaced_device_is_read_once_more_as_evidence(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    story.up_to(story.request(), RmaState.INSTALLED)
    story.put_in("NEW0001")
    with story.store.read() as tx:
        before = len(tx.evidence(1))
    story.run(minutes=3)
    with story.store.read() as tx:
        assert [row.topic for row in tx.evidence(1)[before:]] == [
            "inventory",
            "environment",
            "alarms",
            "log",
            "version",
        ]


def test_headquarters_helps_where_the_branch_has_none(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "hq"), a_spare("NEW0002", "headquarters"))  # another site's spare is not ours
    agreed = story.do(replacing.confirm, story.request(), "Zhang", "li")
    assert (agreed.source, agreed.serial_in) == ("headquarters", "NEW0002")


def test_the_vendor_sends_what_nobody_has_and_names_the_serial_number_later(story: Hardware) -> None:
    with story.store.begin() as tx:
        handing.open_(Desk(tx, story.network.inventory, story.now), story.cases()[0], "maker", "li", reference="SR 9")
    agreed = story.do(replacing.confirm, story.request(), "Zhang", "li")
    assert (agreed.source, agreed.vendor, agreed.serial_in) == ("vendor", "maker", "")
    shipped = story.do(fitting.ship, agreed, "li", "DHL 1", "mkr-77 ", "RMA-V-5")
    assert (shipped.serial_in, shipped.reference) == ("MKR-77", "RMA-V-5")
    story.do(fitting.deliver, agreed, "li")
    story.consented()
    installed = story.do(fitting.install, agreed, "li")
    story.put_in("mkr-77")
    healed(story)
    story.run(minutes=45)
    assert story.rma().state is RmaState.HEALTHY
    story.do(replacing.give_back, installed, "li")
    assert story.spare("BAD0001").location == "vendor:maker"


def test_a_running_device_is_changed_only_with_written_consent(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    there = story.up_to(story.request(), RmaState.DELIVERED)
    with pytest.raises(RefusedError, match="sw1 is running: ask the customer for written consent"):
        story.do(fitting.install, there, "li")
    assert story.rma().state is RmaState.DELIVERED
    with story.store.begin() as tx:
        desk = Desk(tx, story.network.inventory, story.now)
        change = consenting.ask(desk, story.cases()[0], "swap PSU 2", None, "li")
    with pytest.raises(RefusedError, match="has not consented"):
        story.do(fitting.install, there, "li")
    with story.store.begin() as tx:
        desk = Desk(tx, story.network.inventory, story.now)
        consenting.record(desk, story.cases()[0], change, True, "Zhang", "", How.MAIL)
    assert story.do(fitting.install, there, "li").state is RmaState.INSTALLED


def test_another_serial_number_than_recorded_is_told_once_and_is_not_healthy(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    story.up_to(story.request(), RmaState.INSTALLED)
    story.put_in("WRONG99")
    healed(story)
    story.run(minutes=60)
    assert (story.rma().state, story.rma().serial_seen) == (RmaState.INSTALLED, "WRONG99")
    lines = [line for line in story.case_log() if "WRONG99" in line]
    assert lines == ["rma: RMA-000001: sw1 tells serial number WRONG99, recorded is NEW0001"]
    assert story.told_of("Another serial number than recorded") == {"li@example.net"}
    story.put_in("NEW0001")
    story.poll("sw1", Tier.IDENTITY)
    story.run(minutes=40)
    assert story.rma().state is RmaState.HEALTHY


def test_a_wrong_record_is_corrected_and_the_promised_part_lies_at_the_site(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "headquarters"))
    found = story.up_to(story.request(), RmaState.INSTALLED)
    story.put_in("WRONG99")
    healed(story)
    story.run(minutes=5)
    story.do(fitting.install, found, "li", "wrong99")
    assert (story.spare("WRONG99").state, story.spare("NEW0001").state) == (SpareState.IN_USE, SpareState.IN_STOCK)
    assert story.spare("NEW0001").location == "branch"
    story.run(minutes=40)
    assert (story.rma().state, story.rma().serial_in) == (RmaState.HEALTHY, "WRONG99")


def test_the_failed_part_that_was_put_back_in_is_told(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    story.up_to(story.request(), RmaState.INSTALLED)
    story.run(minutes=3)
    assert [line for line in story.case_log() if "the failed part's" in line] == [
        "rma: RMA-000001: sw1 tells serial number BAD0001, the failed part's, and not NEW0001"
    ]


def test_a_part_that_is_not_healthy_after_installation_waits_until_it_is(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    story.up_to(story.request(), RmaState.INSTALLED)
    story.put_in("NEW0001")  # and its fault stays
    story.run(minutes=50)
    assert story.rma().state is RmaState.SEEN
    troubled = [line for line in story.case_log() if "not healthy yet" in line]
    assert troubled == ["rma: RMA-000001: not healthy yet, power_supply_failed sw1/power_supply:PSU 2"]
    healed(story)
    story.run(minutes=25)
    assert story.rma().state is RmaState.SEEN
    story.run(minutes=25)
    assert story.rma().state is RmaState.HEALTHY


def test_a_promised_part_that_is_broken_is_replaced_by_another_one(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"), a_spare("NEW0002", "headquarters"))
    agreed = story.do(replacing.confirm, story.request(), "Zhang", "li")
    after = story.do(replacing.again, agreed, "li", "dead on arrival")
    assert (after.state, after.serial_in, after.confirmed) == (RmaState.SOURCED, "NEW0002", agreed.confirmed)
    assert story.spare("NEW0001").state is SpareState.DEFECTIVE


def test_a_cancelled_rma_gives_its_spare_back_and_the_case_goes_on(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    agreed = story.do(replacing.confirm, story.request(), "Zhang", "li")
    story.do(replacing.cancel, agreed, "li", "it was the cable")
    assert story.spare("NEW0001").state is SpareState.IN_STOCK
    assert story.cases()[0].state is CaseState.IN_PROGRESS


def test_what_lies_in_stock_cannot_be_the_failed_part(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    with pytest.raises(RefusedError, match="NEW0001 is in stock at branch"):
        story.request(serial="NEW0001")
    story.request()
    with pytest.raises(RefusedError, match="an open RMA replaces BAD0001 already"):
        story.request()


def test_an_invalid_contract_and_an_unknown_serial_number_are_shown_and_refuse_nothing(story: Hardware) -> None:
    known = story.network.inventory.contracts["C-1"]
    story.network.inventory.contracts["C-1"] = replace(known, ends=START.date() - DAY)
    asked = story.request(serial="NEVER01")
    assert asked.warning == "the contract is expired; the device tells no such serial number"
    assert asked.state is RmaState.REQUESTED


def test_the_failed_part_is_asked_for_before_it_is_due_and_again_when_it_is_late(story: Hardware) -> None:
    """Installed on Friday 2026-04-24: Labour Day is 1 to 5 May, Saturday 9 May makes up for it."""
    story.tended(datetime(2026, 4, 24, 3, 0, tzinfo=UTC))
    story.stock(a_spare("NEW0001", "branch"))
    found = story.up_to(story.request(), RmaState.INSTALLED)
    with story.store.begin() as tx:  # seen and healthy, as told above
        seen = fitting.verify(Desk(tx, story.network.inventory, story.now), found, "li", "looked at it")
    due = datetime(2026, 5, 12, 16, 0, tzinfo=UTC)  # the end of 12 May in Shanghai
    assert seen.return_due == due
    asked = []
    for hours in range(24 * 30):
        story.tended(datetime(2026, 4, 24, 4, 0, tzinfo=UTC) + hours * HOUR)
        asked.append(len([line for line in story.case_log() if "goes back by" in line or "is late" in line]))
    reminded = [
        datetime(2026, 4, 24, 4, 0, tzinfo=UTC) + n * HOUR for n in range(1, len(asked)) if asked[n] > asked[n - 1]
    ]
    assert reminded == [
        datetime(2026, 5, 9, 1, 0, tzinfo=UTC),  # 09:00 two working days before
        due,
        datetime(2026, 5, 15, 16, 0, tzinfo=UTC),
        datetime(2026, 5, 20, 16, 0, tzinfo=UTC),
    ]
    with story.store.read() as tx:
        (late,) = (found for found in tx.rmas(only_open=True) if found.owes_return(story.now))
    story.do(replacing.give_back, late, "li", "SF 300")
    lines = len(story.case_log())
    story.tended(story.now + 20 * DAY)
    assert len(story.case_log()) == lines


def test_a_restart_at_any_step_changes_and_repeats_nothing(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    story.up_to(story.request(), RmaState.INSTALLED)
    story.put_in("NEW0001")
    healed(story)
    for _ in range(50):
        story.restart_agent()
        story.run(minutes=1)
    assert story.rma().state is RmaState.HEALTHY
    lines = story.case_log()
    assert len(lines) == len(set(lines))


def test_a_vendor_that_owes_news_reminds_the_engineer_and_then_the_project_lead(story: Hardware) -> None:
    with story.store.begin() as tx:
        desk = Desk(tx, story.network.inventory, story.now)
        handover = handing.open_(desk, story.cases()[0], "maker", "li", reference="SR 9", due=story.now + 4 * HOUR)
    assert story.cases()[0].state is CaseState.WITH_VENDOR
    for minutes in (230, 241, 250, 299, 302, 400):
        story.tended(story.now + timedelta(minutes=minutes) - (story.now - handover.opened))
    lines = [line for line in story.timeline(story.cases()[0]) if line.startswith("vendor: Maker TAC owes")]
    since = f"{handover.due:%Y-%m-%d %H:%M} UTC"
    assert lines == [
        f"vendor: Maker TAC owes news since {since}: reminded Li Na",
        f"vendor: Maker TAC owes news since {since}: escalated to Li Na",
    ]
    with story.store.begin() as tx:
        desk = Desk(tx, story.network.inventory, story.now)
        again = handing.update(desk, story.cases()[0], "they look at it", "li")
        assert again.due == story.now + DAY  # a P3's, where the vendor says nothing else
    story.tended(story.now + 23 * HOUR)
    with story.store.begin() as tx:
        handing.close(Desk(tx, story.network.inventory, story.now), story.cases()[0], "a fix is in 17.9.5", "li")
    assert story.cases()[0].state is CaseState.IN_PROGRESS
    story.tended(story.now + 9 * DAY)
    assert len([line for line in story.timeline(story.cases()[0]) if "owes news" in line]) == 2


def ticket(story: Hardware, about: str = "RMA-000001") -> Ticket:
    return Ticket(purpose=Purpose.RMA, case=1, person="", expires=story.now + DAY, about=about)


def answered(story: Hardware, reply: Reply | None = None) -> Question:
    with story.store.begin() as tx:
        desk = Desk(tx, story.network.inventory, story.now)
        if reply is None:
            return answering.question(desk, ticket(story))
        return answering.answer(desk, ticket(story), reply)


def test_the_customer_confirms_by_a_link_and_a_second_answer_changes_nothing(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    story.request()
    asked = answered(story)
    assert [choice.value for choice in asked.choices] == ["confirmed", "cancelled"]
    assert story.rma().state is RmaState.REQUESTED  # looking changes nothing
    after = answered(story, Reply(choice="confirmed", name="Zhang Wei", words="after six"))
    assert after.answered.text == "Confirmed by {by}, {at:moment}."
    assert (story.rma().state, story.rma().serial_in) == (RmaState.SOURCED, "NEW0001")
    assert "Zhang Wei" in story.rma().confirmed_by
    answered(story, Reply(choice="cancelled", name="Mallory", words="no"))
    assert story.rma().state is RmaState.SOURCED


def test_the_customer_refuses_by_a_link_and_says_why(story: Hardware) -> None:
    story.request()
    with pytest.raises(RefusedError):
        answered(story, Reply(choice="cancelled", name="Zhang", words=" "))
    assert answered(story, Reply(choice="cancelled", name="Zhang", words="we move out")).answered.text
    assert story.rma().state is RmaState.CANCELLED
    assert "rma: RMA-000001 cancelled: we move out" in story.case_log()


def test_a_link_of_one_case_opens_no_rma_of_another(story: Hardware) -> None:
    story.request()
    with story.store.begin() as tx, pytest.raises(RefusedError):
        answering.question(Desk(tx, story.network.inventory, story.now), ticket(story, "RMA-000009"))


def test_every_line_of_an_rma_and_a_vendors_case_is_said_in_chinese(story: Hardware) -> None:
    """All but what people wrote, and what things are called."""
    story.stock(a_spare("NEW0001", "branch"), a_spare("NEW0002", "headquarters"))
    with story.store.begin() as tx:
        desk = Desk(tx, story.network.inventory, story.now)
        handing.open_(desk, story.cases()[0], "maker", "li", reference="SR 9", due=story.now + HOUR)
    found = story.do(replacing.confirm, story.request(), "张", "li")
    story.do(replacing.again, found, "li", "坏")
    story.do(fitting.ship, found, "li", "SF 1")
    story.do(fitting.deliver, found, "li")
    story.consented()
    story.do(fitting.install, found, "li")
    story.run(minutes=3)
    story.put_in("WRONG1")
    story.poll("sw1", Tier.IDENTITY)
    story.run(minutes=1)
    story.do(fitting.install, found, "li", "WRONG1")
    story.poll("sw1", Tier.IDENTITY)
    story.run(minutes=5)
    healed(story)
    story.run(minutes=45)
    story.tended(story.now + 60 * DAY)
    story.do(replacing.give_back, found, "li", "SF 2")
    story.do(replacing.close, found, "li", "好")
    with story.store.begin() as tx:
        handing.close(Desk(tx, story.network.inventory, story.now), story.cases()[0], "好", "li")
        log = [entry for entry in tx.timeline(1) if entry.action in (Action.RMA, Action.VENDOR)]
    assert len(log) > 18
    assert [entry.text for entry in log if not re.search("[一-鿿]", locale.reword(entry.text, "zh_CN"))] == []


def test_what_is_on_its_way_goes_on_with_the_case_into_which_another_was_merged(story: Hardware) -> None:
    story.request()
    first = story.cases()[0]
    with story.store.begin() as tx:
        desk = Desk(tx, story.network.inventory, story.now)
        handing.open_(desk, first, "maker", "li", reference="SR 9")
        other = tx.open_case(replace(first, number=0, problem="another", state=CaseState.NEW))
        moving.merge(tx, first.number, other.number, "li", "the same", story.now)
    story.tended(story.now + timedelta(minutes=1))
    with story.store.read() as tx:
        assert [found.name for found in tx.rmas(case=other.number)] == ["RMA-000001"]
        assert [each.vendor for each in tx.handovers(other.number, only_open=True)] == ["maker"]
        texts = [entry.text for entry in tx.timeline(other.number)]
    assert "RMA-000001 goes on here: NC-000001 was merged" in texts
    assert "the vendor goes on here: NC-000001 was merged" in texts


def test_a_part_that_was_delivered_and_is_not_needed_lies_at_the_site(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "headquarters"))
    found = story.up_to(story.request(), RmaState.DELIVERED)
    story.do(replacing.cancel, found, "li", "it was the cable")
    assert (story.spare("NEW0001").state, story.spare("NEW0001").location) == (SpareState.IN_STOCK, "branch")


def test_a_vendors_part_that_was_delivered_is_not_forgotten_when_it_is_not_put_in(story: Hardware) -> None:
    found = story.up_to(story.request(), RmaState.DELIVERED, serial="VEN0001")
    story.do(replacing.again, found, "li", "dead on arrival")
    assert (story.spare("VEN0001").state, story.spare("VEN0001").location) == (SpareState.DEFECTIVE, "branch")


def test_the_case_that_goes_on_waits_for_the_part_of_a_duplicate(story: Hardware) -> None:
    agreed = story.do(replacing.confirm, story.request(), "Zhang", "li")
    with story.store.begin() as tx:
        part = moving.split(tx, 1, "k", "the same once more", None, "li", story.now)
        moving.merge(tx, 1, part.number, "li", "the same", story.now)
    story.run(minutes=1)
    assert (story.rma().case, story.cases()[1].state) == (part.number, CaseState.RMA_PENDING)
    story.do(replacing.cancel, agreed, "li", "it was the cable")
    assert story.cases()[1].state is CaseState.IN_PROGRESS


def test_a_vendor_owes_no_news_of_a_case_that_is_over_and_goes_on_when_another_one_is_back(story: Hardware) -> None:
    with story.store.begin() as tx:
        desk, case = Desk(tx, story.network.inventory, story.now), story.cases()[0]
        part = moving.split(tx, 1, "k", "the same once more", None, "li", story.now)
        handing.open_(desk, case, "maker", "li", reference="SR 9")
        handing.open_(desk, part, "maker", "li", reference="SR 10")
        moving.merge(tx, part.number, 1, "li", "the same", story.now)
    story.run(minutes=1)
    with story.store.begin() as tx:
        handing.close(Desk(tx, story.network.inventory, story.now), story.cases()[0], "no fault found", "li")
    story.tended(story.now + 2 * HOUR)
    with story.store.begin() as tx:
        assert [(each.case, each.reference) for each in tx.handovers(only_open=True)] == [(1, "SR 10")]
        moving.move(tx, 1, CaseState.RESOLVED, "li", "done", story.now)
        moving.move(tx, 1, CaseState.CLOSED, "li", "done", story.now)
    story.tended(story.now + HOUR)
    with story.store.read() as tx:
        assert tx.handovers(only_open=True) == ()


def test_a_failed_part_that_was_put_into_stock_does_not_go_back_as_well(story: Hardware) -> None:
    story.stock(a_spare("NEW0001", "branch"))
    found = story.up_to(story.request(), RmaState.INSTALLED)
    story.do(fitting.verify, found, "li", "seen on the spot")
    story.stock(replace(story.spare("BAD0001"), state=SpareState.RESERVED, rma=2))
    with pytest.raises(RefusedError, match="BAD0001 is reserved at branch by now: close RMA-000001"):
        story.do(replacing.give_back, found, "li", "SF 9")
