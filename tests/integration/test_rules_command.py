"""`netcase rules`: what holds, whether a file is in order, and what would have been."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from agent.app import compose
from agent.cli import options
from tests.story import START, Network, Story

INVENTORY = """\
customers: {acme: {}}
sites: {hq: {customer: acme}, far: {customer: acme}}
credentials: {read: {kind: snmp_v2c, community: "env:PUBLIC"}}
defaults: {snmp: read, reachability: [icmp], platform: cisco_ios}
devices:
  a: {address: 192.0.2.1, site: hq, role: core}
  b: {address: 192.0.2.2, site: far, role: branch}
links:
  - ["a:to-b", "b:to-a"]
agent: {attached_to: [a]}
"""
RULES = """\
interface_down: {enabled: false}
cpu_high:
  examples:
    - {facts: {usage_pct: 20}, verdict: bad}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour in which the only link was cut, as an agent recorded it."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "inventory.yaml").write_text(INVENTORY)
    (folder / "rules.yaml").write_text(RULES)
    chosen = options.chosen(folder / "inventory.yaml", folder / "data", None)
    with compose.memory(chosen) as memory:
        network = Network(compose.read_inventory(chosen.inventory, secrets=False))
        Story(memory.store, network).run(minutes=2).cut("a", "b").run(minutes=4).mend("a", "b").run(minutes=2)
    return folder


def rules(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agent", "rules", *words, "--inventory", str(folder / "inventory.yaml")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def replayed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    span = ["--from", START.isoformat(), "--to", (START + timedelta(hours=1)).isoformat()]
    return rules(folder, "replay", *span, "--data", str(folder / "data"), *words)


def test_a_replay_prints_what_would_have_been_other_cases(folder: Path) -> None:
    told = json.loads(replayed(folder, "--rules", str(folder / "rules.yaml"), "--json").stdout)
    assert told["as_live"], told["unlike_live"]
    assert [case["kind"] for case in told["live"]["cases"]] == ["interface_down"]
    assert [case["kind"] for case in told["changed"]["cases"]] == ["device_unreachable"]
    assert {each["sort"] for each in told["differences"]} == {"only_before", "only_after"}
    assert told["present"]["polls"] == told["changed"]["polls"] > 10


def test_a_replay_is_told_in_chinese_too(folder: Path) -> None:
    shown = replayed(folder, "--lang", "zh_CN")
    assert shown.returncode == 0
    assert "按现行规则重放，所得工单与实际一致。" in shown.stdout


def test_a_time_of_which_nothing_is_recorded_is_refused(folder: Path) -> None:
    refused = rules(folder, "replay", "--data", str(folder / "data"))
    assert refused.returncode == 2
    assert "nothing is recorded of that time; polls are, from 2026-03-02 08:00" in refused.stderr


def test_a_file_of_rules_is_tried(folder: Path) -> None:
    found = rules(folder, "test", str(folder / "rules.yaml"), "--json")
    assert found.returncode == 1
    (problem,) = json.loads(found.stdout)["problems"]
    assert problem.startswith(f"{folder}/rules.yaml:4: cpu_high: an example expects bad, the rule says good")


def test_what_holds_for_a_device_is_listed_with_where_it_comes_from(folder: Path) -> None:
    listed = json.loads(rules(folder, "list", "--device", "a", "--json").stdout)
    assert {"rule": "cpu_high", "key": "raise_at", "value": "90", "origin": "shipped"} in listed
    assert rules(folder, "list", "--device", "nobody").returncode == 2
