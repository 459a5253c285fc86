"""Rules in files: what an operator lays over the shipped ones, and what is wrong told by its line."""

import pytest

from agent.errors import InventoryError, Problem
from agent.faults import rules
from agent.faults.fault import FaultKind
from agent.inventory.device import Device, Role, Thresholds
from agent.observation import Tier


def device(name: str = "r1", role: Role = Role.CORE, **more: object) -> Device:
    return Device(name=name, address="192.0.2.1", customer="acme", site="hq", role=role, **more)  # type: ignore[arg-type]


def refused(text: str) -> Problem:
    with pytest.raises(InventoryError) as caught:
        rules.parse(text, "rules.yaml")
    return caught.value.problems[0]


def test_only_what_is_written_changes() -> None:
    book = rules.parse("cpu_high: {raise_at: 85}", "rules.yaml")
    rule = book.rule("cpu_high", device())
    assert (rule.raise_at, rule.clear_at, rule.kind) == (85.0, 80.0, FaultKind.CPU_HIGH)  # type: ignore[attr-defined]
    assert book.entries["cpu_high"].origins == ("shipped", "rules.yaml")
    assert rules.shipped().limit("cpu_high", device()) == 90.0


OVERRIDES = """
cpu_high:
  raise_at: 85
  overrides:
    - {match: {role: [access, branch]}, raise_at: 97}
    - {match: {device: "lab-*"}, enabled: false}
    - {match: {role: access, tag: video}, raise_at: 99, severity: P4}
"""


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (device(), 85.0),
        (device(role=Role.ACCESS), 97.0),
        (device(role=Role.ACCESS, tags=frozenset({"video"})), 99.0),
        (device(role=Role.ACCESS, thresholds=Thresholds(cpu_pct=81.0)), 81.0),
    ],
)
def test_the_last_that_meets_the_device_counts_and_the_inventory_goes_before_all(of: Device, expected: float) -> None:
    assert rules.parse(OVERRIDES, "rules.yaml").limit("cpu_high", of) == expected


def test_a_rule_that_is_not_enabled_for_a_device_is_not_judged() -> None:
    book = rules.parse(OVERRIDES, "rules.yaml")
    assert "cpu_high" not in {rule.name for rule in book.at(device("lab-1"), Tier.HEALTH)}
    assert "cpu_high" in {rule.name for rule in book.at(device("r2"), Tier.HEALTH)}


def test_a_rule_of_ones_own_says_what_it_is() -> None:
    text = "twins: {test: events, kind: syslog_pattern, mnemonic: '*DUPADDR*', count: 3, within: 10m, severity: P2}"
    (rule,) = [r for r in rules.parse(text, "rules.yaml").listening(device()) if r.name == "twins"]
    assert (rule.mnemonic, rule.count, rule.severity) == (("*DUPADDR*",), 3, "P2")


@pytest.mark.parametrize(
    ("text", "line", "where", "says"),
    [
        ("\ncpu_hihg: {raise_at: 85}", 2, "cpu_hihg", "there is no such rule"),
        ("cpu_high:\n  raise: 85", 2, "cpu_high.raise", "unknown key"),
        ("cpu_high:\n  raise_at: much", 2, "cpu_high.raise_at", "must be a number"),
        ("cpu_high:\n  raise_at: 70", 1, "cpu_high", "clear_at is 80, above raise_at, which is 70"),
        ("cpu_high:\n  believe: {polls: 0}", 2, "cpu_high.believe.polls", "is too small"),
        ("cpu_high:\n  severity: P7", 2, "cpu_high.severity", "is none of the words that may stand here"),
        ("cpu_high:\n  overrides:\n    - {raise_at: 95}", 3, "cpu_high.overrides[0]", "must say for which devices"),
        ("cpu_high:\n  overrides:\n    - {match: {rol: x}}", 3, "cpu_high.overrides[0].match.rol", "unknown key"),
        (
            "cpu_high:\n  overrides:\n    - {match: {role: x}, tier: status}",
            3,
            "cpu_high.overrides[0].tier",
            "cannot be",
        ),
        ("mine:\n  test: treshold", 2, "mine.test", "is no condition"),
        ("mine:\n  test: threshold\n  fact: usage_pct", 1, "mine.kind", "is missing"),
        ("mine:\n  test: events\n  kind: syslog_pattern\n  text: '(?=a)b'", 4, "mine.text", "looks around, or back"),
        ("cpu_high:\n  test: treshold", 2, "cpu_high.test", "is no condition"),
        ("cpu_high:\n  test:", 2, "cpu_high.test", "is no condition"),
        ("cpu_high:\n  inventory: {raise_at: cpu}", 2, "cpu_high.inventory", "is no threshold of a device"),
        ("cpu_high:\n  inventory: {rais: cpu_pct}", 1, "cpu_high", "which is no key of the rule"),
        ("interface_errors:\n  parts: {up: in_errors}", 2, "interface_errors.parts.up", ""),
        ("interface_errors:\n  parts: {in: oper_status}", 2, "interface_errors.parts", "is no counter"),
        ("a/b: {test: told, kind: syslog_pattern}", 1, "a/b", "cannot be a name"),
        ("- cpu_high", 0, "", "is not a map of rules"),
        ("cpu_high: 85", 1, "cpu_high", "must be a map of keys and values"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, where: str, says: str) -> None:
    problem = refused(text)
    assert (problem.line, problem.key, says in problem.message) == (line, where, True), problem


CROSSING = """
cpu_high:
  overrides:
    - {match: {role: core}, raise_at: 70, clear_at: 60}
    - {match: {device: r1}, clear_at: 80}
"""


@pytest.mark.parametrize(
    ("text", "own"), [(CROSSING, Thresholds()), ("cpu_high: {enabled: true}", Thresholds(cpu_pct=70.0))]
)
def test_levels_from_two_places_that_cross_raise_and_clear_at_one(text: str, own: Thresholds) -> None:
    rule = rules.parse(text, "rules.yaml").rule("cpu_high", device(thresholds=own))
    assert (rule.raise_at, rule.clear_at) == (70.0, 70.0)  # type: ignore[attr-defined]


def test_a_near_miss_is_told_what_was_meant() -> None:
    assert "cpu_high" in refused("cpu_hihg: {raise_at: 85}").advice
    assert "raise_at" in refused("cpu_high: {raise_att: 85}").advice


def test_an_empty_file_changes_nothing() -> None:
    assert rules.parse("# nothing yet\n", "rules.yaml").plain == rules.shipped().plain


@pytest.mark.parametrize("name", rules.shipped().plain)
def test_every_shipped_rule_says_what_it_is_about(name: str) -> None:
    rule = rules.shipped().plain[name]
    assert rule.what.endswith("."), "one line for people"
    assert rule.tier is not None or rule.test in {"told", "events", "filling", "drifting"}
