"""Rules as data: what is wrong, told from one poll, by conditions whose numbers stand in files.

A rule is a condition (`agent.faults.rules.threshold`, `.state`, …) with its parameters (`agent/faults/rulebook/*.yaml`,
and an operator's file laid over them). It returns judgements; believing them is `confirmation`'s.
"""

from agent.faults.rules.book import Book
from agent.faults.rules.interface import DOWN, ignored
from agent.faults.rules.reading import in_force, parse, shipped, use
from agent.faults.rules.rule import Rule
from agent.faults.rules.scene import Judgement, Scene
from agent.faults.rules.states import states

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
    "states",
    "use",
]


def judge(scene: Scene, book: Book | None = None) -> list[Judgement]:
    """All that can be told from this batch, in a fixed order; a subject of which nothing is known is left out."""
    rules = (book or in_force()).at(scene.device, scene.batch.tier)
    return [judgement for rule in rules for judgement in rule.judge(scene)]
