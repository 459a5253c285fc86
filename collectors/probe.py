"""One device, asked everything: its batches as one document, the form that `netcase probe --json` prints.

`device` is identity; the rest are lists of rows by component, and what was `refused`. Keys that the device did not tell
are left out or None.
"""

from collections.abc import Iterable
from typing import Any

from agent.observation import Batch, ComponentKind, Fact, Observation, Subject

_SENSORS = {"rpm": "fanspeed", "V": "voltage", "A": "current", "W": "power", "dBm": "dbm"}
_STATE_KINDS = {
    ComponentKind.POWER_SUPPLY: "psu",
    ComponentKind.FAN: "fan",
    ComponentKind.TEMPERATURE: "temperature",
    ComponentKind.SENSOR: "sensor",
    ComponentKind.MODULE: "module",
    ComponentKind.STACK: "stack",
    ComponentKind.REDUNDANCY: "redundancy",
    ComponentKind.CHASSIS_ALARM: "chassis_alarm",
    ComponentKind.STORAGE: "storage",
}
_OK = {"ok": True, "failed": False}
Rows = dict[Subject, dict[Fact, Observation]]


def as_document(device: str, batches: Iterable[Batch]) -> dict[str, Any]:
    """JSON-ready. Later batches win where two tell the same fact."""
    listed = list(batches)
    rows: Rows = {}
    for one in (o for batch in listed for o in batch.observations):
        rows.setdefault(one.subject, {})[one.fact] = one
    own = rows.get(Subject(device), {})
    return {
        "name": device,
        "device": _identity(own),
        "interfaces": [_interface(s.name, facts) for s, facts in _of(rows, ComponentKind.INTERFACE)],
        "cpu": _numbers(rows, ComponentKind.CPU, {"usage_pct": Fact.USAGE}),
        "memory": _numbers(rows, ComponentKind.MEMORY, {"used_pct": Fact.USED, "total_bytes": Fact.TOTAL_BYTES}),
        "sensors": _sensors(rows),
        "states": _states(rows),
        "bgp_peers": [
            {"peer": s.name, **{key: _v(f, fact) for key, fact in _PEER.items()}}
            for s, f in _of(rows, ComponentKind.BGP_PEER)
        ],
        "ospf_neighbours": [
            {"neighbour": s.name, "state": _v(f, Fact.OSPF_STATE), "router_id": _v(f, Fact.ROUTER_ID)}
            for s, f in _of(rows, ComponentKind.OSPF_NEIGHBOUR)
        ],
        "bfd_sessions": [
            {"peer": s.name, "state": _v(f, Fact.BFD_STATE)} for s, f in _of(rows, ComponentKind.BFD_SESSION)
        ],
        "expiries": [
            {"kind": kind, "name": s.name, "expires": _v(f, Fact.EXPIRES)}
            for kind in (ComponentKind.LICENCE, ComponentKind.CERTIFICATE)
            for s, f in _of(rows, kind)
        ],
        "storage": _numbers(rows, ComponentKind.STORAGE, {"used_pct": Fact.USED, "total_bytes": Fact.TOTAL_BYTES}),
        "modules": [
            {"name": s.name, **{key: _v(f, fact) for key, fact in _MODULE.items()}}
            for s, f in _of(rows, ComponentKind.MODULE)
            if not _MODULE_FACTS.isdisjoint(f)
        ],
        "neighbours": [
            {"port": s.name, **{fact.value: _v(f, fact) for fact in _NEIGHBOUR}}
            for s, f in _of(rows, ComponentKind.NEIGHBOUR)
        ],
        "addresses": [
            {"address": s.name, "interface": o.value, "network": o.detail}
            for s, f in _of(rows, ComponentKind.ADDRESS)
            if (o := f.get(Fact.ON_INTERFACE))
        ],
        "refused": [
            {"kind": r.subject.kind, "name": r.subject.name, "fact": r.fact, "raw": r.raw, "reason": r.reason}
            for batch in listed
            for r in batch.refused
        ],
        "failures": sorted({failure for batch in listed for failure in batch.failures}),
    }  # fmt: skip


def _of(rows: Rows, kind: ComponentKind) -> list[tuple[Subject, dict[Fact, Observation]]]:
    return [(subject, facts) for subject, facts in rows.items() if subject.kind is kind]


