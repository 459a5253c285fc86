"""Commands that look: status, devices, faults, cases, events, senders, explain."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

import typer

from agent import locale
from agent.app import compose
from agent.cases.case import Case
from agent.cli import clocks, fastness, options, showing
from agent.errors import UsageError
from agent.faults import ledger
from agent.faults.fault import Fault, Reason
from agent.faults.ledger import Line
from agent.locale import N_
from agent.observation import Fact, Source, Subject, SyslogSeverity, Tier
from agent.ports import Transaction

SHOWN = 40  # faults under an explanation; `netcase faults` lists them all


def add_to(cli: typer.Typer) -> None:
    for command in (status, devices, faults, cases, events, senders, explain):
        cli.command()(command)


def _when(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ") if moment else ""


def status(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """How the network is now: devices, open faults, open cases, what waits in the outbox."""
    network, _ = options.network(inventory), locale.words(options.language(lang))
    with options.existing(data, database) as memory, memory.store.read() as tx:
        states = [_state(tx, name) for name in network.devices]
        live = [case for case in tx.live_cases() if case.state not in {"resolved", "closed"}]
        found = {
            "devices": {state: states.count(state) for state in ("up", "down", "unknown")},
            "faults": sum(fault.active for fault in tx.open_faults()),
            "cases": {level: sum(case.severity == level for case in live) for level in ("P1", "P2", "P3", "P4")},
            "outbox": {f"{kind}/{state}": count for (kind, state), count in tx.job_counts().items()},
        }
    if json:
        showing.as_json(found)
        return
    showing.table([_("Figure"), _("Value")], [(k, showing.plain(v)) for k, v in found.items()], "")


def _state(tx: Transaction, name: str) -> str:
    return tx.states(name).get(Subject(name), "unknown")


def devices(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    site: Annotated[str | None, typer.Option(help="Only of this site.")] = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The devices, what they are, and whether they are up."""
    network, _ = options.network(inventory), locale.words(options.language(lang))
    with options.existing(data, database) as memory, memory.store.read() as tx:
        identities = tx.latest_all(Tier.IDENTITY)
        rows = []
        for name, device in network.devices.items():
            if (customer and device.customer != customer) or (site and device.site != site):
                continue
            batch = identities.get(name)
            told = {o.fact: o.value for o in batch.observations if o.subject == Subject(name)} if batch else {}
            rows.append(
                {
                    "name": name,
                    "state": _state(tx, name),
                    "address": device.address,
                    "role": device.role,
                    "site": device.site,
                    "customer": device.customer,
                    "platform": device.platform or told.get(Fact.PLATFORM, ""),
                    "model": told.get(Fact.MODEL, ""),
                    "version": told.get(Fact.VERSION, ""),
                    "serial": told.get(Fact.SERIAL, ""),
                }
            )
    if json:
        showing.as_json(rows)
    else:
        shown = ["name", "state", "address", "role", "site", "model", "version"]
        heads = [_(head) for head in ("Device", "State", "Address", "Role", "Site", "Model", "Version")]
        showing.table(heads, [[row[key] for key in shown] for row in rows], _("No devices."))


