"""`kill -9` between any two steps of the outbox: nobody is told twice, nobody is not told.

A real mail server and a real receiver of webhooks run in a process of their own; the messenger runs in another, is
killed at every point that it comes to, each time that it comes to it, and started again.
"""

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agent.cases.case import CaseState
from agent.notifications import wire
from agent.notifications.notification import Notification
from agent.ports import Job, JobKind, JobState
from agent.storage.engine import open_store
from tests.integration.telling_process import NOW
from tests.unit.notifications.test_wording import CASE, ENGLISH

ROOT = Path(__file__).parents[2]
MAILED = ("li@example.net", "wang@example.net")
HOOKED = ("hook",)
DOUBTED = {
    "after the dot",
    "before the answer to the dot",
    "after the answer to the dot",
    "after the post",
    "before the journal says that it is taken",
}
"""The other side has it, and we have not written down that it said so: it is sent again, under the same name."""


@dataclass
class Place:
    """The two processes, and a store with an outbox to work off."""

    folder: Path
    messenger: subprocess.Popen[str]
    smtp: int
    hook: int
    kept: Path
    runs: int = 0
    here: Path = field(default_factory=Path)

    def fresh(self) -> None:
        self.runs += 1
        self.here = self.folder / f"run{self.runs}"
        self.here.mkdir()
        shutil.copy(self.folder / "template.db", self.here / "netcase.db")
        self.kept.write_text("")

    def run(self, point: str = "", nth: int = 0) -> int:
        order = {"url": self.url, "folder": str(self.here), "smtp": self.smtp, "hook": self.hook}
        assert self.messenger.stdin
        assert self.messenger.stdout
        self.messenger.stdin.write(json.dumps(order | {"point": point, "nth": nth}) + "\n")
        self.messenger.stdin.flush()
        return int(self.messenger.stdout.readline())

    @property
    def url(self) -> str:
        return f"sqlite:///{self.here}/netcase.db"

    def arrived(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.kept.read_text("utf-8").splitlines()]

    def jobs(self) -> list[Job]:
        store = open_store(self.url)
        with store.read() as tx:
            found = list(tx.jobs())
        store.close()
        return found


def put(to: str, channel: str, kind: JobKind = JobKind.NOTIFY, number: int = 1, occasion: str = "opened") -> Job:
    key = f"NC-{number:06d}/{occasion}/{channel}/{to}"
    message = Notification(
        key=key, channel=channel, to=to, language="en", subject=f"[NC-{number:06d}] down", text="a\n.\n.b\n",
        about={"case": f"NC-{number:06d}"},
    )  # fmt: skip
    recipient = replace(ENGLISH, name=to, channel=channel, to=to)
    payload = wire.pack(message, recipient, occasion) | {"posted": NOW.isoformat(), "held": ""}
    return Job(key=key, kind=kind, due=NOW, payload=payload, case=number)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("killed")
    store = open_store(f"sqlite:///{folder}/template.db")
    with store.begin() as tx:
        cases = [tx.open_case(replace(CASE, number=0, problem=f"p{n}", root="")) for n in range(3)]
        tx.save_case(replace(cases[2], state=CaseState.RESOLVED))
        tx.enqueue([*(put(to, "email") for to in MAILED), *(put(to, "hook") for to in HOOKED)])
        tx.enqueue([put("Li", "console")])
        tx.enqueue(put("zhang@example.net", "email", JobKind.NOTICE, case.number) for case in cases)
    store.close()
    for name in ("-wal", "-shm"):
        (folder / f"template.db{name}").unlink(missing_ok=True)
    kept = folder / "kept"
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", f"tests.integration.{name}", *more],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for name, more in (("telling_servers", [str(kept)]), ("telling_process", []))
    ]  # fmt: skip
    servers, messenger = programs
    assert servers.stdout
    assert messenger.stdout
    smtp, hook = map(int, servers.stdout.readline().split())
    assert messenger.stdout.readline() == "ready\n"
    yield Place(folder, messenger, smtp, hook, kept)
    for each in programs:
        each.kill()
        each.communicate()


def steps_of(place: Place) -> list[tuple[str, int]]:
    """Every point, and each time that a run which nobody kills comes to it."""
    place.fresh()
    assert place.run() == 0
    counted = Counter(json.loads((place.here / "steps.json").read_text()))
    return [(point, nth) for point, times in counted.items() for nth in range(1, times + 1)]


def test_a_run_that_nobody_kills_tells_everybody_once(place: Place) -> None:
    points = steps_of(place)
    assert len(points) > 60
    assert {point for point, _ in points} >= DOUBTED
    assert told(place) == {**dict.fromkeys((*MAILED, *HOOKED), 1), "zhang@example.net": 1}


def told(place: Place) -> Counter[str]:
    """By recipient: how many different messages, told by Message-ID or idempotency key."""
    found = {
        (each.get("to") or "hook", each.get("id") or each["headers"]["Idempotency-Key"]) for each in place.arrived()
    }
    return Counter(to for to, _ in found)


@pytest.mark.timeout(600)
def test_killed_at_every_point_nobody_is_told_twice_and_nobody_is_not_told(place: Place) -> None:
    wrong, doubled = [], Counter[str]()
    for point, nth in steps_of(place):
        place.fresh()
        assert place.run(point, nth) == -signal.SIGKILL, (point, nth)
        assert place.run() == 0
        if told(place) != {**dict.fromkeys((*MAILED, *HOOKED), 1), "zhang@example.net": 1}:
            wrong.append((point, nth, told(place)))
        copies = len(place.arrived()) - 4
        doubled[point] += copies
        if copies > (point in DOUBTED):
            wrong.append((point, nth, f"{copies} copies"))
        printed = (place.here / "out").read_text("utf-8").splitlines()
        written = (place.here / "notifications.jsonl").read_text("utf-8").splitlines()
        if len(written) != 1 or len(printed) > 1:
            wrong.append((point, nth, f"console: {len(written)} kept, {len(printed)} printed"))
        if {job.state for job in place.jobs()} != {JobState.DONE}:
            wrong.append((point, nth, [job for job in place.jobs() if job.state is not JobState.DONE]))
    assert wrong == []
    twice = {point for point, copies in doubled.items() if copies}
    assert twice <= DOUBTED, "what cannot be closed, and no more"
    assert twice >= {"after the answer to the dot", "after the post"}, "else the points were not where they seem to be"


def test_a_mail_that_may_have_arrived_says_so_when_it_comes_again(place: Place) -> None:
    place.fresh()
    assert place.run("after the answer to the dot", 1) == -signal.SIGKILL
    assert place.run() == 0
    copies = [each for each in place.arrived() if each.get("to") == MAILED[0]]
    assert [each["repeated"] for each in copies] == [None, "perhaps"]
    assert len({each["id"] for each in copies}) == 1


def test_the_digest_is_one_message_with_what_is_not_over(place: Place) -> None:
    place.fresh()
    assert place.run("after putting the digest in", 1) == -signal.SIGKILL
    assert place.run() == 0
    (digest,) = [each for each in place.arrived() if each.get("to") == "zhang@example.net"]
    assert digest["subject"] == "[netcase] Digest: 2 cases"
