"""Both SNMP engines behind the one port: the same device, the same observations. pysnmp is the oracle of ours."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.inventory.device import Device, Method, Secret, SnmpAccess
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from collectors.collector import Collector

ENGINES = ("direct", "pysnmp")
RECORDINGS = (
    "ios_ie2000", "ios_ir809", "ios_stp-vlans", "iosxe_c9300", "iosxe_c9400", "iosxe_ir1101", "vrp_5720-32x-ei",
    "vrp_s5328c-ei", "comware_a5500", "junos_vmx", "arista_eos", "linux_icecast", "linux_lsi",
)  # fmt: skip
EVERY = "NETCASE_EVERY_RECORDING"  # set: all of them, which takes pysnmp minutes
MOVING = {
    Fact.UPTIME, Fact.CLOCK, Fact.USAGE, Fact.USED, Fact.IN_OCTETS, Fact.OUT_OCTETS, Fact.IN_PACKETS, Fact.OUT_PACKETS,
    Fact.IN_DISCARDS, Fact.OUT_DISCARDS, Fact.IN_ERRORS, Fact.OUT_ERRORS,
}  # fmt: skip


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def device(access: SnmpAccess, name: str = "d") -> Device:
    return Device(name=name, address="127.0.0.1", customer="c", site="s", reachability=(Method.SNMP,), snmp=access)


async def polled(engine: str, one: Device) -> dict[Tier, Batch]:
    collector = Collector(secret=lambda secret: secret.reference, engine=engine)
    try:
        return {tier: await collector.poll(one, tier) for tier in (Tier.IDENTITY, Tier.STATUS, Tier.HEALTH)}
    finally:
        await collector.close()


def told(batch: Batch) -> set[Observation]:
    return set(batch.observations)


# ---------------------------------------------------------------- recorded devices


@pytest.fixture(scope="module")
def responder(conformance: Path) -> Iterator[int]:
    """The port where the recordings answer; the community is the recording's name."""
    port = free_port()
    command = [sys.executable, "-u", str(conformance / "serve.py"), str(conformance / "given"), f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        while (line := process.stdout.readline().strip()) != "ready":
            assert line or process.poll() is None, "the responder ended"
        yield port
        process.terminate()


def recordings() -> tuple[str, ...]:
    given = Path(os.environ.get("NETCASE_CONFORMANCE", Path(__file__).parents[3] / "shared" / "conformance")) / "given"
    return (
        tuple(sorted(path.parent.name for path in given.glob("*/walk.snmprec")))
        if os.environ.get(EVERY)
        else RECORDINGS
    )


@pytest.mark.parametrize("recording", recordings())
async def test_both_engines_see_the_same_in_a_recorded_device(responder: int, recording: str) -> None:
    one = device(SnmpAccess(port=responder, community=Secret(recording)), recording)
    direct, oracle = await polled("direct", one), await polled("pysnmp", one)
    for tier, batch in direct.items():
        assert told(batch) == told(oracle[tier])
        assert batch.complete == oracle[tier].complete
        assert batch.failures == oracle[tier].failures == ()
    assert any(o.fact is Fact.VENDOR for o in direct[Tier.IDENTITY].observations)


# ---------------------------------------------------------------- Debian's snmpd

AUTH, PRIV = Secret("authsecret"), Secret("privsecret")
USERS = {
    "v2c": SnmpAccess(community=Secret("public")),
    "noauth": SnmpAccess(version="v3", user="plain"),
    "md5-des": SnmpAccess(version="v3", user="old", auth_protocol="md5", auth=AUTH, priv_protocol="des", priv=PRIV),
    "sha1-aes128": SnmpAccess(
        version="v3", user="usual", auth_protocol="sha1", auth=AUTH, priv_protocol="aes128", priv=PRIV
    ),
    "sha256-auth": SnmpAccess(version="v3", user="signed", auth_protocol="sha256", auth=AUTH),
    "sha512-aes128": SnmpAccess(
        version="v3", user="modern", auth_protocol="sha512", auth=AUTH, priv_protocol="aes128", priv=PRIV
    ),
}
CONFIGURATION = """
agentAddress udp:127.0.0.1:{port}
rocommunity public 127.0.0.1
sysName snmpd-under-test
createUser plain
createUser old MD5 authsecret DES privsecret
createUser usual SHA authsecret AES privsecret
createUser signed SHA-256 authsecret
createUser modern SHA-512 authsecret AES privsecret
rouser plain noauth
rouser old priv
rouser usual priv
rouser signed auth
rouser modern priv
"""


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real net-snmp agent with a user for each way to authenticate."""
    program = shutil.which("snmpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("snmpd is not installed (Debian package snmpd)")
    folder, port = tmp_path_factory.mktemp("snmpd"), free_port()
    (folder / "snmpd.conf").write_text(CONFIGURATION.format(port=port))
    command = [
        program,
        "-f",
        "-Lf",
        str(folder / "log"),
        "-C",
        "-c",
        str(folder / "snmpd.conf"),
        "-p",
        str(folder / "pid"),
    ]
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "kept"), "MIBS": ""}
    with subprocess.Popen(command, env=environment) as process:
        _wait(folder / "log", process)
        yield port
        process.terminate()


def _wait(log: Path, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if log.exists() and "NET-SNMP version" in log.read_text():
            return
        assert process.poll() is None, "snmpd ended"
        time.sleep(0.05)
    raise AssertionError("snmpd did not start")


def steady(batch: Batch) -> set[tuple[Subject, Fact, object]]:
    """What two polls of a living host agree on."""
    return {
        (o.subject, o.fact, o.value)
        for o in batch.observations
        if o.fact not in MOVING and o.subject.kind is not ComponentKind.MEMORY
    }


@pytest.mark.system("snmpd")
@pytest.mark.parametrize("user", sorted(USERS))
async def test_both_engines_see_the_same_in_a_real_agent(snmpd: int, user: str) -> None:
    one = device(replace(USERS[user], port=snmpd))
    direct, oracle = await polled("direct", one), await polled("pysnmp", one)
    for tier, batch in direct.items():
        assert batch.failures == oracle[tier].failures == ()
        assert steady(batch) == steady(oracle[tier])
        assert batch.complete == oracle[tier].complete
    facts = {o.fact: o.value for o in direct[Tier.IDENTITY].observations if o.subject == Subject("d")}
    assert (facts[Fact.SYS_NAME], facts[Fact.PLATFORM]) == ("snmpd-under-test", "linux")
    assert {o.subject.name for o in direct[Tier.STATUS].observations if o.fact is Fact.OPER_STATUS} >= {"lo"}
    memory = [o.value for o in direct[Tier.HEALTH].observations if o.fact is Fact.USED]
    assert memory and all(isinstance(value, float) and 0 <= value <= 100 for value in memory)


WRONG = {
    "user": (replace(USERS["sha1-aes128"], user="nobody"), "unknown user"),
    "password": (replace(USERS["sha1-aes128"], auth=Secret("wrongsecret")), "wrong digest"),
    "level": (replace(USERS["sha256-auth"], user="plain"), "security level"),
}


@pytest.mark.system("snmpd")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("wrong", sorted(WRONG))
async def test_wrong_credentials_are_told_from_silence(snmpd: int, engine: str, wrong: str) -> None:
    access, word = WRONG[wrong]
    one = replace(device(replace(access, port=snmpd)), reachability=(Method.TCP, Method.SNMP), tcp_port=1)
    batch = (await polled(engine, one))[Tier.STATUS]
    assert batch.failures == ("wrong_credentials",)
    [reachable] = [o for o in batch.observations if o.fact is Fact.SNMP_REACHABLE]
    assert reachable.value is False
    assert engine == "pysnmp" or word in reachable.detail
    assert "secret" not in repr(batch)


@pytest.mark.system("snmpd")
async def test_a_restarted_agent_is_believed_again(tmp_path: Path) -> None:
    """Its clock starts anew: the engine must learn it from the agent's own, authenticated report."""
    program = shutil.which("snmpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("snmpd is not installed (Debian package snmpd)")
    port = free_port()
    (tmp_path / "snmpd.conf").write_text(CONFIGURATION.format(port=port))
    command = [program, "-f", "-Lf", str(tmp_path / "log"), "-C", "-c", str(tmp_path / "snmpd.conf")]
    collector = Collector(secret=lambda secret: secret.reference)
    one = device(replace(USERS["sha1-aes128"], port=port))
    environment = {**os.environ, "SNMP_PERSISTENT_DIR": str(tmp_path / "kept"), "MIBS": ""}
    for _ in range(3):
        with subprocess.Popen(command, env=environment) as process:  # noqa: ASYNC220
            await asyncio.to_thread(_wait, tmp_path / "log", process)
            batch = await collector.poll(one, Tier.STATUS)
            process.terminate()
        (tmp_path / "log").unlink()
        assert batch.failures == () and ComponentKind.INTERFACE in batch.complete
    await collector.close()
