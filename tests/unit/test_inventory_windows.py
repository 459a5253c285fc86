"""A maintenance window matches devices by any selector, from its start up to but not including its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.inventory import windows
from agent.inventory.device import Device
from agent.inventory.windows import Window

STARTS = datetime(2026, 11, 22, 1, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=2)
DEVICE = Device(name="a", address="192.0.2.1", site="beijing", customer="acme", tags=frozenset({"x", "y"}))
WINDOW = Window(name="upgrade", starts=STARTS, ends=ENDS)


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


def test_a_window_is_half_open() -> None:
    window = replace(WINDOW, devices=frozenset({"a"}))
    tick = timedelta(microseconds=1)
    assert windows.active([window], DEVICE, STARTS - tick) is None
    assert windows.active([window], DEVICE, STARTS) is window
    assert windows.active([window], DEVICE, ENDS - tick) is window
    assert windows.active([window], DEVICE, ENDS) is None


def test_of_several_windows_the_one_that_lasts_longest_counts() -> None:
    short = replace(WINDOW, devices=frozenset({"a"}))
    long = replace(WINDOW, name="longer", ends=ENDS + timedelta(hours=1), sites=frozenset({"beijing"}))
    other = replace(WINDOW, name="other", ends=ENDS + timedelta(days=1), sites=frozenset({"shanghai"}))
    assert windows.active([long, short, other], DEVICE, STARTS) is long
    assert windows.active([short, long, other], DEVICE, STARTS) is long
    assert windows.active([], DEVICE, STARTS) is None
