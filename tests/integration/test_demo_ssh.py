"""The demonstration's SSH servers, met by netmiko and asyncssh."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import pytest_asyncio
from netmiko import ConnectHandler

from agent.demo import environment
from agent.demo.cli.command import PLANTED
from agent.demo.environment import CREDENTIALS
from agent.demo.process import DemoProcess

ROOT = Path(__file__).parents[2]
PREFIX = f"127.{20 + os.getpid() % 200}.{os.getpid() // 200 % 250}."
PORT = 16122
NUMBERS = {"bj-core-1": 1, "bj-isp-1": 3, "bj-dc-1": 4, "bj-acc-1": 5, "sh-rt-1": 6, "tj-rt-1": 9}
PLATFORMS = (
    ("bj-core-1", "cisco_xe", "show version", "Version 17.9.4"),
    ("tj-rt-1", "cisco_ios", "show version", "15.7(3)M8"),
    ("bj-isp-1", "juniper_junos", "show version", "Junos: 21.4R3-S5.4"),
    ("bj-dc-1", "arista_eos", "show version", "4.28.10M"),
    ("bj-acc-1", "hp_comware", "display version", "Version 7.1.045"),
    ("sh-rt-1", "huawei_vrp", "display version", "V200R010C10SPC700"),
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Running:
    def __init__(self, process: DemoProcess, folder: Path) -> None:
        self.process, self.folder = process, folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    environment.provide()
    folder = tmp_path_factory.mktemp("demo")
    inventory = ROOT / "inventory.yaml"
    it = DemoProcess(inventory, folder, syslog=("127.0.0.1", 9), traps=("127.0.0.1", 9), prefix=PREFIX, mail=False)
    await it.start()
    yield Running(it, folder)
    await it.stop()


def netmiko(device: str, platform: str, folder: Path, **more: Any) -> Any:
    return ConnectHandler(
        device_type=platform,
        host=f"{PREFIX}{NUMBERS[device]}",
        port=PORT,
        username="netops",
        password=more.pop("password", CREDENTIALS["NETCASE_DEMO_PASSWORD"]),
        secret=CREDENTIALS["NETCASE_DEMO_ENABLE"],
        ssh_strict=True,
        alt_host_keys=True,
        alt_key_file=str(folder / "known_hosts"),
        conn_timeout=20,
        **more,
    )


def _version(device: str, platform: str, command: str, folder: Path) -> tuple[str, str]:
    with netmiko(device, platform, folder) as connection:
        return connection.find_prompt(), connection.send_command(command)


@pytest.mark.parametrize(("device", "platform", "command", "expected"), PLATFORMS)
async def test_netmiko_logs_in_with_strict_host_keys_and_reads_the_version(
    device: str, platform: str, command: str, expected: str, network: Running
) -> None:
    prompt, said = await asyncio.to_thread(_version, device, platform, command, network.folder)
    assert device in prompt
    assert expected in said


@pytest.mark.parametrize(("device", "platform"), [("bj-core-1", "cisco_xe"), ("bj-dc-1", "arista_eos")])
async def test_enable_takes_the_enable_password(device: str, platform: str, network: Running) -> None:
    def escalate() -> tuple[str, str, str]:
        with netmiko(device, platform, network.folder) as connection:
            before = connection.find_prompt()
            connection.enable()
            return before, connection.find_prompt(), connection.send_command("show running-config")

    before, after, configuration = await asyncio.to_thread(escalate)
    assert (before, after) == (f"{device}>", f"{device}#")
    assert PLANTED in configuration


async def test_a_wrong_password_is_refused(network: Running) -> None:
    from netmiko.exceptions import NetmikoAuthenticationException

    with pytest.raises(NetmikoAuthenticationException):
        await asyncio.to_thread(netmiko, "bj-isp-1", "juniper_junos", network.folder, password="wrong")


async def test_a_long_output_stops_at_every_page_until_paging_is_switched_off(network: Running) -> None:
    async with asyncssh.connect(
        f"{PREFIX}{NUMBERS['sh-rt-1']}",
        PORT,
        username="netops",
        password=CREDENTIALS["NETCASE_DEMO_PASSWORD"],
        known_hosts=str(network.folder / "known_hosts"),
    ) as connection:
        process: Any = await connection.create_process(term_type="vt100", term_size=(120, 24), encoding="utf-8")
        process.stdin.write("display interface\n")
        first = await process.stdout.readuntil("---- More ----")
        assert first.count("\n") < 35
        process.stdin.write("q")
        await process.stdout.readuntil("<sh-rt-1>")
        process.stdin.write("screen-length 0 temporary\ndisplay interface\n")
        whole = await process.stdout.readuntil("NULL0 current state")
        assert "More" not in whole
        process.stdin.write("quit\n")


async def test_a_single_command_needs_no_terminal(network: Running) -> None:
    async with asyncssh.connect(
        f"{PREFIX}{NUMBERS['bj-isp-1']}",
        PORT,
        username="netops",
        password=CREDENTIALS["NETCASE_DEMO_PASSWORD"],
        known_hosts=str(network.folder / "known_hosts"),
    ) as connection:
        assert "Hostname: bj-isp-1" in str((await connection.run("show version")).stdout)


async def test_a_diagnostic_of_comware_asks_first_and_takes_its_time(network: Running) -> None:
    def collect() -> tuple[int, float]:
        with netmiko("bj-acc-1", "hp_comware", network.folder) as connection:
            connection.send_command("display diagnostic-information", expect_string=r"\[Y/N\]:")
            began = time.monotonic()
            said = connection.send_command("n", expect_string=r"<bj-acc-1>", read_timeout=60)
            return len(said), time.monotonic() - began

    size, took_s = await asyncio.to_thread(collect)
    assert size > 200_000
    assert took_s > 1


async def test_a_session_breaks_off_when_its_device_loses_power(network: Running) -> None:
    async with asyncssh.connect(
        f"{PREFIX}{NUMBERS['tj-rt-1']}",
        PORT,
        username="netops",
        password=CREDENTIALS["NETCASE_DEMO_PASSWORD"],
        known_hosts=str(network.folder / "known_hosts"),
    ) as connection:
        await network.process.break_("power", "tj-rt-1")
        await asyncio.wait_for(connection.wait_closed(), 10)
    await network.process.mend("power", "tj-rt-1")
    prompt, _ = await asyncio.to_thread(_version, "tj-rt-1", "cisco_ios", "show version", network.folder)
    assert prompt == "tj-rt-1>"
