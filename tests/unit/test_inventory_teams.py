"""Teams, posts, paging and escalation as they are written: read whole, or refused with line, key and advice."""

from datetime import date, timedelta

import pytest

from agent.errors import InventoryError, Problem
from agent.inventory.inventory import Inventory
from agent.inventory.parse import parse
from agent.inventory.teams import HolidayRota, Level, Rotation, Weekend

BASE = """
people: {ann: {email: a@example.net}, bob: {email: b@example.net}}
customers: {acme: {team: tac, account: bob}}
sites: {s: {customer: acme}}
devices: {r1: {address: 192.0.2.1, site: s, reachability: [icmp]}}
"""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def read(text: str) -> Inventory:
    return parse(BASE + text, "inventory.yaml", lambda _name: None)


def one(text: str) -> Problem:
    with pytest.raises(InventoryError) as caught:
        read(text)
    (problem,) = caught.value.problems
    return problem


def test_a_team_with_everything_is_read_whole() -> None:
    team = read("""
teams:
  tac:
    timezone: Europe/Berlin
    roles: {project_lead: ann}
    levels:
      - rotation: {people: [ann, bob], hand_over: "Monday 9:00", turns: 2, starts: 2026-01-05}
        weekend: {people: [bob], begins: "fri 18:00", ends: "mon 08:00"}
        holidays: {calendar: DE-BY, people: [ann], days: {2026-12-24: bob}}
      - always: bob
""").teams["tac"]
    first = Level(
        rotation=Rotation(people=("ann", "bob"), hand_over="mon 09:00", turns=2, starts=date(2026, 1, 5)),
        weekend=Weekend(people=("bob",), begins="fri 18:00", ends="mon 08:00"),
        holidays=HolidayRota(calendar="DE-BY", people=("ann",), days={date(2026, 12, 24): "bob"}),
    )
    assert (team.timezone, team.roles, team.levels) == (
        "Europe/Berlin",
        {"project_lead": "ann"},
        (first, Level(always="bob")),
    )


def test_the_old_short_form_is_a_level_for_each() -> None:
    inventory = read("teams: {tac: {on_call: [ann, bob]}}")
    assert inventory.teams["tac"].rungs == (Level(always="ann"), Level(always="bob"))
    assert inventory.customers["acme"].account == "bob"


def test_a_severity_that_is_written_replaces_its_line_and_leaves_the_others() -> None:
    policies = read("""
teams: {tac: }
policies:
  paging: {P3: {5m: 2, 0m: 1}}
  escalation: {P1: {30m: general_manager}}
  escalation_hours: {P2: coverage}
  roles: {account: ann}
  oncall_gap_ahead: 3d
""").policies
    assert list(policies.paging["P3"].items()) == [(0 * MINUTE, 1), (5 * MINUTE, 2)]
    assert policies.paging["P1"] == {0 * MINUTE: 1, 15 * MINUTE: 2, 30 * MINUTE: 3}
    assert policies.escalation["P1"] == {30 * MINUTE: "general_manager"}
    assert policies.escalation["P4"] == {12 * HOUR: "project_lead", 24 * HOUR: "technical_manager"}
    assert policies.escalation_hours == {"P1": "always", "P2": "coverage", "P3": "coverage", "P4": "coverage"}
    assert (policies.roles, policies.oncall_gap_ahead) == ({"account": "ann"}, timedelta(days=3))


@pytest.mark.parametrize(
    ("written", "key", "message", "advice"),
    [
        ("{on_call: [eve]}", "on_call[0]", "unknown person 'eve'", "Write one of: ann, bob"),
        ("{roles: {boss: ann}}", "roles.boss", "unknown key", "Write one of: account,"),
        ("{roles: {account: eve}}", "roles.account", "unknown person 'eve'", "Write one of: ann, bob"),
        ("{timezone: Mars}", "timezone", "'Mars' is not a time zone", ""),
        ("{on_call: [ann], levels: [{always: bob}]}", "on_call", "stands beside levels", "Write one of the two"),
        ("{levels: [{}]}", "levels[0]", "names nobody", "Write rotation: {people: [a, b]}, or always: a"),
        (
            "{levels: [{always: ann, rotation: {people: [bob]}}]}",
            "levels[0].always",
            "stands beside a rota",
            "Write one of the two",
        ),
        ("{levels: [{rotation: {people: []}}]}", "levels[0].rotation.people", "has fewer than 1 entries", ""),
        ("{levels: [{rotation: {}}]}", "levels[0].rotation.people", "is missing", "Write people: who takes turns"),
        (
            "{levels: [{rotation: {people: [ann, eve]}}]}",
            "levels[0].rotation.people[1]",
            "unknown person 'eve'",
            "Write one of: ann, bob",
        ),
        (
            "{levels: [{rotation: {people: [ann], hand_over: at nine}}]}",
            "levels[0].rotation.hand_over",
            "'at nine' is no time of a hand-over",
            'Write it as "mon 09:00", "daily 08:00" or "day 1 09:00"',
        ),
        (
            "{levels: [{weekend: {people: [ann], begins: daily 09:00}}]}",
            "levels[0].weekend.begins",
            "'daily 09:00' is no day of the week and time",
            'Write it as "sat 09:00"',
        ),
        (
            "{levels: [{holidays: {calendar: Atlantis}}]}",
            "levels[0].holidays.calendar",
            "unknown calendar 'Atlantis'",
            "",
        ),
        (
            "{levels: [{holidays: {days: {2026-12-24: eve}}}]}",
            "levels[0].holidays.days.2026-12-24",
            "unknown person 'eve'",
            "Write one of: ann, bob",
        ),
    ],
)
def test_a_team_that_cannot_be_is_refused_with_what_to_write(written: str, key: str, message: str, advice: str) -> None:
    problem = one(f"teams:\n  tac: {written}\n")
    assert (problem.line, problem.key, problem.message) == (7, f"teams.tac.{key}", message)
    assert problem.advice.startswith(advice)


@pytest.mark.parametrize(
    ("written", "key", "message"),
    [
        ("paging: {P1: {15: 1}}", "paging.P1.15", "'15' is not a duration"),
        ("paging: {P1: {15m: 0}}", "paging.P1.15m", "is too small"),
        ("paging: {P5: {15m: 1}}", "paging.P5", "unknown key"),
        ("escalation: {P1: {1h: boss}}", "escalation.P1.1h", "is none of the words that may stand here"),
        ("escalation_hours: {P1: never}", "escalation_hours.P1", "is none of the words that may stand here"),
        ("roles: {account: eve}", "roles.account", "unknown person 'eve'"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(written: str, key: str, message: str) -> None:
    problem = one(f"teams: {{tac: {{on_call: [ann]}}}}\npolicies:\n  {written}\n")
    assert (problem.line, problem.key, problem.message) == (8, f"policies.{key}", message)


@pytest.mark.parametrize("at_once", ["[]", "[P2]"])
def test_no_quiet_hours_hold_back_a_p1(at_once: str) -> None:
    problem = one(f"""
teams: {{tac: {{on_call: [ann]}}}}
policies: {{notifications: {{at_once: {at_once}}}}}
""")
    assert (problem.line, problem.key) == (8, "policies.notifications.at_once")
    assert "P1" in problem.message
