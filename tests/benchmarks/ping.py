"""What an echo costs: `python tests/benchmarks/ping.py --hosts N --count C`, beside fping in the same run.

N loopback addresses are asked C times each, by our sweep and by fping (Debian package fping), in
processes of their own.
CPU of a process is its user and system time, which on loopback holds the kernel's own answer too, for both alike.
"""

import argparse
import asyncio
import json
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from collectors.icmp import Pinger  # noqa: E402

GAP_MS = 50


def addresses(hosts: int) -> list[str]:
    return [f"127.3.{n // 250}.{n % 250 + 1}" for n in range(hosts)]


async def ours(hosts: int, count: int) -> None:
    """Print CPU µs an echo, and how many came back."""
    pinger = Pinger()
    await pinger.sweep(addresses(hosts), 2, 1)  # an agent that runs has its socket open and its code warm
    before = _cpu(resource.RUSAGE_SELF)
    found = await pinger.sweep(addresses(hosts), 2, count, GAP_MS / 1000)
    spent = _cpu(resource.RUSAGE_SELF) - before
    pinger.close()
    rtts = [rtt for echoes in found.values() for rtt in echoes.rtts]
    print(json.dumps({"us": spent / (hosts * count) * 1e6, "came": len(rtts), "median_ms": statistics.median(rtts)}))


def fping(hosts: int, count: int) -> dict[str, float]:
    before = _cpu(resource.RUSAGE_CHILDREN)
    command = ["fping", "-q", "-C", str(count), "-p", str(GAP_MS), "-i", "0.05", "-t", "2000", *addresses(hosts)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    spent = _cpu(resource.RUSAGE_CHILDREN) - before
    rtts = [float(word) for line in told.splitlines() for word in line.partition(" : ")[2].split() if word != "-"]
    return {"us": spent / (hosts * count) * 1e6, "came": len(rtts), "median_ms": statistics.median(rtts)}


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=2000)
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.ours:
        asyncio.run(ours(chosen.hosts, chosen.count))
        return
    if shutil.which("fping") is None:
        sys.exit("fping is not installed: nothing to compare with (Debian package fping)")
    again = [sys.executable, __file__, "--ours", "--hosts", str(chosen.hosts), "--count", str(chosen.count)]
    pairs = []
    for _ in range(chosen.rounds):
        mine = json.loads(subprocess.run(again, capture_output=True, text=True, check=True).stdout)
        pairs.append((mine, fping(chosen.hosts, chosen.count)))
    print(f"{chosen.hosts} hosts × {chosen.count} echoes, {chosen.rounds} rounds, medians")
    for name, side in (("netcase", 0), ("fping", 1)):
        cpu, came, rtt = (statistics.median(pair[side][key] for pair in pairs) for key in ("us", "came", "median_ms"))
        print(f"{name:8} {cpu:6.1f} µs CPU an echo   {came:.0f} came back   round trip {rtt:.3f} ms")
    print(f"netcase / fping: {statistics.median(a['us'] / b['us'] for a, b in pairs):.2f}")


if __name__ == "__main__":
    main()
