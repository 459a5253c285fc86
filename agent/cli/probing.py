"""`netcase probe`: one device, asked everything."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from agent import locale
from agent.app import compose
from agent.cli import asking, options, showing
from agent.errors import DeviceError, UsageError
from agent.inventory.device import Device, Method, Polling, Secret, SnmpAccess
from agent.observation import Batch, Fact, Tier
from collectors import probe as probing

COMMUNITY = "NETCASE_COMMUNITY"
_GIVEN = "given:community"
_AUTH = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_PRIV = ("des", "aes128", "aes192", "aes256", "aes192c", "aes256c")


def add_to(cli: typer.Typer) -> None:
    cli.command()(probe)


def probe(
    address: Annotated[str, typer.Argument(help="Address or name of the device, or a device of the inventory.")],
    inventory: options.Inventory = None,
    community: Annotated[
        str | None,
        typer.Option("--community", help=f"SNMP v2c; better in the environment, as {COMMUNITY}.", envvar=COMMUNITY),
    ] = None,
    snmp_version: Annotated[str, typer.Option(help="v1, v2c or v3; v3 needs --user.")] = "v2c",
    user: Annotated[str, typer.Option(help="SNMP v3: the user.")] = "",
    auth_protocol: Annotated[str, typer.Option(help=f"SNMP v3: one of {' '.join(_AUTH)}.")] = "sha1",
    auth: Annotated[
        str | None, typer.Option(help="SNMP v3: the authentication password, by reference: env:NAME, file:PATH.")
    ] = None,
    priv_protocol: Annotated[str, typer.Option(help=f"SNMP v3: one of {' '.join(_PRIV)}.")] = "aes128",
    priv: Annotated[str | None, typer.Option(help="SNMP v3: the privacy password, by reference.")] = None,
    snmp_port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port.")] = 161,
    timeout: Annotated[float, typer.Option(min=0.1, max=60, help="Seconds to wait for an answer.")] = 2.0,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Ask one device everything: identity, interfaces, health, neighbours. A stranger needs --community or --user."""
    if user:
        device = _stranger(address, _v3(user, auth_protocol, auth, priv_protocol, priv), snmp_port, timeout)
    elif community:
        version = _one_of("--snmp-version", snmp_version, ("v1", "v2c"))
        device = _stranger(address, SnmpAccess(version=version, community=Secret(_GIVEN)), snmp_port, timeout)
    else:
        device = known(options.chosen(inventory).inventory, address)
    given = {_GIVEN: community} if community else {}
    batches = asyncio.run(asking.poll([device], (Tier.STATUS, Tier.IDENTITY, Tier.HEALTH), given))
    _answered(device, batches)
    found = probing.as_document(device.name, batches)
    if json:
        showing.as_json(found)
    else:
        _print(found, options.language(lang))


def known(path: Path, name: str) -> Device:
    """Raises UsageError for a device that is not in the inventory."""
    device = compose.read_inventory(path).devices.get(name)
    if device is None:
        raise UsageError(f"{name} is no device of {path}: give its name there, or --community for a stranger")
    return device


def _v3(user: str, auth_protocol: str, auth: str | None, priv_protocol: str, priv: str | None) -> SnmpAccess:
    if priv and not auth:
        raise UsageError("--priv needs --auth: there is no privacy without authentication (RFC 3414 §1.4.2)")
    for name, reference in (("--auth", auth), ("--priv", priv)):
        if reference and reference.partition(":")[0] not in ("env", "file"):
            raise UsageError(f"{name} takes a reference, not the password itself: write env:NAME or file:PATH")
    return SnmpAccess(
        version="v3",
        user=user,
        auth_protocol=_one_of("--auth-protocol", auth_protocol, _AUTH) if auth else "",
        auth=Secret(auth) if auth else None,
        priv_protocol=_one_of("--priv-protocol", priv_protocol, _PRIV) if priv else "",
        priv=Secret(priv) if priv else None,
    )


def _one_of(option: str, said: str, choices: Sequence[str]) -> str:
    if said not in choices:
        raise UsageError(f"{option} {said} is not known: write one of {', '.join(choices)}")
    return said


def _stranger(address: str, access: SnmpAccess, port: int, timeout: float) -> Device:
    return Device(
        name=address.replace("/", "_"),
        address=address,
        customer="",
        site="",
        snmp=replace(access, port=port),
        reachability=(Method.SNMP,),
        polling=replace(Polling(), timeout=options.seconds(timeout)),
    )


