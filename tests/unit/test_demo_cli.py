"""What the demonstration's command lines print, without any SSH."""

import os
import re
from pathlib import Path

import pytest
import yaml

from agent.demo import breakage, cli, environment, fabric, wording
from agent.demo.cli.command import PLANTED, View
from agent.demo.fabric import Fabric, Happening, Happens
from agent.inventory.inventory import Inventory
from agent.inventory.parse import parse

NOW = 1_790_000_000.0
ROOT = Path(__file__).parents[2]
ASKED = ROOT / "collectors" / "ssh" / "data"
OTHER_HARDWARE = re.compile(r"show (module|switch|stackwise|platform|virtual-chassis)")  # chassis and stacks
REFUSALS = ("% Invalid input", "Unrecognized command", "unknown command", "Wrong parameter")
VENDORS = ("bj-core-1", "bj-isp-1", "bj-dc-1", "bj-acc-1", "sh-rt-1", "tj-rt-1")


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    environment.provide()
    return parse((ROOT / "inventory.yaml").read_text(encoding="utf-8"), "inventory.yaml", os.environ.get)


@pytest.fixture
def whole(inventory: Inventory) -> Fabric:
    return fabric.fabric(inventory, NOW)


def say(whole: Fabric, device: str, line: str, *, privileged: bool = True) -> str:
    return cli.answer(View(whole.boxes[device], whole, NOW + 5, privileged), line)


def _asked(platform: str) -> list[str]:
    """Every command that the agent may send to the platform."""
    written = yaml.safe_load((ASKED / f"{platform}.yaml").read_text(encoding="utf-8"))
    commands: list[str] = [] if "like" not in written else _asked(written["like"])
    for topic in written["commands"].values():
        run = topic["run"]
        commands += [run] if isinstance(run, str) else run
    return commands


@pytest.mark.parametrize("device", VENDORS)
def test_every_command_that_the_agent_knows_is_answered(device: str, whole: Fabric) -> None:
    box = whole.boxes[device]
    port = next(iter(box.ports))
    peer = next(iter(box.peers), "")
    for command in _asked(box.hardware.platform):
        if "{peer}" in command and not peer:
            continue
        said = say(whole, device, command.format(interface=port, peer=peer))
        assert OTHER_HARDWARE.match(command) or not said.lstrip(" ^\n").startswith(REFUSALS), command


@pytest.mark.parametrize("device", VENDORS)
def test_a_command_that_does_not_exist_is_refused_in_the_vendors_words(device: str, whole: Fabric) -> None:
    assert any(refusal in say(whole, device, "make coffee") for refusal in REFUSALS)


@pytest.mark.parametrize("device", VENDORS)
def test_every_event_is_worded_in_the_vendors_language(device: str, whole: Fabric) -> None:
    box = whole.boxes[device]
    port = next(iter(box.ports))
    for what in (
        Happens.LINK_DOWN,
        Happens.LINK_UP,
        Happens.RESTART,
        Happens.HOT,
        Happens.FAN_FAILED,
        Happens.CPU_HIGH,
    ):
        assert wording.lines(box, Happening(device, what, port), NOW), what
    line = wording.lines(box, Happening(device, Happens.LINK_DOWN, port), NOW)[0]
    assert wording.datagram(box, line, 1).startswith(f"<{23 * 8 + line.severity}>".encode())
    box.log.append(line)
    log = {"huawei": "display logbuffer", "comware": "display logbuffer", "juniper": "show log messages"}
    assert "own" in say(whole, device, log.get(box.family, "show logging")).lower()


def test_a_broken_link_shows_on_the_command_line(whole: Fabric) -> None:
    assert "line protocol is up" in say(whole, "bj-core-1", "show interfaces Te1/0/5")
    breakage.apply(whole, "cut", ("bj-core-1", "sh-rt-1"), True, NOW + 1)
    assert "line protocol is down" in say(whole, "bj-core-1", "show interfaces TenGigabitEthernet1/0/5")
    assert "current state : DOWN" in say(whole, "sh-rt-1", "display interface GigabitEthernet0/0/1")


def test_a_crashed_session_shows_on_the_command_line(whole: Fabric) -> None:
    breakage.apply(whole, "crash", ("bj-core-1", "bj-isp-1"), True, NOW + 1)
    assert "Active" in say(whole, "bj-core-1", "show ip bgp summary")
    assert "Down peers: 1" in say(whole, "bj-isp-1", "show bgp summary")


def test_configurations_hold_planted_secrets_and_need_privileges(whole: Fabric) -> None:
    assert PLANTED in say(whole, "bj-core-1", "show running-config")
    assert PLANTED not in say(whole, "bj-core-1", "show running-config", privileged=False)
    assert PLANTED in say(whole, "sh-rt-1", "display current-configuration")


def test_a_tech_support_is_hundreds_of_kilobytes(whole: Fabric) -> None:
    for device, command in (
        ("bj-core-1", "show tech-support"),
        ("bj-isp-1", "request support information"),
        ("sh-rt-1", "display diagnostic-information"),
    ):
        assert 200_000 < len(say(whole, device, command)) < 2_000_000


def test_words_may_be_shortened_and_output_filtered(whole: Fabric) -> None:
    assert say(whole, "bj-core-1", "sh ver | include uptime").startswith("bj-core-1 uptime is ")
    assert "Count: " in say(whole, "bj-isp-1", "show version | count")


def test_an_unsaved_configuration_is_told(whole: Fabric) -> None:
    assert "is the same as" in say(whole, "sh-sw-1", "compare configuration")
    assert "is not the same as" in say(whole, "sh-sw-2", "compare configuration")
