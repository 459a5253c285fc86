"""Evidence over SSH: log in, ask the topics that the platform knows, log out. Only ever reads. Blocking."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from agent.errors import NetcaseError, RefusedError
from agent.inventory.device import Device, Secret
from agent.ports import Transcript
from collectors.ssh import commands, guard
from collectors.ssh.doors import LoginError, door, hops
from collectors.ssh.login import Line, Login, connect
from collectors.ssh.scrub import Scrubber
from collectors.ssh.session import DONE, Ended, Output, Session

SIZE_LIMIT = 200_000_000  # octets of one command's output
ATTEMPTS = 2
PAUSE_S = 1.0  # before the second attempt


@dataclass(frozen=True, slots=True)
class _Question:
    topic: str
    command: commands.Command | None
    refusal: str = ""


class NetmikoShell:
    """`secret` gives the credential for a reference, `known_hosts` is the agent's own file of host keys.

    Runs in the calling thread: call it in a bounded pool.
    """

    def __init__(
        self, secret: Callable[[Secret], str], size_limit: int = SIZE_LIMIT, known_hosts: Path | None = None
    ) -> None:
        self._secret = secret
        self._size_limit = size_limit
        self._known_hosts = known_hosts

    def collect(
        self, device: Device, topics: Sequence[tuple[str, Mapping[str, str]]], into: Path
    ) -> Iterable[Transcript]:
        """One transcript a topic, in the topics' order, each as soon as it is finished. See ports.Shell."""
        questions = [_question(device.platform, topic, parameters) for topic, parameters in topics]
        if all(question.command is None for question in questions):
            yield from (_refused(question) for question in questions)
            return
        started = datetime.now(UTC)
        try:
            login = login_of(device, self._secret)
            line = self._connected(login)
        except NetcaseError as error:
            yield from _unanswered(questions, error, started)
            return
        yield from self._ask(line, login, questions, into)

    def _connected(self, login: Login) -> Line:
        """Raises LoginError. A busy machine or device fails a login now and then: one more attempt, where it helps."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return connect(login, self._known_hosts, enable=commands.of(login.platform).enable)
            except LoginError as error:
                if attempt == ATTEMPTS or not error.again:
                    raise
                time.sleep(PAUSE_S)
        raise AssertionError("unreachable")

    def _ask(self, line: Line, login: Login, questions: Sequence[_Question], into: Path) -> Iterator[Transcript]:
        """After a lost line one more login is made for what was not asked yet; what was broken stays partial."""
        waiting, again = list(questions), True
        try:
            session = Session(line.channel, line.prompt, self._size_limit, commands.of(login.platform).pagers)
            while waiting:
                question = waiting[0]
                if question.command is None:
                    yield _refused(waiting.pop(0))
                    continue
                if session.lost:
                    if not again:
                        yield _lost(waiting.pop(0), session.lost)
                        continue
                    again = False
                    line.close()
                    try:
                        line = connect(login, self._known_hosts, enable=commands.of(login.platform).enable)
                    except NetcaseError as error:
                        yield from _unanswered(waiting, error, datetime.now(UTC))
                        return
                    session = Session(line.channel, line.prompt, self._size_limit, commands.of(login.platform).pagers)
                given = _answered(session, login, question, question.command, into)
                if given.unheard and again:
                    continue  # the line was dead before it was asked
                waiting.pop(0)
                yield given.transcript
        finally:
            line.close()


def login_of(device: Device, secret: Callable[[Secret], str]) -> Login:
    """Raises LoginError, or what `secret` raises."""
    if device.ssh is None:
        raise LoginError(f"{device.name} has no SSH credentials in the inventory.", Outcome.NOT_SET_UP)
    return Login(
        platform=device.platform,
        door=door(device.address, device.ssh, secret),
        hops=hops(device.ssh.jump, secret),
        enable=secret(device.ssh.enable) if device.ssh.enable else "",
    )


def _question(platform: str, topic: str, parameters: Mapping[str, str]) -> _Question:
    try:
        return _Question(topic, guard.checked(platform, topic, parameters))
    except RefusedError as error:
        return _Question(topic, None, str(error))


@dataclass(frozen=True, slots=True)
class _Given:
    transcript: Transcript
    unheard: bool = False  # the line was lost, and not one line had come


def _answered(session: Session, login: Login, question: _Question, command: commands.Command, into: Path) -> _Given:
    started, begun = datetime.now(UTC), time.monotonic()
    scrubber = Scrubber(login.secrets)
    ended, heard, refusals = DONE, False, []
    path = _new_file(into, question.topic)
    with path.open("wb") as file:
        out = Output(file, scrubber)
        for line in command.lines:
            if len(command.lines) > 1:
                out.title(line)
            one = session.run(line, command.seconds, command.answers, out)
            heard = heard or bool(out.head)
            if one is not DONE:
                ended = one if len(command.lines) == 1 else replace(one, why=f"{line}: {one.why}")
            elif said := commands.refusal(login.platform, out.head):
                refusals.append(said if len(command.lines) == 1 else f"{line}: {said}")
            if session.lost:
                break
    if ended is DONE and refusals:
        ended = _with_refusals(refusals, len(command.lines))
    unheard = ended.outcome is Outcome.DROPPED and not heard
    if unheard:
        path.unlink()
        ended = replace(ended, state=EvidenceState.FAILED, why="The connection was lost before it printed anything.")
    return _Given(
        Transcript(
            topic=question.topic,
            command=str(command),
            state=ended.state,
            started=started,
            took_s=time.monotonic() - begun,
            path=None if unheard else path,
            secrets_removed=scrubber.count,
            detail=ended.why,
            outcome=ended.outcome,
        ),
        unheard=unheard,
    )


def _with_refusals(refusals: Sequence[str], asked: int) -> Ended:
    """Refused is what was refused whole. Where another command of the topic was answered, it tells which was not."""
    why = "; ".join(refusals)[:1000]
    if len(refusals) == asked:
        return Ended(EvidenceState.REFUSED, Outcome.DEVICE_REFUSED, f"The device refused: {why}")
    return replace(DONE, why=f"The device refused {len(refusals)} of {asked} commands: {why}")


def _new_file(into: Path, topic: str) -> Path:
    """A file of its own, even where two collections share the folder."""
    into.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9_-]", "-", topic.lower())[:40]
    for number in range(1, 10_000):
        path = into / (f"{name}.txt" if number == 1 else f"{name}-{number}.txt")
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
            return path
    raise FileExistsError(f"{into} is full of files named {name}")


def _unanswered(questions: Sequence[_Question], error: NetcaseError, started: datetime) -> Iterator[Transcript]:
    outcome = error.outcome if isinstance(error, LoginError) else Outcome.NOT_SET_UP
    for question in questions:
        if question.command is None:
            yield _refused(question)
        else:
            yield _nothing(question, EvidenceState.FAILED, outcome, str(error), started)


def _lost(question: _Question, why: str) -> Transcript:
    return _nothing(question, EvidenceState.FAILED, Outcome.NOT_ASKED, why, datetime.now(UTC))


def _refused(question: _Question) -> Transcript:
    return _nothing(question, EvidenceState.REFUSED, Outcome.NOT_ALLOWED, question.refusal, datetime.now(UTC))


def _nothing(question: _Question, state: EvidenceState, outcome: Outcome, why: str, started: datetime) -> Transcript:
    return Transcript(
        topic=question.topic,
        command=str(question.command or ""),
        state=state,
        started=started,
        took_s=0.0,
        detail=why,
        outcome=outcome,
    )
