# ruff: noqa: E501
"""What a line of syslog costs, and what a storm does: `python tests/benchmarks/syslog.py parse|storm`.

`parse [--peers PYTHON]` reads the same lines with a bare expression, the parser, the whole decoder and, where PYTHON is an
interpreter that has them (a virtual environment to throw away: pip install napalm-logs syslog-rfc5424-parser), with
those. Lines a second of processor time; quote ratios of one run.

`storm [--seconds 10] [--rate 50000]` floods a listener from one address, in a process of its own, while nineteen others
say ten lines a second each.
"""

import argparse
import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

LINES = [
    "<189>521: router1: *Mar 15 10:05:53.044: %OSPF-5-ADJCHG: Process 1, Nbr 172.16.46.4 on Gi2.45 from FULL to DOWN, Neighbor Down: Dead timer expired",
    "<187>94307: gw1 LC/0/2/CPU0:Jul  7 20:16:14.834 : ifmgr[214]: %PKT_INFRA-LINK-3-UPDOWN : Interface TenGigE0/2/0/4, changed state to Down",
    "<190>2018 Apr 20 13:15:38 nexus %ETHPORT-5-IF_UP: Interface Ethernet1/33 is up in mode trunk",
    "<13>Dec 14 12:08:59 leaf Bgp: %BGP-5-ADJCHANGE: peer 192.0.2.2 (VRF default AS 12345) old state Established event AdminReset new state Idle",
    "<28>Jul 20 21:45:59 vmx01 mib2d[2424]: SNMP_TRAP_LINK_DOWN: ifIndex 502, ifAdminStatus down(2), ifOperStatus down(2), ifName xe-0/0/0",
    "<28>Jun 21 14:03:12  vmx01 rpd[2902]: RPD_BGP_NEIGHBOR_STATE_CHANGED: BGP peer 1.1.1.1 (External AS 2222) changed state from Established to Idle (event Stop) (instance master)",
    "<13>1 2019-02-21T16:46:14.931186+00:00 ss12 orchagent - - -  :- setHostIntfsOperStatus: Set operation status UP to host interface Ethernet28",
]
RFC5424 = '<165>1 2026-11-22T01:02:03.003Z r1 evntslog 42 ID47 [exampleSDID@32473 iut="3" eventSource="App"] An event'
FLOOD = """
import socket, sys, time
to, rate, seconds = ("127.0.0.1", int(sys.argv[1])), int(sys.argv[2]), float(sys.argv[3])
line = b"<189>1: sw1: Nov 22 01:02:03: %LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
    out.bind(("127.0.0.1", 0))
    out.connect(to)
    began, sent = time.monotonic(), 0
    while (past := time.monotonic() - began) < seconds:
        while sent < past * rate:
            out.send(line)
            sent += 1
        time.sleep(0.001)
print(sent)
"""


def speed(do: Callable[[Any], object], lines: list[Any], seconds: float = 2.0) -> float:
    for line in lines:
        do(line)
    began, done = time.process_time(), 0
    while (past := time.process_time() - began) < seconds:
        for line in lines:
            do(line)
        done += len(lines)
    return done / past


def ours() -> dict[str, float]:
    from collectors.syslog import message
    from collectors.syslog.listener import event

    now = datetime.now(UTC)
    bare = re.compile(rb"<(\d{1,3})>(\w{3} +\d+ \d\d:\d\d:\d\d)? *(\S+) ([\w./-]+)(?:\[(\d+)\])?: (.*)", re.DOTALL)
    raw = [line.encode() for line in LINES]
    return {
        "a bare expression (RFC 3164's form, nothing worked out)": speed(bare.search, raw),
        "netcase, the header": speed(lambda line: message.read(line, now), raw),
        "netcase, the whole decoder": speed(lambda line: event(line, now, "192.0.2.1", "d1"), raw),
        "netcase, the whole decoder, one RFC 5424 line": speed(
            lambda line: event(line, now, "a", "d"), [RFC5424.encode()]
        ),
    }


