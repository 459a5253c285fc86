"""`netcase case bundle`: everything a vendor needs of a case, in one archive or several."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import locale
from agent.app import compose
from agent.cases import vendor
from agent.cases.case import Action, Entry
from agent.cli import options, showing
from agent.cli.vendor import case_of
from agent.inventory.vendors import Form
from agent.locale import N_

if TYPE_CHECKING:
    from agent.app.bundle import Bundle

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]


def add_to_case(cases: typer.Typer) -> None:
    cases.command(name="bundle")(make)


def make(
    name: Name,
    into: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file, or a folder for it; default as the vendor wants.")
    ] = None,
    to: Annotated[str, typer.Option("--vendor", help="Whose limits hold; default whoever has the case.")] = "",
    attachments: Annotated[
        bool, typer.Option("--attachments", help="With files that are no text, which nobody can go over for secrets.")
    ] = False,
    who: Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Pack the case for a vendor: statement, timeline, evidence gone over once more for secrets, manifest, serial
    numbers; exit 1 when a file is missing or damaged."""
    from agent.app import bundle
    from agent.pipeline import handing
    from agent.pipeline.desk import Desk

    network, language = options.network(inventory), options.language(lang)
    folder, file = _where(into)
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            case, now = case_of(tx, name), compose.now()
            owner = handing.vendor_of(Desk(tx, network, now), to) if to else None
            gathered = bundle.gather(tx, network, case, owner, now)
        secrets = bundle.known_secrets(network)
        made = bundle.write(gathered, memory.evidence, secrets, folder, file, attachments=attachments)
        with memory.store.begin() as tx:
            text = f"bundle made: {', '.join(path.name for path in made.archives)}"
            said = {"what": str(vendor.What.BUNDLED)}
            line = Entry(case=case.number, at=now, action=Action.VENDOR, text=text, actor=options.actor(who), data=said)
            tx.log([line])
    if json:
        showing.as_json({"archives": [str(path) for path in made.archives], "manifest": made.manifest})
    else:
        _print(made, language)
    if made.damaged:
        raise typer.Exit(1)


def _where(into: Path | None) -> tuple[Path, str]:
    """(folder, name); no name: the vendor's."""
    if into is None:
        return Path(), ""
    if any(into.name.endswith(f".{form}") for form in Form):
        return into.parent, into.name
    return into, ""


def _print(made: "Bundle", language: str) -> None:
    for path in made.archives:
        showing.line(f"{path}  {locale.quantity(path.stat().st_size, 'B')}")
    said = N_("{files} files of the case; {again} secrets struck out in addition to those struck out before")
    showing.line(locale.say(said, language, files=made.files, again=made.secrets_again))
    for name, why in made.left_out.items():
        showing.line(f"{locale.words(language)(N_('Not in it'))}: {name}: {locale.reword(why, language)}", "yellow")
