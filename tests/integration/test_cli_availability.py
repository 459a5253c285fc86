"""`netcase availability` from the command line: what it prints for people and for programs."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.app import compose
from agent.cli import cli
from agent.errors import UsageError
from agent.observation import ComponentKind, Subject
from agent.storage.engine import open_store

INVENTORY = """
customers: {acme: {title: Acme, availability_target_pct: 99.9}}
sites: {hq: {customer: acme}, branch: {customer: acme}}
contracts:
  C-1: {customer: acme, starts: 2026-01-01, ends: 2099-12-31, coverage: {days: [mon], from: "08:00", to: "08:01"}}
policies: {availability_weights: {core: 3}}
agent: {attached_to: [r1]}
credentials: {c: {kind: snmp_v2c, community: "env:C"}}
defaults: {snmp: c, contract: C-1}
devices: {r1: {address: 192.0.2.1, site: hq, role: core}, r2: {address: 192.0.2.2, site: branch}}
links: [[r1:e1, r2:e1]]
"""
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight hours of two devices; the one's interface to the other was down for two of them."""
    made = tmp_path_factory.mktemp("agent")
    (made / "inventory.yaml").write_text(INVENTORY)
    begin = compose.now() - 8 * HOUR
    store = open_store(f"sqlite:///{made / 'netcase.db'}")
    with store.begin() as tx:
        for name in ("r1", "r2"):
            tx.change(Subject(name), "up", begin)
            for what in ("reachability", "snmp"):
                tx.cover(name, what, begin, HOUR)
                tx.cover(name, what, begin + 8 * HOUR, 9 * HOUR)
        tx.change(Subject("r2"), "down", begin + 3 * HOUR)
        tx.change(Subject("r2"), "up", begin + 4 * HOUR)
        port = Subject("r1", ComponentKind.INTERFACE, "e1")
        for hours, state in ((0, "up"), (2, "down"), (4, "up")):
            tx.change(port, state, begin + hours * HOUR)
    store.close()
    return made


def ask(folder: Path, *words: str) -> Result:
    given = ["availability", "-i", str(folder / "inventory.yaml"), "--data", str(folder), "--from", "7h", *words]
    return CliRunner().invoke(cli, given)


def told(folder: Path, *words: str) -> list[dict]:
    answer = ask(folder, *words, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


@pytest.mark.parametrize("by", ["device", "interface", "link", "site", "customer", "network"])
def test_the_four_add_up_to_the_period_for_programs(folder: Path, by: str) -> None:
    for line in told(folder, "--by", by):
        total = sum(line[part] for part in ("up", "down", "planned", "unobserved"))
        assert total == pytest.approx(line["period"])
        assert total == pytest.approx(7 * 3600 * line.get("devices", 1), abs=5)


def test_lengths_are_seconds_and_outages_have_their_means(folder: Path) -> None:
    first, second = told(folder)
    assert (first["device"], first["outages"], first["mttr"], first["mtbf"]) == ("r1", 0, None, None)
    assert (second["device"], second["down"], second["mttr"], second["verdict"]) == ("r2", 3600.0, 3600.0, "missed")


def test_links_interfaces_and_paths_are_told(folder: Path) -> None:
    (link,), (port,) = told(folder, "--by", "link"), told(folder, "--by", "interface", "--device", "r1")
    (path,) = told(folder, "--path", "hq", "branch")
    assert (link["link"], link["down"]) == ("r1:e1--r2:e1", 7200.0)
    assert (port["interface"], port["down"]) == ("r1:e1", 7200.0)
    assert (path["path"], path["down"]) == ("hq → branch", 7200.0)


def test_a_site_says_whether_any_of_it_was_up_and_a_network_how_fast_we_were(folder: Path) -> None:
    sites = {line["site"]: line for line in told(folder, "--by", "site")}
    assert sites["branch"]["reachable"]["down"] == 3600.0
    (network,) = told(folder, "--by", "network")
    assert network["speed"] == {}


def test_outside_the_hours_of_the_contract_nothing_is_promised(folder: Path) -> None:
    """One minute of a Monday: at most of that is asked for."""
    for line in told(folder, "--hours", "contract"):
        assert line["period"] <= 60.0
        assert line["hours"] == "mon 08:00-08:01"


@pytest.mark.parametrize(("lang", "words"), [("en", "Weighed: core 3"), ("zh_CN", "权重：核心 3")])
def test_what_was_weighed_is_said_in_both_languages(folder: Path, lang: str, words: str) -> None:
    answer = ask(folder, "--by", "customer", "--lang", lang)
    assert answer.exit_code == 0
    assert words in answer.stdout


def test_a_place_that_is_none_and_an_empty_period_are_usage_errors(folder: Path) -> None:
    for words in (("--path", "hq", "nowhere"), ("--to", "9h")):
        assert isinstance(ask(folder, *words).exception, UsageError)
    assert ask(folder, "--by", "continent").exit_code == 2
