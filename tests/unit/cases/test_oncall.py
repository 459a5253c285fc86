from dataclasses import replace
from datetime import date, timedelta

import pytest

from agent.cases import drill, ics, oncall
from agent.cases.case import Severity
from agent.cases.oncall import Hole
from agent.cases.rota import Reason
from agent.errors import RefusedError
from agent.inventory.customers import Customer
from agent.inventory.inventory import Inventory
from agent.inventory.teams import HolidayRota, Level, Team, Weekend
from tests.unit.cases.rotas import at, change, network, roster, weekly, whole
from tests.unit.cases.slas import case_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TURNS = Level(rotation=weekly("ann", "bob"))


def who(found, moment, level=1):
    return oncall.who(found, "tac", level, moment).person


def told(shifts):
    return [(f"{each.starts:%m-%d %H:%M}", each.person, each.reason) for each in shifts]


def test_the_old_short_form_has_its_first_always_on_level_1_and_its_second_on_level_2():
    inventory = replace(network(), teams={"tac": Team(name="tac", on_call=("ann", "bob"))})
    found = oncall.Roster(inventory)
    assert [who(found, at("2026-03-02T12:00"), level) for level in (1, 2, 3)] == ["ann", "bob", ""]
    assert oncall.who(found, "tac", 1, at("2026-03-02T12:00")).reason is Reason.ALWAYS
    assert oncall.gaps(found, at("2026-03-02T12:00"), at("2027-03-02T12:00")) == ()


def test_a_rotation_is_handed_over_at_its_hour_on_the_clock_of_the_team():
    found = roster(TURNS, timezone="Asia/Shanghai")
    assert who(found, at("2026-03-02T08:59", "Asia/Shanghai")) == "bob"
    assert who(found, at("2026-03-02T09:00", "Asia/Shanghai")) == "ann"
    assert who(found, at("2026-03-09T09:00", "Asia/Shanghai")) == "bob"


def test_whoever_has_two_turns_in_a_row_is_on_duty_for_two_weeks():
    found = roster(Level(rotation=weekly("ann", "bob", turns=2)))
    weeks = [who(found, at("2025-01-06T12:00") + n * 7 * DAY) for n in range(6)]
    assert weeks == ["ann", "ann", "bob", "bob", "ann", "ann"]


def test_before_a_rota_starts_nobody_is_on_duty():
    found = roster(TURNS)
    (gap,) = oncall.gaps(found, at("2025-01-05T09:00"), at("2025-01-07T09:00"))
    assert (gap.starts, gap.ends, gap.why) == (at("2025-01-05T09:00"), at("2025-01-06T09:00"), Hole.NOBODY)


def test_a_day_by_day_and_a_monthly_rota_are_rotations_too():
    daily = roster(Level(rotation=weekly("ann", "bob", "cid", hand_over="daily 08:00")))
    assert [who(daily, at("2025-01-06T12:00") + n * DAY) for n in range(4)] == ["ann", "bob", "cid", "ann"]
    monthly = roster(Level(rotation=weekly("ann", "bob", hand_over="day 31 08:00", starts=date(2025, 1, 1))))
    assert who(monthly, at("2025-03-01T08:00")) == "ann", "February has no 31st: it goes on from January"
    assert who(monthly, at("2025-03-31T08:00")) == "bob"


def test_the_weekend_rota_lies_over_the_rotation_and_a_holiday_over_both():
    found = roster(whole("CN"), timezone="Asia/Shanghai")
    shifts = oncall.shifts(found, "tac", 1, at("2025-12-26T09:00"), at("2026-01-08T09:00"))
    assert told(shifts) == [
        ("12-26 09:00", "cid", Reason.ROTATION),
        ("12-27 01:00", "dan", Reason.WEEKEND),
        ("12-29 01:00", "ann", Reason.ROTATION),
        ("01-01 01:00", "cid", Reason.HOLIDAY),  # by name
        ("01-02 01:00", "ann", Reason.HOLIDAY),  # the year's second
        ("01-03 01:00", "eve", Reason.WEEKEND),
        ("01-04 01:00", "ann", Reason.ROTATION),  # a Sunday on which China works
        ("01-05 01:00", "bob", Reason.ROTATION),
    ]


def test_a_holiday_without_anybody_of_its_own_goes_by_the_week():
    found = roster(Level(rotation=weekly("ann", "bob"), holidays=HolidayRota(calendar="CN")), timezone="Asia/Shanghai")
    shifts = oncall.shifts(found, "tac", 1, at("2026-01-01T00:00"), at("2026-01-03T00:00"))
    assert {each.reason for each in shifts} == {Reason.ROTATION}