def _answered(device: Device, batches: Sequence[Batch]) -> None:
    told = [o for batch in batches for o in batch.observations if o.fact is Fact.SNMP_REACHABLE]
    if any(o.value for o in told):
        return
    causes = sorted({failure for batch in batches for failure in batch.failures})
    sentence = next((o.detail.removeprefix("SNMP: ") for o in told if o.detail), "")
    raise DeviceError(
        f"{device.address} does not answer SNMP: {sentence or ', '.join(causes) or 'no access is set up'}"
    )


# ---------------------------------------------------------------- for people

_Rows = Sequence[Mapping[str, Any]]
_IDENTITY = (
    ("vendor", "Vendor"), ("platform", "Platform"), ("hardware", "Model"), ("version", "Version"),
    ("serial", "Serial number"), ("sys_name", "Name"), ("sys_descr", "Description"), ("uptime_s", "Uptime"),
    ("clock", "Clock"), ("ntp_state", "NTP"),
)  # fmt: skip
_TABLES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("interfaces", "Interfaces", (("name", "Interface"), ("admin", "Admin"), ("oper", "Oper"), ("speed_bps", "Speed"),
                                  ("duplex", "Duplex"), ("lag", "Aggregate"), ("alias", "Description"))),
    ("cpu", "CPU", (("name", "Name"), ("usage_pct", "Used %"))),
    ("memory", "Memory", (("name", "Name"), ("used_pct", "Used %"), ("total_bytes", "Bytes"))),
    ("storage", "Storage", (("name", "Name"), ("used_pct", "Used %"), ("total_bytes", "Bytes"))),
    ("states", "States", (("kind", "Kind"), ("name", "Name"), ("state", "State"), ("word", "The device's word"),
                          ("role", "Role"))),
    ("bgp_peers", "BGP", (("peer", "Peer"), ("state", "State"), ("remote_as", "AS"))),
    ("ospf_neighbours", "OSPF", (("neighbour", "Neighbour"), ("state", "State"), ("router_id", "Router ID"))),
    ("bfd_sessions", "BFD", (("peer", "Peer"), ("state", "State"))),
    ("expiries", "Licences and certificates", (("kind", "Kind"), ("name", "Name"), ("expires", "Ends"))),
    ("neighbours", "Neighbours", (("port", "Interface"), ("remote_name", "Neighbour"), ("remote_port", "Its port"),
                                  ("remote_platform", "Platform"))),
    ("modules", "Modules", (("name", "Name"), ("model", "Model"), ("serial", "Serial number"), ("version", "Version"))),
    ("refused", "Not believed", (("name", "Name"), ("fact", "Value"), ("raw", "On the wire"), ("reason", "Why"))),
)  # fmt: skip
_UNITS = {"temperature": "°C", "fanspeed": "rpm", "voltage": "V", "current": "A", "power": "W", "dbm": "dBm"}


def _print(found: Mapping[str, Any], language: str) -> None:
    _ = locale.words(language)
    for key, title in _IDENTITY:
        value = found["device"].get(key)
        if value is not None:
            showing.line(f"{_(title)}: {_uptime(value) if key == 'uptime_s' else str(value).splitlines()[0]}")
    for key, title, columns in _TABLES:
        _table(_(title), found[key], [(name, _(head)) for name, head in columns])
    readings = [
        {**row, "value": f"{row['value']:g} {_UNITS.get(kind, kind)}"}
        for kind, rows in found["sensors"].items()
        for row in rows
    ]
    heads = (("name", "Name"), ("value", "Value"), ("low_limit", "Low limit"), ("limit", "High limit"))
    _table(_("Sensors"), readings, [(name, _(head)) for name, head in heads])
    if found["failures"]:
        showing.line(f"{_('What did not work')}: {', '.join(found['failures'])}", "yellow")


def _table(title: str, rows: _Rows, columns: Sequence[tuple[str, str]]) -> None:
    if rows:
        showing.line(f"\n{title}", "bold")
        cells = [[_cell(key, row.get(key)) for key, _ in columns] for row in rows]
        showing.table([head for _, head in columns], cells, "")


def _cell(key: str, value: Any) -> str:
    if value is None:
        return ""
    if key == "speed_bps":
        return _bits(int(value))
    if key == "total_bytes":
        return f"{value / 2**20:,.0f} MiB"
    return f"{value:g}" if isinstance(value, float) else str(value).partition("\n")[0][:60]


def _bits(value: int) -> str:
    for size, unit in ((10**9, "Gb/s"), (10**6, "Mb/s"), (10**3, "kb/s")):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value} b/s"


def _uptime(seconds: float) -> str:
    days, rest = divmod(int(seconds), 86_400)
    return f"{days} d {rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
