"""What devices write when something happens: each vendor's own mnemonics and sentences, and its own line form."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.demo.fabric import Happening
from agent.demo.state import Box, LogLine

_FACILITY = 23  # local7
_FILE = Path(__file__).with_name("wording.yaml")


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def lines(box: Box, it: Happening, now: float) -> list[LogLine]:
    """The log lines that the happening leaves on the device; none where the vendor says nothing."""
    port, peer = box.ports.get(it.subject), box.peers.get(it.subject)
    facts = {
        "subject": it.subject,
        "port": port.descr if port else it.subject,
        "index": port.index if port else 0,
        "alias": f" ({port.alias})" if port and port.alias else "",
        "asn": peer.asn if peer else 0,
        "side": f"{'Internal' if peer and peer.internal else 'External'} AS {peer.asn if peer else 0}",
    }
    said = _words()[box.family].get(it.what.value, [])
    return [LogLine(now, severity, text.format(**facts)) for severity, text in said]


def datagram(box: Box, line: LogLine, number: int) -> bytes:
    """The line as the device sends it. `number` counts its messages."""
    at = datetime.fromtimestamp(box.clock(line.at), UTC)
    day = f"{at:%b} {at.day:2d} {at:%H:%M:%S}"
    forms = {
        "cisco": f"{number}: {box.name}: {day}.{at.microsecond // 1000:03d} UTC: {line.text}",
        "huawei": f"{at:%b} {at.day} {at:%Y %H:%M:%S} {box.name} {line.text}",
        "comware": f"{day} {at:%Y} {box.name} {line.text}",
    }
    return f"<{_FACILITY * 8 + line.severity}>{forms.get(box.family, f'{day} {box.name} {line.text}')}".encode()


def printed(box: Box, line: LogLine) -> str:
    """The line as `show logging` prints it."""
    at = datetime.fromtimestamp(box.clock(line.at), UTC)
    day = f"{at:%b} {at.day:2d}"
    if box.family == "cisco":
        return f"{day} {at:%H:%M:%S}.{at.microsecond // 1000:03d} UTC: {line.text}"
    year = f" {at:%Y}" if box.family in ("huawei", "comware") else ""
    return f"{day}{year} {at:%H:%M:%S} {box.name} {line.text}"
