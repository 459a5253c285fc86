"""A maintenance window names devices and components, from its start up to but not including its end; it may recur."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.faults import availability
from agent.faults.availability import Span
from agent.inventory import recurrence, windows
from agent.inventory.device import Device
from agent.inventory.recurrence import Rule
from agent.inventory.windows import FOREVER, Window
from agent.observation import ComponentKind, Subject

STARTS = datetime(2026, 11, 22, 1, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)
DEVICE = Device(name="a", address="192.0.2.1", site="beijing", customer="acme", tags=frozenset({"x", "y"}))
WINDOW = Window(name="upgrade", starts=STARTS, ends=ENDS)


def recurring(every: str, timezone: str = "UTC", lasts: timedelta = 2 * HOUR, since: str = "2026-01-01") -> Window:
    return Window(
        name="patching",
        starts=recurrence.midnight(date.fromisoformat(since), timezone),
        ends=FOREVER,
        every=every,
        lasts=lasts,
        timezone=timezone,
        devices=frozenset({"a"}),
    )


def local(window: Window, start: str, days: int) -> list[str]:
    """The beginnings of its occurrences as clocks there show them."""
    begins = datetime.fromisoformat(start).replace(tzinfo=UTC)
    zone = ZoneInfo(window.timezone)
    found = windows.occurrences(window, begins, begins + days * DAY)
    return [f"{each.starts.astimezone(zone):%m-%d %H:%M}" for each in found]


# ---------------------------------------------------------------- what it names


@pytest.mark.parametrize(
    ("selector", "value", "expected"),
    [
        ("devices", "a", True),
        ("devices", "b", False),
        ("sites", "beijing", True),
        ("sites", "a", False),
        ("customers", "acme", True),
        ("customers", "beijing", False),
        ("tags", "y", True),
        ("tags", "z", False),
    ],
)
def test_any_selector_matches(selector: str, value: str, expected: bool) -> None:
    window = replace(WINDOW, **{selector: frozenset({value, "other"})})  # type: ignore[arg-type]
    assert windows.matches(window, DEVICE) is expected


def test_empty_selectors_match_nothing() -> None:
    assert not windows.matches(WINDOW, DEVICE)
    assert not windows.matches(WINDOW, replace(DEVICE, tags=frozenset()))


@pytest.mark.parametrize(
    ("component", "kind", "name", "expected"),
    [
        ("a/interface:eth0", ComponentKind.INTERFACE, "eth0", True),
        ("a/interface:eth0", ComponentKind.INTERFACE, "eth0.100", True),
        ("a/interface:eth0", ComponentKind.INTERFACE, "eth01", False),
        ("a/interface:Gi1/0/*", ComponentKind.INTERFACE, "Gi1/0/24", True),
        ("a/interface:eth0", ComponentKind.FAN, "eth0", False),
        ("b/interface:eth0", ComponentKind.INTERFACE, "eth0", False),
        ("a/bgp_peer:2001:db8::1", ComponentKind.BGP_PEER, "2001:db8::1", True),
        ("a/fan:*", ComponentKind.FAN, "Fan 1", True),
    ],
)
def test_a_component_is_named_by_its_device_its_kind_and_a_pattern(
    component: str, kind: ComponentKind, name: str, expected: bool
) -> None:
    window = replace(WINDOW, components=frozenset({component}))
    assert windows.covers(window, Subject("a", kind, name), DEVICE) is expected
    assert not windows.covers(window, Subject("a"), DEVICE), "the device as a whole is not meant"
    assert windows.devices(window, [DEVICE]) == ([DEVICE] if component.startswith("a/") else [])


def test_a_device_is_named_with_all_its_components() -> None:
    window = replace(WINDOW, sites=frozenset({"beijing"}))
    assert windows.covers(window, Subject("a", ComponentKind.FAN, "1"), DEVICE)


# ---------------------------------------------------------------- when it is


def test_a_window_is_half_open() -> None:
    window = replace(WINDOW, devices=frozenset({"a"}))
    assert windows.active([window], DEVICE, STARTS - TICK) is None
    for now in (STARTS, ENDS - TICK):
        found = windows.active([window], DEVICE, now)
        assert found
        assert (found.window, found.starts, found.ends) == (window, STARTS, ENDS)
    assert windows.active([window], DEVICE, ENDS) is None


def test_of_several_windows_the_one_that_lasts_longest_counts() -> None:
    short = replace(WINDOW, devices=frozenset({"a"}))
    long = replace(WINDOW, name="longer", ends=ENDS + timedelta(hours=1), sites=frozenset({"beijing"}))
    other = replace(WINDOW, name="other", ends=ENDS + timedelta(days=1), sites=frozenset({"shanghai"}))
    for order in ([long, short, other], [short, long, other]):
        found = windows.active(order, DEVICE, STARTS)
        assert found
        assert found.window is long
    assert windows.active([], DEVICE, STARTS) is None


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("sat 02:00", ["11-07 02:00", "11-14 02:00", "11-21 02:00", "11-28 02:00"]),
        ("second sat 02:00", ["11-14 02:00"]),
        ("last fri 23:30", ["11-27 23:30"]),
        ("day 15 03:00", ["11-15 03:00"]),
        ("day 31 03:00", []),
        ("last day 03:00", ["11-30 03:00"]),
        ("mon,wed 1:05", [f"11-{d:02d} 01:05" for d in (2, 4, 9, 11, 16, 18, 23, 25, 30)]),
    ],
)
def test_days_are_those_of_the_time_zone(every: str, expected: list[str]) -> None:
    assert local(recurring(every, "Asia/Shanghai"), "2026-11-01", 30) == expected


def test_every_day_is_every_day() -> None:
    assert len(local(recurring("daily 02:00"), "2026-11-01", 30)) == 30
    assert len(local(recurring("mon-fri 02:00"), "2026-11-02", 7)) == 5
    assert len(local(recurring("fri-mon 02:00"), "2026-11-02", 7)) == 4, "over the week's end"


@pytest.mark.parametrize("text", ["", "sat", "02:00 sat", "satt 02:00", "sat 24:00", "day 0 02:00", "fifth sat 02:00",
                                  "second day 02:00", "sat- 02:00", "sat 2", "day ٣ 02:00"])  # fmt: skip
def test_what_is_not_understood_is_nothing(text: str) -> None:
    assert recurrence.parse(text) is None


def test_two_o_clock_thirty_that_does_not_exist_begins_when_clocks_say_half_past_three() -> None:
    window = recurring("daily 02:30", "Europe/Berlin")
    assert local(window, "2026-03-28", 3) == ["03-28 02:30", "03-29 03:30", "03-30 02:30"]
    skipped = windows.at(window, datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert skipped
    assert skipped.ends - skipped.starts == 2 * HOUR


def test_two_o_clock_thirty_that_comes_twice_is_the_first_and_lasts_as_long_as_ever() -> None:
    window = recurring("daily 02:30", "Europe/Berlin")
    twice = [each for each in windows.occurrences(window, STARTS - 40 * DAY, STARTS) if each.starts.day == 25]
    (found,) = [each for each in twice if each.starts.month == 10]
    assert found.starts == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30 summer time, not 02:30 an hour later"
    assert found.ends - found.starts == 2 * HOUR


def test_a_day_that_a_country_left_out_has_no_occurrence_of_its_own() -> None:
    window = recurring("daily 02:00", "Pacific/Apia", since="2011-12-01")
    assert local(window, "2011-12-29", 3) == ["12-29 02:00", "12-31 02:00", "01-01 02:00"]


def test_the_first_and_the_last_day_count() -> None:
    window = replace(recurring("daily 02:00", since="2026-11-03"), ends=datetime(2026, 11, 6, tzinfo=UTC))
    assert local(window, "2026-11-01", 30) == ["11-03 02:00", "11-04 02:00", "11-05 02:00"]
    assert windows.coming(window, datetime(2026, 11, 5, 3, tzinfo=UTC)) is None


def test_what_comes_next_and_what_was_last() -> None:
    window = recurring("second sat 02:00", lasts=HOUR)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    following, before = windows.coming(window, now), windows.last(window, now)
    assert following
    assert before
    assert following.starts == datetime(2026, 12, 12, 2, tzinfo=UTC)
    assert before.ends == datetime(2026, 11, 14, 3, tzinfo=UTC)
    assert windows.coming(WINDOW, STARTS - DAY * 900) == windows.at(WINDOW, STARTS)
    assert windows.last(WINDOW, ENDS + 900 * DAY) == windows.at(WINDOW, STARTS)


# ---------------------------------------------------------------- changing


def test_one_occurrence_that_is_ended_early_leaves_the_others_alone() -> None:
    window = recurring("daily 02:00")
    first = windows.at(window, datetime(2026, 11, 1, 2, 30, tzinfo=UTC))
    assert first
    changed = windows.ending(first, first.starts + HOUR / 2)
    assert windows.at(changed, first.starts + HOUR) is None
    assert windows.at(changed, first.starts + DAY + HOUR)
    again = windows.occurrences(changed, first.starts, first.starts + TICK)
    assert [(each.ends - each.starts, each.planned - each.starts) for each in again] == [(HOUR / 2, 2 * HOUR)]


def test_an_occurrence_that_is_extended_is_found_long_after_its_planned_end() -> None:
    window = recurring("sat 02:00")
    sat = windows.coming(window, STARTS)
    assert sat
    changed = windows.ending(sat, sat.starts + 20 * HOUR)
    assert windows.at(changed, sat.starts + 19 * HOUR)
    assert windows.at(window, sat.starts + 19 * HOUR) is None


def test_an_occurrence_that_ends_before_it_begins_is_cancelled() -> None:
    window = recurring("daily 02:00")
    following = windows.coming(window, STARTS)
    assert following
    changed = windows.ending(following, STARTS)
    after = windows.coming(changed, STARTS)
    assert after
    assert after.starts == following.starts + DAY


def test_a_recurring_window_that_is_stopped_keeps_its_past() -> None:
    window = windows.stopping(recurring("daily 02:00"), STARTS)
    assert windows.coming(window, STARTS) is None
    assert windows.last(window, STARTS + 9 * DAY)


def test_what_was_changed_of_the_inventorys_window_ends_with_it() -> None:
    written = recurring("daily 02:00")
    first = windows.coming(written, STARTS)
    assert first
    kept = replace(windows.ending(first, first.starts + HOUR), amends=True)
    added = replace(WINDOW, name="other")
    assert [w.changes for w in windows.known([written], [kept, added])] == [kept.changes, ()]
    assert windows.known([], [kept, added]) == (added,), "a window that left the inventory does not go on"


# ---------------------------------------------------------------- arithmetic

ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                         "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo"])  # fmt: skip
TIMES = st.times().map(lambda at: time(at.hour, at.minute))
RULES = st.one_of(
    st.builds(Rule, TIMES),
    st.builds(Rule, TIMES, st.frozensets(st.integers(0, 6), min_size=1)),
    st.builds(Rule, TIMES, st.frozensets(st.integers(0, 6), min_size=1), nth=st.sampled_from([1, 2, 3, 4, -1])),
    st.builds(Rule, TIMES, day=st.sampled_from([*range(1, 32), -1])),
)
MOMENTS = st.integers(0, 25 * 365 * 24 * 60).map(
    lambda minutes: datetime(2005, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(RULES)
def test_a_rule_is_read_again_as_it_is_written(rule: Rule) -> None:
    assert recurrence.parse(str(rule)) == rule


@given(RULES, ZONES, MOMENTS, st.floats(0.01, 1.0))
def test_occurrences_that_are_shorter_than_the_period_never_overlap(
    rule: Rule, zone: str, start: datetime, share: float
) -> None:
    window = recurring(str(rule), zone, rule.shortest * share, since="2000-01-01")
    found = windows.occurrences(window, start, start + 90 * DAY)
    assert all(a.ends <= b.starts for a, b in pairwise(found))
    assert all(each.ends - each.starts <= window.lasts for each in found)


@given(RULES, ZONES, MOMENTS, st.lists(st.integers(0, 40 * 24 * 60), max_size=5))
def test_the_spans_of_a_period_add_up_however_it_is_divided(
    rule: Rule, zone: str, start: datetime, cuts: list[int]
) -> None:
    window = recurring(str(rule), zone, min(5 * HOUR, rule.shortest), since="2000-01-01")
    ends = [start + timedelta(minutes=minutes) for minutes in sorted({0, *cuts, 40 * 24 * 60})]
    periods = [Span(a, b) for a, b in pairwise(ends)]

    def planned(period: Span) -> timedelta:
        return availability.total(availability.intersect(availability.planned_for(DEVICE, [window], period), [period]))

    assert sum(map(planned, periods), timedelta(0)) == planned(Span(ends[0], ends[-1]))


@given(RULES, ZONES, MOMENTS)
def test_now_lies_in_an_occurrence_exactly_when_the_period_around_it_says_so(
    rule: Rule, zone: str, now: datetime
) -> None:
    window = recurring(str(rule), zone, HOUR, since="2000-01-01")
    around = windows.occurrences(window, now - 3 * DAY, now + 3 * DAY)
    assert windows.at(window, now) == next((each for each in around if each.during(now)), None)
    following = windows.coming(window, now)
    assert following
    assert following.starts > now
