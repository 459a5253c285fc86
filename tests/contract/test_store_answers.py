"""Surveys in the store: one a case, found by the week in which anything became of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread

from agent.cases.case import Case, CaseState, Severity
from agent.cases.confirmation import Answer
from agent.cases.links import Links, Purpose
from agent.cases.survey import Standing, Survey
from agent.errors import CollisionError
from agent.faults.fault import FaultKind
from agent.observation import Subject
from agent.pipeline import answering
from agent.pipeline.desk import Desk
from agent.pipeline.questions import Reply
from agent.storage.engine import SqlStore
from tests.story import START, device, inventory

DAY = timedelta(days=1)
WEEK = (START, START + 7 * DAY)


def opened(store: SqlStore, problem: str = "p", **more: object) -> Case:
    case = Case(
        problem=problem,
        kind=FaultKind.FAN_FAILED,
        subject=Subject("core1"),
        severity=Severity.P3,
        state=CaseState.RESOLVED,
        opened=START,
        updated=START,
        root="f",
        customer="acme",
        resolved=START,
    )
    with store.begin() as tx:
        return tx.open_case(replace(case, **more))  # type: ignore[arg-type]


def kept(store: SqlStore, survey: Survey) -> Survey:
    with store.begin() as tx:
        tx.save_survey(survey)
    with store.read() as tx:
        found = tx.survey(survey.case)
    assert found is not None
    return found


def week(store: SqlStore, start: datetime = WEEK[0], end: datetime = WEEK[1]) -> list[int]:
    with store.read() as tx:
        return [survey.case for survey in tx.surveys(start, end)]


def test_a_survey_comes_back_as_it_was_kept(store: SqlStore) -> None:
    case = opened(store)
    asked = Survey(case=case.number, customer="acme", standing=Standing.ASKED, asked=START, until=START + 14 * DAY)
    assert kept(store, asked) == asked
    answered = replace(
        asked,
        standing=Standing.ANSWERED,
        answered=START + DAY,
        by="Zhang 张",
        how="link",
        response=5,
        skill=4,
        attitude=5,
        result=2,
        comment="it came back\ntwice",
        call_back=START + 2 * DAY,
    )
    assert kept(store, answered) == answered


def test_a_week_shows_what_became_of_surveys_in_it_and_calls_that_are_owed(store: SqlStore) -> None:
    plain = Survey(case=0, standing=Standing.ASKED, asked=START - 3 * DAY, until=START + 11 * DAY)
    cases = [opened(store, f"p{n}").number for n in range(5)]
    long_ago = START - 60 * DAY
    for survey in (
        replace(plain, case=cases[0]),
        replace(plain, case=cases[1], asked=long_ago, until=long_ago + 14 * DAY, standing=Standing.NO_ANSWER),
        replace(plain, case=cases[2], asked=long_ago, until=long_ago + DAY, answered=long_ago, call_back=long_ago),
        replace(plain, case=cases[3], asked=None, until=None, answered=START + DAY),
        replace(plain, case=cases[4], asked=START + 8 * DAY, until=START + 22 * DAY),
    ):
        kept(store, survey)
    assert week(store) == [cases[0], cases[2], cases[3]]


def test_of_two_answers_at_the_same_moment_one_is_taken(store: SqlStore) -> None:
    links = Links(b"k" * 32, "https://cases.example.net")
    known = inventory([device("core1")], [], ["core1"])
    case = opened(store)
    now, start, said = START + DAY, Barrier(2), []

    def answer(reply: Reply) -> None:
        ticket = links.read(links.token(Purpose.CONFIRM, case.number, "z", now + DAY, "20260302T080000"), now)
        start.wait()
        try:
            with store.begin() as tx:
                said.append(answering.answer(Desk(tx, known, now, links), ticket, reply).answered.text)
        except CollisionError:
            said.append("collided")

    replies = [Reply(choice=Answer.CONFIRMED), Reply(choice=Answer.REJECTED, words="no")]
    threads = [Thread(target=answer, args=(reply,)) for reply in replies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        taken = [e.data["what"] for e in tx.timeline(case.number) if e.data.get("resolution")]
    assert len(taken) == 1
    assert len(set(said)) == 1
