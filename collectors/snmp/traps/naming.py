"""From a trap to an event: what happened, to which part of which device, and how bad it is."""

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address

from agent.observation import ComponentKind, Event, Source, Subject
from collectors.snmp.traps.message import ADDRESS, ENTERPRISE, Trap
from collectors.snmp.traps.table import PART, Column, table

TEXT_LIMIT = 2048
_BY_ADDRESS = (ComponentKind.BGP_PEER, ComponentKind.OSPF_NEIGHBOUR)  # no part of the hardware is one
_INDEX = "entPhysicalIndex"
_LENGTHS = ((2, 16), (1, 4))  # InetAddressType, octets


def event(trap: Trap, now: datetime, sender: str, device_of: Callable[[str], str]) -> Event:
    """What a trap says. The device is the sender's, or the one behind it; an unknown trap is kept under its OID."""
    device = device_of(sender) or (device_of(trap.agent) if trap.agent else "")
    kind = table().kind(trap.oid)
    data, found = _details(trap)
    told = kind.when.get(data.get(kind.state, ""), kind.told) if kind.state else kind.told
    text = [f"{name}={value}" for name, value in data.items()]
    about = _subject(device, told.about, found, data) if device else None
    return Event(
        device=device,
        sender=sender,
        source=Source.TRAP,
        arrived=now,
        severity=told.severity,
        text=" ".join([kind.mib, *text])[:TEXT_LIMIT],
        mnemonic=trap.oid,
        name=told.name,
        subject=about or (Subject(device) if device and told.name else None),
        data=data,
    )


def _details(trap: Trap) -> tuple[dict[str, str], dict[str, str]]:
    """(what is told, by object; the names of what it is about, by kind of component)."""
    data: dict[str, str] = {}
    found: dict[str, str] = {}
    if trap.agent and trap.agent != "0.0.0.0":
        data["agent"] = trap.agent
    if trap.user:
        data["user"] = trap.user
    columns = table()
    for oid, value in trap.varbinds:
        column, index = columns.column(oid)
        if column is None:
            if oid != ADDRESS:  # which is `agent`
                data["enterprise" if oid == ENTERPRISE else oid] = value
            continue
        data[column.name] = column.words.get(value, value)
        if column.index and index:
            data.setdefault(column.index, index.partition(".")[0])
        if (column.names or column.address) and (value or column.address):
            _note(column, value, index, found)
    if ComponentKind.BGP_PEER in found:
        data["peer"] = found[ComponentKind.BGP_PEER]
    if trap.left_out:
        data["left_out"] = str(trap.left_out)
    return data, found


def _note(column: Column, value: str, index: str, found: dict[str, str]) -> None:
    if column.names and value and (column.best or column.names not in found):
        found[column.names] = value
    if column.address and column.address not in found:
        address = last_address(index)
        if address:
            found[column.address] = address


def _subject(device: str, about: ComponentKind | None, found: dict[str, str], data: dict[str, str]) -> Subject | None:
    """A part that is known by number alone is called so: `ifIndex 7`; what its name is stands in the polls.

    A port's entPhysicalName is its interface's name, where there is no other.
    """
    kind = about or (ComponentKind.INTERFACE if ComponentKind.INTERFACE in found else None)
    if kind is None:
        return None
    name = found.get(kind, "")
    if not name and kind is ComponentKind.INTERFACE and "ifIndex" in data:
        name = f"ifIndex {data['ifIndex']}"
    if not name and kind not in _BY_ADDRESS:
        name = found.get(PART, "") or (f"{_INDEX} {data[_INDEX]}" if _INDEX in data else "")
    return Subject(device, kind, name) if name else None


def last_address(index: str) -> str:
    """The address at the end of an index: IPv4 alone, or after an InetAddressType, with its length or without."""
    numbers = [int(number) for number in index.split(".") if number]
    for kind, length in _LENGTHS:
        octets = numbers[-length:]
        before = numbers[:-length]
        told = before[-1:] == [kind] or before[-2:] == [kind, length] or len(numbers) == length == 4
        if told and len(octets) == length and max(octets) < 256:
            return str(ip_address(bytes(octets)))
    return ""