@pytest.mark.parametrize(
    ("zone", "day", "wall"),
    [
        ("Europe/Berlin", "2026-03-29", "02:30"),  # is skipped
        ("Europe/Berlin", "2026-10-25", "02:30"),  # comes twice
        ("America/New_York", "2026-03-08", "02:30"),
        ("America/New_York", "2026-11-01", "01:30"),
        ("Asia/Shanghai", "2026-03-29", "00:00"),
    ],
)
def test_a_hand_over_in_an_hour_that_is_skipped_or_comes_twice_loses_and_doubles_nobody(zone, day, wall):
    found = roster(Level(rotation=weekly("ann", "bob", hand_over=f"sun {wall}")), timezone=zone)
    start = at(f"{day}T00:00", zone) - DAY
    shifts = oncall.shifts(found, "tac", 1, start, start + 3 * DAY)
    assert len(shifts) == 2 and shifts[0].ends == shifts[1].starts
    assert {each.person for each in shifts} == {"ann", "bob"}
    before = shifts[0].ends - timedelta(minutes=1)
    assert who(found, before) != who(found, shifts[0].ends)


def test_a_gap_tells_of_nobody_of_an_unknown_person_and_of_one_without_a_channel():
    weekends = Level(weekend=Weekend(people=("ann",)))
    found = roster(weekends, Level(always="ghost"), Level(always="mute"))
    gaps = oncall.gaps(found, at("2026-03-06T09:00"), at("2026-03-10T09:00"))
    assert [(each.level, each.why, each.person) for each in gaps] == [
        (1, Hole.NOBODY, ""),
        (1, Hole.NOBODY, ""),
        (2, Hole.UNKNOWN_PERSON, "ghost"),
        (3, Hole.NO_CHANNEL, "mute"),
    ]
    assert gaps[0].ends == at("2026-03-07T09:00") and gaps[1].starts == at("2026-03-09T09:00")


def test_the_outlook_says_how_long_and_from_when_on_nobody_can_be_called():
    found = roster(Level(weekend=Weekend(people=("ann",))), Level(always="bob"))
    one, two = oncall.outlook(found, at("2026-03-07T10:00"))
    assert (one.missing, one.begins) == (5 * DAY, at("2026-03-09T09:00"))
    assert (two.missing, two.begins) == (timedelta(0), None)


# ---------------------------------------------------------------- changes


def test_an_override_is_cut_out_of_the_rota_and_says_why():
    found = roster(TURNS, duties=[change("cid", at("2026-03-03T12:00"), at("2026-03-04T12:00"))])
    shifts = oncall.shifts(found, "tac", 1, at("2026-03-03T00:00"), at("2026-03-05T00:00"))
    assert [each.person for each in shifts] == ["ann", "cid", "ann"]
    assert (shifts[1].reason, shifts[1].why, shifts[1].duty) == (Reason.OVERRIDE, "ill", 1)


def test_of_two_overrides_the_later_one_counts_and_a_cancelled_one_does_not():
    early, late = (change(p, at("2026-03-03T12:00"), at("2026-03-04T12:00"), n) for p, n in (("cid", 1), ("dan", 2)))
    assert who(roster(TURNS, duties=[late, early]), at("2026-03-04T00:00")) == "dan"
    late = replace(late, cancelled=at("2026-03-03T13:00"))
    assert who(roster(TURNS, duties=[early, late]), at("2026-03-04T00:00")) == "cid"


def swap(found, first, second, now="2026-03-01T00:00"):
    return oncall.swap(found, "tac", 1, at(first), at(second), why="wedding", actor="ann", now=at(now))


def test_a_swap_gives_each_the_shift_of_the_other():
    found = roster(TURNS)
    duty = swap(found, "2026-03-11T12:00", "2026-03-04T12:00")
    after = roster(TURNS, duties=[duty])
    weeks = ("2026-02-25", "2026-03-04", "2026-03-11", "2026-03-18")
    assert [who(found, at(f"{day}T12:00")) for day in weeks] == ["bob", "ann", "bob", "ann"]
    assert [who(after, at(f"{day}T12:00")) for day in weeks] == ["bob", "bob", "ann", "ann"]


