"""The pages that tell people what is believed when keep up with the rules."""

from pathlib import Path

import pytest

from agent.faults import rules
from agent.faults.fault import FaultKind
from agent.faults.rules.book import CONDITIONS
from agent.faults.rules.rule import Rule

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
FAULTS, RULES = ((DOCS / name).read_text("utf-8") for name in ("faults.md", "rules.md"))
COMMON = set(Rule.model_fields)
KINDS = FAULTS.partition("\n## Kinds")[2].partition("\n## ")[0].splitlines()


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_is_told(kind: FaultKind) -> None:
    assert len([line for line in KINDS if line.startswith("|") and f"`{kind}`" in line]) == 1


@pytest.mark.parametrize("name", rules.shipped().plain)
def test_every_rule_is_told_as_it_is_shipped(name: str) -> None:
    rule = rules.shipped().plain[name]
    (row,) = [line for line in KINDS if line.startswith("|") and f"`{rule.kind}`" in line]
    assert f"| {_believed(rule)} |" in row
    assert row.rstrip(" |").endswith(f"| {rule.severity}")
    if rule.tier:
        assert f"| {rule.tier} |" in row


def _believed(rule: Rule) -> str:
    polls, of, hold = rule.believe.polls, rule.believe.of, int(rule.believe.hold.total_seconds())
    text = f"{polls} of {of} polls" if of else f"{polls} poll{'s' if polls > 1 else ''}"
    long = f"{hold // 60} min" if hold % 60 == 0 else f"{hold} s"
    return f"{text} over {long}" if hold else text


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_is_told_with_its_keys(condition: str) -> None:
    _, _, rest = RULES.partition(f"\n### `{condition}`")
    section = rest.partition("\n### ")[0].partition("\n## ")[0]
    assert section, "it has no section of its own"
    for key in set(CONDITIONS[condition].model_fields) - COMMON:
        assert f"`{key}`" in section


def test_what_all_rules_have_is_told() -> None:
    for key in COMMON - {"name"}:
        assert f"`{key}`" in RULES
