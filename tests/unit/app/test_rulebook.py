"""What people ask of rules: where a value comes from, and whether a file does what it is meant to."""

from dataclasses import replace

import pytest

from agent.app import rulebook
from agent.errors import InventoryError
from agent.faults import rules
from agent.inventory.device import Device, Role, Thresholds
from agent.inventory.inventory import Inventory

CORE = Device(name="core1", address="192.0.2.1", customer="c", site="s", role=Role.CORE)
NETWORK = Inventory(devices={"core1": CORE}, customers={}, sites={})

FILE = """\
cpu_high:
  raise_at: 85
  clear_at: 70
  overrides:
    - {match: {role: core}, raise_at: 75, clear_at: 65}
    - {match: {device: "lab-*"}, enabled: false}
  examples:
    - {facts: {usage_pct: 95}, verdict: bad}
    - {facts: {usage_pct: 20}, verdict: good}
    - {facts: {usage_pct: 20}, verdict: bad}
duplicate_address:
  test: events
  kind: syslog_pattern
  mnemonic: ["*DUPADDR*"]
  examples:
    - {mnemonic: IP-4-DUPADDR, verdict: bad}
    - {mnemonic: IP-4-OTHER, verdict: nothing}
"""


def told(device: Device | None = None) -> dict[tuple[str, str], tuple[object, str]]:
    book = rules.parse(FILE, "rules.yaml")
    return {(each.rule, each.key): (each.value, each.origin) for each in rulebook.settings(book, NETWORK, device)}


def test_a_value_says_whether_it_was_shipped_or_written() -> None:
    found = told()
    assert found["cpu_high", "raise_at"] == ("85", "rules.yaml")
    assert found["cpu_high", "fact"] == ("usage_pct", "shipped")
    assert found["cpu_high", "enabled"] == (True, "default")


def test_an_override_goes_before_the_file_and_the_inventory_before_both() -> None:
    assert told(CORE)["cpu_high", "raise_at"] == ("75", "override 1 of cpu_high")
    own = replace(CORE, thresholds=Thresholds(cpu_pct=60.0))
    assert told(own)["cpu_high", "raise_at"] == (60.0, "inventory: thresholds.cpu_pct")


def test_an_override_for_nobody_and_an_example_that_fails_are_found_with_their_lines() -> None:
    _, found, tried = rulebook.findings(FILE, "rules.yaml", NETWORK)
    assert [(each.line, each.problem) for each in found] == [
        (6, "no device meets device lab-*"),
        (10, "an example expects bad, the rule says good"),
    ]
    assert tried == 5


def test_without_an_inventory_overrides_are_not_held_against_it() -> None:
    _, found, _ = rulebook.findings(FILE, "rules.yaml", None)
    assert [each.line for each in found] == [10]


@pytest.mark.parametrize(
    ("example", "problem"),
    [
        ("{facts: {usage_pct: 95}}", "an example does not say what to expect"),
        ("{fact: {usage_pct: 95}, verdict: bad}", "an example knows no fact"),
        ("{facts: {usage: 95}, verdict: bad}", "an example cannot be tried: 'usage' is not a valid Fact"),
        ("{facts: 95, verdict: bad}", "an example cannot be tried: facts must be a map of facts and values"),
        ("bad", "an example is not a map"),
    ],
)
def test_an_example_that_cannot_be_tried_says_why(example: str, problem: str) -> None:
    text = f"cpu_high:\n  examples:\n    - {example}\n"
    (found,) = rulebook.findings(text, "rules.yaml", None)[1]
    assert (found.line, found.problem) == (3, problem)


def test_a_counter_without_an_end_cannot_be_tried() -> None:
    example = "{facts: {in_errors: inf, in_packets: 1}, before: {in_errors: 0, in_packets: 0}, verdict: bad}"
    (found,) = rulebook.findings(f"interface_errors:\n  examples:\n    - {example}\n", "rules.yaml", None)[1]
    assert found.problem.startswith("an example cannot be tried")


def test_what_is_wrong_is_refused_with_its_line() -> None:
    with pytest.raises(InventoryError) as refused:
        rulebook.findings("cpu_high: {raise_att: 5}", "rules.yaml", None)
    assert "rules.yaml:1: cpu_high.raise_att: unknown key. Did you mean raise_at?" in str(refused.value.problems[0])
