"""`netcase discover`: from what the agent remembers to the inventory's file."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import cli
from agent.inventory.parse import parse
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.storage.engine import open_store
from tests.story import START

TEXT = """\
customers: {acme: {}}
sites: {hq: {customer: acme}}
devices:
  a: {address: 192.0.2.1, site: hq, reachability: [icmp]}
  b: {address: 192.0.2.2, site: hq, reachability: [icmp]}
links:
  - [a:Gi0/1, b:Gi0/1]  # the old one
"""


def neighbour(port: str, name: str, their_port: str, address: str = "") -> list[Observation]:
    subject = Subject("a", ComponentKind.NEIGHBOUR, port)
    facts = {Fact.REMOTE_NAME: name, Fact.REMOTE_PORT: their_port, Fact.REMOTE_ADDRESS: address, Fact.PROTOCOL: "lldp"}
    return [Observation(subject, fact, value) for fact, value in facts.items() if value]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an inventory, and the data of an agent that has asked `a`."""
    (tmp_path / "inventory.yaml").write_text(TEXT)
    told = [*neighbour("Gi0/1", "b", "Gi0/1"), *neighbour("Gi0/2", "b", "Gi0/2")]
    told += [*neighbour("Gi0/3", "new", "1", "192.0.2.9"), *neighbour("Gi0/4", "phone", "1")]
    (tmp_path / "data").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/data/netcase.db")
    with store.begin() as tx:
        tx.keep(Batch("a", Tier.IDENTITY, START, tuple(told)))
    store.close()
    return tmp_path


def run(place: Path, *more: str) -> str:
    found = CliRunner().invoke(
        cli, ["discover", "-i", str(place / "inventory.yaml"), "--data", str(place / "data"), "--lang", "en", *more]
    )
    assert found.exit_code == 0, (found.output, found.exception)
    return found.stdout


def proposed(place: Path, *more: str) -> dict[str, str]:
    """Kind and name of each, by its short name."""
    return {p["id"]: f"{p['kind']} {p['about'][0]}" for p in json.loads(run(place, "--json", *more))}


def test_links_and_strangers_are_told_and_what_is_written_is_not(place: Path) -> None:
    assert sorted(proposed(place).values()) == ["link a:Gi0/2", "stranger new", "stranger phone"]
    assert "a:Gi0/2 – b:Gi0/2" in run(place) and "unknown neighbour" in run(place)


def test_an_accepted_link_stands_in_the_inventory_and_is_not_told_again(place: Path) -> None:
    run(place, "--accept", "links")
    text = (place / "inventory.yaml").read_text()
    assert text == TEXT + "  - [a:Gi0/2, b:Gi0/2]\n"
    assert sorted(proposed(place).values()) == ["stranger new", "stranger phone"]


def test_an_accepted_stranger_is_a_device(place: Path) -> None:
    (name,) = (name for name, what in proposed(place).items() if what == "stranger new")
    run(place, "--accept", name)
    network = parse((place / "inventory.yaml").read_text(), "i", lambda _: "x")
    assert (network.devices["new"].address, network.devices["new"].site) == ("192.0.2.9", "hq")


def test_what_is_ignored_is_told_only_with_all(place: Path) -> None:
    (name,) = (name for name, what in proposed(place).items() if what == "stranger phone")
    run(place, "--ignore", name)
    assert name not in proposed(place) and name in proposed(place, "--all")


def test_a_stranger_without_an_address_is_left_to_the_person(place: Path) -> None:
    (name,) = (name for name, what in proposed(place).items() if what == "stranger phone")
    before = (place / "inventory.yaml").read_text()
    found = CliRunner().invoke(
        cli, ["discover", "-i", str(place / "inventory.yaml"), "--data", str(place / "data"), "--accept", name]
    )
    assert found.exit_code != 0 and "cannot be written for you" in str(found.exception)
    assert (place / "inventory.yaml").read_text() == before


def test_where_nobody_was_asked_yet_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(TEXT)
    found = CliRunner().invoke(
        cli, ["discover", "-i", str(tmp_path / "inventory.yaml"), "--data", str(tmp_path / "data")]
    )
    assert "no device has been asked yet" in str(found.exception)
