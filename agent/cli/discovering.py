"""`netcase discover`: what the network tells and the inventory does not, to accept or to ignore."""

import asyncio
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from agent import locale, settings
from agent.app import compose
from agent.cli import asking, options, showing
from agent.errors import StoreError, UsageError
from agent.inventory import discovery
from agent.inventory.discovery import Kind, Proposal
from agent.inventory.inventory import Inventory
from agent.observation import Batch, Tier
from agent.ports import Store, Transaction

Chosen = dict[str, Proposal]  # by its short name
IGNORED = ("discovery", "ignored")  # the document that holds what nobody wants to be told of


def add_to(cli: typer.Typer) -> None:
    cli.command()(discover)


def discover(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask every device now, instead of what the agent knows.")] = False,
    accept: Annotated[
        list[str] | None, typer.Option(help="Write this proposal into the inventory; `links` for every link.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Do not propose this again.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Ignored ones too.")] = False,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Links and neighbours that LLDP, CDP, OSPF and BGP tell of and the inventory does not; accept or ignore them."""
    chosen = options.chosen(inventory, data, database)
    network = compose.read_inventory(chosen.inventory, secrets=ask)
    with compose.memory(chosen) as memory:
        told = asyncio.run(_asked(network)) if ask else _remembered(memory.store)
        with memory.store.read() as tx:
            ignored = _ignored(tx)
        found = {_id(p): p for p in discovery.proposals(network, *told)}
        if ignore:
            with memory.store.begin() as tx:
                keys = sorted({*_ignored(tx), *(_one(found, name).key for name in ignore)})
                tx.save_document(*IGNORED, compose.now(), {"keys": keys})
            ignored = frozenset(keys)
    if accept:
        accepted = {p.key: p for name in accept for p in _several(found, name, ignored)}
        _write(chosen.inventory, list(accepted.values()))
        found = {name: p for name, p in found.items() if p.key not in accepted}
    _show(found if all_ else {name: p for name, p in found.items() if p.key not in ignored}, json, lang)


# ---------------------------------------------------------------- what is known


def _remembered(store: Store) -> tuple[Mapping[str, Batch], Mapping[str, Batch]]:
    with store.read() as tx:
        identities, statuses = tx.latest_all(Tier.IDENTITY), tx.latest_all(Tier.STATUS)
    if not identities:
        raise StoreError("no device has been asked yet: start `netcase run`, or ask them now with --ask")
    return identities, statuses


async def _asked(network: Inventory) -> tuple[Mapping[str, Batch], Mapping[str, Batch]]:
    devices = [device for device in network.devices.values() if device.snmp]
    print(f"asking {len(devices)} devices …", file=sys.stderr)
    batches = await asking.poll(devices, (Tier.IDENTITY, Tier.STATUS))
    by_tier = {tier: {b.device: b for b in batches if b.tier is tier} for tier in (Tier.IDENTITY, Tier.STATUS)}
    return by_tier[Tier.IDENTITY], by_tier[Tier.STATUS]


def _ignored(tx: Transaction) -> frozenset[str]:
    return frozenset((tx.document(*IGNORED) or {}).get("keys", ()))


# ---------------------------------------------------------------- which one is meant


def _id(proposal: Proposal) -> str:
    """Short enough to type, the same tomorrow."""
    return hashlib.sha256(proposal.key.encode()).hexdigest()[:7]


def _one(found: Chosen, name: str) -> Proposal:
    if name not in found:
        raise UsageError(f"there is no proposal {name}: `netcase discover --all` lists them")
    return found[name]


def _several(found: Chosen, name: str, ignored: frozenset[str]) -> Iterable[Proposal]:
    if name == "links":
        return [p for p in found.values() if p.kind is Kind.LINK and p.key not in ignored]
    proposal = _one(found, name)
    if not proposal.entry:
        what = "where it ends in truth" if proposal.kind is Kind.CONTRADICTION else "the address to ask it at"
        raise UsageError(f"{name} cannot be written for you: nobody told {what}; edit the inventory yourself")
    return [proposal]


# ---------------------------------------------------------------- accepting


def _write(path: Path, accepted: list[Proposal]) -> None:
    """All of them or none: what would not be a good inventory is not written. Raises InventoryError."""
    from agent.inventory import parse, writing

    text = settings.read_text(path)
    for section in ("devices", "links"):
        entries = [p.entry for p in accepted if p.section == section]
        if entries:
            text = writing.added(text, section, entries, str(path))
    parse.parse(text, str(path), lambda _: "not asked for", lambda _: True)
    _replace(path, text)
    for proposal in accepted:
        showing.line(f"{path}: {proposal.section}: {proposal.entry}")


def _replace(path: Path, text: str) -> None:
    path = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


# ---------------------------------------------------------------- showing


def _show(found: Chosen, json: bool, lang: str | None) -> None:
    language = options.language(lang)
    _ = locale.words(language)
    if json:
        showing.as_json([{"id": name, **showing.plain(proposal)} for name, proposal in found.items()])
        return
    rows = [(name, locale.word(p.kind, language), _about(p, language), ", ".join(p.seen)) for name, p in found.items()]
    heads = [_(head) for head in ("Proposal", "Kind", "What", "Seen at")]
    showing.table(heads, rows, _("The inventory and the network agree."))
    if found:
        showing.line(_("Accept one with --accept PROPOSAL, or never be told of it again with --ignore PROPOSAL."))


def _about(proposal: Proposal, language: str) -> str:
    _ = locale.words(language)
    if proposal.kind is Kind.LINK:
        return " – ".join(proposal.about)
    if proposal.kind is Kind.STRANGER:
        return ", ".join(word for word in proposal.about if word)
    a, b, c, d = proposal.about
    return _("The inventory says {a} – {b}, the network says {c} – {d}").format(a=a, b=b, c=c, d=d)
