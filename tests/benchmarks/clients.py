"""One client of peers.py, in a process of its own: polls every device once, then measures. Prints JSON."""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.inventory.device import Device, Method, Polling, Secret, SnmpAccess
from agent.observation import Tier
from collectors.collector import Collector
from collectors.snmp.direct import DirectEngine
from collectors.snmp.session import Oid, Target, dotted
from collectors.snmp.walk import Conversation
from tests.benchmarks.responder import COLUMNS, SCALARS, USER

Poll = Callable[[int], Awaitable[int]]  # by the device's number; the values that it told, or a negative number
SECRETS = {"auth": "authsecret", "priv": "privsecret", "community": "public"}


def address(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


async def rounds(poll: Poll, devices: int, count: int, cpu: Callable[[], float]) -> dict[str, Any]:
    """After one poll of every device to warm up."""

    async def every() -> list[int]:
        return await asyncio.gather(*(poll(number) for number in range(devices)))

    await every()
    before, began, told = cpu(), time.perf_counter(), []
    for _ in range(count):
        told += await every()
    spent, took = cpu() - before, time.perf_counter() - began
    good = [values for values in told if values >= 0]
    return {
        "cpu_ms": 1e3 * spent / len(told),
        "values": sum(good) / max(1, len(good)),
        "failures": len(told) - len(good),
        "devices_per_s": len(told) / took,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def target(chosen: argparse.Namespace, number: int) -> Target:
    usual: dict[str, Any] = {"address": address(number), "port": chosen.port, "timeout": 5.0, "retries": 1}
    if chosen.version == "v3":
        return replace(USER, **usual)
    return Target(community=b"public", **usual)


# ---------------------------------------------------------------- ours


async def engine(chosen: argparse.Namespace) -> dict[str, Any]:
    one = DirectEngine()
    sizes: dict[int, dict[Oid, int]] = {}
    targets = [target(chosen, number) for number in range(chosen.devices)]

    async def poll(number: int) -> int:
        conversation = Conversation(one, targets[number], sizes.setdefault(number, {}))
        scalars = await conversation.get(SCALARS)
        columns = await conversation.walk(COLUMNS)
        return -1 if conversation.failures else len(scalars) + sum(len(c.rows) for c in columns.values())

    try:
        return await rounds(poll, chosen.devices, chosen.rounds, time.process_time)
    finally:
        await one.close()


async def collector(chosen: argparse.Namespace) -> dict[str, Any]:
    """States and health, which is what those values are for; the identity poll is part of the warming up."""
    access = SnmpAccess(port=chosen.port, community=Secret("community"))
    if chosen.version == "v3":
        access = SnmpAccess(
            version="v3", port=chosen.port, user=USER.user, auth_protocol=USER.auth_protocol, auth=Secret("auth"),
            priv_protocol=USER.priv_protocol, priv=Secret("priv"),
        )  # fmt: skip
    devices = [
        Device(
            name=f"sw-{n}", address=address(n), customer="c", site="s", reachability=(Method.SNMP,), snmp=access,
            polling=Polling(),
        )
        for n in range(chosen.devices)
    ]  # fmt: skip
    one = Collector(secret=lambda secret: SECRETS[secret.reference])

    async def poll(number: int) -> int:
        batches = [await one.poll(devices[number], tier) for tier in (Tier.STATUS, Tier.HEALTH)]
        return -1 if any(b.failures for b in batches) else sum(len(b.observations) for b in batches)

    try:
        await asyncio.gather(*(one.poll(device, Tier.IDENTITY) for device in devices))
        return await rounds(poll, chosen.devices, chosen.rounds, time.process_time)
    finally:
        await one.close()


# ---------------------------------------------------------------- theirs


async def pysnmp(chosen: argparse.Namespace) -> dict[str, Any]:
    from pysnmp.hlapi.v3arch import asyncio as hlapi

    api: Any = hlapi
    one = api.SnmpEngine()
    user = api.UsmUserData(
        USER.user, "authsecret", "privsecret",
        authProtocol=api.usmHMACSHAAuthProtocol, privProtocol=api.usmAesCfb128Protocol,
    )  # fmt: skip
    who = user if chosen.version == "v3" else api.CommunityData("public", mpModel=1)
    targets = [
        await api.UdpTransportTarget.create((address(n), chosen.port), timeout=30, retries=1)
        for n in range(chosen.devices)
    ]

    async def poll(number: int) -> int:
        values = 0
        for some in (SCALARS[:20], SCALARS[20:]):
            names = [api.ObjectType(api.ObjectIdentity(oid)) for oid in some]
            failed, _, _, found = await api.get_cmd(
                one, who, targets[number], api.ContextData(), *names, lookupMib=False
            )
            if failed:
                return -1
            values += len(found)
        for column in COLUMNS:
            walk = api.bulk_walk_cmd(
                one, who, targets[number], api.ContextData(), 0, 25, api.ObjectType(api.ObjectIdentity(column)),
                lookupMib=False, lexicographicMode=False,
            )  # fmt: skip
            async for failed, _, _, found in walk:
                if failed:
                    return -1
                values += len(found)
        return values

    try:
        return await rounds(poll, chosen.devices, max(1, chosen.rounds // 5), time.process_time)
    finally:
        one.close_dispatcher()


async def netsnmp_cffi(chosen: argparse.Namespace) -> dict[str, Any]:
    """As cheap as it gets there: five columns × 25 rows a GETBULK, and no look-up of names."""
    os.environ |= {"MIBS": "", "MIBDIRS": "/nonexistent"}
    import netsnmpy.netsnmp as netsnmp  # type: ignore[import-not-found]
    from netsnmpy.session import SNMPSession  # type: ignore[import-not-found]

    netsnmp.load_mibs()
    sessions = [SNMPSession(address(n), chosen.port, "public", "2c", 5.0, 1) for n in range(chosen.devices)]
    for session in sessions:
        session.open()

    async def poll(number: int) -> int:
        session, values = sessions[number], 0
        for some in (SCALARS[:20], SCALARS[20:]):
            values += len(await session.aget(*some))
        for start in range(0, len(COLUMNS), 5):
            values += await walk(session, COLUMNS[start : start + 5])
        return values

    async def walk(session: Any, roots: list[Oid]) -> int:
        values, at = 0, [tuple(root) for root in roots]
        while True:
            found = await session.agetbulk(*at, max_repetitions=25)
            for row in range(0, len(found), len(roots)):
                for root, (oid, _) in zip(roots, found[row : row + len(roots)], strict=False):
                    if tuple(oid[: len(root)]) != root:
                        return values
                    values += 1
            at = [oid for oid, _ in found[-len(roots) :]]

    return await rounds(poll, chosen.devices, chosen.rounds, time.process_time)


async def exporter(chosen: argparse.Namespace) -> dict[str, Any]:
    """Scraped over HTTP as Prometheus does; its own process's CPU time counts, the scraper's does not."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder, "snmp.yml")
        configuration.write_text(_module(chosen.version))  # noqa: ASYNC240 - nothing else runs yet
        command = ["prometheus-snmp-exporter", f"--config.file={configuration}", "--log.level=error"]
        with subprocess.Popen([*command, "--web.listen-address=127.0.0.1:19116"]) as process:  # noqa: ASYNC220
            try:
                return await _scraped(chosen, process.pid)
            finally:
                process.terminate()


async def _scraped(chosen: argparse.Namespace, pid: int) -> dict[str, Any]:
    loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor(chosen.devices)

    def scrape(number: int) -> int:
        url = f"http://127.0.0.1:19116/snmp?module=switch&target={address(number)}:{chosen.port}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return sum(not line.startswith(b"#") for line in answer)
        except OSError:
            return -1

    async def poll(number: int) -> int:
        return await loop.run_in_executor(threads, scrape, number)

    def cpu() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    for _ in range(100):
        if await poll(0) > 0:
            break
        await asyncio.sleep(0.1)
    return await rounds(poll, chosen.devices, chosen.rounds, cpu)


def _module(version: str) -> str:
    """A configuration as its generator writes it, for the same values."""
    access = "  version: 2\n  auth: {community: public}\n"
    if version == "v3":
        access = (
            "  version: 3\n  auth: {security_level: authPriv, username: monitor, auth_protocol: SHA,\n"
            "    password: authsecret, priv_protocol: AES, priv_password: privsecret}\n"
        )
    lines = ["switch:\n  walk:\n", *(f"  - {dotted(oid)}\n" for oid in COLUMNS)]
    lines += ["  get:\n", *(f"  - {dotted(oid)}\n" for oid in SCALARS), "  metrics:\n"]
    words = {(2, 1, 2, 2, 1, 2), (2, 1, 31, 1, 1, 1, 1), (2, 1, 31, 1, 1, 1, 18)}
    for number, oid in enumerate(COLUMNS):
        kind = "DisplayString" if oid[4:] in words else "gauge"
        indexes = "[{labelname: ifIndex, type: gauge}]"
        lines.append(f"  - {{name: c{number}, oid: {dotted(oid)}, type: {kind}, help: x, indexes: {indexes}}}\n")
    for number, oid in enumerate(SCALARS):
        kind = "DisplayString" if number in (0, 3, 4, 5) else "gauge"
        lines.append(f"  - {{name: s{number}, oid: {dotted(oid[:-1])}, type: {kind}, help: x}}\n")
    return "".join([*lines, "  max_repetitions: 25\n", access])


async def snmpbulkwalk(chosen: argparse.Namespace) -> dict[str, Any]:
    """A process a column, two for the scalars. Few devices: it is dear, and no cheaper for many."""
    level = ["-v2c", "-cpublic"]
    if chosen.version == "v3":
        level = ["-v3", "-lauthPriv", "-umonitor", "-aSHA", "-Aauthsecret", "-xAES", "-Xprivsecret"]
    common = [*level, "-On", "-Oq", "-m", "", "-t", "10"]

    async def values(*command: str) -> int:
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        told, _ = await process.communicate()
        return told.count(b"\n") if process.returncode == 0 else -5000

    async def poll(number: int) -> int:
        whom = f"{address(number)}:{chosen.port}"
        told = 0
        for some in (SCALARS[:20], SCALARS[20:]):
            told += await values("snmpget", *common, whom, *map(dotted, some))
        for column in COLUMNS:
            told += await values("snmpbulkwalk", *common, "-Cr25", whom, dotted(column))
        return told

    def cpu() -> float:
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        return spent.ru_utime + spent.ru_stime

    return await rounds(poll, min(5, chosen.devices), 1, cpu)


CLIENTS = {
    "engine": engine,
    "collector": collector,
    "pysnmp": pysnmp,
    "netsnmp-cffi": netsnmp_cffi,
    "exporter": exporter,
    "snmpbulkwalk": snmpbulkwalk,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--version", choices=("v2c", "v3"), default="v2c")
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", default="", help="write a cProfile here")
    chosen = parser.parse_args()
    profile: Any = nullcontext()
    if chosen.profile:
        import cProfile

        profile = cProfile.Profile()
    with profile:
        told = asyncio.run(CLIENTS[chosen.client](chosen))
    if chosen.profile:
        profile.dump_stats(chosen.profile)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
