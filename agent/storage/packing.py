"""A poll in few bytes: the whole batch as the latest of its tier, its numbers as sample rows.

A batch is deflated JSON in columns (subjects once, then one index a fact), in the order in which it came. Of a poll's
numbers, a layout tells once what they are about, and each poll adds a row of 64-bit floats in that order: gauges in
one row, counters in another, so that a day of CPU load is read without a day of octets. A row is one byte, 0 for
plain or 1 for deflated, and little-endian doubles. Measured on a 48-port switch: 2.4 bytes a sample.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.observation import Batch, ComponentKind, Fact, Observation, Refusal, Subject, Tier
from agent.storage.columns import to_json

GAUGES = (Fact.USAGE, Fact.USED, Fact.CELSIUS, Fact.SENSOR_VALUE, Fact.RTT, Fact.LOSS, Fact.JITTER)
COUNTERS = (
    Fact.IN_OCTETS,
    Fact.OUT_OCTETS,
    Fact.IN_ERRORS,
    Fact.OUT_ERRORS,
    Fact.IN_DISCARDS,
    Fact.OUT_DISCARDS,
    Fact.DISCONTINUITY,  # no counter: it says from when on theirs mean something
)
Columns = dict[str, Any]

PLAIN_UP_TO = 32  # numbers; below, deflating gains nothing

# by identity: an enum's own hash is a Python call, and there is one for each observation
_CLASS = {id(fact): index for index, facts in enumerate((GAUGES, COUNTERS)) for fact in facts}
_KINDS = {str(kind): kind for kind in ComponentKind}
_FACTS = {str(fact): fact for fact in Fact}


def pack_batch(batch: Batch) -> bytes:
    """Raises ValueError for an observation about another device than the batch's."""
    return pack_columns(columns(batch))


def pack_columns(body: Columns) -> bytes:
    return zlib.compress(to_json(body).encode("ascii"), 1)


def columns(batch: Batch) -> Columns:
    """The batch as JSON gives it back: what is the same in two polls of a device is equal in these."""
    names: list[Any] = []
    facts: list[str] = []
    about: list[int] = []
    what: list[int] = []
    values: list[Any] = []
    details: dict[str, str] = {}
    limits: dict[str, float] = {}
    low_limits: dict[str, float] = {}
    by_id: dict[int, int] = {}
    fact_ids: dict[int, int] = {}
    for number, seen in enumerate(batch.observations):
        subject, fact = seen.subject, seen.fact
        index = by_id.get(id(subject))
        if index is None:
            if subject.device != batch.device:
                raise ValueError(f"an observation about {subject.device} in a batch of {batch.device}")
            index = by_id[id(subject)] = len(names)
            names.append([subject.kind, subject.name])
        about.append(index)
        index = fact_ids.get(id(fact))
        if index is None:
            index = fact_ids[id(fact)] = len(facts)
            facts.append(fact)
        what.append(index)
        values.append(seen.value)
        if seen.detail:
            details[str(number)] = seen.detail
        if seen.limit is not None:
            limits[str(number)] = seen.limit
        if seen.low_limit is not None:
            low_limits[str(number)] = seen.low_limit
    return {
        "subjects": names,
        "facts": facts,
        "about": about,
        "what": what,
        "values": values,
        "details": details,
        "limits": limits,
        "low_limits": low_limits,
        "refused": [[r.subject.kind, r.subject.name, r.fact, r.raw, r.reason] for r in batch.refused],
        "complete": sorted(batch.complete),
        "failures": list(batch.failures),
        "took_s": batch.took_s,
    }


def unpack_batch(device: str, tier: Tier, at: datetime, packed: bytes) -> Batch:
    return batch_of(device, tier, at, unpack_columns(packed))


def unpack_columns(packed: bytes) -> Columns:
    body: Columns = json.loads(zlib.decompress(packed))
    return body


def batch_of(device: str, tier: Tier, at: datetime, body: Columns) -> Batch:
    """What another version of netcase wrote, and this one has no word for, is left out; what it left out is nothing."""
    if not _is_ours(body):
        body = _ours(body)
    subjects = [Subject(device, _KINDS[kind], name) for kind, name in body["subjects"]]
    facts = [_FACTS[fact] for fact in body["facts"]]
    details = {int(number): detail for number, detail in body["details"].items()}
    limits = {int(number): limit for number, limit in body["limits"].items()}
    low_limits = {int(number): limit for number, limit in body["low_limits"].items()}
    return Batch(
        device=device,
        tier=tier,
        at=at,
        observations=tuple(
            Observation(
                subjects[about], facts[what], value, details.get(number, ""), limits.get(number), low_limits.get(number)
            )
            for number, (about, what, value) in enumerate(zip(body["about"], body["what"], body["values"], strict=True))
        ),
        complete=frozenset(_KINDS[kind] for kind in body["complete"]),
        failures=tuple(body["failures"]),
        took_s=body["took_s"],
        refused=tuple(
            Refusal(Subject(device, _KINDS[kind], name), _FACTS[fact], raw, reason)
            for kind, name, fact, raw, reason in body["refused"]
        ),
    )


