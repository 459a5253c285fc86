"""Commands about who is on call: look at it, try it, change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from agent import locale
from agent.app import compose
from agent.cases import drill, ics, oncall
from agent.cases.case import Severity
from agent.cases.oncall import Duty, Gap, Hole, Roster
from agent.cases.rota import Shift
from agent.cli import options, planning, showing
from agent.errors import StoreError, UsageError
from agent.inventory.inventory import Inventory
from agent.inventory.recurrence import WEEKDAYS
from agent.locale import N_
from agent.notifications import handover

SHOWN, LONGEST = timedelta(days=14), 3660
Team = Annotated[str, typer.Argument(help="The team.")]
OfTeam = Annotated[str | None, typer.Option("--team", help="Only this team.")]
Level = Annotated[int, typer.Option("--level", min=1, max=9, help="The level; 1 is called first.")]
Why = Annotated[str, typer.Option("--reason", "-m", help="Why; it stands beside the change.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]
From = Annotated[str | None, typer.Option("--from", help="ISO time on the team's clock, now, or +2h; default now.")]
To = Annotated[str | None, typer.Option("--to", help="ISO time, or +7d.")]
HOLES = {
    Hole.NOBODY: N_("nobody is on call"),
    Hole.UNKNOWN_PERSON: N_("is not known"),
    Hole.NO_CHANNEL: N_("cannot be told on any channel"),
}


def add_to(cli: typer.Typer) -> None:
    commands = typer.Typer(help="Who is on call, and who would be called.", no_args_is_help=True)
    for command in (show, gaps, override, swap, cancel, changes):
        commands.command()(command)
    commands.command(name="dry-run")(dry_run)
    commands.command(name="ics")(calendar)
    cli.add_typer(commands, name="oncall")


@contextmanager
def _roster(
    inventory: Path | None, data: Path | None, database: str | None, since: datetime
) -> Iterator[tuple[Inventory, Roster]]:
    """Before the agent ever ran nothing was changed at run time."""
    network = options.network(inventory)
    try:
        with options.existing(data, database) as memory, memory.store.read() as tx:
            yield network, handover.roster(network, tx.duties(since))
    except StoreError:
        if database or (options.chosen(data=data).data / "netcase.db").exists():
            raise
        yield network, handover.roster(network, ())


def _teams(network: Inventory, team: str | None) -> list[str]:
    if team is not None and team not in network.teams:
        raise UsageError(f"there is no team {team} in the inventory; there are {', '.join(sorted(network.teams))}")
    return [team] if team else sorted(network.teams)


def _period(network: Inventory, team: str | None, start: str | None, end: str | None) -> tuple[datetime, datetime]:
    now, zone = compose.now(), network.teams[team].timezone if team else "UTC"
    begins = planning.moment(start, zone, now) if start else now
    ends = planning.moment(end, zone, now) if end else begins + SHOWN
    if not begins < ends <= begins + timedelta(days=LONGEST):
        raise UsageError("the period ends before it begins, or is longer than ten years: see --from and --to")
    return begins, ends


# ---------------------------------------------------------------- looking


def show(
    team: OfTeam = None,
    start: From = None,
    end: To = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Who is on call when, for the next 14 days or another time; times are on each team's clock."""
    language = options.language(lang)
    network = options.network(inventory)
    names = _teams(network, team)
    begins, ends = _period(network, team, start, end)
    with _roster(inventory, data, database, begins) as (network, roster):
        found = [
            s for name in names for level in roster.levels(name) for s in _shifts(roster, name, level, begins, ends)
        ]
    if json:
        showing.as_json([_plain(each, network) for each in found])
        return
    _ = locale.words(language)
    heads = (_("Team"), _("Level"), _("From"), _("Until"), _("On call"), _("By"), _("Why"))
    showing.table(heads, [_row(each, network, language) for each in found], _("No team has anybody on call."))


def _shifts(roster: Roster, team: str, level: int, start: datetime, end: datetime) -> tuple[Shift, ...]:
    return oncall.shifts(roster, team, level, start, end)


def _row(shift: Shift, network: Inventory, language: str) -> tuple[Any, ...]:
    zone = network.teams[shift.team].timezone
    who = _named(shift.person, network) or locale.words(language)(HOLES[Hole.NOBODY])
    by = locale.word(shift.reason, language) if shift.reason else ""
    by = f"{by} #{shift.duty}" if shift.duty else by
    return (
        shift.team,
        shift.level,
        _clock(shift.starts, zone, language),
        _clock(shift.ends, zone, language),
        who,
        by,
        shift.why,
    )


