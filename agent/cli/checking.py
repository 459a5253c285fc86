"""Commands that ask: check the inventory, probe or collect from a device, write a report."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import locale
from agent.app import compose
from agent.app.compose import Memory
from agent.cases.case import EvidenceState
from agent.cli import asking, calendars, evidence, options, probing, showing
from agent.errors import DeviceError, UsageError
from agent.inventory.device import reachable
from agent.inventory.inventory import Inventory
from agent.observation import Tier
from agent.ports import Transcript

if TYPE_CHECKING:
    from agent.inspection.checklist import Checklist
    from agent.inspection.verdicts import Verdict
    from reports.document import Document


def add_to(cli: typer.Typer) -> None:
    for command in (check, collect, report, inspect):
        cli.command()(command)


def check(
    inventory: options.Inventory = None,
    connect: Annotated[bool, typer.Option("--connect", help="Ask every device once, too.")] = False,
    json: options.Json = False,
) -> None:
    """Check the inventory; every problem is told with its line and what to write instead."""
    from agent.app import website

    chosen = options.chosen(inventory)
    network = compose.read_inventory(chosen.inventory)
    website.keys(network)
    warnings = calendars.warnings(network, compose.now().date(), options.language(None))
    if connect:
        _connect(network, json)
    elif json:
        told = {"file": str(chosen.inventory), "devices": len(network.devices), "problems": [], "warnings": warnings}
        showing.as_json(told)
    else:
        for warning in warnings:
            showing.line(f"{chosen.inventory}: {warning}", "yellow")
        counts = f"{len(network.devices)} devices, {len(network.links)} links, {len(network.customers)} customers"
        showing.line(f"{chosen.inventory}: in order: {counts}")


def _connect(network: Inventory, json: bool) -> None:
    batches = asyncio.run(asking.poll(list(network.devices.values()), (Tier.STATUS,)))
    up = {batch.device: reachable(network.devices[batch.device], batch.observations) for batch in batches}
    if json:
        showing.as_json([{"device": b.device, "reachable": up[b.device], "failures": b.failures} for b in batches])
    else:
        rows = [(b.device, "up" if up[b.device] else "down", ", ".join(b.failures)) for b in batches]
        showing.table(["Device", "State", "What did not work"], rows, "")
    if not all(up[batch.device] and not batch.failures for batch in batches):
        raise typer.Exit(1)


def collect(
    device: Annotated[str, typer.Argument(help="A device of the inventory.")],
    tech: Annotated[bool, typer.Option("--tech", help="Also `show tech`, which takes minutes.")] = False,
    into: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the files; default evidence-DEVICE.")
    ] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Evidence from one device now, over SSH: read-only, secrets struck out, with a manifest beside it."""
    from agent.app import delivery
    from collectors.ssh.shell import NetmikoShell

    found = probing.known(options.chosen(inventory).inventory, device)
    if found.ssh is None:
        raise UsageError(f"{device} has no ssh in the inventory: give it one, as ssh: NAME of a credential")
    settings = options.chosen(data=data, database=database)
    if not found.platform and (settings.database or (settings.data / "netcase.db").exists()):
        with options.existing(data, database) as memory:
            found = delivery.with_platform(memory.store, found)
    folder = into or Path(f"evidence-{device}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    topics = ["version", "log", "interfaces", "environment", "neighbours", *(["tech"] if tech else [])]
    shell, language = NetmikoShell(compose.reveal, known_hosts=settings.data / "known_hosts"), options.language(lang)
    transcripts = []
    for transcript in shell.collect(found, [(topic, {}) for topic in topics], folder):
        transcripts.append(transcript)
        if not json:
            showing.line(_outcome(transcript, language))
    manifest = evidence.written(folder, *evidence.collected(device, transcripts))
    if json:
        showing.as_json(manifest)
    if settings.database or (settings.data / "netcase.db").exists():
        with options.existing(data, database) as memory:
            delivery.tell_of_key(memory.store, device, transcripts)
    missing = sum(transcript.state is not EvidenceState.DONE for transcript in transcripts)
    if missing == len(topics):
        raise DeviceError(f"nothing could be read from {device}")
    if missing:
        raise typer.Exit(1)


def _outcome(transcript: Transcript, language: str) -> str:
    said = locale.word(str(transcript.outcome or transcript.state), language)
    where = str(transcript.path or locale.reword(transcript.detail, language))
    line, struck = f"{said:20} {transcript.command or transcript.topic}: {where}", transcript.secrets_removed
    if not struck:
        return line
    ngettext = locale.plurals(language)
    return f"{line}, {ngettext('{n} secret struck out', '{n} secrets struck out', struck).format(n=struck)}"


def report(
    name: Annotated[str, typer.Argument(help="daily, availability, rma, promises, tracking or satisfaction.")],
    day: Annotated[str | None, typer.Option("--date", help="2026-11-21; default yesterday.")] = None,
    lang: options.Lang = None,
    form: Annotated[str, typer.Option("--format", help="html or json.")] = "html",
    into: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; default NAME-DATE.LANG.FORMAT. - prints.")
    ] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Write a report about any day, from what is known now."""
    from agent.app import reporting
    from agent.app.reporting import Reporter
    from reports.render.files import write

    language, network = options.language(lang), options.network(inventory)
    with options.existing(data, database) as memory:
        reporter = Reporter(memory.store, network, memory.folder / "reports", compose.now)
        chosen = reporting.date_of(day) if day else reporter.yesterday()
        made = reporting.build(memory.store, network, name, chosen, compose.now())
    text = reporting.render(made, language, form)
    if into == Path("-"):
        print(text)
        return
    path = write(into or Path(f"{name}-{chosen}.{language}.{form}"), text)
    showing.line(f"{locale.say(made.title, language)}: {path}")


def inspect(
    checklist: Annotated[str, typer.Option("--checklist", help="Which one.")] = "quarterly",
    devices: Annotated[str | None, typer.Option("--devices", help="Names with commas between; default all.")] = None,
    into: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for the report; default data's.")] = None,
    lang: options.Lang = None,
    json: options.Json = False,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Run a checklist over devices, by SNMP, history and SSH; exit 1 when something failed."""
    from agent.app import reporting
    from agent.inspection import checklist as checklists
    from agent.inspection.verdicts import Result
    from reports.render.files import write

    language, settings = options.language(lang), options.chosen(inventory, data, database)
    network, wanted = compose.read_inventory(settings.inventory), checklists.shipped(checklist)
    names = [name.strip() for name in devices.split(",")] if devices else list(network.devices)
    for name in names:
        if name not in network.devices:
            raise UsageError(f"{name} is no device of {settings.inventory}")
    with compose.memory(settings) as memory:
        made, verdicts = asyncio.run(_inspected(memory, network, wanted, names, language))
        folder = into or memory.folder / "reports"
    paths = [
        write(
            folder / f"inspection-{made.made[:16].replace(':', '')}.{each}.{form}", reporting.render(made, each, form)
        )
        for each in locale.LANGUAGES
        for form in reporting.FORMATS
    ]
    if json:
        print(reporting.render(made, language, "json"))
    else:
        _print_inspection(wanted, verdicts, language)
        for path in paths:
            showing.line(str(path))
    if any(verdict.result is Result.FAIL for verdict in verdicts):
        raise typer.Exit(1)


async def _inspected(
    memory: Memory, network: Inventory, checklist: "Checklist", names: list[str], language: str
) -> "tuple[Document, list[Verdict]]":
    from agent.app.inspecting import Inspector
    from collectors.collector import Collector
    from collectors.ssh.shell import NetmikoShell

    def told(done: int, of: int) -> None:
        if sys.stderr.isatty():
            said = locale.say(locale.N_("{done} of {n} devices inspected"), language, done=done, n=of)
            print(f"\r{said}", end="" if done < of else "\n", file=sys.stderr, flush=True)

    collector = Collector(compose.reveal, clock=compose.now)
    await collector.start()
    try:
        shell = NetmikoShell(compose.reveal, known_hosts=memory.folder / "known_hosts")
        return await Inspector(memory.store, network, collector, shell, compose.now).inspect(checklist, names, told)
    finally:
        await collector.close()


def _print_inspection(checklist: "Checklist", verdicts: "list[Verdict]", language: str) -> None:
    from agent.inspection.verdicts import Result

    _ = locale.words(language)
    titles = {item.id: item.title for item in checklist.items}
    wrong = [verdict for verdict in verdicts if verdict.result not in {Result.PASS, Result.NOT_APPLICABLE}]
    rows = [
        (
            v.device,
            _(titles[v.item]),
            locale.word(v.result, language),
            _said(v.measured, language) or _said(v.evidence, language),
            _said(v.threshold, language),
        )
        for v in wrong
    ]
    heads = [_(head) for head in ("Device", "Item", "Verdict", "Measured", "Threshold")]
    showing.table(heads, rows, _("All passed."))


def _said(text: locale.Text, language: str) -> str:
    return locale.say(text.text, language, **text.values)