def peers() -> dict[str, float | str]:
    """Run by the other interpreter."""
    found: dict[str, float | str] = {}
    try:
        from syslog_rfc5424_parser import SyslogMessage

        found["syslog-rfc5424-parser, one RFC 5424 line"] = speed(SyslogMessage.parse, [RFC5424])
    except ImportError as error:
        found["syslog-rfc5424-parser"] = f"missing: {error}"
    try:
        from napalm_logs.base import NapalmLogs
        from napalm_logs.device import NapalmLogsDeviceProc
        from napalm_logs.server import NapalmLogsServerProc

        base = NapalmLogs(disable_security=True, log_level="ERROR", publisher=[{"cli": {}}])
        base._build_config()
        server = NapalmLogsServerProc({}, base.config_dict, {})
        server._compile_prefixes()
        platforms: dict[str, Any] = {}
        unknown: set[str] = set()

        def read(line: str) -> object:
            for platform, message in server._identify_os(line):
                if platform not in platforms:
                    platforms[platform] = NapalmLogsDeviceProc(platform, {}, base.config_dict[platform])
                    platforms[platform]._compile_messages()
                return platforms[platform]._parse(message)
            unknown.add(line)
            return None

        found["napalm-logs, its decoder without its queues"] = speed(read, LINES)
        found["napalm-logs, lines that it did not know"] = float(len(unknown))
    except ImportError as error:
        found["napalm-logs"] = f"missing: {error}"
    return found


async def storm(rate: int, seconds: float) -> dict[str, Any]:
    from collectors.syslog.listener import SyslogListener

    heard: Counter[str] = Counter()
    listener = SyslogListener("127.0.0.1", 0, lambda address: "sw1" if address == "127.0.0.1" else "")
    await listener.start(lambda event: heard.update([event.sender] if not event.mnemonic.startswith("NETCASE") else []))
    quiet = [f"127.0.0.{n}" for n in range(2, 21)]
    out = []
    for source in quiet:
        out.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        out[-1].bind((source, 0))
    before, command = (
        time.process_time(),
        [sys.executable, "-c", FLOOD, str(listener.address[1]), str(rate), str(seconds)],
    )
    flood = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    waiting, said = asyncio.ensure_future(flood.communicate()), 0
    while not waiting.done():
        for each in out:
            each.sendto(b"<13>Nov 22 01:02:03 quiet app: line %d" % said, listener.address)
        said += 1
        await asyncio.sleep(0.1)
    used, sent = time.process_time() - before, int((await waiting)[0])
    await asyncio.sleep(1)
    await listener.stop()
    for each in out:
        each.close()
    kept, missing = heard["127.0.0.1"], sum(said - heard[source] for source in quiet)
    return {
        "sent by the storm": sent,
        "a second": round(sent / seconds),
        "kept of it": kept,
        "counted as lost": listener.dropped,
        "unaccounted for": sent + said * len(quiet) - sum(heard.values()) - listener.dropped,
        "lines of the nineteen others": said * len(quiet),
        "missing of them": missing,
        "processor": f"{100 * used / seconds:.0f} % of a core",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["parse", "storm", "peers"])
    parser.add_argument("--peers", default="", help="an interpreter that has them")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=50_000)
    chosen = parser.parse_args()
    if chosen.what == "peers":
        print(json.dumps(peers()))
        return
    sys.path.insert(0, str(ROOT))
    if chosen.what == "storm":
        for name, value in asyncio.run(storm(chosen.rate, chosen.seconds)).items():
            print(f"{name:32} {value}")
        return
    found: dict[str, Any] = ours()
    if chosen.peers:
        told = subprocess.run([chosen.peers, __file__, "peers"], capture_output=True, text=True, check=True)
        found |= json.loads(told.stdout.splitlines()[-1])
    whole = found["netcase, the whole decoder"]
    for name, value in found.items():
        ratio = f"{value / whole:8.2f}" if isinstance(value, float) and value > 10 else ""
        print(f"{name:60} {value if isinstance(value, str) else round(value):>10} {ratio}")


if __name__ == "__main__":
    main()
