"""Who a device is: vendor, platform, model, version, serial number; and the parts that ENTITY-MIB tells of."""

import re
from collections.abc import Iterator, Mapping

from agent.observation import ComponentKind, Fact, Observation, Subject
from collectors.snmp import profiles, values
from collectors.snmp.labels import Columns, Entities, Entity, counts, unique
from collectors.snmp.session import Oid, dotted, parse_oid
from collectors.snmp.shapes import Profile, Source
from collectors.snmp.walk import Column, Value

_ENTITY = parse_oid("1.3.6.1.2.1.47.1.1.1.1")  # entPhysicalEntry
NAMES = tuple((*_ENTITY, column) for column in (2, 4, 5, 7))
EVERYTHING = tuple((*_ENTITY, column) for column in (2, 4, 5, 7, 8, 9, 10, 11, 13))
_CHASSIS, _STACK, _MODULE = 3, 11, 9
_PARTS = {_CHASSIS, 6, 7, _MODULE, _STACK}  # power supplies and fans too
_EMPTY = {"", "-", "--", "n/a", "na", "none", "null", "unknown", "not specified", "default string", "0"}


def entities(columns: Columns) -> dict[int, Entity]:
    def text(column: int, index: Oid) -> str:
        oid = (*_ENTITY, column)
        return values.text(columns[oid].rows.get(index)) if oid in columns else ""

    def integer(column: int, index: Oid) -> int:
        value = columns[(*_ENTITY, column)].rows.get(index)
        return value if isinstance(value, int) else 0

    found = {index for oid in columns if oid[:-1] == _ENTITY for index in columns[oid].rows if len(index) == 1}
    return {
        index[0]: Entity(
            text(7, index), text(2, index), integer(5, index), integer(4, index),
            text(8, index), text(9, index), text(10, index), text(11, index), text(13, index),
        )
        for index in sorted(found)
    }  # fmt: skip


def columns_of(profile: Profile | None) -> tuple[tuple[Oid, ...], tuple[Oid, ...]]:
    """(scalars, columns) that the profile's words of identity stand in."""
    sources = (*profile.version, *profile.model, *profile.serial) if profile else ()
    scalars = tuple((*s.oid, 0) for s in sources if s.oid)
    columns = (oid for s in sources for oid in (s.column, s.at, s.where.oid if s.where else None) if oid)
    return scalars, tuple(dict.fromkeys(columns))


def observations(
    device: str,
    profile: Profile | None,
    object_id: Oid,
    descr: str,
    parts: Entities,
    scalars: Mapping[Oid, Value],
    columns: Columns,
) -> Iterator[Observation]:
    """The platform's own sources first, then what every device may tell by ENTITY-MIB."""
    subject, rfc = Subject(device), profiles.everything()["rfc"]
    if object_id:
        yield Observation(subject, Fact.SYS_OBJECT_ID, dotted(object_id))
    if vendor := (profile.vendor if profile and profile.vendor else profiles.vendor_of(object_id)):
        yield Observation(subject, Fact.VENDOR, vendor)
    if profile and profile.platform:
        yield Observation(subject, Fact.PLATFORM, profile.platform)
    for fact, own, general in (
        (Fact.VERSION, profile.version if profile else (), rfc.version),
        (Fact.MODEL, profile.model if profile else (), rfc.model),
        (Fact.SERIAL, profile.serial if profile else (), rfc.serial),
    ):
        for source in (*own, *general):
            if word := _word(source, descr, parts, scalars, columns):
                yield Observation(subject, fact, word)
                break


def modules(device: str, parts: Entities) -> Iterator[Observation]:
    """Parts that can be ordered again: what has a serial number, a module or a member of a stack at least a model."""
    chosen = {i: part for i, part in parts.items() if part.serial or (part.kind in _PARTS and part.model)}
    names = unique({(i,): part.label or f"part {i}" for i, part in chosen.items()})
    for index, part in chosen.items():
        subject = Subject(device, ComponentKind.MODULE, names[(index,)])
        version = part.software or part.firmware or part.hardware
        for fact, word in (
            (Fact.DESCR, part.descr), (Fact.MODEL, part.model), (Fact.SERIAL, part.serial), (Fact.VERSION, version),
        ):  # fmt: skip
            if word.lower() not in _EMPTY:
                yield Observation(subject, fact, word)


def _word(source: Source, descr: str, parts: Entities, scalars: Mapping[Oid, Value], columns: Columns) -> str:
    if source.descr:
        return _matched(source.descr, descr, source.format)
    for text in _texts(source, parts, scalars, columns):
        word = _matched(source.match, text, source.format) if source.match else text
        if word.lower() not in _EMPTY:
            return word
    return ""


def _texts(source: Source, parts: Entities, scalars: Mapping[Oid, Value], columns: Columns) -> Iterator[str]:
    if source.oid:
        yield values.text(scalars.get((*source.oid, 0)))
    elif source.column and source.column in columns:
        yield from (values.text(value) for value in _rows(source, columns[source.column], columns, parts))
    elif source.entity:
        among = [*_main(parts), *parts.values()] if source.entity == "model" else _main(parts)
        yield from (str(getattr(part, source.entity)) for part in among)


def _rows(source: Source, column: Column, columns: Columns, parts: Entities) -> Iterator[Value]:
    """The values of the rows that count: those where `where` holds, or the one that the column `at` points to."""
    if source.at:
        pointers = columns[source.at].rows.values() if source.at in columns else ()
        yield from (column.rows[(at,)] for at in pointers if isinstance(at, int) and (at,) in column.rows)
        return
    where = source.where
    yield from (v for i, v in column.rows.items() if where is None or counts(where, i, columns, parts))


def _main(parts: Entities) -> list[Entity]:
    """The chassis first, then what stands at the root, then modules of the chassis."""
    chassis = [p for p in parts.values() if p.kind == _CHASSIS]
    roots = [p for p in parts.values() if p.inside == 0 and p.kind != _CHASSIS]
    modules = [p for p in parts.values() if p.kind == _MODULE] if not any(p.serial for p in (*chassis, *roots)) else []
    return [*chassis, *roots, *modules[:1]]


def _matched(pattern: re.Pattern[str], text: str, form: str) -> str:
    found = pattern.search(text)
    if not found:
        return ""
    if form:
        return form.format(*(group or "" for group in found.groups())).strip()
    return next((group for group in found.groups() if group), found[0]).strip()
