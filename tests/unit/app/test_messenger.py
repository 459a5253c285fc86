"""Whoever cannot be told here is told there, and if nowhere, somebody else is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from agent.app import messenger as messengers
from agent.app.messenger import Course, Messenger, course
from agent.cases.case import Case
from agent.errors import DeliveryError
from agent.inventory.channels import ChannelKind, ChannelSetup, Rate, Reader, Telling
from agent.inventory.customers import Contact, Person
from agent.inventory.device import Secret
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Level, Team
from agent.metrics import Metrics
from agent.notifications.news import News
from agent.notifications.policy import Occasion
from agent.pipeline import announcing, gathering
from agent.pipeline.desk import Desk
from agent.ports import Job, JobKind, JobState
from agent.storage.engine import SqlStore
from tests.fakes import Postbox
from tests.story import START, device, inventory
from tests.unit.notifications.test_wording import CASE

NO = DeliveryError("550 no such user", permanent=True)
LATER = DeliveryError("451 later")


class Room:
    """A store, people on two levels, channels that can be told to fail, and a clock."""

    def __init__(self, store: SqlStore, *, severity: str = "P2", channels: tuple[str, ...] = ("sms", "email")) -> None:
        self.store, self.now = store, START
        self.metrics = Metrics(CollectorRegistry())
        self.boxes = {name: Postbox(name) for name in ("email", "sms", "console")}
        sms = ChannelSetup(name="sms", kind=ChannelKind.APPRISE, url=Secret("env:X"), to=Reader.PHONE)
        base = inventory([device("r1")], [], ["r1"])
        people = {
            "li": Person(name="Li", email="li@example.net", phone="+86 1", channels=channels),
            "wang": Person(name="Wang", email="wang@example.net", channels=("email",)),
        }
        teams = {name: Team(name=name, on_call=("li", "wang")) for name in base.teams}
        customers = {n: replace(c, contacts=()) for n, c in base.customers.items()}
        self.inventory: Inventory = replace(
            base, people=people, teams=teams, customers=customers, channels={"sms": sms}
        )
        with store.begin() as tx:
            self.case: Case = tx.open_case(replace(CASE, severity=severity, number=0, root=""))  # type: ignore[arg-type]

    def announce(self, occasion: Occasion = Occasion.OPENED) -> "Room":
        with self.store.begin() as tx:
            announcing.announce(Desk(tx, self.inventory, self.now), occasion, self.case)
        return self

    def work(self, rounds: int = 1, pause: timedelta = timedelta(0)) -> "Room":
        sender = Messenger(self.store, self.boxes, lambda: self.now, self.metrics.notifications, self.inventory)
        for _ in range(rounds):
            with self.store.begin() as tx:
                jobs = tx.lease(JobKind.NOTIFY, self.now, timedelta(minutes=2), "me", 100)
            for job in jobs:
                sender.send(job)
            self.now += pause
        return self

    def told(self) -> dict[str, list[str]]:
        return {name: [m.key.split("/")[1] for m in box.kept] for name, box in self.boxes.items() if box.kept}

    def jobs(self, state: JobState | None = None) -> list[Job]:
        with self.store.read() as tx:
            return list(tx.jobs(state=state))

    def log(self) -> list[str]:
        with self.store.read() as tx:
            return [entry.text for entry in tx.timeline(self.case.number)]


@pytest.fixture
def room(store: SqlStore) -> Room:
    return Room(store)


def test_only_the_first_channel_is_used_while_it_works(room: Room) -> None:
    assert room.announce().work(3).told() == {"sms": ["opened"]}


def test_the_next_channel_is_used_at_once_when_the_first_refuses_for_good(room: Room) -> None:
    room.boxes["sms"].errors = [NO]
    room.announce().work(2)
    assert room.told() == {"email": ["opened"]}
    assert [m.to for m in room.boxes["email"].kept] == ["li@example.net"]
    assert "could not tell Li by sms: 550 no such user" in room.log()
    assert "opened told to Li by email" in room.log()


def test_what_follows_answers_the_message_that_arrived(room: Room) -> None:
    room.boxes["sms"].errors = [NO]
    room.announce().work(2)
    room.announce(Occasion.RESOLVED).work(2)
    opened, resolved = room.boxes["email"].kept
    assert resolved.answers == opened.key
    assert "sms" not in room.told(), "it is over is told where the problem was told"


def test_when_every_channel_of_a_person_failed_the_next_level_is_told(room: Room) -> None:
    room.boxes["sms"].errors = [NO]
    room.boxes["email"].errors = [NO]
    room.announce().work(4)
    (said,) = room.boxes["email"].kept
    assert (said.to, said.key.split("/")[1]) == ("wang@example.net", "unreached.li.opened")
    assert said.subject.startswith("[NC-000001] Li could not be told, P2 case NC-000001: [NC-000001] P2 case")
    assert room.metrics.notifications.labels("sms", "given_up")._value.get() == 1


def test_when_nobody_is_left_it_stands_on_the_case_and_nothing_goes_on_for_ever(room: Room) -> None:
    for box in room.boxes.values():
        box.errors = [NO] * 50
    room.announce().work(20)
    assert room.told() == {}
    assert "nobody else could be told that Wang was not reached" in room.log()
    assert room.jobs(JobState.WAITING) == []
    assert len(room.jobs(JobState.FAILED)) == 3


def test_above_the_last_level_the_posts_are_told(room: Room) -> None:
    lead = Person(name="Zhao", email="zhao@example.net", channels=("email",))
    teams = {name: replace(team, on_call=("li",), roles={"project_lead": "zhao"}) for name, team in _teams(room)}
    room.inventory = replace(room.inventory, teams=teams, people={**room.inventory.people, "zhao": lead})
    room.boxes["sms"].errors = [NO]
    room.boxes["email"].errors = [NO]
    room.announce().work(3)
    assert [message.to for message in room.boxes["email"].kept] == ["zhao@example.net"]


def test_a_level_without_anybody_does_not_hide_those_above(room: Room) -> None:
    levels = (Level(always="li"), Level(), Level(always="wang"))
    teams = {name: replace(team, on_call=(), levels=levels) for name, team in _teams(room)}
    room.inventory = replace(room.inventory, teams=teams)
    room.boxes["sms"].errors = [NO]
    room.boxes["email"].errors = [NO]
    room.announce().work(3)
    assert [message.to for message in room.boxes["email"].kept] == ["wang@example.net"]


def _teams(room: Room) -> list[tuple[str, Team]]:
    return list(room.inventory.teams.items())


@pytest.mark.parametrize(("severity", "attempts"), [("P1", 3), ("P2", 5)])
def test_a_channel_that_is_only_slow_is_given_up_soon_for_what_is_urgent(
    store: SqlStore, severity: str, attempts: int
) -> None:
    room = Room(store, severity=severity)
    room.boxes["sms"].errors = [LATER] * 50
    room.announce().work(attempts, pause=timedelta(hours=1)).work()
    assert room.told() == {"email": ["opened"]}
    assert 50 - len(room.boxes["sms"].errors) == attempts


def test_the_last_channel_is_tried_on_while_the_next_level_is_told(store: SqlStore) -> None:
    room = Room(store, severity="P1", channels=("email",))
    room.boxes["email"].errors = [LATER] * 3
    room.announce().work(4, pause=timedelta(hours=1))
    assert sorted((m.to, m.key.split("/")[1]) for m in room.boxes["email"].kept) == [
        ("li@example.net", "opened"),
        ("wang@example.net", "unreached.li.opened"),
    ]


def test_a_list_of_evidence_that_cannot_be_mailed_wakes_nobody_elsewhere(store: SqlStore) -> None:
    room = Room(store, channels=("email", "sms"))
    with store.begin() as tx:
        desk = Desk(tx, room.inventory, room.now)
        desk.tell(room.case, News(occasion=Occasion.EVIDENCE, headline="x"), desk.on_call(room.case))
    room.boxes["email"].errors = [NO]
    assert room.work(3).told() == {}


def test_an_error_of_a_channel_itself_is_tried_again_and_tells_nothing_of_what_it_holds(room: Room) -> None:
    room.boxes["sms"].errors = [ValueError("https://hooks.example/a-key")] * 5  # type: ignore[list-item]
    room.announce().work(5, pause=timedelta(hours=1)).work()
    assert room.told() == {"email": ["opened"]}
    assert "could not tell Li by sms: sms broke off with ValueError" in room.log()


def test_a_person_who_was_told_there_already_is_not_told_again(room: Room) -> None:
    room.boxes["sms"].errors = [NO]
    with room.store.begin() as tx:
        tx.keep_notice("NC-000001/opened/email/li@example.net", "email", "li@example.net", START, held=False)
    room.announce().work(3)
    assert "email" not in room.told()


def test_it_is_over_is_told_only_to_those_who_know_that_it_was(room: Room) -> None:
    room.announce(Occasion.RESOLVED).work(2)
    assert room.told() == {}
    room.announce().work().announce(Occasion.RESOLVED).work()
    assert room.told() == {"sms": ["opened", "resolved"]}


def test_that_it_is_over_never_arrives_before_the_problem(store: SqlStore) -> None:
    room = Room(store, severity="P3", channels=("email",))
    room.boxes["email"].errors = [LATER] * 8
    room.announce().work(60, timedelta(minutes=1))
    assert room.told() == {}, "the server was away for long: it is tried again after half an hour"
    room.announce(Occasion.RESOLVED).work(2, timedelta(seconds=1))
    assert room.told() == {}
    room.work(70, timedelta(minutes=1))
    assert room.told() == {"email": ["opened", "resolved"]}


def test_whoever_could_not_be_told_of_the_problem_is_not_told_that_it_is_over(store: SqlStore) -> None:
    room = Room(store, channels=("email",))
    room.boxes["email"].errors = [NO]
    room.announce().work().announce(Occasion.RESOLVED).work(2)
    assert {m.to for m in room.boxes["email"].kept} == {"wang@example.net"}


def test_a_customer_who_cannot_be_told_is_told_of_to_the_engineer_on_call(room: Room) -> None:
    zhang = Contact(name="Zhang", email="zhang@example.com")
    customers = {n: replace(c, contacts=(zhang,)) for n, c in room.inventory.customers.items()}
    room.inventory = replace(room.inventory, customers=customers)
    room.boxes["email"].errors = [NO]
    room.announce().work(3)
    assert room.told() == {"sms": ["opened", "unreached.zhang@example.com.opened"]}
    assert "could not tell Zhang by email: 550 no such user" in room.log()


@pytest.mark.parametrize("hear", [True, False])
def test_customers_hear_of_what_the_policy_names(room: Room, hear: bool) -> None:
    zhang = Contact(name="Zhang", email="zhang@example.com")
    customers = {n: replace(c, contacts=(zhang,)) for n, c in room.inventory.customers.items()}
    telling = Telling(customers=("opened", "state") if hear else ())
    policies = replace(room.inventory.policies, notifications=telling)
    room.inventory = replace(room.inventory, customers=customers, policies=policies)
    room.announce()
    with room.store.begin() as tx:
        desk = Desk(tx, room.inventory, room.now)
        for occasion in ("state", "consent"):
            desk.tell(room.case, News(occasion=occasion, headline="x"), desk.customer(room.case))
    room.work()
    assert room.told()["email"] == (["opened", "state", "consent"] if hear else ["consent"])


def test_a_channel_that_nobody_reads_by_himself_disturbs_nobody_when_it_fails(room: Room) -> None:
    hook = ChannelSetup(name="hook", kind=ChannelKind.WEBHOOK, url=Secret("env:X"), every_case=True)
    room.inventory = replace(room.inventory, channels={**room.inventory.channels, "hook": hook})
    room.boxes["hook"] = Postbox("hook", errors=[NO])
    room.announce().work(3)
    assert room.told() == {"sms": ["opened"]}
    assert [job.result for job in room.jobs(JobState.FAILED)] == ["550 no such user"]


def test_too_much_at_once_is_put_into_one_message_and_p1_never_waits(store: SqlStore) -> None:
    room = Room(store, severity="P3")
    rate = Telling(rate=Rate(burst=2, every=timedelta(minutes=10)))
    room.inventory = replace(room.inventory, policies=replace(room.inventory.policies, notifications=rate))
    first, cases = room.case, [room.case]
    with store.begin() as tx:
        cases += [tx.open_case(replace(first, problem=f"p{n}", number=0)) for n in range(5)]
        urgent = tx.open_case(replace(first, problem="urgent", severity="P1", number=0))  # type: ignore[arg-type]
    for room.case in [*cases, urgent]:
        room.announce()
    room.work()
    assert sorted(m.about["case"] for m in room.boxes["sms"].kept) == sorted(
        [cases[0].name, cases[1].name, urgent.name]
    )
    room.now += timedelta(minutes=10)
    gathering.gather(store, room.inventory, room.now)
    room.work()
    digest = room.boxes["sms"].kept[-1]
    assert digest.about["cases"] == ",".join(case.name for case in cases[2:])
    assert digest.subject == "[netcase] Digest: 4 cases"
    assert room.jobs(JobState.WAITING) == []


@pytest.mark.parametrize(
    ("attempts", "permanent", "severity", "another_way", "expected"),
    [
        (1, False, "P1", True, Course.AGAIN),
        (3, False, "P1", True, Course.NEXT_CHANNEL),
        (3, False, "P1", False, Course.WARN),
        (3, False, "P3", True, Course.AGAIN),
        (1, True, "P4", True, Course.NEXT_CHANNEL),
        (1, True, "P4", False, Course.GIVE_UP),
        (messengers.MOST_ATTEMPTS, False, "P3", False, Course.GIVE_UP),
        (messengers.MOST_ATTEMPTS, False, "P1", False, Course.GIVE_UP),
    ],
)
def test_what_becomes_of_a_message_that_did_not_arrive(
    attempts: int, permanent: bool, severity: str, another_way: bool, expected: Course
) -> None:
    assert course(attempts, permanent=permanent, severity=severity, another_way=another_way) is expected
