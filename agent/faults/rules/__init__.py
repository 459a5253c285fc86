"""Rules as data: what is wrong, told from one poll, by conditions whose numbers stand in files.

A rule is a condition (`agent.faults.rules.threshold`, `.state`, …) with its parameters (`agent/faults/rulebook/*.yaml`,
and an operator's file laid over them). It returns judgements; believing them is `confirmation`'s.
"""

from collections.abc import Iterable

from agent.faults.rules.book import Book
from agent.faults.rules.interface import DOWN, ignored, speeds
from agent.faults.rules.reading import in_force, parse, shipped, use
from agent.faults.rules.rule import Rule
from agent.faults.rules.scene import Judgement, Scene
from agent.faults.rules.states import states
from agent.inventory.device import Device
from agent.observation import ComponentKind, Subject

__all__ = [
    "DOWN",
    "Book",
    "Judgement",
    "Rule",
    "Scene",
    "ignored",
    "in_force",
    "judge",
    "parse",
    "shipped",
    "speeds",
    "states",
    "use",
    "watched",
]


def judge(scene: Scene, book: Book | None = None) -> list[Judgement]:
    """All that can be told from this batch, in a fixed order; a subject of which nothing is known is left out."""
    rules = (book or in_force()).at(scene.device, scene.batch.tier)
    return watched(scene.device, (judgement for rule in rules for judgement in rule.judge(scene)))


def watched(device: Device, judgements: Iterable[Judgement]) -> list[Judgement]:
    """Without what is wrong with interfaces that the inventory says are not watched."""
    return [each for each in judgements if not (each.bad and _is_ignored(device, each.subject))]


def _is_ignored(device: Device, subject: Subject) -> bool:
    return subject.kind is ComponentKind.INTERFACE and ignored(device, subject.name)
