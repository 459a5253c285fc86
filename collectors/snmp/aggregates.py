"""Which interfaces are members of which aggregate: IEEE8023-LAG-MIB, else ifStackTable (RFC 2863) and Cisco's PAgP."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.observation import ComponentKind, Fact, Observation, Subject
from collectors.snmp.labels import Columns, Interfaces
from collectors.snmp.session import Oid, parse_oid

_PORT = parse_oid("1.2.840.10006.300.43.1.2.1.1")  # dot3adAggPortEntry, by ifIndex
_ADMIN_KEY, _SELECTED, _ATTACHED = (*_PORT, 4), (*_PORT, 12), (*_PORT, 13)
PORTS = (_ADMIN_KEY, _SELECTED, _ATTACHED)
_STACK = parse_oid("1.3.6.1.2.1.31.1.2.1.3")  # ifStackStatus, by the higher's and the lower's ifIndex
_PAGP = parse_oid("1.3.6.1.4.1.9.9.98.1.1.1.1.8")  # pagpGroupIfIndex
TYPES = parse_oid("1.3.6.1.2.1.2.2.1.3")  # ifType
NAME = "aggregates"  # in the memory of tables that a device does not have
_AGGREGATE, _PROP_VIRTUAL = 161, 53  # IANAifType: ieee8023adLag; older IOS says propVirtual of its port-channels
_PORT_CHANNEL = re.compile(r"(?i)(?:po|port-?channel)\d+")
_NO_PORT = {24, 53, 131, 135, 136, 142, 150, _AGGREGATE}  # loopback, tunnel, VLANs …: above an aggregate, never in it


@dataclass(frozen=True, slots=True)
class Member:
    """What a port belongs to, and the key that it was configured with: as long as that stays it is meant to belong."""

    aggregate: int
    key: int


Members = Mapping[int, Member]  # by ifIndex


def others(cisco: bool) -> tuple[Oid, ...]:
    """What is asked of a device without IEEE8023-LAG-MIB: of who belongs to whom, not of how it does."""
    return (_STACK, _PAGP) if cisco else (_STACK,)


def members(columns: Columns, before: Members) -> tuple[dict[int, Member], set[int]]:
    """(the members, those of them that are attached). A port whose link is down selects no aggregate: it keeps its own.

    `before` are those of the last poll. Ports that stand alone name themselves, or nobody.
    """
    keys, selected, attached = (_numbers(columns, oid) for oid in PORTS)
    found: dict[int, Member] = {}
    for port in sorted(keys.keys() | selected.keys() | attached.keys()):
        aggregate, key, known = attached.get(port) or selected.get(port, 0), keys.get(port, 0), before.get(port)
        if aggregate > 0 and aggregate != port:
            found[port] = Member(aggregate, key)
        elif aggregate == 0 and known is not None and key == known.key != 0:
            found[port] = known
    return found, {port for port in found if attached.get(port) == found[port].aggregate}


def stacked(columns: Columns, names: Interfaces) -> dict[int, int]:
    """The aggregate by its member, as ifStackTable and PAgP have it."""
    types = _numbers(columns, TYPES)
    rows = columns[_STACK].rows if _STACK in columns else {}
    found = {
        index[1]: index[0]
        for index in rows
        if len(index) == 2 and types.get(index[1], _AGGREGATE) not in _NO_PORT and _is_aggregate(index[0], types, names)
    }
    pagp = _numbers(columns, _PAGP)
    return {**{port: group for port, group in pagp.items() if group not in (0, port)}, **found}


def _is_aggregate(index: int, types: Mapping[int, int], names: Interfaces) -> bool:
    kind = types.get(index)
    named = _PORT_CHANNEL.fullmatch(names.get(index, "")) is not None
    return kind == _AGGREGATE or (kind == _PROP_VIRTUAL and named)


def observations(
    device: str, found: Members, attached: set[int], names: Interfaces, once: set[str]
) -> Iterator[Observation]:
    """`once`: names of ports that were attached, kept here, so that a spare that never was is not called lost."""
    for port, member in found.items():
        if port not in names or member.aggregate not in names:
            continue
        subject = Subject(device, ComponentKind.INTERFACE, names[port])
        yield Observation(subject, Fact.LAG, names[member.aggregate])
        if port in attached:
            once.add(names[port])
            yield Observation(subject, Fact.LAG_STATE, "attached")
        elif names[port] in once:
            yield Observation(subject, Fact.LAG_STATE, "detached")


def plain(device: str, found: Mapping[int, int], names: Interfaces) -> Iterator[Observation]:
    """Of devices that do not tell which members are attached."""
    for port, aggregate in found.items():
        if port in names and aggregate in names:
            yield Observation(Subject(device, ComponentKind.INTERFACE, names[port]), Fact.LAG, names[aggregate])


def _numbers(columns: Columns, oid: Oid) -> dict[int, int]:
    rows = columns[oid].rows if oid in columns else {}
    return {index[0]: value for index, value in rows.items() if len(index) == 1 and isinstance(value, int)}
