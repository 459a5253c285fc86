"""How often an address may ask."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.web import limiting
from agent.web.limiting import Limit

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_so_many_times_and_no_more_until_the_first_is_long_enough_ago():
    limit = Limit(2, MINUTE)
    for second in (0, 30):
        assert not limit.is_over("192.0.2.1", NOW + timedelta(seconds=second))
        limit.count("192.0.2.1", NOW + timedelta(seconds=second))
    assert limit.is_over("192.0.2.1", NOW + timedelta(seconds=59))
    assert not limit.is_over("192.0.2.1", NOW + MINUTE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("testclient", "testclient", True),
        ("", "x", False),
    ],
)
def test_an_address_counts_for_whoever_has_it(one, other, same):
    limit = Limit(1, MINUTE)
    limit.count(one, NOW)
    assert limit.is_over(other, NOW) is same


def test_however_many_addresses_ask_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(limiting, "MOST_ADDRESSES", 3)
    limit = Limit(1, MINUTE)
    for last in range(5):
        limit.count(f"192.0.2.{last}", NOW)
    assert [limit.is_over(f"192.0.2.{last}", NOW) for last in range(5)] == [False, False, True, True, True]
