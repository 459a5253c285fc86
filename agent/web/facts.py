"""A device's latest polls by what they are about: what the parts of its page are read from."""

from collections.abc import Iterable, Mapping

from agent.observation import Batch, ComponentKind, Fact, Observation, Subject

Told = Mapping[Fact, Observation]
Facts = Mapping[Subject, Told]


def merge(batches: Iterable[Batch]) -> Facts:
    found: dict[Subject, dict[Fact, Observation]] = {}
    for o in (each for batch in batches for each in batch.observations):
        found.setdefault(o.subject, {})[o.fact] = o
    return found


def of(facts: Facts, *kinds: ComponentKind) -> list[tuple[Subject, Told]]:
    """Those of some kinds, one kind after the other, as a person would order their names."""
    rank = {kind: place for place, kind in enumerate(kinds)}
    chosen = ((s, f) for s, f in facts.items() if s.kind in rank)
    return sorted(chosen, key=lambda pair: (rank[pair[0].kind], natural(pair[0].name)))


def natural(text: str) -> list[tuple[bool, int, str]]:
    """A key that puts Gi0/2 before Gi0/10."""
    parts: list[str] = []
    for character in text:
        if parts and parts[-1][-1].isdecimal() == character.isdecimal():
            parts[-1] += character
        else:
            parts.append(character)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def word(told: Told, fact: Fact) -> str:
    return str(told[fact].value) if fact in told else ""


def value(told: Told, fact: Fact) -> float | None:
    return float(told[fact].value) if fact in told else None