_MAPS, _LISTS = ("details", "limits", "low_limits"), ("refused", "complete", "failures")


def _is_ours(body: Columns) -> bool:
    return (
        all(each in body for each in (*_MAPS, *_LISTS, "took_s"))
        and _FACTS.keys() >= set(body["facts"])
        and _KINDS.keys() >= {kind for kind, _ in body["subjects"]}
        and all(kind in _KINDS and fact in _FACTS for kind, _, fact, *_ in body["refused"])
        and _KINDS.keys() >= set(body["complete"])
    )


def _ours(body: Columns) -> Columns:
    known = {each: body.get(each, {}) for each in _MAPS} | {each: body.get(each, []) for each in _LISTS}
    kept = [
        number
        for number, (about, what) in enumerate(zip(body["about"], body["what"], strict=True))
        if body["subjects"][about][0] in _KINDS and body["facts"][what] in _FACTS
    ]
    places = {str(number): str(place) for place, number in enumerate(kept)}
    subjects = [each if each[0] in _KINDS else [ComponentKind.DEVICE, each[1]] for each in body["subjects"]]
    facts = [each if each in _FACTS else Fact.STATE for each in body["facts"]]  # nothing is left that is about these
    told = {each: [body[each][number] for number in kept] for each in ("about", "what", "values")}
    beside = {each: {places[at]: what for at, what in known[each].items() if at in places} for each in _MAPS}
    return {
        "subjects": subjects,
        "facts": facts,
        **told,
        **beside,
        "refused": [each for each in known["refused"] if each[0] in _KINDS and each[2] in _FACTS],
        "complete": [each for each in known["complete"] if each in _KINDS],
        "failures": known["failures"],
        "took_s": body.get("took_s", 0.0),
    }


@dataclass(frozen=True, slots=True)
class Numbers:
    """A sample row, and the layout that tells what its numbers are about."""

    digest: bytes
    layout: bytes
    body: bytes


def pack_samples(batch: Batch) -> Iterator[Numbers]:
    """The sample rows of a batch: none, one, or two."""
    keys: tuple[dict[str, list[Any]], ...] = ({}, {})
    values: tuple[dict[str, list[float]], ...] = ({}, {})
    for seen in batch.observations:
        group = _CLASS.get(id(seen.fact))
        if group is None:
            continue
        number = _number(seen.value)
        if number is None:
            continue
        fact, subject = seen.fact._value_, seen.subject
        if fact not in keys[group]:
            keys[group][fact], values[group][fact] = [], []
        keys[group][fact].append((subject.kind, subject.name))
        values[group][fact].append(number)
    for about, numbers in zip(keys, values, strict=True):
        if about:
            layout = to_json(about).encode("ascii")
            flat = [number for column in numbers.values() for number in column]
            yield Numbers(hashlib.sha256(layout).digest()[:16], zlib.compress(layout, 6), pack_numbers(flat))


def _number(value: object) -> float | None:
    """A finite number as a float; None for anything else, a bool included."""
    if type(value) is int or type(value) is float:
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if number - number == 0 else None  # not for inf and nan
    return None


def pack_numbers(numbers: Sequence[float]) -> bytes:
    plain = struct.pack(f"<{len(numbers)}d", *numbers)
    return b"\0" + plain if len(numbers) <= PLAIN_UP_TO else b"\1" + zlib.compress(plain, 1)


def unpack_numbers(body: bytes, where: Sequence[int]) -> Sequence[float]:
    """The numbers at some positions of a row; those of a range at once."""
    plain = zlib.decompress(memoryview(body)[1:]) if body[0] else body
    skip = 0 if body[0] else 1
    if isinstance(where, range):
        return struct.unpack_from(f"<{len(where)}d", plain, skip + 8 * where.start)
    return [struct.unpack_from("<d", plain, skip + 8 * position)[0] for position in where]


def run(found: Sequence[int]) -> Sequence[int]:
    """Rising positions as a range, where they have no gap."""
    whole = range(found[0], found[-1] + 1)
    return whole if len(whole) == len(found) else found


def positions(layout: bytes, fact: Fact, kind: ComponentKind) -> dict[str, int]:
    """Where in the rows of a layout the fact of each component of a kind stands, by the component's name."""
    found: dict[str, int] = {}
    first = 0
    for name, subjects in json.loads(zlib.decompress(layout)).items():
        if name == fact:
            found |= {component: first + offset for offset, (of, component) in enumerate(subjects) if of == kind}
        first += len(subjects)
    return found
