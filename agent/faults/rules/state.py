"""A word that a device says of a part: in order or not."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from agent.faults.rules.rule import Frozen, Rule, Words
from agent.faults.rules.scene import Judgement, Scene
from agent.observation import Fact, Observation, Subject, Value


class Unless(Frozen):
    """A second word that excuses the first: an administrator wanted it so."""

    fact: Fact
    words: Words
    says: str
    """The reason told."""


class State(Rule):
    """Bad in the words `bad`, in order in the words `good`; any other word says nothing.

    Where only one of the two is written, every word that does not stand there is of the other sort.
    """

    follows_state: ClassVar[bool] = True

    fact: Fact = Fact.STATE
    good: Words = ()
    bad: Words = ()
    bad_after_good: Words = ()
    """Words that are bad where the part was in order before: a slot that was always empty is no fault."""
    unless: tuple[Unless, ...] = ()
    ignore_detail: Words = ()
    """Words of the device's own that say nothing: it was switched off, it was never set up."""
    unless_state: Words = ()
    """Where the present state of the part is one of these, another rule speaks of it."""
    missing: Literal["ignored", "bad", "over"] = "ignored"
    """What it means that a part is not in the table any more, when the table was read to its end and is not empty."""
    on_role: Words = ()
    """Only on devices of these roles; missing: on all."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        if self.on_role and scene.device.role not in self.on_role:
            return
        told = scene.facts(self.fact, *(each.fact for each in self.unless))
        seen = {s: facts for s, facts in told.items() if s.kind is self.of and self.fact in facts}
        for subject, facts in seen.items():
            yield from self._said(scene, subject, facts)
        if seen and self.of in scene.batch.complete:
            yield from self._not_said(scene, seen)

    def _said(self, scene: Scene, subject: Subject, facts: Mapping[Fact, Observation]) -> Iterator[Judgement]:
        word, detail = str(facts[self.fact].value), facts[self.fact].detail
        if scene.states.get(subject) in self.unless_state:
            yield Judgement(subject, self.kind, False, str(scene.states[subject]))
            return
        if detail in self.ignore_detail:
            if scene.is_open(self.kind, subject):
                yield Judgement(subject, self.kind, False, detail)
            return
        for excuse in self.unless:
            if excuse.fact in facts and str(facts[excuse.fact].value) in excuse.words:
                yield Judgement(subject, self.kind, False, excuse.says)
                return
        verdict = self._verdict(scene, subject, word)
        if verdict is not None:
            yield Judgement(subject, self.kind, verdict, detail or word)

    def _verdict(self, scene: Scene, subject: Subject, word: Value) -> bool | None:
        if word in self.bad or (word in self.bad_after_good and self._was_there(scene, subject)):
            return True
        if word in self.bad_after_good:
            return None
        if word in self.good or (self.bad and not self.good):
            return False
        return True if self.good and not self.bad else None

    def _was_there(self, scene: Scene, subject: Subject) -> bool:
        return scene.states.get(subject) in {"ok", "up"} or scene.is_open(self.kind, subject)

    def _not_said(self, scene: Scene, seen: Mapping[Subject, object]) -> Iterator[Judgement]:
        """An empty table says nothing: the process that fills it may be what died."""
        if self.missing == "over":
            for subject in scene.open_of(self.kind):
                if subject not in seen:
                    yield Judgement(subject, self.kind, False, "no longer configured")
        elif self.missing == "bad":
            for subject, was in scene.states.items():
                if subject.kind is self.of and subject not in seen and was in _KNOWN:
                    yield Judgement(subject, self.kind, True, "missing")


_KNOWN = frozenset({"ok", "failed", "up", "down"})
