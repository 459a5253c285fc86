"""How long an inventory of N devices takes to load, beside a plain load of the same YAML: a ratio, never asserted.

Run: python tests/benchmarks/inventory.py [devices]
"""

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time

import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from agent.inventory.parse import parse

HEAD = """
version: 1
customers: {acme: {title: Acme}}
contracts: {C-1: {customer: acme, starts: 2026-01-01, ends: 2026-12-31}}
sites: {s0: {customer: acme}, s1: {customer: acme}, s2: {customer: acme}, s3: {customer: acme}}
credentials:
  v2c: {kind: snmp_v2c, community: "env:COMMUNITY"}
  shell: {kind: ssh, username: netops, password: "env:PASSWORD"}
defaults: {snmp: v2c, ssh: shell, reachability: [icmp, snmp], polling: {status: 60s, retries: 1}}
groups: {access: {role: access, contract: C-1, thresholds: {cpu_pct: 80}}}
devices:
"""


def text(devices: int) -> str:
    lines = [HEAD]
    for n in range(devices):
        address = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        lines.append(
            f"  sw-{n}:\n    address: {address}\n    platform: cisco_ios\n    group: access\n    site: s{n % 4}\n"
        )
        lines.append(f"    tags: [floor-{n % 9}, even]\n    software_target: 17.9.4\n    polling: {{health: 5m}}\n")
        lines.append(f"    parents: [sw-{n // 40}]\n" if n else "")
    lines.append("links:\n")
    lines += [f"  - [sw-{n}:Gi0/1, sw-{n // 40}:Gi0/{n % 40 + 2}]\n" for n in range(1, devices)]
    return "".join(lines)


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds, the least of three."""
    times = []
    for _ in range(3):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def main(devices: int) -> None:
    source = text(devices)
    plain = seconds(lambda: yaml.load(source, Loader=yaml.CSafeLoader))
    ours = seconds(lambda: parse(source, "inventory.yaml", lambda name: "x"))
    tracemalloc.start()
    kept = parse(source, "inventory.yaml", lambda name: "x")
    now, peak = tracemalloc.get_traced_memory()
    print(f"{len(kept.devices)} devices, {len(kept.links)} links, {len(source) / 1e6:.1f} MB of text")
    print(f"plain YAML load {plain:.2f} s, inventory {ours:.2f} s: {ours / plain:.1f} times")
    print(f"memory: {now / 1e6:.0f} MB kept, {peak / 1e6:.0f} MB at the peak")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
