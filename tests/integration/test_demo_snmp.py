"""The demonstration's SNMP agents, asked by clients that are not ours: net-snmp's and pysnmp's."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC192_SHA256,
    USM_PRIV_CFB128_AES,
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    get_cmd,
)

from agent.demo import environment
from agent.demo.environment import CREDENTIALS
from agent.demo.process import DemoProcess
from agent.errors import UsageError

ROOT = Path(__file__).parents[2]
PREFIX = f"127.{20 + os.getpid() % 200}.{os.getpid() // 200 % 250}."  # no other test run has these addresses
PORT = 16161
DEVICES = ("bj-core-1", "bj-core-2", "bj-isp-1", "bj-dc-1", "bj-acc-1", "sh-rt-1", "sh-sw-1", "sh-sw-2", "tj-rt-1")
COMMUNITY = CREDENTIALS["NETCASE_DEMO_COMMUNITY"]
V3 = (
    "-v3", "-l", "authPriv", "-u", "monitor", "-a", "SHA-256", "-A", CREDENTIALS["NETCASE_DEMO_AUTH"],
    "-x", "AES", "-X", CREDENTIALS["NETCASE_DEMO_PRIV"],
)  # fmt: skip
SYS_NAME, IF_OPER = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.2.2.1.8"
IF_NAME, HC_IN = "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.31.1.1.1.6"
LLDP_REMOTE = "1.0.8802.1.1.2.1.4.1.1"

pytestmark = pytest.mark.asyncio(loop_scope="module")


def address(device: str) -> str:
    return f"{PREFIX}{DEVICES.index(device) + 1}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoProcess]:
    environment.provide()
    folder = tmp_path_factory.mktemp("demo")
    it = DemoProcess(
        ROOT / "inventory.yaml", folder, syslog=("127.0.0.1", 9), traps=("127.0.0.1", 9), prefix=PREFIX, mail=False
    )
    await it.start()
    yield it
    await it.stop()


async def ask(device: str, *oids: str, v3: bool = False, timeout_s: float = 5.0) -> list[str] | None:
    """By pysnmp's client; None when nothing came back."""
    auth, priv = CREDENTIALS["NETCASE_DEMO_AUTH"], CREDENTIALS["NETCASE_DEMO_PRIV"]
    user = UsmUserData("monitor", auth, priv, USM_AUTH_HMAC192_SHA256, USM_PRIV_CFB128_AES)
    engine = SnmpEngine()
    try:
        error, status, _, var_binds = await get_cmd(
            engine,
            user if v3 else CommunityData(COMMUNITY),
            await UdpTransportTarget.create((address(device), PORT), timeout=timeout_s, retries=0),
            ContextData(),
            *(ObjectType(ObjectIdentity(oid)) for oid in oids),
            lookupMib=False,
        )
    finally:
        engine.close_dispatcher()
        await asyncio.sleep(0)
    if error:
        return None
    assert not status
    return [value.prettyPrint() for _, value in var_binds]


def walk(device: str, oid: str, *how: str) -> list[str]:
    """By snmpbulkwalk: `OID value` lines."""
    command = [
        "snmpbulkwalk",
        *(how or ("-v2c", "-c", COMMUNITY)),
        "-On",
        "-Oq",
        "-Oe",
        "-t",
        "5",
        f"{address(device)}:{PORT}",
        oid,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()


async def test_a_v2c_agent_answers_pysnmp(network: DemoProcess) -> None:
    assert await ask("bj-isp-1", SYS_NAME) == ["bj-isp-1"]


async def test_a_v3_agent_answers_pysnmp_with_authentication_and_encryption(network: DemoProcess) -> None:
    assert await ask("bj-core-1", SYS_NAME, v3=True) == ["bj-core-1"]


async def test_counters_move(network: DemoProcess) -> None:
    first = await ask("bj-isp-1", f"{HC_IN}.501")
    await asyncio.sleep(0.3)
    second = await ask("bj-isp-1", f"{HC_IN}.501")
    assert first
    assert second
    assert int(second[0]) > int(first[0]) > 2**32


async def test_a_cut_downs_both_ends_silences_what_lies_behind_and_mending_restores_it(network: DemoProcess) -> None:
    assert await network.break_("cut") == ("bj-core-1", "sh-rt-1")
    assert await ask("bj-core-1", f"{IF_OPER}.5", v3=True) == ["2"]
    assert [await ask(device, SYS_NAME, timeout_s=0.5) for device in ("sh-rt-1", "sh-sw-1", "sh-sw-2")] == [None] * 3
    assert await network.mend("cut") == ("bj-core-1", "sh-rt-1")
    assert await ask("bj-core-1", f"{IF_OPER}.5", v3=True) == ["1"]
    assert await ask("sh-sw-2", SYS_NAME) == ["sh-sw-2"]


async def test_a_dead_agent_says_nothing_while_its_device_still_accepts_tcp(network: DemoProcess) -> None:
    await network.break_("agent", "bj-acc-1")
    assert await ask("bj-acc-1", SYS_NAME, timeout_s=0.5) is None
    _, writer = await asyncio.wait_for(asyncio.open_connection(address("bj-acc-1"), 16122), 5)
    writer.close()
    await network.mend("agent", "bj-acc-1")
    assert await ask("bj-acc-1", SYS_NAME) == ["bj-acc-1"]


async def test_a_device_without_power_neither_accepts_nor_refuses_tcp(network: DemoProcess) -> None:
    await network.break_("power", "sh-rt-1")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.open_connection(address("sh-rt-1"), 16122), 0.7)
    await network.mend("power", "sh-rt-1")
    _, writer = await asyncio.wait_for(asyncio.open_connection(address("sh-rt-1"), 16122), 5)
    writer.close()


