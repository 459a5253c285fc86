"""What root cause costs: `python tests/benchmarks/correlation.py [--devices 1000 10000 50000]`.

A campus network (two cores, sites of a distribution switch with an uplink to each and twenty access switches on it)
with a share of it dark, many independent links cut, or many routing sessions lost. For each size the CPU time of one
decision on a topology that is known (and of the first, which gets to know it), the peak of its memory, and its time by
n log n relative to the smallest size: that must not grow. `asked` is what settling asks of each problem then: who may
still explain it, and what it takes away.
"""

import argparse
import math
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.faults import correlation
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory, Link
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
BRANCH = 21  # a distribution switch and its twenty access switches, at one site


def campus(size: int) -> Topology:
    """Sites of a distribution switch with an uplink to each core, and twenty switches on it; each with a loopback."""
    names = ["core1", "core2", *(f"s{n // BRANCH}-{n % BRANCH}" for n in range(size - 2))]
    links = [Link("core1", "to-core2", "core2", "to-core1")]
    for name in names[2:]:
        site, _, number = name.partition("-")
        uplinks = ("core1", "core2") if number == "0" else (f"{site}-0",)
        links += [Link(name, f"to-{up}", up, f"to-{name}") for up in uplinks]
    devices = {
        name: Device(name=name, address=loopback(n), customer="c", site=name.partition("-")[0])
        for n, name in enumerate(names)
    }
    told = {
        name: Batch(
            name,
            Tier.IDENTITY,
            START,
            (
                Observation(
                    Subject(name, ComponentKind.ADDRESS, loopback(n)), Fact.ON_INTERFACE, "lo0", f"{loopback(n)}/32"
                ),
            ),
        )
        for n, name in enumerate(names)
    }
    return topology.build(Inventory(devices=devices, links=tuple(links), attached_to=("core1", "core2")), told)


def loopback(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def fault(kind: FaultKind, subject: Subject, number: int) -> Fault:
    began = START + timedelta(seconds=number % 60)
    return Fault(
        id=f"{kind}|{subject}",
        subject=subject,
        kind=kind,
        state=FaultState.CONFIRMED,
        began=began,
        confirmed=began,
        reason="",
    )


def silent(name: str, number: int = 0) -> Fault:
    return fault(FaultKind.DEVICE_UNREACHABLE, Subject(name), number)


def down(name: str, port: str, number: int = 0) -> Fault:
    return fault(FaultKind.INTERFACE_DOWN, Subject(name, ComponentKind.INTERFACE, port), number)


# ---------------------------------------------------------------- scenes


def dark(share: float) -> Callable[[Topology], list[Fault]]:
    """Whole sites without power: every device of them is silent, and the cores see their ports down."""

    def faults(net: Topology) -> list[Fault]:
        sites = [site for site in net.sites if site.startswith("s")]
        chosen = sites[: max(1, int(share * len(sites)))]
        found = [silent(name, n) for n, site in enumerate(chosen) for name in sorted(net.sites[site])]
        return found + [down(core, f"to-{site}-0", n) for n, site in enumerate(chosen) for core in ("core1", "core2")]

    return faults


def cuts(net: Topology) -> list[Fault]:
    """One access link in ten cut, an hour apart from each other: as many problems."""
    found = []
    for n, link in enumerate(net.links):
        if n % 10 == 5 and not link.b.startswith("core"):
            when = timedelta(hours=n)
            for each in (down(link.b, link.b_interface), silent(link.a, 30)):
                found.append(_later(each, when))
    return found


def sessions(net: Topology) -> list[Fault]:
    """Every tenth switch has lost its session with a switch of another site."""
    names = list(net.devices)[2:]
    return [
        fault(
            FaultKind.BGP_PEER_DOWN,
            Subject(name, ComponentKind.BGP_PEER, loopback(2 + (n + 10 * BRANCH) % len(names))),
            n,
        )
        for n, name in enumerate(names)
        if n % 10 == 0
    ]


def mixed(net: Topology) -> list[Fault]:
    return [*dark(0.1)(net), *sessions(net)]


def _later(each: Fault, when: timedelta) -> Fault:
    return replace(each, began=each.began + when)


SCENES: dict[str, Callable[[Topology], list[Fault]]] = {
    "10 % dark": dark(0.1),
    "50 % dark": dark(0.5),
    "links cut": cuts,
    "sessions": sessions,
    "dark + sessions": mixed,
}


# ---------------------------------------------------------------- measuring


def asked(problems: list[Problem], net: Topology) -> None:
    for problem in problems:
        correlation.witnesses(problem, net)
        net.lost_by(*correlation.broken(problem, net))


def measure(net: Topology, faults: list[Fault]) -> tuple[int, float, float, float]:
    """(problems, CPU seconds of the decision, of what is asked then, MB at the peak)."""
    started = time.process_time()
    problems = correlation.problems(faults, net)
    decided = time.process_time()
    asked(problems, net)
    done = time.process_time()
    tracemalloc.start()
    correlation.problems(faults, net)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return len(problems), decided - started, done - decided, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, nargs="+", default=[1000, 10000, 50000])
    sizes = parser.parse_args().devices
    print(
        f"{'scene':<16} {'devices':>8} {'faults':>8} {'problems':>8} {'first':>9} {'decide':>9} {'asked':>9} "
        f"{'peak':>8}  by n log n"
    )
    nets = {size: campus(size) for size in sizes}
    for scene, faults_of in SCENES.items():
        base = 0.0
        for size, net in nets.items():
            faults = faults_of(net)
            fresh = topology.Topology(net.devices, net.links, net.attached_to, net.homes)
            first = measure(fresh, faults)[1]
            count, decide, then, peak = measure(fresh, faults)
            per = (decide + then) / (size * math.log(size))
            base = base or per
            print(
                f"{scene:<16} {size:>8} {len(faults):>8} {count:>8} {first * 1e3:>6.0f} ms {decide * 1e3:>6.0f} ms "
                f"{then * 1e3:>6.0f} ms {peak:>5.1f} MB  {per / base:>5.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
