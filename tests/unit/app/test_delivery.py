"""What is decided is done: once, again later when it fails, and never silently not."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from agent.app import delivery
from agent.app.delivery import Diagnosis
from agent.app.messenger import BACK_OFF, Messenger, back_off
from agent.cases.case import EvidenceState
from agent.errors import DeliveryError
from agent.metrics import Metrics
from agent.observation import Batch, Fact, Observation, Subject, Tier
from agent.ports import Job, JobKind, JobState
from agent.storage.engine import SqlStore
from agent.storage.evidence import FileEvidence
from tests.acceptance.test_one_problem_one_case import campus
from tests.fakes import Postbox, Transcriber
from tests.story import START, Story

LATER = START + timedelta(hours=1)


@pytest.fixture
def story(store: SqlStore) -> Story:
    """A case is open: messages and evidence wait in the outbox."""
    return Story(store, campus()).run(minutes=3).cut("core1", "dist1").run(minutes=2)


def lease(story: Story, kind: JobKind) -> tuple[Job, ...]:
    with story.store.begin() as tx:
        return tx.lease(kind, LATER, timedelta(minutes=5), "me", 50)


def jobs(story: Story, kind: JobKind) -> list[Job]:
    with story.store.begin() as tx:
        return list(tx.jobs(kind=kind))


def messenger(story: Story, postbox: Postbox) -> Messenger:
    return Messenger(story.store, {"email": postbox}, lambda: LATER, Metrics(CollectorRegistry()).notifications)


def test_what_arrived_is_marked_and_stands_on_the_case(story: Story) -> None:
    postbox = Postbox()
    sent = [messenger(story, postbox).send(job) for job in lease(story, JobKind.NOTIFY)]
    assert sent == [True, True]
    assert {message.to for message in postbox.kept} == {"li@example.net", "zhang@example.com"}
    assert {job.state for job in jobs(story, JobKind.NOTIFY)} == {JobState.DONE}
    assert "notified: opened told to Li Na by email" in story.timeline(story.only_case())
    assert lease(story, JobKind.NOTIFY) == ()


def test_what_did_not_arrive_is_tried_again_after_a_pause(story: Story) -> None:
    postbox = Postbox(errors=[DeliveryError("the server is busy")])
    job = lease(story, JobKind.NOTIFY)[0]
    assert messenger(story, postbox).send(job) is False
    (waiting,) = [each for each in jobs(story, JobKind.NOTIFY) if each.id == job.id]
    assert (waiting.state, waiting.due, waiting.result) == (
        JobState.WAITING,
        LATER + BACK_OFF,
        "the server is busy",
    )


def test_what_can_never_arrive_is_given_up_and_told_on_the_case(story: Story) -> None:
    postbox = Postbox(errors=[DeliveryError("no such mailbox", permanent=True)])
    job = lease(story, JobKind.NOTIFY)[0]
    messenger(story, postbox).send(job)
    assert [each.state for each in jobs(story, JobKind.NOTIFY) if each.id == job.id] == [JobState.FAILED]
    assert "no such mailbox" in " ".join(story.timeline(story.only_case()))


def test_a_channel_that_is_not_set_up_is_said_so(story: Story) -> None:
    nobody = Messenger(story.store, {}, lambda: LATER, Metrics(CollectorRegistry()).notifications)
    nobody.send(lease(story, JobKind.NOTIFY)[0])
    assert "no channel email is set up" in " ".join(story.timeline(story.only_case()))


def test_pauses_grow_and_end_at_an_hour() -> None:
    pauses = [back_off(n) for n in range(1, 20)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=15), timedelta(hours=1))


def test_evidence_from_both_ends_is_on_the_case_with_what_could_not_be_had(story: Story, tmp_path: Path) -> None:
    files, shell = FileEvidence(tmp_path / "evidence"), Transcriber(misses=frozenset({"log"}))
    diagnosis = Diagnosis(story.store, files, shell, story.network.inventory, lambda: LATER)
    for job in lease(story, JobKind.COLLECT):
        diagnosis.collect(job)
    with story.store.begin() as tx:
        rows = tx.evidence(story.only_case().number)
    assert {row.device for row in rows} == {"core1", "dist1"}
    assert {row.state for row in rows if row.command == "log"} == {EvidenceState.TIMED_OUT}
    version = next(row for row in rows if row.topic == "version")
    assert files.path(version.sha256).read_text() == f"{version.device} says version"
    assert all(row.state in {EvidenceState.DONE, EvidenceState.TIMED_OUT} for row in rows)
    assert {job.state for job in jobs(story, JobKind.COLLECT)} == {JobState.DONE}


def test_a_visit_that_was_broken_off_is_made_again_in_the_same_rows(story: Story, tmp_path: Path) -> None:
    files, shell = FileEvidence(tmp_path / "evidence"), Transcriber()
    diagnosis = Diagnosis(story.store, files, shell, story.network.inventory, lambda: LATER)
    first = lease(story, JobKind.COLLECT)[0]
    diagnosis._start(first)  # killed here
    with story.store.begin() as tx:
        before = len(tx.evidence(story.only_case().number))
        tx.take_back("another")
    for job in lease(story, JobKind.COLLECT):
        diagnosis.collect(job)
    with story.store.begin() as tx:
        rows = tx.evidence(story.only_case().number)
    assert len(rows) == before
    assert {row.state for row in rows} == {EvidenceState.DONE}


def test_a_device_without_a_platform_is_read_as_what_it_says_it_is(story: Story) -> None:
    with story.store.begin() as tx:
        told = (Observation(Subject("acc1"), Fact.PLATFORM, "huawei_vrp"),)
        tx.keep(Batch("acc1", Tier.IDENTITY, LATER, told))
    device = delivery.with_platform(story.store, story.network.inventory.devices["acc1"])
    assert device.platform == "huawei_vrp"


def test_an_error_of_ours_is_tried_again_and_not_for_ever(story: Story) -> None:
    job = lease(story, JobKind.COLLECT)[0]
    delivery.give_up(story.store, job, ValueError("x"), LATER)
    assert [each.state for each in jobs(story, JobKind.COLLECT) if each.id == job.id] == [JobState.WAITING]