def _plain(shift: Shift, network: Inventory) -> dict[str, Any]:
    found: dict[str, Any] = showing.plain(shift)
    return found | {"name": _named(shift.person, network)}


def _named(person: str, network: Inventory) -> str:
    known = network.people.get(person)
    return (known.name or person) if known else person


def _clock(at: datetime, zone: str, language: str) -> str:
    wall = at.astimezone(ZoneInfo(zone))
    return f"{locale.word(WEEKDAYS[wall.weekday()], language)} {wall:%Y-%m-%d %H:%M %Z}"


def gaps(
    team: OfTeam = None,
    days: Annotated[int | None, typer.Option(min=1, max=LONGEST, help="So far ahead; default the inventory's.")] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Times ahead in which nobody can be called. Exit code 1 when there are any."""
    now, language = compose.now(), options.language(lang)
    with _roster(inventory, data, database, now) as (network, roster):
        ahead = timedelta(days=days) if days else network.policies.oncall_gap_ahead
        names = _teams(network, team)
        found = [gap for name in names for gap in oncall.gaps(roster, now, now + ahead, name)]
    if json:
        showing.as_json(found)
    else:
        _ = locale.words(language)
        heads = (_("Team"), _("Level"), _("From"), _("Until"), _("Why"))
        nothing = locale.say(N_("Somebody can be called at any time for {time:duration}."), language, time=ahead)
        showing.table(heads, [_gap(each, network, language) for each in found], nothing)
    if found:
        raise typer.Exit(1)


def _gap(gap: Gap, network: Inventory, language: str) -> tuple[Any, ...]:
    zone = network.teams[gap.team].timezone
    why = " ".join(part for part in (_named(gap.person, network), locale.words(language)(HOLES[gap.why])) if part)
    return (gap.team, gap.level, _clock(gap.starts, zone, language), _clock(gap.ends, zone, language), why)


def dry_run(
    team: OfTeam = None,
    days: Annotated[int, typer.Option(min=1, max=LONGEST, help="So many days ahead.")] = 30,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Who would be called for P1 to P4 if a case were opened, for every shift of the days ahead. Nobody is called."""
    now, language = compose.now().replace(second=0, microsecond=0), options.language(lang)
    with _roster(inventory, data, database, now) as (network, roster):
        names = _teams(network, team)
        found = [each for name in names for each in drill.run(roster, name, now, now + timedelta(days=days))]
    if json:
        showing.as_json(found)
        return
    _ = locale.words(language)
    rows = [
        (
            each.team,
            _clock(each.starts, network.teams[each.team].timezone, language),
            _clock(each.ends, network.teams[each.team].timezone, language),
            *(_calls(each.calls[severity], network, language) for severity in Severity),
        )
        for each in found
    ]
    showing.table((_("Team"), _("From"), _("Until"), *Severity), rows, _("No team has anybody on call."))


def _calls(calls: tuple[drill.Call, ...], network: Inventory, language: str) -> str:
    """`+0 Li Na, +15 Maria Silva`: minutes after the opening."""
    _ = locale.words(language)
    told = []
    for call in calls:
        who = " ".join(p for p in (_named(call.person, network), _(HOLES[call.hole]) if call.hole else "") if p)
        told.append(f"+{int(call.after.total_seconds()) // 60} {who}")
    return "\n".join(told)


def calendar(
    team: Team,
    level: Annotated[int | None, typer.Option("--level", min=1, max=9, help="Only this level.")] = None,
    days: Annotated[int, typer.Option(min=1, max=LONGEST, help="So many days ahead.")] = 90,
    out: Annotated[Path | None, typer.Option("-o", help="The file; default the screen.")] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """The shifts as a calendar file (iCalendar), for a calendar program."""
    now = compose.now().replace(microsecond=0)
    with _roster(inventory, data, database, now) as (network, roster):
        _teams(network, team)
        levels = [level] if level else roster.levels(team)
        found = [s for each in levels for s in oncall.shifts(roster, team, each, now, now + timedelta(days=days))]
    text = ics.render(found, {key: _named(key, network) for key in network.people}, now)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8", newline="")
        showing.line(f"written to {out}")


# ---------------------------------------------------------------- changing


def override(
    team: Team,
    person: Annotated[str, typer.Option("--person", help="Who has it instead: the short name in the inventory.")],
    end: Annotated[str, typer.Option("--to", help="Until: ISO time on the team's clock, or +12h.")],
    start: From = None,
    level: Level = 1,
    why: Why = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Somebody else is on call from one time until another."""
    now, network = compose.now(), options.network(inventory)
    _teams(network, team)
    zone = network.teams[team].timezone
    begins, ends = planning.moment(start, zone, now) if start else now, planning.moment(end, zone, now)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        roster = handover.roster(network, tx.duties(min(begins, now)))
        actor, reason = options.actor(who), _reason(why)
        duty = oncall.override(roster, team, level, person, begins, ends, why=reason, actor=actor, now=now)
        duty = tx.add_duty(duty)
    _say(duty, network, options.language(lang))


def swap(
    team: Team,
    first: Annotated[str, typer.Option("--first", help="A time in the one shift: ISO on the team's clock, now, +2d.")],
    second: Annotated[str, typer.Option("--second", help="A time in the other.")],
    level: Level = 1,
    why: Why = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Two shifts change hands. Swapped once more, all is as before."""
    now, network = compose.now(), options.network(inventory)
    _teams(network, team)
    zone = network.teams[team].timezone
    one, two = planning.moment(first, zone, now), planning.moment(second, zone, now)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        roster = handover.roster(network, tx.duties(min(one, two, now) - timedelta(days=LONGEST)))
        actor, reason = options.actor(who), _reason(why)
        duty = tx.add_duty(oncall.swap(roster, team, level, one, two, why=reason, actor=actor, now=now))
    _say(duty, network, options.language(lang))


def _reason(text: str) -> str:
    if not text.strip():
        raise UsageError("say why: -m")
    if not text.isprintable() or len(text) > planning.LONGEST:
        raise UsageError(f"the reason cannot be shown: write up to {planning.LONGEST} characters in one line")
    return text.strip()


def _say(duty: Duty, network: Inventory, language: str) -> None:
    zone = network.teams[duty.team].timezone
    told = [(duty.person, duty.starts, duty.ends)]
    if duty.other_starts and duty.other_ends:
        told.append((duty.other, duty.other_starts, duty.other_ends))
    for person, starts, ends in told:
        showing.line(
            locale.say(
                N_("#{id}: {who} is on call for {team}, level {level}, from {starts} until {ends}"),
                language,
                id=duty.id,
                who=_named(person, network),
                team=duty.team,
                level=duty.level,
                starts=_clock(starts, zone, language),
                ends=_clock(ends, zone, language),
            )
        )


def cancel(
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="The number of the override or swap.")],
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Take an override or a swap back: the rota is as if it had never been."""
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        duty = tx.duty(number)
        if duty is None:
            raise UsageError(f"there is no change {number}: `netcase oncall changes` lists them")
        if not tx.cancel_duty(number, compose.now(), options.actor(who)):
            raise UsageError(f"#{number} was cancelled already, by {duty.cancelled_by}")
    showing.line(locale.say(N_("#{id} is cancelled"), options.language(lang), id=number))


def changes(
    since: options.From = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Overrides and swaps that are not over, cancelled ones too; with --from those of before."""
    network, language = options.network(inventory), options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = tx.duties(options.moment(since, compose.now()), cancelled=True)
    if json:
        showing.as_json(found)
        return
    _ = locale.words(language)
    heads = (
        "#",
        _("What"),
        _("Team"),
        _("Level"),
        _("On call"),
        _("From"),
        _("Until"),
        _("By"),
        _("Why"),
        _("Cancelled"),
    )
    showing.table(heads, [row for each in found for row in _change(each, network, language)], _("Nothing was changed."))


def _change(duty: Duty, network: Inventory, language: str) -> Iterator[tuple[Any, ...]]:
    """A swap takes two lines."""
    zone = network.teams[duty.team].timezone if duty.team in network.teams else "UTC"
    halves = [(duty.person, duty.starts, duty.ends)]
    if duty.other_starts and duty.other_ends:
        halves.append((duty.other, duty.other_starts, duty.other_ends))
    for person, starts, ends in halves:
        place = (locale.word(duty.kind, language), duty.team, duty.level, _named(person, network))
        yield (
            duty.id,
            *place,
            _clock(starts, zone, language),
            _clock(ends, zone, language),
            duty.made_by,
            duty.why,
            duty.cancelled_by,
        )