def test_of_a_shift_that_runs_only_what_is_left_is_swapped():
    after = roster(TURNS, duties=[swap(roster(TURNS), "2026-03-04T12:00", "2026-03-11T12:00", now="2026-03-04T12:00")])
    assert who(after, at("2026-03-04T11:00")) == "ann" and who(after, at("2026-03-04T13:00")) == "bob"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("2026-03-04T12:00", "2026-03-05T12:00", "ann has both of these shifts: there is nothing to swap"),
        ("2026-03-04T12:00", "2026-03-18T12:00", "ann has both of these shifts: there is nothing to swap"),
        ("2026-02-11T12:00", "2026-03-04T12:00", "the shift at 2026-02-11 12:00 UTC is over"),
        ("2024-02-11T12:00", "2026-03-04T12:00", "nobody is on call at 2024-02-11 12:00 UTC: override it instead"),
    ],
)
def test_a_swap_that_makes_no_sense_is_refused(first, second, said):
    with pytest.raises(RefusedError, match=said):
        swap(roster(TURNS), first, second)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"team": "nobody"}, "there is no team nobody; there are tac"),
        ({"level": 2}, "tac has the levels 1 to 1"),
        ({"person": "ghost"}, "there is no person ghost in the inventory"),
        ({"person": "mute"}, "mute cannot be told on any channel"),
        ({"why": ""}, "say why: -m"),
        ({"end": at("2026-03-03T00:00")}, "it would be over before it begins"),
        ({"end": at("2028-03-03T00:00")}, "it would last longer than a year"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(changes, said):
    asked = {"team": "tac", "level": 1, "person": "bob", "start": at("2026-03-03T00:00"), "end": at("2026-03-04T00:00")}
    asked |= {"why": "ill", "actor": "ann", "now": at("2026-03-01T00:00")} | changes
    order = [asked.pop(key) for key in ("team", "level", "person", "start", "end")]
    with pytest.raises(RefusedError, match=said):
        oncall.override(roster(TURNS), *order, **asked)


# ---------------------------------------------------------------- posts


def test_a_post_is_held_by_whom_the_customer_the_team_or_the_house_names():
    inventory = network(TURNS, roles={"project_lead": "bob"})
    policies = replace(inventory.policies, roles={"project_lead": "cid", "general_manager": "dan", "account": "eve"})
    inventory, case = replace(inventory, policies=policies), case_of(at("2026-03-02T08:00"))
    posts = ("project_lead", "technical_manager", "general_manager", "account")
    assert [oncall.holder(case, post, inventory) for post in posts] == ["bob", "", "dan", "eve"]
    customers = {"acme": replace(inventory.customers["acme"], account="ann")}
    assert oncall.holder(case, "account", replace(inventory, customers=customers)) == "ann"


def test_a_case_of_nobody_we_know_is_worked_on_by_the_first_team_that_has_people():
    inventory, case = network(TURNS), replace(case_of(at("2026-03-02T08:00")), customer="")
    teams = {"empty": Team(name="empty"), **inventory.teams}
    assert oncall.team_of(case, replace(inventory, teams=teams)) == "tac"
    assert oncall.team_of(case, replace(inventory, teams={})) == ""


# ---------------------------------------------------------------- trying it, showing it


def test_a_dry_run_tells_for_each_stretch_who_is_called_after_how_many_minutes():
    found = roster(TURNS, Level(rotation=weekly("cid", "ghost")), Level(always="dan"))
    runs = drill.run(found, "tac", at("2026-03-06T12:00"), at("2026-03-10T12:00"))
    assert [(each.starts, each.ends) for each in runs] == [
        (at("2026-03-06T12:00"), at("2026-03-09T09:00")),
        (at("2026-03-09T09:00"), at("2026-03-10T12:00")),
    ]
    calls = [(int(c.after / timedelta(minutes=1)), c.level, c.person, c.hole) for c in runs[1].calls[Severity.P1]]
    assert calls == [(0, 1, "bob", None), (15, 2, "ghost", Hole.UNKNOWN_PERSON), (30, 3, "dan", None)]
    assert [(c.level, c.person) for c in runs[0].calls[Severity.P4]] == [(1, "ann")]


def test_a_calendar_escapes_what_it_says_and_folds_long_lines_between_characters():
    found = roster(TURNS, duties=[change("cid", at("2026-03-03T12:00"), at("2026-03-04T12:00"))])
    duty = replace(found.duties[0], why="ill; see mail, \r\nBEGIN:VEVENT " + "病假" * 40)
    shifts = oncall.shifts(replace(found, duties=(duty,)), "tac", 1, at("2026-03-03T00:00"), at("2026-03-05T00:00"))
    text = ics.render(shifts, {"cid": "Cid, the third"}, at("2026-03-01T00:00"))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.count("\r\nBEGIN:VEVENT\r\n") == 3
    assert "SUMMARY:tac L1: Cid\\, the third" in text
    assert "DTSTART:20260303T120000Z\r\nDTEND:20260304T120000Z" in text
    unfolded = text.replace("\r\n ", "")
    assert "DESCRIPTION:ill\\; see mail\\,   BEGIN:VEVENT " + "病假" * 40 in unfolded


def test_a_team_without_anybody_leaves_its_customers_to_the_first_that_has_people():
    empty = Inventory(
        customers={"acme": Customer(name="acme", team="empty")},
        teams={"empty": Team(name="empty"), "tac": Team(name="tac", on_call=("li",))},
    )
    case = replace(case_of(at("2026-03-02T08:00")), customer="acme")
    assert oncall.team_of(case, empty) == "tac"
    alone = replace(empty, teams={"empty": Team(name="empty")})
    assert oncall.team_of(case, alone) == "empty"
