"""Devices with everything they inherit: `defaults` below groups, groups below their own groups, the device on top.

Maps (`polling`, `thresholds`) merge key by key; lists and single values replace what they cover.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from agent.inventory import access, credentials, document
from agent.inventory.device import Device, Management, Method, Polling, Role, SnmpAccess, SshAccess, Thresholds
from agent.inventory.lines import Map
from agent.inventory.problems import Path, Problems, shown
from agent.inventory.reading import Written

Layer = dict[str, Any]
_KEYS = frozenset(document.Inherited.model_fields)
_MAPS = ("polling", "thresholds")


def devices(written: Written, problems: Problems) -> dict[str, Device]:
    """Those that are well-formed and whose groups are. What else is wrong with one is noted."""
    if written.defaults is None:
        return {}
    defaults = _layer(written.defaults)
    groups = _groups(written, defaults)
    found = {}
    for name, raw in written.names("devices").items():
        below = _below(raw, groups, defaults)
        if below is None or problems.enough:
            continue
        device = written.devices.get(name)
        if device is not None:
            made = _device(name, device, _over(below, _layer(device)), written, problems)
            if made is not None:
                found[name] = made
        elif isinstance(raw, Map) and "site" not in raw and below.get("site") is None:
            _no_site(name, written, problems)
    _one_address_each(found, problems)
    return found


def _below(raw: object, groups: Mapping[str, Layer], defaults: Layer) -> Layer | None:
    """What a device inherits; None where its group is unknown or malformed."""
    group = raw.get("group") if isinstance(raw, Map) else None
    return defaults if group is None else groups.get(str(group))


def _layer(written: document.Inherited) -> Layer:
    layer = {key: getattr(written, key) for key in written.model_fields_set if key in _KEYS}
    for key in _MAPS:
        inner = layer.get(key)
        if inner is not None:
            layer[key] = {field: getattr(inner, field) for field in inner.model_fields_set}
    return layer


def _over(below: Layer, above: Layer) -> Layer:
    merged = {**below, **above}
    for key in _MAPS:
        if below.get(key) and above.get(key):
            merged[key] = {**below[key], **above[key]}
    return merged


def _groups(written: Written, defaults: Layer) -> dict[str, Layer]:
    """Each group with all it inherits. Groups in a circle, or below a malformed one, are left out."""
    done: dict[str, Layer] = {}
    for name in written.groups:
        chain = list(_chain(name, written, done))
        top = written.groups[chain[-1]].group if chain else None
        below = defaults if top is None else done.get(top)
        for group in reversed(chain):
            if below is not None:
                below = done[group] = _over(below, _layer(written.groups[group]))
    return done


def _chain(name: str | None, written: Written, done: Mapping[str, Layer]) -> Iterator[str]:
    """The group, its parent, and so on, up to one that is done, or missing, or was met before."""
    met: set[str] = set()
    while name is not None and name not in done and name in written.groups and name not in met:
        met.add(name)
        yield name
        name = written.groups[name].group


def _device(name: str, device: document.Device, merged: Layer, written: Written, problems: Problems) -> Device | None:
    at = ("devices", name)
    site_name = merged.get("site")
    if site_name is None:
        _no_site(name, written, problems)
        return None
    site = written.sites.get(site_name)
    if "ssh_jump" not in merged and site is not None:
        merged = {**merged, "ssh_jump": site.ssh_jump}
    snmp, ssh = _access(merged, written)
    methods = merged.get("reachability") or [Method.ICMP]
    if Method.SNMP in methods and merged.get("snmp") is None:
        advice = "Write snmp: with the name of a credential, or leave snmp out of reachability"
        problems.add((*at, "reachability"), "names snmp, but the device has no snmp credential", advice)
    if site is None:
        return None
    _contract(at, merged.get("contract"), site.customer, written, problems)
    if name in (merged.get("redundant_with") or ()):
        problems.add((*at, "redundant_with"), "names the device itself", "Write the devices that take over for it")
    return Device(
        name=name,
        address=device.address,
        customer=site.customer,
        site=site_name,
        platform=merged.get("platform") or "",
        role=merged.get("role") or Role.OTHER,
        group=device.group or "",
        contract=merged.get("contract") or "",
        reachability=tuple(methods),
        tcp_port=merged.get("tcp_port") or 22,
        certificate_ports=tuple(dict.fromkeys(merged.get("certificate_ports") or ())),
        snmp=snmp,
        ssh=ssh,
        polling=_polling(at, merged.get("polling") or {}, problems),
        management=merged.get("management") or Management.IN_BAND,
        parents=tuple(merged.get("parents") or ()),
        redundant_with=tuple(merged.get("redundant_with") or ()),
        tags=frozenset(merged.get("tags") or ()),
        ignore_interfaces=tuple(merged.get("ignore_interfaces") or ()),
        software_target=merged.get("software_target") or "",
        availability_target_pct=merged.get("availability_target_pct"),
        availability_weight=merged.get("availability_weight"),
        thresholds=_thresholds(at, merged.get("thresholds") or {}, problems),
    )


def _no_site(name: str, written: Written, problems: Problems) -> None:
    advice = "Write site: in the device, its group or defaults"
    problems.add(("devices", name, "site"), "is missing", advice, options=written.names("sites").keys())


def _access(merged: Layer, written: Written) -> tuple[SnmpAccess | None, SshAccess | None]:
    snmp = written.credentials.get(merged.get("snmp") or "")
    ssh = written.credentials.get(merged.get("ssh") or "")
    jump = tuple(host for name in merged.get("ssh_jump") or () if (host := credentials.jump_host(name, written)))
    return (
        credentials.snmp_access(snmp, merged.get("snmp_port")) if isinstance(snmp, access.Snmp) else None,
        credentials.ssh_access(ssh, merged.get("ssh_port"), jump) if isinstance(ssh, access.Ssh) else None,
    )


def _contract(at: Path, number: str | None, customer: str, written: Written, problems: Problems) -> None:
    contract = written.contracts.get(number or "")
    if contract is not None and contract.customer != customer:
        message = f"the contract is {shown(contract.customer)}'s, the device's site is {shown(customer)}'s"
        problems.add((*at, "contract"), message, "Write a contract of the customer whose site it is")


def _polling(at: Path, merged: Layer, problems: Problems) -> Polling:
    polling = Polling(**{key: value for key, value in merged.items() if value is not None})
    if polling.timeout * (polling.retries + 1) > polling.status:
        message = f"waiting for an answer takes up to {_seconds(polling.timeout * (polling.retries + 1))}, longer than"
        advice = "Shorten timeout, or lengthen status"
        problems.add((*at, "polling"), f"{message} the status interval of {_seconds(polling.status)}", advice)
    return polling


def _seconds(length: Any) -> str:
    return f"{length.total_seconds():g}s"


_CLEARS: Mapping[str, tuple[str, Callable[[float], float]]] = {
    "cpu_pct": ("cpu_clear_pct", lambda raised: raised - 10),
    "memory_pct": ("memory_clear_pct", lambda raised: raised - 5),
    "errors_pct": ("errors_clear_pct", lambda raised: raised / 10),
}


def _thresholds(at: Path, merged: Layer, problems: Problems) -> Thresholds:
    """A level to clear at that nobody wrote keeps its usual distance from the level to raise at; and the other way."""
    written = {key: value for key, value in merged.items() if value is not None}
    for over, (clear, usual) in _CLEARS.items():
        if over in written and clear not in written:
            written[clear] = max(usual(written[over]), 0.0)
        elif clear in written and written[clear] > (level := written.get(over, _USUAL[over])):
            message = f"is {written[clear]:g}, above {over}, which is {level:g}"
            problems.add((*at, "thresholds", clear), message, "Clear at a lower level than the one that raises")
    return Thresholds(**written)


_USUAL = {"cpu_pct": 90.0, "memory_pct": 90.0, "errors_pct": 1.0}  # as the rules that are shipped have them


def _one_address_each(found: Mapping[str, Device], problems: Problems) -> None:
    """Two devices may share an address (a forwarded port), but not an address and a port."""
    taken: dict[tuple[str, str, int], str] = {}
    for device in found.values():
        told = False
        for protocol, port in _endpoints(device):
            first = taken.setdefault((device.address, protocol, port), device.name)
            if first != device.name and not told:
                where = f"{shown(device.address)} {protocol} port {port}" if port else shown(device.address)
                message = f"{where} is the address of {shown(first)} already"
                advice = "Give each device its own address, or its own snmp_port and ssh_port"
                problems.add(("devices", device.name, "address"), message, advice)
                told = True


def _endpoints(device: Device) -> list[tuple[str, int]]:
    ends = [("snmp", device.snmp.port)] if device.snmp else []
    ends += [("ssh", device.ssh.port)] if device.ssh else []
    return ends or [("", 0)]
