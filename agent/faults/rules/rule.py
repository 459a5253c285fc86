"""What all rules have in common: what they are about, when they are believed, and what comes of them."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from agent.faults.fault import FaultKind
from agent.faults.rules.scene import Judgement, Scene
from agent.inventory.device import Thresholds
from agent.inventory.fields import Duration, wrong
from agent.inventory.policies import Confirmation
from agent.inventory.problems import instead, shown
from agent.inventory.section import Section
from agent.observation import ComponentKind, Tier


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _thresholds(keys: Mapping[str, str]) -> Mapping[str, str]:
    known = [field.name for field in fields(Thresholds)]
    for word in keys.values():
        if word not in known:
            raise wrong(f"{shown(word)!r} is no threshold of a device", instead(word, known))
    return keys


Words = Annotated[tuple[str, ...], BeforeValidator(_several)]  # one may stand without brackets


class Frozen(Section):
    model_config = ConfigDict(frozen=True)


class Believe(Frozen):
    polls: Annotated[int, Field(ge=1, le=30)] = 2
    """So many bad polls …"""
    of: Annotated[int, Field(ge=1, le=30)] | None = None
    """… of the last so many; missing: in a row."""
    hold: Duration = timedelta(0)
    """The last of them comes at least so long after the first."""

    @property
    def confirmation(self) -> Confirmation:
        return Confirmation(count=self.polls, of=self.of or self.polls, hold=self.hold)


class Over(Frozen):
    polls: Annotated[int, Field(ge=1, le=30)] = 2
    """So many good polls in a row …"""
    hold: Duration = timedelta(0)
    """… the last at least so long after the first."""

    @property
    def confirmation(self) -> Confirmation:
        return Confirmation(count=self.polls, hold=self.hold)


class Rule(Frozen):
    """One kind of fault: its condition, and how it is believed. What a subclass adds are the condition's own keys."""

    name: str
    test: str
    """Which condition it is."""
    kind: FaultKind
    """The kind of fault that comes of it; missing: the rule's name."""
    what: str = ""
    """One line that tells people what it is about."""
    tier: Tier | None = None
    """The poll that sees it; missing: none does."""
    of: ComponentKind = ComponentKind.DEVICE
    """The kind of component that it is about."""
    believe: Believe = Believe()
    """When a fault is believed."""
    over: Over = Over()
    """When it is over."""
    recheck: bool = True
    """Whether the device is asked again at once, not at its turn, while nobody is sure."""
    severity: Literal["P1", "P2", "P3", "P4"] = "P3"
    """The severity where nothing is cut off by it."""
    case: bool = True
    """Whether it opens a case. Without, it is kept, shown and used to explain others."""
    enabled: bool = True
    """Whether it is judged at all."""
    inventory: Annotated[Mapping[str, str], AfterValidator(_thresholds)] = {}
    """Keys of this rule that a device's `thresholds` in the inventory set, and what they are called there."""

    listens: ClassVar[bool] = False  # judged by events, not by polls
    follows_state: ClassVar[bool] = False  # it is bad exactly while the component's present state is

    @model_validator(mode="after")
    def _has_the_keys(self) -> Self:
        for key in self.inventory:
            if key not in type(self).model_fields:
                raise wrong(f"inventory sets {shown(key)!r}, which is no key of the rule", "Write one of its keys")
        return self

    @abstractmethod
    def judge(self, scene: Scene) -> Iterator[Judgement]:
        """All that can be told from this poll; a subject of which nothing is known is left out."""


def clears_outside(clear: float, at: float, below: bool = False) -> tuple[str, str]:
    side, other = ("below", "higher") if below else ("above", "lower")
    return (
        f"clear_at is {clear:g}, {side} raise_at, which is {at:g}",
        f"Clear at a {other} level than the one that raises",
    )
