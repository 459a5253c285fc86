"""Something that will be full in so many days, if it goes on as it did."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from agent.faults import counters
from agent.faults.rules.rule import Words
from agent.faults.rules.scene import Judgement
from agent.faults.rules.study import Study, StudyRule
from agent.faults.trends import forecast, robust
from agent.faults.trends.forecast import DAY, Forecast
from agent.faults.trends.hour import Hour
from agent.inventory.fields import Duration
from agent.observation import Fact, Subject

_OF: Mapping[str, Callable[[list[float]], float]] = {"median": robust.median, "highest": max, "lowest": min}


class Filling(StudyRule):
    """Raised when `limit` will be reached within `within`; over when that is half as long again. Counters of octets are
    judged in percent of their interface's speed."""

    fact: tuple[Fact, ...]
    """What grows."""
    limit: float
    """What counts as full."""
    within: Duration
    """Raised so long before."""
    above: float = 0.0
    """What is emptier than this now is no fault, however fast it grows."""
    day: Literal["median", "highest", "lowest"] = "median"
    """Which of a day's hours stands for the day."""
    needs_days: int = 14
    """Days of history, below which nothing is said."""
    ignore_detail: Words = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.fact

    def study(self, study: Study) -> Iterator[Judgement]:
        judged: set[Subject] = set()
        worst: dict[Subject, Judgement] = {}
        for subject, found in self.forecasts(study):
            already = (self.kind, subject) in study.open
            judgement = self._judged(subject, found, already)
            known = worst.get(subject)
            if known is None or (judgement.bad, judgement.value or 0.0) > (known.bad, known.value or 0.0):
                worst[subject] = judgement
            judged.add(subject)
        yield from worst.values()
        yield from self.no_more(study, judged)

    def forecasts(self, study: Study) -> Iterator[tuple[Subject, Forecast]]:
        for fact in self.fact:
            for subject, hours in study.of(fact):
                if subject.kind is not self.of or (study.detail(subject, fact) or None) in self.ignore_detail:
                    continue
                points = self._points(study, subject, fact, hours)
                found = forecast.forecast(points, self.limit, self.needs_days)
                if found is not None:
                    yield subject, found

    def _points(self, study: Study, subject: Subject, fact: Fact, hours: Sequence[Hour]) -> list[tuple[float, float]]:
        points = forecast.daily(hours, study.now, _OF[self.day])
        if fact not in counters.OCTETS:
            return points
        speed = study.speeds.get(subject.name, 0.0)
        return [(day, 800.0 * value / speed) for day, value in points] if speed > 0 else []

    def _judged(self, subject: Subject, found: Forecast, already: bool) -> Judgement:
        bad = forecast.is_filling(found, self.within / DAY, self.above, already=already)
        return Judgement(subject, self.kind, bad, said(found, self.limit), found.level, self.limit)


def said(found: Forecast, limit: float) -> str:
    now = f"{found.level:.3g} % now"
    if found.within is None:
        return f"{now}, no steady growth over {found.days} days"
    pace = f"{now}, {found.a_day:+.2g} % a day over {found.days} days"
    span = f"{found.earliest or 0:.0f} to {found.latest or 0:.0f}"
    return f"{pace}: {limit:g} % in about {found.within:.0f} days ({span})"
