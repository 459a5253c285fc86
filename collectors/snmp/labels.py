"""Which rows of a table count, and what each is called."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from agent.observation import ComponentKind
from collectors.snmp import values
from collectors.snmp.session import Oid
from collectors.snmp.shapes import Label, Table, Where
from collectors.snmp.walk import Column

Columns = Mapping[Oid, Column]


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of ENTITY-MIB's entPhysicalTable (RFC 6933)."""

    name: str = ""
    descr: str = ""
    kind: int = 0  # entPhysicalClass: 3 chassis, 6 powerSupply, 7 fan, 8 sensor, 9 module, 11 stack, 12 cpu
    inside: int = 0  # entPhysicalContainedIn
    hardware: str = ""
    firmware: str = ""
    software: str = ""
    serial: str = ""
    model: str = ""

    @property
    def label(self) -> str:
        return self.name or self.descr


Entities = Mapping[int, Entity]
Interfaces = Mapping[int, str]  # ifName by ifIndex


def labels(table: Table, columns: Columns, entities: Entities, interfaces: Interfaces | None = None) -> dict[Oid, str]:
    """The name of each row that counts; two rows of one name both get their index behind it."""
    found: dict[Oid, str] = {}
    if not table.where and (names := _plainly_named(table, columns)):
        return unique(names)
    for index in _indices(table, columns):
        if all(counts(where, index, columns, entities) for where in table.where):
            found[index] = _label(table.label, table.kind, index, columns, entities, interfaces or {})
    for where in table.where:
        if unnamed := where.unnamed:
            found = {index: name for index, name in found.items() if not unnamed.search(name)}
    return unique(found)


def _plainly_named(table: Table, columns: Columns) -> dict[Oid, str]:
    """The names of a table whose first column of names has one for every row; empty where it has not."""
    label = table.label
    if not label.oids or label.named != "{name}" or label.cut or label.oids[0] not in columns:
        return {}
    rows = columns[label.oids[0]].rows
    names = {index: values.text(rows.get(index)) for index in _indices(table, columns)}
    return names if all(names.values()) else {}


def unique(names: Mapping[Oid, str]) -> dict[Oid, str]:
    if len(set(names.values())) == len(names):
        return dict(names)
    twice = {name for name, n in Counter(names.values()).items() if n > 1}
    return {i: f"{name} #{'.'.join(map(str, i))}" if name in twice else name for i, name in names.items()}


def _indices(table: Table, columns: Columns) -> list[Oid]:
    """In the order of the table. Interfaces count by their names too, so that a name is the same in every tier."""
    oids = [source[0] for reading in table.readings() if not reading.at for source in reading.sources]
    oids += table.label.oids if table.kind is ComponentKind.INTERFACE else ()
    found: set[Oid] = set()
    for oid in oids:
        if oid in columns:
            found.update(columns[oid].rows)
    return sorted(found)


def _label(
    label: Label, kind: ComponentKind, index: Oid, columns: Columns, entities: Entities, interfaces: Interfaces
) -> str:
    name = _name(label, index, columns, entities, interfaces)
    if label.cut:
        name = label.cut.sub("", name).strip() or name
    if name and label.named == "{name}":
        return name
    if not name and (label.oids or label.format == "{index}"):
        return f"{kind} {'.'.join(map(str, index))}"
    parts = {"index": ".".join(map(str, index)), "first": str(index[0]), "last": str(index[-1])}
    parts |= {
        "head_ip": values.address(index[:4]),
        "last_id": values.address((index[-1] & 0xFFFFFFFF).to_bytes(4, "big")),
    }
    parts |= {"second": str(index[1]) if len(index) > 1 else ""}
    parts |= {"entity": entities[index[0]].label if index[0] in entities else ""}
    parts |= {"ip": values.address(index[-4:]), "inet": values.inet_index(index), "peer": values.last_address(index)}
    if name:
        return label.named.format(name=name, **parts).strip()
    return label.format.format(**parts) or f"{kind} {parts['index']}"


def _name(label: Label, index: Oid, columns: Columns, entities: Entities, interfaces: Interfaces) -> str:
    for oid in label.oids:
        if oid in columns and (name := values.text(columns[oid].rows.get(index))):
            return name
    if (
        label.address
        and label.address in columns
        and isinstance(octets := columns[label.address].rows.get(index), bytes)
    ):
        return values.address(octets)
    if label.interface:
        at = _pointer(label.interface_oid, label.second, index, columns)
        if at in interfaces:
            return interfaces[at]
    if label.entity:
        at = _pointer(label.entity_oid, label.second, index, columns)
        if at in entities:
            return entities[at].label
    return ""


def _pointer(oid: Oid | None, second: bool, index: Oid, columns: Columns) -> int:
    """entPhysicalIndex or ifIndex of a row: a number of its index, or what a column holds; -1 for none.

    The column may be of the table that this one is a part of: its index is then the head of the row's.
    """
    if second:
        return index[1] if len(index) > 1 else -1
    if oid is None:
        return index[0]
    rows = columns[oid].rows if oid in columns else {}
    at = rows.get(index, rows.get(index[:1]))
    return at if isinstance(at, int) else -1


def counts(where: Where, index: Oid, columns: Columns, entities: Entities) -> bool:
    if where.index and (len(index) <= where.at or index[where.at] not in where.index):
        return False
    parts = columns[where.without].rows if where.without and where.without in columns else ()
    if any(row[: len(index)] == index for row in parts):
        return False
    if where.entity and (index[0] not in entities or entities[index[0]].kind not in where.entity):
        return False
    if where.oid is None:
        return True
    at = index[: where.prefix or None]
    word = values.text(columns[where.oid].rows.get(at)) if where.oid in columns else ""
    if where.others:
        return word not in where.others
    return bool(where.matches.search(word)) if where.matches else word in where.values
