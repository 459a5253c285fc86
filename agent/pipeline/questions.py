"""What a signed link asks, before it is a page: put together by whoever takes the answers of one purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.cases.case import Case, Entry
from agent.cases.confirmation import How
from agent.cases.links import Ticket
from agent.errors import RefusedError
from agent.locale import N_, Text
from agent.notifications import wording
from agent.pipeline.desk import Desk

NOTHING = Text("")
LONGEST_NAME = 80
SCORES = ("1", "2", "3", "4", "5")
CHOOSE = N_("Please choose one of the answers.")
SIGN = N_("Please write your name: the answer is signed with it.")
SAY_WHY = N_("Please say in a few words why, so that an engineer knows where to look.")
ALL_OF_THEM = N_("Please answer every question, from 1 to 5.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button. `label` is a msgid; `needs_words`: the text beside it may not be left empty."""

    value: str
    label: str
    needs_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A question of 1 to 5, none of them chosen beforehand. `label` is a msgid."""

    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a page asks. With `answered` set there is nothing more to answer; without choices nothing can be."""

    title: Text
    lead: Text = NOTHING
    facts: tuple[tuple[str, Text], ...] = ()  # a label's msgid, and what stands beside it
    choices: tuple[Choice, ...] = ()
    scales: tuple[Scale, ...] = ()
    words: str = ""  # a msgid: what may be written beside the answer; empty: nothing
    needs_name: bool = False  # whoever answers signs with a name
    answered: Text = NOTHING  # what was answered, by whom and when
    wrong: str = ""  # a msgid: what was wrong with the answer that was just given


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """As it came in: bounded, and on lines of ours; `words` may have several."""

    choice: str = ""
    scores: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    name: str = ""
    how: How = How.LINK


@dataclass(frozen=True, slots=True)
class Subject:
    """The case that a ticket is about, its log, and who holds the ticket."""

    case: Case
    log: Sequence[Entry]
    ticket: Ticket
    holder: str  # the name of the person that the link was sent to

    def signed(self, reply: Reply) -> str:
        """Who answers: the name that was typed, and whose link it was where that is another's."""
        typed = wording.line(reply.name)[:LONGEST_NAME]
        if not typed or typed.casefold() == self.holder.casefold():
            return self.holder
        return f"{typed} (link of {self.holder})"


class Asked(Protocol):
    """What is asked for one purpose. Both may raise RefusedError with a sentence."""

    def question(self, desk: Desk, about: Subject) -> Question:
        """What the page shows, answered or not."""

    def take(self, desk: Desk, about: Subject, reply: Reply) -> None:
        """Only for what is not answered yet: keeps the answer, tells whoever has to know."""


class WrongAnswerError(RefusedError):
    """The answer cannot be taken as it is, and can be given again; `advice` is a msgid."""

    def __init__(self, advice: str) -> None:
        super().__init__(advice)
        self.advice = advice
