"""Counters of 32 bits that come round, carried on as if they had 64 (RFC 2863 §3.1.6).

At 100 Mb/s ifInOctets comes round every six minutes. Between two polls it may have done so once; where the interface is
fast enough for twice, nothing can be told. After a restart or a discontinuity counting starts anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agent.observation import Fact, Observation, Refusal, Subject
from collectors.snmp.rows import NARROW
from collectors.snmp.shapes import COUNTERS

ROUND = 2**32
_OCTETS = (Fact.IN_OCTETS, Fact.OUT_OCTETS)
_LEAST_PACKET = 64  # octets; so many packets at most fit into the octets


@dataclass(slots=True)
class _Seen:
    raw: int
    rounds: int
    up: float  # seconds of uptime
    discontinuity: float


@dataclass(slots=True)
class Carried:
    """What is remembered of one device's narrow counters; forgotten when it restarts. `speeds` in bits per second."""

    speeds: dict[Subject, float] = field(default_factory=dict)
    _seen: dict[tuple[Subject, Fact], _Seen] = field(default_factory=dict)

    def on(self, observations: Iterable[Observation], up: float, refused: list[Refusal]) -> Iterator[Observation]:
        """The same, narrow counters carried on; those that cannot be told are left out and named in `refused`."""
        listed = list(observations)
        breaks = {o.subject: float(o.value) for o in listed if o.fact is Fact.DISCONTINUITY}
        for o in listed:
            if o.detail != NARROW or o.fact not in COUNTERS:
                yield o
            elif (value := self._carried(o, up, breaks.get(o.subject, 0.0))) is not None:
                yield o._replace(value=value, detail="")
            else:
                refused.append(
                    Refusal(o.subject, o.fact, str(o.value), "a 32-bit counter this fast comes round unseen")
                )

    def _carried(self, o: Observation, up: float, discontinuity: float) -> int | None:
        key, raw = (o.subject, o.fact), int(o.value)
        before = self._seen.get(key)
        continuous = before is not None and up >= before.up and discontinuity == before.discontinuity
        rounds = 0
        if before is not None and continuous:
            if self._most(o, up - before.up) >= ROUND:
                self._seen[key] = _Seen(raw, before.rounds, up, discontinuity)
                return None
            rounds = before.rounds + (raw < before.raw)
        self._seen[key] = _Seen(raw, rounds, up, discontinuity)
        return rounds * ROUND + raw

    def _most(self, o: Observation, seconds: float) -> float:
        """How much it can have grown in so many seconds; nothing is known of an interface without a speed."""
        octets = self.speeds.get(o.subject, 0.0) / 8 * seconds
        return octets if o.fact in _OCTETS else octets / _LEAST_PACKET
