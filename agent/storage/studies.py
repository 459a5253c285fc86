"""What a device's history showed when it was last studied: its baselines, packed, and what was found.

Baselines are deflated: a line of JSON that says what they are about, then 672 little-endian 32-bit floats each, cut to
eleven bits of fraction (three digits), which deflates to half.
"""

import json
import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from agent.faults.trends.baseline import Baseline
from agent.observation import ComponentKind, Fact, Subject
from agent.ports import Finding
from agent.storage import tables
from agent.storage.part import Part

Baselines = Mapping[tuple[Subject, Fact], Baseline]

_t = tables.studies.c
_LARGEST = 3.4028234663852886e38


class Studies(Part):
    def save_study(self, device: str, at: datetime, baselines: Baselines, findings: Iterable[Finding]) -> None:
        """In the place of the one before."""
        told = [[str(f.subject), f.kind, f.says] for f in findings]
        row = {"device": device, "at": at, "baselines": pack(baselines), "findings": told}
        self._upsert(tables.studies, [row])

    def studied(self) -> dict[str, datetime]:
        """By device: when its history was last studied."""
        return {row.device: row.at for row in self._connection.execute(select(_t.device, _t.at))}

    def baselines(self, device: str) -> dict[tuple[Subject, Fact], Baseline]:
        body = self._connection.execute(select(_t.baselines).where(_t.device == device)).scalar()
        return {} if body is None else unpack(device, bytes(body))

    def findings(self, device: str) -> tuple[Finding, ...]:
        told = self._connection.execute(select(_t.findings).where(_t.device == device)).scalar()
        return tuple(Finding(Subject.parse(about), kind, says) for about, kind, says in told or ())


def pack(baselines: Baselines) -> bytes:
    about, cells = [], array("f")
    for (subject, fact), each in baselines.items():
        about.append([subject.kind, subject.name, fact, each.bursts, each.quietest, each.days])
        cells.extend(max(-_LARGEST, min(_LARGEST, number)) for number in each.cells)
    bits = array("I", cells.tobytes())
    rounded = array("I", ((each + 0x800) & 0xFFFFF000 if each & 0x7F800000 < 0x7F000000 else each for each in bits))
    if sys.byteorder == "big":
        rounded.byteswap()
    head = json.dumps(about, separators=(",", ":")).encode("ascii")
    return zlib.compress(head + b"\n" + rounded.tobytes(), 6)


def unpack(device: str, body: bytes) -> dict[tuple[Subject, Fact], Baseline]:
    head, _, numbers = zlib.decompress(body).partition(b"\n")
    cells = array("f", numbers)
    if sys.byteorder == "big":
        cells.byteswap()
    about = json.loads(head)
    each = len(cells) // max(1, len(about))
    return {
        (Subject(device, ComponentKind(kind), name), Fact(fact)): Baseline(
            cells[n * each : (n + 1) * each], bursts, quietest, days
        )
        for n, (kind, name, fact, bursts, quietest, days) in enumerate(about)
    }