async def test_a_reboot_begins_the_uptime_anew(network: DemoProcess) -> None:
    before = await ask("tj-rt-1", "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.10.2.1.2.0", v3=True)
    await network.break_("reboot", "tj-rt-1")
    after = await ask("tj-rt-1", "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.10.2.1.2.0", v3=True)
    assert before
    assert after
    assert int(after[0]) < 6000 < int(before[0])
    assert int(after[1]) > int(before[1]), "snmpEngineBoots grows"


async def test_a_crashed_session_is_down_at_both_ends_while_the_link_stays_up(network: DemoProcess) -> None:
    device, other = await network.break_("crash")
    described = await network.describe()
    assert "active" in described[device]["bgp"].values()
    assert "active" in described[other]["bgp"].values()
    assert set(described[device]["interfaces"].values()) == {"up", "down"}
    await network.mend("crash")
    described = await network.describe()
    assert set(described[device]["bgp"].values()) == {"established"}


async def test_what_makes_no_sense_is_refused_in_words(network: DemoProcess) -> None:
    with pytest.raises(UsageError, match="there is no breakage 'coffee'"):
        await network.break_("coffee")
    with pytest.raises(UsageError, match="there is no link between"):
        await network.break_("cut", "bj-core-1", "wx-sw-1")


@pytest.mark.system("snmpbulkwalk")
async def test_net_snmp_walks_every_agent_to_its_end_in_order(network: DemoProcess) -> None:
    for device in ("bj-isp-1", "sh-sw-1", "bj-acc-1"):
        lines = await asyncio.to_thread(walk, device, ".1")
        assert len(lines) > 500


@pytest.mark.system("snmpbulkwalk")
async def test_net_snmp_walks_v3_with_authentication_and_encryption(network: DemoProcess) -> None:
    for device in ("bj-core-1", "bj-dc-1", "tj-rt-1"):
        assert await asyncio.to_thread(walk, device, SYS_NAME, *V3) == [f'.{SYS_NAME} "{device}"']


@pytest.mark.system("snmpbulkwalk")
async def test_an_unencrypted_question_of_a_v3_user_is_refused(network: DemoProcess) -> None:
    command = [
        "snmpget",
        "-v3",
        "-l",
        "noAuthNoPriv",
        "-u",
        "monitor",
        "-t",
        "3",
        f"{address('bj-core-1')}:{PORT}",
        SYS_NAME,
    ]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode
    assert "bj-core-1" not in done.stdout


@pytest.mark.system("snmpbulkwalk")
async def test_lldp_tells_the_links_of_the_inventory(network: DemoProcess) -> None:
    described = await network.describe()
    for device in ("bj-isp-1", "sh-sw-1", "bj-acc-1"):
        names = [line.split(" ", 1)[1].strip('"') for line in await asyncio.to_thread(walk, device, f"{LLDP_REMOTE}.9")]
        expected = [there.split(":")[0] for there in described[device]["neighbours"].values()]
        assert sorted(names) == sorted(expected)


@pytest.mark.system("snmpbulkwalk")
async def test_interface_names_are_those_of_the_inventory(network: DemoProcess) -> None:
    names = {line.split(" ", 1)[1].strip('"') for line in await asyncio.to_thread(walk, "sh-rt-1", IF_NAME)}
    assert {"GigabitEthernet0/0/1", "GigabitEthernet0/0/2"} <= names


@pytest.mark.system("snmpbulkwalk")
@pytest.mark.parametrize(
    ("what", "device", "oid", "bad", "good"),
    [
        ("hot", "sh-rt-1", "1.3.6.1.4.1.2011.5.25.31.1.1.1.1.11.67108873", range(80, 200), range(30, 60)),
        ("cpu", "bj-isp-1", "1.3.6.1.4.1.2636.3.1.13.1.8.9.1.0.0", range(90, 101), range(60)),
        ("memory", "bj-acc-1", "1.3.6.1.4.1.25506.2.6.1.1.1.1.8.2", range(90, 101), range(60)),
        ("fan", "bj-acc-1", "1.3.6.1.4.1.25506.8.35.9.1.1.1.2.1", range(2, 3), range(1, 2)),
        ("psu", "sh-sw-1", "1.3.6.1.4.1.2011.5.25.31.1.1.18.1.6.0.2", range(2, 3), range(1, 2)),
    ],
)
async def test_a_vendors_own_mib_tells_what_is_broken(
    what: str, device: str, oid: str, bad: range, good: range, network: DemoProcess
) -> None:
    async def reading() -> int:
        lines = await asyncio.to_thread(walk, device, oid)
        return int(lines[0].split(" ", 1)[1])

    assert await reading() in good
    await network.break_(what, device)
    assert await reading() in bad
    await network.mend(what, device)
    assert await reading() in good
