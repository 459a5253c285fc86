"""Teams with their rotas, and who is paged and told after how long, from what was written."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from agent.inventory import calendars, references
from agent.inventory.document import Team as WrittenTeam
from agent.inventory.handbook import Policies as WrittenPolicies
from agent.inventory.policies import Policies
from agent.inventory.problems import Path, Problems
from agent.inventory.reading import Written
from agent.inventory.section import Section
from agent.inventory.teams import HolidayRota, Level, Rotation, Team, Weekend
from agent.inventory.teams_written import Rung


def teams(written: Written, problems: Problems) -> dict[str, Team]:
    for post, person in written.policies.roles.items():
        _known(("policies", "roles", post), person, written, problems)
    return {name: _team(name, team, written, problems) for name, team in written.teams.items()}


def _team(name: str, team: WrittenTeam, written: Written, problems: Problems) -> Team:
    at = ("teams", name)
    if team.on_call and team.levels:
        problems.add((*at, "on_call"), "stands beside levels", "Write one of the two: on_call: [a, b] or levels: [ … ]")
    for post, person in team.roles.items():
        _known((*at, "roles", post), person, written, problems)
    levels = tuple(_level((*at, "levels", index), rung, written, problems) for index, rung in enumerate(team.levels))
    return Team(
        name=name,
        on_call=tuple(team.on_call),
        levels=levels,
        timezone=team.timezone or "UTC",
        roles={str(post): person for post, person in team.roles.items()},
    )


def _level(at: Path, rung: Rung, written: Written, problems: Problems) -> Level:
    if rung.always and (rung.rotation or rung.weekend or rung.holidays):
        problems.add((*at, "always"), "stands beside a rota", "Write one of the two")
    if not (rung.always or rung.rotation or rung.weekend or rung.holidays):
        problems.add(at, "names nobody", "Write rotation: {people: [a, b]}, or always: a")
    if rung.always:
        _known((*at, "always"), rung.always, written, problems)
    for key in ("rotation", "weekend", "holidays"):
        rota = getattr(rung, key)
        for index, person in enumerate(rota.people if rota else ()):
            _known((*at, key, "people", index), person, written, problems)
    if rung.holidays:
        calendars.check((*at, "holidays", "calendar"), rung.holidays.calendar or "", written, problems)
        for day, person in rung.holidays.days.items():
            _known((*at, "holidays", "days", day.isoformat()), person, written, problems)
    return Level(
        always=rung.always or "",
        rotation=Rotation(**_said(rung.rotation)) if rung.rotation else None,
        weekend=Weekend(**_said(rung.weekend)) if rung.weekend else None,
        holidays=HolidayRota(**_said(rung.holidays)) if rung.holidays else None,
    )


def _known(at: Path, person: str, written: Written, problems: Problems) -> None:
    if person not in written.names("people"):
        references.unknown(at, "people", person, written, problems)


def _said(section: Section) -> dict[str, Any]:
    said = {key: value for key in section.model_fields_set if (value := getattr(section, key)) is not None}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}


def policies(written: WrittenPolicies) -> dict[str, Any]:
    """Whatever was written of them; a severity that is not written keeps what is shipped."""
    plain = Policies()
    escalation = {
        level: {after: str(post) for after, post in told.items()} for level, told in written.escalation.items()
    }
    return {
        "roles": {str(post): person for post, person in written.roles.items()},
        "paging": plain.paging | _sorted(written.paging),
        "escalation": plain.escalation | _sorted(escalation),
        "escalation_hours": plain.escalation_hours | dict(written.escalation_hours),
    }


def _sorted(by_severity: Mapping[Any, Mapping[timedelta, Any]]) -> dict[str, dict[timedelta, Any]]:
    return {str(level): dict(_by_time(steps.items())) for level, steps in by_severity.items()}


def _by_time(steps: Iterable[tuple[timedelta, Any]]) -> list[tuple[timedelta, Any]]:
    return sorted(steps, key=lambda step: step[0])
