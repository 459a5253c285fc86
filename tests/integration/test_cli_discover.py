"""`netcase discover` on what the agent remembers: accepting, ignoring, and what is shown after."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agent.app import compose
from agent.cli import options
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import Pipeline

INVENTORY = """\
customers: {acme: {}}
sites: {hq: {customer: acme}}
defaults: {site: hq, reachability: [icmp], platform: cisco_ios}
devices:
  a: {address: 192.0.2.1}
  b: {address: 192.0.2.2}
"""


def sees(port: str, name: str, their_port: str, address: str) -> tuple[Observation, ...]:
    subject = Subject("a", ComponentKind.NEIGHBOUR, port)
    told = {Fact.REMOTE_NAME: name, Fact.REMOTE_PORT: their_port, Fact.REMOTE_ADDRESS: address}
    return tuple(Observation(subject, fact, value) for fact, value in told.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    chosen = options.chosen(tmp_path / "inventory.yaml", tmp_path / "data", None)
    told = sees("Gi0/1", "b", "Gi0/9", "192.0.2.2") + sees("Gi0/2", "new-sw", "1", "192.0.2.50")
    with compose.memory(chosen) as memory:
        network = compose.read_inventory(chosen.inventory, secrets=False)
        Pipeline(memory.store, network).observe(Batch("a", Tier.IDENTITY, compose.now(), told))
    return tmp_path


def discover(folder: Path, *arguments: str) -> str:
    where = ["--inventory", str(folder / "inventory.yaml"), "--data", str(folder / "data"), "--lang", "en"]
    command = [str(Path(sys.executable).with_name("netcase")), "discover", *arguments, *where]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_accepting_every_link_leaves_the_strangers_to_be_seen(folder: Path) -> None:
    (link, _) = json.loads(discover(folder, "--json"))
    shown = discover(folder, "--accept", "links", "--accept", link["id"])
    assert "new-sw" in shown and "agree" not in shown
    assert yaml.safe_load((folder / "inventory.yaml").read_text())["links"] == [["a:Gi0/1", "b:Gi0/9"]], "once"
    (stranger,) = json.loads(discover(folder, "--json"))
    assert "agree" in discover(folder, "--ignore", stranger["id"])
