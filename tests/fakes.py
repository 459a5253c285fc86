"""Small real classes that stand in for the world: a channel, a shell, a file to collect."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent.cases.case import EvidenceState
from agent.errors import DeliveryError
from agent.inventory.device import Device
from agent.notifications.notification import Notification
from agent.ports import Transcript
from tests.story import START


@dataclass
class Postbox:
    """A channel that keeps what it is given, or refuses with the errors it was told to."""

    name: str = "email"
    errors: list[DeliveryError] = field(default_factory=list)
    kept: list[Notification] = field(default_factory=list)

    def send(self, notification: Notification) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.kept.append(notification)
        return "250 kept"


@dataclass
class Transcriber:
    """A shell that prints each topic's name, and has no answer to the topics it was told to miss."""

    misses: frozenset[str] = frozenset()
    visits: list[tuple[str, str]] = field(default_factory=list)  # device, platform

    def collect(
        self, device: Device, topics: Sequence[tuple[str, Mapping[str, str]]], into: Path
    ) -> Iterable[Transcript]:
        self.visits.append((device.name, device.platform))
        for topic, _ in topics:
            if topic in self.misses:
                yield Transcript(
                    topic=topic, command="", state=EvidenceState.TIMED_OUT, started=START, took_s=30, detail="no prompt"
                )
            else:
                path = into / topic
                path.write_text(f"{device.name} says {topic}")
                yield Transcript(
                    topic=topic, command=f"show {topic}", state=EvidenceState.DONE, started=START, took_s=1, path=path
                )
