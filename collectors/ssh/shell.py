"""Evidence over SSH: log in, ask the topics that the platform knows, log out. Only ever reads. Blocking."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.cases.case import EvidenceState
from agent.errors import NetcaseError, RefusedError
from agent.inventory.device import Device, Secret
from agent.ports import Transcript
from collectors.ssh import commands, guard
from collectors.ssh.login import Login, LoginError, connect
from collectors.ssh.scrub import Scrubber
from collectors.ssh.session import Output, Session

SIZE_LIMIT = 200_000_000  # octets of one command's output
ATTEMPTS = 2
PAUSE_S = 1.0  # before the second attempt


@dataclass(frozen=True, slots=True)
class _Question:
    topic: str
    command: commands.Command | None
    refusal: str = ""


class NetmikoShell:
    """`secret` gives the credential for a reference. Runs in the calling thread: call it in a bounded pool."""

    def __init__(self, secret: Callable[[Secret], str], size_limit: int = SIZE_LIMIT) -> None:
        self._secret = secret
        self._size_limit = size_limit

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
            login = self._login(device)
            connection = _connected(login)
        except NetcaseError as error:
            yield from _unanswered(questions, str(error), started)
            return
        try:
            yield from self._ask(connection, login, questions, into)
        finally:
            with suppress(OSError, EOFError, ValueError):
                connection.paramiko_cleanup()

    def _login(self, device: Device) -> Login:
        if device.ssh is None:
            raise LoginError(f"{device.name} has no SSH credentials in the inventory.", again=False)
        return Login(
            platform=device.platform,
            address=device.address,
            access=device.ssh,
            password=self._secret(device.ssh.password) if device.ssh.password else "",
            enable=self._secret(device.ssh.enable) if device.ssh.enable else "",
        )

    def _ask(self, connection: Any, login: Login, questions: Sequence[_Question], into: Path) -> Iterator[Transcript]:
        session = Session(connection.remote_conn, _prompt(connection), self._size_limit)
        for question in questions:
            if question.command is None:
                yield _refused(question)
            elif session.lost:
                yield _transcript(question, EvidenceState.FAILED, datetime.now(UTC), detail=session.lost)
            else:
                yield _answered(session, question, question.command, into, Scrubber([login.password, login.enable]))


def _question(platform: str, topic: str, parameters: Mapping[str, str]) -> _Question:
    try:
        return _Question(topic, guard.checked(platform, topic, parameters))
    except RefusedError as error:
        return _Question(topic, None, str(error))


def _connected(login: Login) -> Any:
    """Raises LoginError. A busy machine or device fails a login now and then: one more attempt, where it can help."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return connect(login, enable=commands.of(login.platform).enable)
        except LoginError as error:
            if attempt == ATTEMPTS or not error.again:
                raise
            time.sleep(PAUSE_S)
    raise AssertionError("unreachable")


def _prompt(connection: Any) -> str:
    """What stands before the cursor, without colours; the last line, where it has several."""
    return str(connection.find_prompt()).strip().splitlines()[-1]


def _answered(
    session: Session, question: _Question, command: commands.Command, into: Path, scrubber: Scrubber
) -> Transcript:
    started, begun = datetime.now(UTC), time.monotonic()
    state, detail = EvidenceState.DONE, ""
    path = _new_file(into, question.topic)
    with path.open("wb") as file:
        out = Output(file, scrubber)
        for line in command.lines:
            if len(command.lines) > 1:
                out.title(line)
            ended, why = session.run(line, command.seconds, command.answers, out)
            if ended is not EvidenceState.DONE:
                state, detail = ended, why if len(command.lines) == 1 else f"{line}: {why}"
            if session.lost:
                break
    return _transcript(
        question, state, started, took_s=time.monotonic() - begun, path=path, secrets=scrubber.count, detail=detail
    )


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


def _unanswered(questions: Sequence[_Question], why: str, started: datetime) -> Iterator[Transcript]:
    for question in questions:
        if question.command is None:
            yield _refused(question)
        else:
            yield _transcript(question, EvidenceState.FAILED, started, detail=why)


def _refused(question: _Question) -> Transcript:
    return _transcript(question, EvidenceState.REFUSED, datetime.now(UTC), detail=question.refusal)


def _transcript(
    question: _Question,
    state: EvidenceState,
    started: datetime,
    *,
    took_s: float = 0.0,
    path: Path | None = None,
    secrets: int = 0,
    detail: str = "",
) -> Transcript:
    return Transcript(
        topic=question.topic,
        command=str(question.command or ""),
        state=state,
        started=started,
        took_s=took_s,
        path=path,
        secrets_removed=secrets,
        detail=detail,
    )
