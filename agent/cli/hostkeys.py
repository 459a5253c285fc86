"""Host keys of devices and jump hosts: look at them, and accept the one that is shown now."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from agent import locale
from agent.app import compose
from agent.cases.outcome import Outcome
from agent.cli import options, showing
from agent.errors import DeviceError, RefusedError, StoreError, UsageError
from agent.inventory.inventory import Inventory
from collectors.ssh import doors
from collectors.ssh.doors import Door
from collectors.ssh.hosts import Entry, HostKey, KnownHosts, Verdict

Name = Annotated[str, typer.Argument(help="A device or a jump host of the inventory.")]


def add_to(cli: typer.Typer) -> None:
    keys = typer.Typer(help="Host keys of devices and jump hosts.", no_args_is_help=True)
    keys.command()(show)
    keys.command()(accept)
    cli.add_typer(keys, name="hostkeys")


@dataclass(frozen=True, slots=True)
class _Found:
    door: Door
    hosts: KnownHosts
    known: tuple[Entry, ...]
    shown: HostKey
    verdict: Verdict


def show(
    name: Name,
    inventory: options.Inventory = None,
    data: options.Data = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The host keys that are known, and the one that is shown now; exit 1 when that is none of them."""
    found = _look(name, inventory, data)
    if json:
        showing.as_json(
            {
                "name": name,
                "host": found.door.host,
                "verdict": str(found.verdict),
                "shown": _as_json(found.shown),
                "known": [
                    _as_json(entry.key) | {"where": entry.where, "marker": entry.marker} for entry in found.known
                ],
            }
        )
    else:
        _print(found, options.language(lang))
    if found.verdict is not Verdict.KNOWN:
        raise typer.Exit(1)


def accept(
    name: Name,
    fingerprint: Annotated[
        str | None,
        typer.Option("--fingerprint", help="Only the key with this one: SHA256:…, as ssh-keygen -l shows it."),
    ] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Accept the key that is shown now, in the place of those in the agent's own file. Check it first."""
    language = options.language(lang)
    _ = locale.words(language)
    found = _look(name, inventory, data)
    _print(found, language)
    if fingerprint is not None and fingerprint != found.shown.fingerprint:
        raise RefusedError(f"{name} shows another key than {fingerprint}; nothing was accepted")
    if found.verdict is Verdict.REVOKED:
        raise RefusedError("the key is marked as revoked in a file of known host keys; nothing was accepted")
    if fingerprint is None and not _agreed(_("Accept this key?")):
        raise RefusedError("nothing was accepted")
    try:
        replaced = found.hosts.accept(found.door.host, found.shown)
    except OSError as error:
        raise StoreError(f"the key cannot be kept: {error.strerror or error}") from error
    showing.line(_("Accepted: {key}").format(key=found.shown))
    for entry in found.known:
        if entry not in replaced and entry.key != found.shown:
            showing.line(_("Another file still knows an older key: {where}").format(where=entry.where))
    _tell(name, data, database)


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to ask: give --fingerprint with the key's fingerprint")
    return typer.confirm(question)


def _look(name: str, inventory: Path | None, data: Path | None) -> _Found:
    """Raises UsageError for an unknown name, LoginError when nobody is there to show a key."""
    own = options.chosen(data=data).data / "known_hosts"
    door, hops = _way(options.network(inventory), name)
    try:
        hosts = doors.known_to(door, own)
        shown = doors.shown_key(door, hops, own)
        return _Found(door, hosts, hosts.entries(door.host), shown, hosts.judge(door.host, shown).verdict)
    except OSError as error:
        raise DeviceError(f"the known host keys cannot be read: {error.strerror or error}") from error


def _way(network: Inventory, name: str) -> tuple[Door, tuple[Door, ...]]:
    """To the device or jump host; no secret is needed but those of the jump hosts before it."""
    device = network.devices.get(name)
    if device is not None and device.ssh is not None:
        return Door(device.address, device.ssh), doors.hops(device.ssh.jump, compose.reveal)
    if device is not None:
        raise UsageError(f"{name} has no ssh in the inventory: give it one, as ssh: NAME of a credential")
    for other in network.devices.values():
        for place, host in enumerate(other.ssh.jump if other.ssh else ()):
            if host.name == name and other.ssh:
                return Door(host.address, host.access, name=name), doors.hops(other.ssh.jump[:place], compose.reveal)
    raise UsageError(f"{name} is neither a device nor a jump host that a device is reached through")


def _tell(name: str, data: Path | None, database: str | None) -> None:
    """A fault about the key is over: it is now a known one."""
    settings = options.chosen(data=data, database=database)
    if settings.database or (settings.data / "netcase.db").exists():
        from agent.pipeline import logins

        with options.existing(data, database) as memory:
            logins.told(memory.store, name, Outcome.DONE, "", compose.now())


def _as_json(key: HostKey) -> dict[str, str]:
    return {"kind": key.kind, "fingerprint": key.fingerprint}


def _print(found: _Found, language: str) -> None:
    _ = locale.words(language)
    rows = [
        (_("known"), entry.key.kind, entry.key.fingerprint, f"{entry.where} {entry.marker}") for entry in found.known
    ]
    rows.append((_("shown now"), found.shown.kind, found.shown.fingerprint, locale.word(found.verdict, language)))
    showing.table([_("Key"), _("Kind"), _("Fingerprint"), _("Where")], rows, "")