def _v(facts: dict[Fact, Observation], fact: Fact) -> Any:
    return facts[fact].value if fact in facts else None


def _identity(facts: dict[Fact, Observation]) -> dict[str, Any]:
    named = {"hardware": Fact.MODEL, "clock": Fact.CLOCK, "uptime_s": Fact.UPTIME, "rtt_ms": Fact.RTT}
    named |= {f.value: f for f in (Fact.NTP_STATE, Fact.NTP_STRATUM, Fact.NTP_OFFSET)}
    named |= {f.value: f for f in (Fact.CONFIG_CHANGED, Fact.CONFIG_SAVED)}
    plain = (Fact.VENDOR, Fact.PLATFORM, Fact.VERSION, Fact.SERIAL, Fact.SYS_NAME, Fact.SYS_DESCR, Fact.SYS_OBJECT_ID)
    reach = (Fact.ICMP_REACHABLE, Fact.TCP_REACHABLE, Fact.SNMP_REACHABLE)
    return {**{f.value: _v(facts, f) for f in (*plain, *reach)}, **{key: _v(facts, f) for key, f in named.items()}}


_MODULE = {"descr": Fact.DESCR, "model": Fact.MODEL, "serial": Fact.SERIAL, "version": Fact.VERSION}
_MODULE_FACTS = frozenset(_MODULE.values())
_NEIGHBOUR = (Fact.REMOTE_NAME, Fact.REMOTE_PORT, Fact.REMOTE_ADDRESS, Fact.REMOTE_PLATFORM, Fact.PROTOCOL)
_PEER = {"state": Fact.BGP_STATE, "admin": Fact.BGP_ADMIN, "remote_as": Fact.REMOTE_AS}
_INTERFACE = {
    "ifIndex": Fact.IF_INDEX, "type": Fact.IF_TYPE, "alias": Fact.ALIAS, "descr": Fact.DESCR,
    "admin": Fact.ADMIN_STATUS, "oper": Fact.OPER_STATUS,
    "speed_bps": Fact.SPEED, "mtu": Fact.MTU, "in_octets": Fact.IN_OCTETS, "out_octets": Fact.OUT_OCTETS,
    "in_errors": Fact.IN_ERRORS, "out_errors": Fact.OUT_ERRORS, "in_discards": Fact.IN_DISCARDS,
    "out_discards": Fact.OUT_DISCARDS, "duplex": Fact.DUPLEX, "lag": Fact.LAG, "lag_state": Fact.LAG_STATE,
}  # fmt: skip


def _interface(name: str, facts: dict[Fact, Observation]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name.rpartition(" #")[0] or name}
    row |= {key: facts[fact].value for key, fact in _INTERFACE.items() if fact in facts}
    if Fact.MAC in facts:
        row["mac"] = str(facts[Fact.MAC].value).replace(":", "")
    return row


def _numbers(rows: Rows, kind: ComponentKind, keys: dict[str, Fact]) -> list[dict[str, Any]]:
    main = next(iter(keys.values()))
    return [{"name": s.name, **{k: _v(f, fact) for k, fact in keys.items()}} for s, f in _of(rows, kind) if main in f]


def _sensors(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"temperature": []}
    for subject, facts in rows.items():
        if (celsius := facts.get(Fact.CELSIUS)) is not None:
            found["temperature"].append(_reading(subject, celsius))
        if (value := facts.get(Fact.SENSOR_VALUE)) is not None:
            key = _SENSORS.get(value.detail, value.detail)
            found.setdefault(key, []).append(_reading(subject, value))
    return found


def _reading(subject: Subject, o: Observation) -> dict[str, Any]:
    return {"name": subject.name, "value": o.value, "limit": o.limit, "low_limit": o.low_limit}


def _states(rows: Rows) -> list[dict[str, Any]]:
    """`ok` is None for what is absent or unknown."""
    return [
        {"kind": kind, "name": s.name, "ok": _OK.get(str(o.value)), "state": o.value, "word": o.detail, **_role(f)}
        for s, f in rows.items()
        if (o := f.get(Fact.STATE)) is not None and (kind := _STATE_KINDS.get(s.kind))
    ]  # fmt: skip


def _role(facts: dict[Fact, Observation]) -> dict[str, Any]:
    return {"role": facts[Fact.ROLE].value} if Fact.ROLE in facts else {}
