"""When something is told: now, in the morning, with others, or when there is room for it again."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.inventory.attention import Attention, Digest
from agent.inventory.channels import Rate, Telling
from agent.inventory.hours import Hours
from agent.notifications import holding
from agent.notifications.holding import Held

SHANGHAI, BERLIN, NEW_YORK = "Asia/Shanghai", "Europe/Berlin", "America/New_York"
NIGHT = Hours(start=time(22), end=time(7))
TWICE = Digest(at=(time(9), time(17)))
POLICY = Telling()
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def due(attention: Attention, severity: str, now: datetime) -> tuple[datetime, Held]:
    return holding.due(attention, severity, POLICY, now)


@pytest.mark.parametrize("severity", ["P1", "P2"])
def test_quiet_hours_hold_back_nothing_that_is_urgent(severity: str) -> None:
    now = at("2026-03-02T23:00", SHANGHAI)
    assert due(Attention(timezone=SHANGHAI, quiet=NIGHT), severity, now) == (now, Held.NOT)


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN, NEW_YORK])
@pytest.mark.parametrize(
    ("now", "until"), [("2026-03-02T23:00", "2026-03-03T07:00"), ("2026-03-03T06:59", "2026-03-03T07:00")]
)
def test_what_can_wait_waits_until_the_morning_of_the_person(zone: str, now: str, until: str) -> None:
    told, why = due(Attention(timezone=zone, quiet=NIGHT), "P3", at(now, zone))
    assert (told, why) == (at(until, zone), Held.QUIET)


@pytest.mark.parametrize("now", ["2026-03-03T07:00", "2026-03-03T21:59"])
def test_outside_of_quiet_hours_nothing_waits(now: str) -> None:
    moment = at(now, SHANGHAI)
    assert due(Attention(timezone=SHANGHAI, quiet=NIGHT), "P4", moment) == (moment, Held.NOT)


def test_a_quiet_night_in_which_the_clock_is_put_forward_ends_by_the_wall() -> None:
    told, _ = due(Attention(timezone=BERLIN, quiet=NIGHT), "P3", at("2026-03-29T00:30", BERLIN))
    assert told == datetime(2026, 3, 29, 5, tzinfo=UTC)  # 07:00 is 05:00 UTC from that night on


def test_quiet_days_that_follow_each_other_are_one_quiet_time() -> None:
    weekend = Attention(timezone=SHANGHAI, quiet=Hours(days=("sat", "sun")))
    told, why = due(weekend, "P3", at("2026-03-07T10:00", SHANGHAI))
    assert (told, why) == (at("2026-03-09T00:00", SHANGHAI), Held.QUIET)


@pytest.mark.parametrize(
    ("now", "next_one"),
    [
        ("2026-03-02T08:59", "2026-03-02T09:00"),
        ("2026-03-02T09:00", "2026-03-02T17:00"),
        ("2026-03-02T17:00", "2026-03-03T09:00"),
        ("2026-03-02T23:59", "2026-03-03T09:00"),
    ],
)
def test_a_digest_comes_at_the_next_of_its_times(now: str, next_one: str) -> None:
    told, why = due(Attention(timezone=NEW_YORK, digest=TWICE), "P3", at(now, NEW_YORK))
    assert (told, why) == (at(next_one, NEW_YORK), Held.DIGEST)


def test_a_severity_that_is_not_in_the_digest_does_not_wait_for_it() -> None:
    now = at("2026-03-02T10:00")
    assert due(Attention(digest=TWICE), "P2", now) == (now, Held.NOT)


def test_a_digest_within_quiet_hours_comes_when_they_end() -> None:
    early = Digest(at=(time(6),))
    told, why = due(Attention(timezone=SHANGHAI, quiet=NIGHT, digest=early), "P3", at("2026-03-02T20:00", SHANGHAI))
    assert (told, why) == (at("2026-03-03T07:00", SHANGHAI), Held.DIGEST)


def test_a_digest_at_a_time_that_the_clock_skips_comes_an_hour_later_and_not_never() -> None:
    skipped = Digest(at=(time(2, 30),))
    told, _ = due(Attention(timezone=BERLIN, digest=skipped), "P3", at("2026-03-29T00:00", BERLIN))
    assert told == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(
    st.sampled_from([SHANGHAI, BERLIN, NEW_YORK]),
    st.integers(0, 63_000_000).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.sampled_from(["P1", "P2", "P3", "P4"]),
)
def test_nothing_waits_for_longer_than_a_day_and_never_into_the_past(zone: str, now: datetime, severity: str) -> None:
    told, why = due(Attention(timezone=zone, quiet=NIGHT, digest=TWICE), severity, now)
    assert now <= told <= now + timedelta(hours=25)
    assert (told == now) == (why is Held.NOT)
    assert holding.quiet_ends(NIGHT, zone, told) == told or severity in POLICY.at_once


# ---------------------------------------------------------------- limits

RATE = Rate(burst=3, every=timedelta(minutes=1))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_as_many_go_at_once_as_the_bucket_holds_and_the_next_waits_for_a_token() -> None:
    sent = [NOON, NOON, NOON]
    assert holding.next_free(sent[:2], NOON, RATE) == NOON
    assert holding.next_free(sent, NOON, RATE) == NOON + timedelta(minutes=1)
    assert holding.next_free(sent, NOON + 45 * SECOND, RATE) == NOON + timedelta(minutes=1)
    assert holding.next_free(sent, NOON + 60 * SECOND, RATE) == NOON + 60 * SECOND


def test_what_was_sent_long_ago_does_not_count() -> None:
    assert holding.next_free([NOON] * 50, NOON + holding.window(RATE), RATE) == NOON + holding.window(RATE)


def test_what_went_out_beyond_the_limit_makes_nobody_wait_for_longer() -> None:
    assert holding.next_free([NOON] * 500, NOON, RATE) == NOON + timedelta(minutes=1)


@given(st.lists(st.integers(0, 600), max_size=40), st.integers(1, 6), st.integers(1, 120))
def test_whoever_asks_first_is_never_told_more_than_the_limit(wishes: list[int], burst: int, every: int) -> None:
    """Sending whenever it is permitted, in any window of time no more go than the bucket held and got back."""
    rate, sent = Rate(burst=burst, every=every * SECOND), list[datetime]()
    for wish in sorted(wishes):
        now = NOON + wish * SECOND
        if holding.next_free(sent, now, rate) == now:
            sent.append(now)
    for i, first in enumerate(sent):
        for n, last in enumerate(sent[i:], start=1):
            assert n <= burst + (last - first) / rate.every + 1e-6
