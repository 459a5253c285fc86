"""How much a counter grew between two polls, where that can be told (RFC 2863 §3.1.5)."""

from collections.abc import Mapping

from agent.observation import Fact, Observation

Told = Mapping[Fact, Observation]
OCTETS = frozenset({Fact.IN_OCTETS, Fact.OUT_OCTETS})


def growth(fact: Fact, before: Told, now: Told) -> int | None:
    """None where one of the two is missing, the counter went back, or its interface says that it was interrupted."""
    if fact not in before or fact not in now or interrupted(before, now):
        return None
    grown = int(now[fact].value) - int(before[fact].value)
    return grown if grown >= 0 else None


def interrupted(before: Told, now: Told) -> bool:
    """ifCounterDiscontinuityTime moved: what was counted before and after has nothing to do with each other."""
    moments = [told[Fact.DISCONTINUITY].value if Fact.DISCONTINUITY in told else None for told in (before, now)]
    return None not in moments and moments[0] != moments[1]
