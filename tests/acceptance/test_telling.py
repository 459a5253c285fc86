"""A night and a day of somebody who wants to sleep, and to be told twice a day: stories of what they get, and when."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from agent.cases.case import Case, CaseState, Evidence, EvidenceState
from agent.inventory.attention import Attention, Digest
from agent.inventory.channels import ChannelKind, ChannelSetup
from agent.inventory.customers import Language, Person
from agent.inventory.device import Secret
from agent.inventory.hours import Hours
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Team
from agent.notifications import wire
from agent.notifications.notification import Notification
from agent.notifications.policy import Occasion
from agent.pipeline import announcing, gathering, proving
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import JobKind, JobState
from agent.storage.engine import SqlStore
from tests.story import device, inventory
from tests.unit.notifications.test_wording import CASE

SHANGHAI = "Asia/Shanghai"
NIGHT = Attention(timezone=SHANGHAI, quiet=Hours(start=time(22), end=time(7)))
TWICE = Attention(timezone=SHANGHAI, digest=Digest(at=(time(9), time(17))))


def shanghai(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


class Watch:
    """One person on call; cases come and go; what is due is put together and handed over at once."""

    def __init__(self, store: SqlStore, attention: Attention, language: Language = Language.EN) -> None:
        base = inventory([device("r1")], [], ["r1"])
        li = Person(name="Li", email="li@example.net", attention=attention, language=language)
        teams = {name: Team(name=name, on_call=("li",)) for name in base.teams}
        customers = {n: replace(c, contacts=()) for n, c in base.customers.items()}
        hook = ChannelSetup(name="hook", kind=ChannelKind.WEBHOOK, url=Secret("env:X"), every_case=True)
        self.inventory: Inventory = replace(
            base, people={"li": li}, teams=teams, customers=customers, channels={"hook": hook}
        )
        self.store, self.now, self.cases = store, shanghai(0), 0

    def at(self, hour: int, minute: int = 0, day: int = 2) -> "Watch":
        self.now = shanghai(hour, minute, day)
        gathering.gather(self.store, self.inventory, self.now)
        return self

    def opens(self, severity: str = "P3", **changes: object) -> Case:
        self.cases += 1
        new = replace(CASE, number=0, problem=f"p{self.cases}", root="", severity=severity, opened=self.now, **changes)  # type: ignore[arg-type]
        with self.store.begin() as tx:
            case = tx.open_case(new)
            announcing.announce(Desk(tx, self.inventory, self.now), Occasion.OPENED, case)
        return case

    def resolves(self, case: Case) -> Case:
        over = replace(case, state=CaseState.RESOLVED, resolved=self.now)
        with self.store.begin() as tx:
            tx.save_case(over)
            announcing.announce(Desk(tx, self.inventory, self.now), Occasion.RESOLVED, over)
        return over

    def mail(self) -> list[Notification]:
        """What went out since the last look."""
        with self.store.begin() as tx:
            jobs = tx.lease(JobKind.NOTIFY, self.now, timedelta(minutes=1), "me", 100)
            for job in jobs:
                tx.finish(job, self.now, "250")
        return [wire.unpack(job.payload) for job in jobs if job.payload["channel"] == "email"]

    def subjects(self) -> list[str]:
        return [message.subject for message in self.mail()]


def test_a_p3_of_the_night_is_told_in_the_morning_as_it_would_have_been(store: SqlStore) -> None:
    watch = Watch(store, NIGHT).at(23)
    case = watch.opens()
    assert watch.subjects() == []
    assert watch.at(6, 59, day=3).subjects() == []
    (told,) = watch.at(7, day=3).mail()
    assert (told.key, told.subject) == (
        f"{case.name}/opened/email/li@example.net",
        f"[{case.name}] P3 case {case.name}: interface down, r1/interface:Gi0/1",
    )
    watch.resolves(case)
    assert [m.answers for m in watch.mail()] == [told.key], "and what follows is in its thread"


def test_a_p2_of_the_night_wakes_somebody(store: SqlStore) -> None:
    watch = Watch(store, NIGHT).at(23)
    watch.opens("P2")
    assert len(watch.subjects()) == 1


def test_what_came_and_went_in_the_night_is_counted_and_not_told(store: SqlStore) -> None:
    watch = Watch(store, NIGHT).at(23)
    gone, stays = watch.opens(), watch.opens()
    watch.at(2, day=3).resolves(gone)
    (told,) = watch.at(7, day=3).mail()
    assert told.subject == "[netcase] Digest: 1 case"
    assert stays.name in told.text
    assert gone.name not in told.text
    assert "1 more case was opened and is over already: it is left out." in told.text
    assert watch.at(9, day=3).mail() == []


def test_a_night_of_which_nothing_is_left_is_told_with_its_count(store: SqlStore) -> None:
    watch = Watch(store, NIGHT, Language.ZH_CN).at(23)
    cases = [watch.opens(), watch.opens()]
    for case in cases:
        watch.at(3, day=3).resolves(case)
    (told,) = watch.at(7, day=3).mail()
    assert told.subject == "[netcase] 汇总：没有需要处理的工单"
    assert "另有 2 个工单在此期间新建且已恢复，不再列出。" in told.text


def test_whoever_was_told_of_the_problem_before_hears_in_the_digest_that_it_is_over(store: SqlStore) -> None:
    watch = Watch(store, NIGHT).at(21)
    case = watch.opens()
    assert len(watch.subjects()) == 1
    watch.at(23).resolves(case)
    assert watch.subjects() == []
    assert watch.at(7, day=3).subjects() == [
        f"[{case.name}] Resolved, case {case.name}: interface down, r1/interface:Gi0/1"
    ]


def test_a_digest_is_one_message_at_each_of_its_times(store: SqlStore) -> None:
    watch = Watch(store, TWICE).at(9, 5)
    first = [watch.opens(), watch.opens("P4")]
    urgent = watch.opens("P2")
    assert [s.split("]")[0] for s in watch.subjects()] == [f"[{urgent.name}"]
    assert watch.at(16, 59).subjects() == []
    (told,) = watch.at(17).mail()
    assert told.subject == "[netcase] Digest: 2 cases"
    assert [case.name in told.text for case in first] == [True, True]
    assert told.text.index("P3 [") < told.text.index("P4 [")
    watch.opens()
    assert watch.at(23).subjects() == []
    assert len(watch.at(9, day=3).subjects()) == 1


def test_whoever_was_told_of_a_problem_in_a_digest_hears_in_the_next_that_it_is_over(store: SqlStore) -> None:
    watch = Watch(store, TWICE).at(10)
    first, _ = watch.opens(), watch.opens()
    watch.at(17)
    assert len(watch.mail()) == 1
    watch.at(20).resolves(first)
    watch.at(9, day=3)
    assert [mail.key for mail in watch.mail()] == [f"{first.name}/resolved/email/li@example.net"]


def test_a_restart_in_the_middle_changes_nothing_and_gathering_twice_tells_once(store: SqlStore) -> None:
    watch = Watch(store, TWICE).at(10)
    watch.opens()
    watch.opens()
    for _ in range(3):
        watch.at(17)
    assert len(watch.mail()) == 1
    with store.read() as tx:
        assert {job.state for job in tx.jobs(kind=JobKind.NOTICE)} == {JobState.DONE}


def test_programs_are_told_at_once_whatever_the_hour(store: SqlStore) -> None:
    watch = Watch(store, TWICE).at(3)
    watch.opens("P4")
    with store.read() as tx:
        waiting = tx.jobs(state=JobState.WAITING)
    assert [(job.kind, job.payload["channel"]) for job in waiting] == [
        (JobKind.NOTICE, "email"), (JobKind.NOTIFY, "hook"),
    ]  # fmt: skip


@pytest.mark.parametrize("still", [EvidenceState.QUEUED, EvidenceState.RUNNING])
def test_the_evidence_is_told_once_when_all_of_the_quick_one_is_there(store: SqlStore, still: EvidenceState) -> None:
    watch = Watch(store, Attention()).at(12)
    case = watch.opens("P2")
    watch.mail()
    row = Evidence(case=case.number, device="r1", command="show version", tier="quick", state=still, at=watch.now)
    with store.begin() as tx:
        row = tx.save_evidence(row)
        slow = tx.save_evidence(replace(row, id=0, tier="tech", command="show tech", state=EvidenceState.QUEUED))
    assert slow.id
    evidence_of(watch, case)
    assert watch.mail() == []
    with store.begin() as tx:
        done = replace(row, state=EvidenceState.DONE, sha256="ab", bytes=2048, secrets_removed=3)
        tx.save_evidence(done)
    for _ in range(3):
        evidence_of(watch, case)
    (told,) = watch.mail()
    assert told.subject == f"[{case.name}] Evidence for case {case.name}, from r1"
    assert told.answers == f"{case.name}/opened/email/li@example.net"
    for part in ("show version", "r1 · done · 2 kB · 3 secrets struck out", "show tech", "r1 · queued"):
        assert part in told.text
        assert part in told.html


def evidence_of(watch: Watch, case: Case) -> None:
    with watch.store.begin() as tx:
        if not tx.timeline(case.number):
            from agent.cases.case import Action, Entry

            tx.log([Entry(case=case.number, at=watch.now, action=Action.EVIDENCE, text="1 files from r1 (quick)")])
        proving.attend(Desk(tx, watch.inventory, watch.now), Docket(case, tx.timeline(case.number)))
