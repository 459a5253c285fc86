"""Log lines and traps that an operator wants to be told of, by severity, mnemonic, name or text."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from agent.faults.rules.pattern import Pattern
from agent.faults.rules.rule import Believe, Rule, Words
from agent.faults.rules.scene import Judgement, Scene
from agent.inventory.fields import Duration, wrong
from agent.observation import ComponentKind, Event, Subject, SyslogSeverity

LONGEST_TEXT = 2_000  # characters of a line that a pattern looks at


@lru_cache(maxsize=1024)
def _made(text: str) -> Pattern:
    return Pattern(text)


def _pattern(text: str) -> str:
    if len(text) > 300:
        raise wrong("is too long", "Write a plainer pattern; `.*` between words does")
    try:
        _made(text)
    except ValueError as error:
        raise wrong(str(error), "Write one as Python's re knows it, in single quotes") from None
    return text


class Events(Rule):
    """`count` lines within `within` that meet every key written here; over after `quiet` without one."""

    listens: ClassVar[bool] = True

    believe: Believe = Believe(polls=1)
    """`count` lines are enough: nobody can look again."""
    at_least: SyslogSeverity | None = None
    """So severe or worse."""
    mnemonic: Words = ()
    """The device's own mnemonic or the trap's name; shell patterns."""
    names: Words = ()
    """What netcase calls the event: link_down, bgp_down, …"""
    text: Annotated[str, AfterValidator(_pattern)] = ""
    """A regular expression found in the line."""
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    within: Duration = timedelta(minutes=5)
    quiet: Duration = timedelta(minutes=30)

    def judge(self, scene: Scene) -> Iterator[Judgement]:  # noqa: ARG002 - it has nothing to look at
        """Polls say nothing of it."""
        return iter(())

    def meets(self, event: Event) -> bool:
        if self.at_least is not None and event.severity.level > self.at_least.level:
            return False
        if self.mnemonic and not any(fnmatchcase(event.mnemonic, pattern) for pattern in self.mnemonic):
            return False
        if self.names and event.name not in self.names:
            return False
        return not self.text or _made(self.text).found(event.text[:LONGEST_TEXT])

    def subject(self, device: str) -> Subject:
        return Subject(device, ComponentKind.RULE, self.name)

    def heard(self, device: str, events: Iterable[Event], now: datetime) -> Judgement | None:
        """From the device's events of the last `within`; None where too few meet the rule."""
        met = [event for event in events if now - event.arrived <= self.within and self.meets(event)]
        if len(met) < self.count:
            return None
        newest = max(met, key=lambda event: event.arrived)
        times = f" ({len(met)} times)" if len(met) > 1 else ""
        return Judgement(self.subject(device), self.kind, True, f"{newest.text[:200]}{times}", float(len(met)))
