"""`netcase sla`: clocks of cases, and how promises were kept; `netcase case arrived|restored`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from agent import locale
from agent.app import compose
from agent.cases import compliance, milestones, sla
from agent.cases.case import Case, Severity
from agent.cases.compliance import By, Kept, Record
from agent.cases.sla import Clocks, Kind, State
from agent.cli import calendars, clocks, options, showing
from agent.cli.looking import case_number
from agent.errors import UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]
Reason = Annotated[str, typer.Option("--reason", "-m", help="What there is to say; it stands on the case.")]
_MOST = 100_000  # cases that compliance reads


def add_to(cli: typer.Typer) -> None:
    promises = typer.Typer(help="What is promised, until when, and how it was kept.", no_args_is_help=True)
    promises.command(name="show")(show)
    promises.command(name="open")(every)
    promises.command(name="compliance")(kept)
    promises.command(name="calendar")(calendars.calendar)
    cli.add_typer(promises, name="sla")


def add_to_case(cases: typer.Typer) -> None:
    cases.command()(arrived)
    cases.command()(restored)
    cases.command()(severity)


# ---------------------------------------------------------------- what stands on a case


def arrived(
    name: Name,
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Somebody stands in front of the device: the on-site clock is met."""
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = _case(tx, name)
        tx.log([milestones.arrived(case, options.actor(who), reason, compose.now())])
    showing.line(f"{case.name}: on site")


def restored(
    name: Name,
    reason: Reason = "",
    undo: Annotated[bool, typer.Option("--undo", help="It does not work after all.")] = False,
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """The service works again, by whatever way round: the restore clock is met, and escalation stops."""
    now = compose.now()
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = _case(tx, name)
        say = milestones.lost_again if undo else milestones.restored
        tx.log([say(case, tx.timeline(case.number), options.actor(who), reason, now)])
    showing.line(f"{case.name}: the service {'does not work after all' if undo else 'works again'}")


def severity(
    name: Name,
    to: Annotated[Severity, typer.Argument(help="P1, P2, P3 or P4.")],
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """How severe it is in a person's eyes; it is raised again by itself only when it grows worse than it was."""
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case, entry = milestones.weighed(_case(tx, name), to, options.actor(who), reason, compose.now())
        tx.save_case(case)
        tx.log([entry])
    showing.line(f"{case.name} is {case.severity}")


def _case(tx: Transaction, name: str) -> Case:
    case = tx.case(case_number(name))
    if case is None:
        raise UsageError(f"there is no case {name}: `netcase cases` lists them")
    return case


# ---------------------------------------------------------------- clocks


def show(
    name: Name,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The clocks of one case; exit 1 when one of them is late."""
    network, now = options.network(inventory), compose.now()
    with options.existing(data, database) as memory, memory.store.read() as tx:
        case = _case(tx, name)
        found = sla.clocks(case, tx.timeline(case.number), network, now)
    if json:
        showing.as_json({"case": case.name, "severity": case.severity, "clocks": clocks.plain(found)})
    else:
        showing.line(f"{case.name}  {case.severity}  {locale.word(case.state, options.language(lang))}", "bold")
        clocks.table(found, clocks.zone(case, network), options.language(lang))
    if found.breached:
        raise typer.Exit(1)


def every(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """What is due next of every open case, the most urgent first; exit 1 when something is late."""
    network, now, language = options.network(inventory), compose.now(), options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        live = [case for case in tx.live_cases() if case.state not in clocks.OVER and customer in (None, case.customer)]
        found = [(case, sla.clocks(case, tx.timeline(case.number), network, now)) for case in live]
    found.sort(key=_urgency)
    if json:
        showing.as_json(
            [{"case": case.name, "severity": case.severity, "clocks": clocks.plain(c)} for case, c in found]
        )
    else:
        _ = locale.words(language)
        heads = [_(head) for head in ("Case", "Severity", "State", "Customer", "Promise", "Due", "Left")]
        showing.table(heads, [_row(case, c, network, language) for case, c in found], _("No open cases."))
    if any(c.breached for _case, c in found):
        raise typer.Exit(1)


def _urgency(found: tuple[Case, Clocks]) -> tuple[bool, float, int]:
    case, told = found
    due = told.next.due if told.next else None
    return due is None, due.timestamp() if due else 0.0, case.number


def _row(case: Case, told: Clocks, network: Inventory, language: str) -> tuple[object, ...]:
    state = locale.word(case.state, language)
    clock = told.next
    if clock is None:
        return case.name, case.severity, state, case.customer, _standing(told, language), "", ""
    due = locale.moment(clock.due, language, clocks.zone(case, network)) if clock.due else ""
    kind = locale.words(language)(clocks.KINDS[clock.kind])
    return case.name, case.severity, state, case.customer, kind, due, clocks.left(clock, language)


def _standing(told: Clocks, language: str) -> str:
    paused = any(clock.state is State.PAUSED for clock in told)
    return locale.word(State.PAUSED if paused else State.OVER, language)


# ---------------------------------------------------------------- compliance


def kept(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    by: Annotated[By, typer.Option(help="contract, customer or severity.")] = By.CONTRACT,
    start: options.From = None,
    end: options.To = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """How well promises were kept, of the cases opened in a period; the last 30 days unless told otherwise."""
    network, now, language = options.network(inventory), compose.now(), options.language(lang)
    since, until = options.moment(start, now - timedelta(days=30)), min(options.moment(end, now), now)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        cases = [
            case for case in tx.cases(start=since, end=until, limit=_MOST) if compliance.counts(case, since, until)
        ]
        judged = [compliance.judge(case, tx.timeline(case.number), network, now) for case in cases]
    found = compliance.records(judged, by)
    if json:
        showing.as_json({"from": since, "to": until, "by": by, "records": [_record(each) for each in found]})
        return
    _ = locale.words(language)
    heads = [_(head) for head in (by.value.capitalize(), "Cases", *clocks.KINDS.values())]
    rows = [
        (each.name or _("All"), each.cases, *(_percent(each.kept[kind], language) for kind in Kind)) for each in found
    ]
    showing.table(heads, rows, "")
    for miss in found[-1].missed:
        late = {"case": miss.case, "kind": miss.kind, "severity": miss.severity, "late": miss.late}
        showing.line("  " + locale.say(N_("{case} {severity}, {kind:word}: {late:duration} late"), language, **late))


def _percent(found: Kept, language: str) -> str:
    if found.percent is None:
        return ""
    return f"{locale.percent(found.percent, language, 1)} ({found.met}/{found.met + found.missed})"


def _record(found: Record) -> Mapping[str, Any]:
    counts = {str(kind): {"met": k.met, "missed": k.missed, "percent": k.percent} for kind, k in found.kept.items()}
    return {"name": found.name or None, "cases": found.cases, "kept": counts, "missed": showing.plain(found.missed)}
