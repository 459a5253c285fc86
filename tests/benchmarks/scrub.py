"""What striking secrets out of `show tech` costs, against a plain copy and against a list of patterns on every line.

    python tests/benchmarks/scrub.py [--mb 20] [--secrets 300]

CPU seconds for 100 MB, and ratios. The list of patterns is of the kind that configuration archives apply: a dozen
substitutions for one vendor, tried on each line (the forms of Cisco's configuration, after the vendor's manual).
"""

import argparse
import io
import random
import re
import time
from collections.abc import Callable

from collectors.ssh.scrub import Scrubber
from collectors.ssh.session import CHUNK, Output

BLOCK = 65_536
LINE_BY_LINE = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(snmp-server community )\S+",
        r"^(snmp-server host \S+ (?:version \S+ )?)\S+",
        r"^(enable (?:password|secret)(?: level \d+)? \d )\S+",
        r"^(username .+ (?:password|secret) \d )\S+",
        r"^(\s*(?:password|secret) \d )\S+",
        r"^(\s*neighbor \S+ password(?: \d)? )\S+",
        r"^(tacacs-server (?:.+ )?key(?: \d)? )\S+",
        r"^(radius-server (?:.+ )?key(?: \d)? )\S+",
        r"^(\s*key(?: \d)? )\S+",
        r"^(\s*key-string(?: \d)? )\S+",
        r"^(\s*ip ospf (?:message-digest-key \d+ md5|authentication-key)(?: \d)? )\S+",
        r"^(\s*standby \d+ authentication )\S+",
        r"^(crypto isakmp key )\S+",
        r"^(\s*pre-shared-key (?:local |remote )?)\S+",
    )
)
CONFIGURATION = (
    "interface TenGigabitEthernet1/1/{n}",
    " description Customer {n} uplink to core-{n} via ring 40",
    " ip address 10.{n}.1.1 255.255.255.0",
    " ip ospf authentication message-digest",
    " snmp trap link-status",
    " aaa authentication login default group tacacs+ local",
    "router bgp 65000",
    " neighbor 10.1.1.{n} send-community both",
    " key {n}",
    "ip ssh version 2",
)
SECRETS = (
    "username ops{n} privilege 15 secret 9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7p{n}",
    "snmp-server community s3cr3t{n} RO 99",
    " neighbor 10.1.1.{n} password 7 13061E0108{n}",
    " ip ospf message-digest-key 1 md5 7 094F471A{n}",
)


def show_tech(megabytes: int, secrets: int) -> str:
    """Counters, logs, routes, memory dumps and a tenth of configuration, always the same for the same arguments."""
    draw = random.Random(7)
    lines: list[str] = []
    size = 0
    every = max(1, megabytes * 1_000_000 // 65 // max(1, secrets))
    while size < megabytes * 1_000_000:
        n = draw.randrange(10, 1000)
        line = draw.choice(SECRETS).format(n=n) if secrets and len(lines) % every == 0 else _line(draw, n)
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines) + "\n"


def _line(draw: random.Random, n: int) -> str:
    big = draw.randrange(10**9)
    kind = draw.random()
    if kind < 0.10:
        return draw.choice(CONFIGURATION).format(n=n)
    if kind < 0.20:
        return f"Nov 22 04:12:{n % 60:02}.123: %LINK-3-UPDOWN: Interface GigabitEthernet1/0/{n}, changed state to down"
    if kind < 0.30:
        return f" {n}    {big:10}   {big // 7:9}   {n:6}  0.00%  0.0{n % 9}%  0.00%   0 IP Input process"
    if kind < 0.40:
        return f"{big:08X}: {big:08X} {big * 3:08X} {big * 7:08X} {big * 5:08X}  ...p.k.c.s.a......"
    if kind < 0.50:
        return f"10.{n % 256}.7.0/24 [110/{n}] via 10.1.1.{n % 256}, 2w{n % 7}d, TenGigabitEthernet1/1/{n}"
    if kind < 0.75:
        return f"     {big} packets input, {big * 97} bytes, {n} no buffer"
    return f"  Received {big} broadcasts ({n} multicasts), 0 runts, 0 giants, 0 throttles, {n} input errors"


def copied(text: str) -> int:
    out = io.BytesIO()
    for block in _blocks(text):
        out.write(block.encode())
    return 0


def scrubbed(text: str) -> int:
    scrubber = Scrubber(["n0tInThere"])
    out = io.BytesIO()
    for block in _blocks(text):
        out.write(scrubber.block(block).encode())
    return scrubber.count


def through_a_session(text: str) -> int:
    """As it comes from a device: chunks of a terminal's bytes, cleaned and scrubbed."""
    scrubber = Scrubber(["n0tInThere"])
    out = Output(io.BytesIO(), scrubber)
    raw = text.replace("\n", "\r\n").encode()
    for start in range(0, len(raw), CHUNK):
        out.write(raw[start : start + CHUNK])
    return scrubber.count


def line_by_line(text: str) -> int:
    scrubber = Scrubber(["n0tInThere"])
    out = io.BytesIO()
    for line in text.split("\n"):
        clean = scrubber.line(line)
        if clean is not None:
            out.write(clean.encode() + b"\n")
    return scrubber.count


def patterns_on_every_line(text: str) -> int:
    out, count = io.BytesIO(), 0
    for line in text.split("\n"):
        for pattern in LINE_BY_LINE:
            line, struck = pattern.subn(r"\1<removed>", line)
            count += struck
        out.write(line.encode() + b"\n")
    return count


def _blocks(text: str) -> list[str]:
    blocks, start = [], 0
    while start < len(text):
        end = text.find("\n", start + BLOCK) + 1 or len(text)
        blocks.append(text[start:end])
        start = end
    return blocks


def seconds(work: Callable[[str], int], text: str) -> tuple[float, int]:
    """The best of three, for 100 MB."""
    best, count = float("inf"), 0
    for _ in range(3):
        begun = time.process_time()
        count = work(text)
        best = min(best, time.process_time() - begun)
    return best * 100_000_000 / len(text), count


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost of striking out secrets.")
    parser.add_argument("--mb", type=int, default=20)
    parser.add_argument("--secrets", type=int, default=300)
    options = parser.parse_args()
    text = show_tech(options.mb, options.secrets)
    plain, _ = seconds(copied, text)
    print(f"{'':28}{'CPU s / 100 MB':>16}{'x copy':>9}{'struck':>9}")
    for name, work in (
        ("copied", copied),
        ("scrubbed in blocks", scrubbed),
        ("through a session", through_a_session),
        ("scrubbed line by line", line_by_line),
        ("14 patterns on every line", patterns_on_every_line),
    ):
        took, count = seconds(work, text)
        print(f"{name:28}{took:16.2f}{took / plain:9.1f}{count:9}")


if __name__ == "__main__":
    main()
