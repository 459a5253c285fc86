"""Commands that run: the agent, and the demonstration."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.app import compose
from agent.cli import options, process, showing
from agent.inventory.inventory import Inventory
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.app.agent import Agent

Web = Annotated[str | None, typer.Option("--web", help="Address of the web page; 127.0.0.1:8080.")]
Traps = Annotated[str | None, typer.Option("--traps", help="Address for SNMP traps; 0.0.0.0:9162.")]
Syslog = Annotated[str | None, typer.Option("--syslog", help="Address for syslog; 0.0.0.0:9514.")]


def add_to(cli: typer.Typer) -> None:
    cli.command()(run)
    cli.command()(demo)


def run(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    web: Web = None,
    traps: Traps = None,
    syslog: Syslog = None,
    public_url: options.PublicUrl = None,
    site_url: options.SiteUrl = None,
) -> None:
    """The agent: polls, listens, opens cases, tells people, serves the web page. Until it is stopped."""
    from agent.app.agent import Agent

    settings = options.chosen(
        inventory, data, database, web=web, traps=traps, syslog=syslog, public_url=public_url, site_url=site_url
    )
    process.log_to_stderr()
    process.many_files()
    network = compose.read_inventory(settings.inventory)
    with compose.alone(settings), compose.memory(settings) as memory:
        asyncio.run(_serve(Agent(settings, network, memory, single=not settings.database), network, settings))
    process.leave()


async def _serve(agent: "Agent", network: Inventory, settings: Settings) -> None:
    stopped = process.stop_signal()
    await agent.start()
    try:
        showing.line(f"{len(network.devices)} devices; {agent.website.address}; data in {settings.data}")
        await stopped.wait()
    finally:
        await agent.stop()


def demo(
    break_: Annotated[
        str, typer.Option("--break", help="cut, power, crash, agent, hot, flap, fan, psu, cpu, reboot …")
    ] = "cut",
    once: Annotated[bool, typer.Option("--once", help="Stop by itself, with a summary as JSON.")] = False,
    inventory: options.Inventory = None,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where the case, its evidence and the report are left.")
    ] = Path("demo-out"),
    web: Web = None,
    lang: options.Lang = None,
) -> None:
    """The demonstration network with an agent on it: broken before your eyes, and mended."""
    from agent.cli import demonstration

    process.log_to_stderr("error")
    language = options.language(lang)
    settings = options.chosen(inventory, folder, None, web=web)
    result = asyncio.run(demonstration.show(settings, break_, once, language))
    if once:
        showing.as_json(result)
        if not result["ok"]:
            raise typer.Exit(1)
    process.leave()