def faults(
    data: options.Data = None,
    database: options.Database = None,
    device: Annotated[str | None, typer.Option(help="Only of this device.")] = None,
    case: Annotated[str | None, typer.Option(help="Only those of this case, over or not.")] = None,
    suppressed: Annotated[bool, typer.Option("--suppressed", help="Only those without a case of their own.")] = False,
    reason: Annotated[Reason | None, typer.Option(help="Only those that this keeps from a case.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that are over as well.")] = False,
    start: options.From = None,
    end: options.To = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Faults, with their case or the reason why there is none. Nothing disappears."""
    language, now = options.language(lang), compose.now()
    _ = locale.words(language)
    without = suppressed or reason is not None
    with options.existing(data, database) as memory, memory.store.read() as tx:
        if case is not None:
            found = tx.faults(case=_known(tx, case).number, device=device)
        elif all_ or without or start or end:
            since = options.moment(start, now - timedelta(days=1))
            found = tx.faults(start=since, end=options.moment(end, now), device=device)
        else:
            found = tx.open_faults(device)
    if without:
        listed = [line for line in ledger.lines(found) if reason in {None, line.why.word}]
        _show_ledger(listed, language, json)
    elif json:
        showing.as_json([_with_why(fault) for fault in found])
    else:
        _show_faults(found, _("No faults."), language)


def _known(tx: Transaction, about: str) -> Case:
    case = tx.case(case_number(about))
    if case is None:
        raise UsageError(f"there is no case {about}: `netcase cases` lists them")
    return case


def _with_why(fault: Fault) -> dict[str, object]:
    """A fault as JSON knows it, with why it has no case of its own."""
    return {**showing.plain(fault), "why": ledger.standing(fault)}


def _show_ledger(listed: list[Line], language: str, json: bool) -> None:
    _ = locale.words(language)
    if json:
        showing.as_json([_with_why(line.fault) | {"since": line.since} for line in listed])
        return
    rows = [
        (
            _when(line.fault.began),
            line.fault.subject,
            locale.word(line.fault.kind, language),
            locale.word(line.fault.state, language),
            locale.word(line.why.word, language),
            locale.reword(line.why.sentence, language),
            _when(line.since),
            _when(line.why.until),
            line.fault.case or "",
        )
        for line in listed
    ]
    heads = ("Began", "Subject", "Fault", "State", "Reason", "Why", "Since", "Until", "Case")
    showing.table([_(head) for head in heads], rows, _("Every fault of the last day has a case of its own."))


def _show_faults(found: Iterable[Fault], empty: str, language: str) -> None:
    _ = locale.words(language)
    rows = [
        (
            _when(f.began),
            locale.word(f.kind, language),
            f.subject,
            locale.word(f.state, language),
            f.case or "",
            _why(f, language),
        )
        for f in found
    ]
    showing.table([_(head) for head in ("Began", "Fault", "Subject", "State", "Case", "Why")], rows, empty)


def _why(fault: Fault, language: str) -> str:
    why = ledger.standing(fault)
    return locale.reword(why.sentence if why else fault.reason, language)


def cases(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    device: Annotated[str | None, typer.Option(help="Only about this device.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state.")] = None,
    start: options.From = None,
    end: options.To = None,
    limit: options.Limit = 100,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Cases, newest first."""
    language = options.language(lang)
    _ = locale.words(language)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        since, until = options.when(start), options.when(end)
        found = tx.cases(start=since, end=until, device=device, customer=customer, state=state, limit=limit)
        due = clocks.next_due(tx, found, inventory)
    if json:
        showing.as_json([{**showing.plain(case), "next_due": due.get(case.number)} for case in found])
        return
    names = ("Case", "Severity", "State", "Fault", "Subject", "Customer", "Opened", "Next due", "Symptoms")
    heads = [_(head) for head in names]
    rows = [_case_row(case, due.get(case.number), language) for case in found]
    showing.table(heads, rows, _("No cases."))


def _case_row(case: Case, due: datetime | None, language: str) -> tuple[object, ...]:
    kind, state = locale.word(case.kind, language), locale.word(case.state, language)
    about = case.title or case.subject
    return case.name, case.severity, state, kind, about, case.customer, _when(case.opened), _when(due), case.symptoms


def events(
    data: options.Data = None,
    database: options.Database = None,
    device: Annotated[str | None, typer.Option(help="Only of this device.")] = None,
    source: Annotated[Source | None, typer.Option(help="syslog or trap.")] = None,
    severity: Annotated[SyslogSeverity | None, typer.Option(help="So severe or worse.")] = None,
    start: options.From = None,
    end: options.To = None,
    limit: options.Limit = 100,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Syslog messages and traps, newest first."""
    _ = locale.words(options.language(lang))
    with options.existing(data, database) as memory, memory.store.read() as tx:
        since, until = options.when(start), options.when(end)
        found = tx.events(start=since, end=until, device=device, source=source, severity=severity, limit=limit)
    if json:
        showing.as_json(found)
        return
    heads = [_(head) for head in ("Arrived", "Device", "Source", "Severity", "Event", "Text")]
    rows = [(_when(e.arrived), e.device or e.sender, e.source, e.severity, e.name or e.mnemonic, e.text) for e in found]
    showing.table(heads, rows, _("No events."))


def senders(
    data: options.Data = None,
    database: options.Database = None,
    limit: options.Limit = 100,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Who sends syslog or traps and is not in the inventory; who was heard last comes first."""
    from agent.app import strangers

    _ = locale.words(options.language(lang))
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = strangers.read(tx.document(strangers.KIND, strangers.KEY))[:limit]
    if json:
        showing.as_json(found)
        return
    heads = [_("Sender"), _("Source"), _("First heard"), _("Last heard"), _("Messages"), _("Last message")]
    rows = [(each.sender, each.source, _when(each.first), _when(each.last), each.messages, each.line) for each in found]
    showing.table(heads, rows, _("No unknown senders: everybody who was heard is in the inventory."))


def explain(
    about: Annotated[str, typer.Argument(help="A case (NC-000001) or a device.")],
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Why: the record of every decision about a case or a device: severity, root cause, suppression."""
    language = options.language(lang)
    _ = locale.words(language)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        number = case_number(about)
        if number:
            case = tx.case(number)
            if case is None:
                raise UsageError(f"there is no case {about}: `netcase cases` lists them")
            found, decisions = tx.faults(case=number), list(tx.decisions(case.name))
            fast = {"ledger": fastness.plain(fastness.of(tx, case))}
        else:
            fast = {}
            found = tuple(f for f in tx.faults(device=about, start=compose.now() - timedelta(days=7)))
            causes = tx.faults(ids=list(dict.fromkeys(f.cause for f in found if f.cause))[:SHOWN])
            about_what = dict.fromkeys(str(f.subject) for f in (*found, *causes))
            decisions = [d for subject in about_what for d in tx.decisions(subject)]
            if not found and about not in tx.coverage("reachability", compose.now() - timedelta(days=7), compose.now()):
                raise UsageError(f"nothing is known of {about}: `netcase devices` and `netcase cases` list what is")
        history = () if number else tx.findings(about)
    if json:
        told = [{"about": str(f.subject), "kind": f.kind, "says": f.says} for f in history]
        showing.as_json({"about": about, "decisions": decisions, "faults": found, "history": told} | fast)
        return
    for decision in decisions:
        reworded = locale.word if decision.what == "contract" else locale.reword
        outcome = reworded(decision.outcome, language)
        showing.line(
            f"{_when(decision.at)}  {locale.word(decision.what, language)}: {decision.about} → {outcome}", "bold"
        )
        for reason in decision.reasons:
            showing.line(f"    {_('because')}: {locale.reword(reason, language)}")
        for change in decision.would_change:
            showing.line(f"    {_('would change')}: {locale.reword(change, language)}")
        for key, value in decision.inputs.items():
            showing.line(f"    {key}: {value}")
    _show_faults(found[:SHOWN], _("No faults: nothing was ever wrong here in the last 7 days."), language)
    if left := len(found[SHOWN:]):
        asked = f"--case {about}" if number else f"--device {about} --all"
        showing.line(locale.say(N_("and {n} more: {command}"), language, n=left, command=f"netcase faults {asked}"))
    if history:
        showing.line(_("What history shows"), "bold")
    for finding in history:
        says = locale.reword(finding.says, language)
        showing.line(f"    {finding.subject}  {locale.word(finding.kind, language)}: {says}")


def case_number(text: str) -> int:
    """The number of `NC-000012` or `12`; 0 when it is neither."""
    digits = text.upper().removeprefix("NC-")
    return int(digits) if digits.isdigit() and len(digits) < 12 else 0
