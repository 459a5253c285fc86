"""Rules as data: what is wrong, told from one poll, by conditions whose numbers stand in files.

A rule is a condition (`agent.faults.rules.threshold`, `.state`, …) with its parameters (`agent/faults/rulebook/*.yaml`,
and an operator's file laid over them). It returns judgements; believing them is `confirmation`'s.
"""

from collections.abc import Iterable, Iterator

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
    told = [judgement for rule in rules for judgement in rule.judge(scene)]
    return [*watched(scene.device, told), *_taken_away(scene, rules, told)]


def _taken_away(scene: Scene, rules: Iterable[Rule], told: Iterable[Judgement]) -> Iterator[Judgement]:
    """An interface that the whole table no longer has is nobody's trouble any more, unless it carries a link: nothing
    else would ever say that what was wrong with it is over."""
    if ComponentKind.INTERFACE not in scene.batch.complete:
        return
    there = {o.subject for o in scene.batch.observations if o.subject.kind is ComponentKind.INTERFACE}
    kinds, known = {rule.kind for rule in rules}, {(judged.kind, judged.subject) for judged in told}
    for kind, subject in scene.open if there else ():
        mine = subject.kind is ComponentKind.INTERFACE and kind in kinds and (kind, subject) not in known
        if mine and subject not in there and subject.name not in scene.linked:
            yield Judgement(subject, kind, False, "no longer in the device's table")


def watched(device: Device, judgements: Iterable[Judgement]) -> list[Judgement]:
    """Without what is wrong with interfaces that the inventory says are not watched."""
    return [each for each in judgements if not (each.bad and _is_ignored(device, each.subject))]


def _is_ignored(device: Device, subject: Subject) -> bool:
    return subject.kind is ComponentKind.INTERFACE and ignored(device, subject.name)
