"""A number on the wrong side of a limit: the device's own where it tells one and the rule wants it, else the rule's."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import model_validator

from agent.faults import bounds
from agent.faults.rules.rule import Rule, Words, clears_outside
from agent.faults.rules.scene import Judgement, Scene
from agent.inventory.fields import wrong
from agent.observation import Fact, Observation

_DEVICES = ", the device's own limit"


class Threshold(Rule):
    """Raised at `raise_at`, over beyond `clear_at`, so that a value that dances on the limit is one fault."""

    fact: Fact
    raise_at: float | None = None
    """It is too high (with `below`: too low) from here on; missing: only the device's own limits count."""
    clear_at: float | None = None
    """It is in order again on the other side of this; missing: `hysteresis` inside of the limit."""
    below: bool = False
    """Low values are bad, not high ones."""
    unit: str = ""
    """Only readings in this unit; it is shown with the value."""
    shown_as: str = ""
    """The unit shown with the value, where the fact's own says none."""
    own_limits: Literal["none", "high", "both"] = "none"
    """Which of the device's own limits go before `raise_at`."""
    hysteresis: float = 0.0
    """It is in order again so far inside of the limit."""
    trust_ok: bool = False
    """Where the device tells no limit and calls the part fine, it is."""
    ignore_detail: Words = ()
    """Readings that say this of themselves are not judged."""
    ignore_dark: bool = False
    """A receiver without any light is the link's trouble, not the transceiver's."""

    @model_validator(mode="after")
    def _clears_inside(self) -> Self:
        if self.raise_at is not None and self.clear_at is not None:
            outside = self.clear_at < self.raise_at if self.below else self.clear_at > self.raise_at
            if outside:
                raise wrong(*clears_outside(self.clear_at, self.raise_at, self.below))
        return self

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        verdicts = scene.facts(Fact.STATE) if self.trust_ok else {}
        for reading in scene.of(self.fact):
            if reading.subject.kind is not self.of or not self._counts(reading):
                continue
            verdict = verdicts.get(reading.subject, {}).get(Fact.STATE)
            yield from self._judged(scene, reading, verdict)

    def _counts(self, reading: Observation) -> bool:
        if (
            isinstance(reading.value, str)
            or reading.detail in self.ignore_detail
            or (self.unit and reading.detail != self.unit)
        ):
            return False
        return not (self.ignore_dark and bounds.is_dark(reading))

    def _judged(self, scene: Scene, reading: Observation, verdict: Observation | None) -> Iterator[Judgement]:
        subject, value, own = reading.subject, float(reading.value), self._own(reading)
        if own:
            low, high = own
            yield self._against(scene, reading, low, high, self.hysteresis, _DEVICES)
        elif verdict is not None and verdict.value == "ok":  # it knows its parts better than we do
            yield Judgement(
                subject, self.kind, False, f"{self._shown(value)}, {verdict.detail or 'ok'} by the device", value
            )
        elif self.raise_at is not None:
            gap = self.hysteresis if self.clear_at is None else abs(self.raise_at - self.clear_at)
            low, high = (self.raise_at, None) if self.below else (None, self.raise_at)
            yield self._against(scene, reading, low, high, gap, "")

    def _own(self, reading: Observation) -> tuple[float | None, float | None] | None:
        low, high = reading.low_limit, reading.limit
        if self.own_limits == "none" or (low is not None and high is not None and low >= high):
            return None  # limits that exclude every value say nothing
        if self.own_limits == "high":
            low = None
        return None if low is None and high is None else (low, high)

    def _against(
        self, scene: Scene, reading: Observation, low: float | None, high: float | None, gap: float, whose: str
    ) -> Judgement:
        subject, value = reading.subject, float(reading.value)
        inside = gap if scene.is_open(self.kind, subject) else 0.0
        strict = bool(whose) and self.fact is not Fact.CELSIUS  # a temperature is too high at its limit
        floor, ceiling = (None if low is None else low + inside), (None if high is None else high - inside)
        if floor is not None and (value < floor or (value == floor and not strict)):
            bad, sign, limit = True, "≤", floor
        elif ceiling is not None and (value > ceiling or (value == ceiling and not strict)):
            bad, sign, limit = True, "≥", ceiling
        else:
            bad, sign, limit = (
                False,
                ("<" if ceiling is not None else ">"),
                (floor or 0.0) if ceiling is None else ceiling,
            )
        reason = f"{self._shown(value)} {sign} {self._shown(limit)}{whose}"
        return Judgement(subject, self.kind, bad, reason, value, limit)

    def _shown(self, value: float) -> str:
        return f"{value:.4g} {self.unit or self.shown_as}".strip()
