"""A poll as it stands in the journal: whole, or as what is another than in the poll before.

A whole frame is the packed batch. The others tell the values that changed: whole numbers as differences, other numbers
as doubles, byte plane by byte plane (first the lowest bytes of all, …, so that the zeros of small differences lie
together), everything else as JSON; deflated where that helps. Measured on a 48-port switch: a status poll is about 60
bytes, one of counters about 900.
"""

import json
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.observation import Batch, Tier
from agent.storage import packing
from agent.storage.columns import micros, to_json
from agent.storage.packing import Columns

WHOLE_EVERY = timedelta(hours=1)

_WHOLE, _PASSING, _CHANGES, _DEFLATED = 0, 1, 2, 3  # the first byte; nothing builds on a passing one, which is whole
_HEAD = struct.Struct("<qdIII")  # the time of the one before; seconds it took; how many whole numbers, doubles, bytes
_SHAPE = ("subjects", "facts", "about", "what")
_REST = ("details", "limits", "low_limits", "refused", "complete", "failures")
_PLAIN_UP_TO = 120  # bytes; below, deflating gains nothing
_FITS = 1 << 62


def pack(batch: Batch, body: Columns, previous: Batch | None, before: Columns | None, *, kept: bool) -> bytes:
    """`previous` is the one before of its tier that was kept; one that is not `kept` is not for others to build on.
    `body` and `before` are their columns.

    The first of each hour of a device is whole, so that who reads the journal from somewhere need not go far back.
    """
    if not kept or (previous is not None and previous.at > batch.at):
        return bytes([_PASSING]) + packing.pack_columns(body)
    alike = before is not None and all(before[each] == body[each] for each in _SHAPE)
    if previous is not None and before is not None and alike and _hour(previous) == _hour(batch):
        return _changes(body, before, micros(previous.at))
    return bytes([_WHOLE]) + packing.pack_columns(body)


def _hour(batch: Batch) -> int:
    """Of the device's own: not all devices are whole at the full hour."""
    offset = zlib.crc32(batch.device.encode("utf-8", "surrogatepass")) % 3_600_000_000
    return (micros(batch.at) + offset) // (WHOLE_EVERY // timedelta(microseconds=1))


def _changes(body: Columns, before: Columns, at: int) -> bytes:
    whole: list[tuple[int, int]] = []
    doubles: list[tuple[int, float]] = []
    others: list[tuple[int, object]] = []
    for place, (old, new) in enumerate(zip(before["values"], body["values"], strict=True)):
        kind = type(new)
        if old == new and type(old) is kind:
            continue
        if kind is float:
            doubles.append((place, new))
        elif kind is int and type(old) is int and -_FITS < new - old < _FITS:
            whole.append((place, new - old))
        else:
            others.append((place, new))
    rest = {each: body[each] for each in _REST if body[each] != before[each]}
    told = to_json([others, rest]).encode("ascii") if others or rest else b""
    plain = b"".join(
        (
            _HEAD.pack(at, body["took_s"], len(whole), len(doubles), len(told)),
            _places([place for place, _ in whole]),
            _planes(struct.pack(f"<{len(whole)}q", *(value for _, value in whole)), 8),
            _places([place for place, _ in doubles]),
            _planes(struct.pack(f"<{len(doubles)}d", *(value for _, value in doubles)), 8),
            told,
        )
    )
    if len(plain) <= _PLAIN_UP_TO:
        return bytes([_CHANGES]) + plain
    return bytes([_DEFLATED]) + zlib.compress(plain, 1)


def _places(rising: Sequence[int]) -> bytes:
    """Each as the distance from the one before: mostly 1."""
    steps = [place - before for place, before in zip(rising, (0, *rising), strict=False)]
    return _planes(struct.pack(f"<{len(steps)}I", *steps), 4)


def _planes(raw: bytes, width: int) -> bytes:
    return b"".join(raw[plane::width] for plane in range(width))


def _rows(planes: bytes, width: int) -> bytes:
    """The inverse of `_planes`."""
    raw, count = bytearray(len(planes)), len(planes) // width
    for plane in range(width):
        raw[plane::width] = planes[plane * count : (plane + 1) * count]
    return bytes(raw)


class Known:
    """The latest kept poll of a device's tier, as whoever reads its frames in order comes to know it."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self._body: Columns = {}

    def batch(self, device: str, tier: Tier) -> Batch | None:
        return None if self.at is None else packing.batch_of(device, tier, self.at, self._body)

    def read(self, device: str, tier: Tier, at: datetime, frame: bytes) -> Batch | None:
        """The poll; None where it builds on one that is not known."""
        kind, packed = frame[0], frame[1:]
        if kind == _PASSING:
            return packing.unpack_batch(device, tier, at, packed)
        if kind == _WHOLE:
            body = packing.unpack_columns(packed)
        else:
            plain = packed if kind == _CHANGES else zlib.decompress(packed)
            if self.at is None or micros(self.at) != _HEAD.unpack_from(plain)[0]:
                return None
            body = _changed(self._body, plain)
        self.at, self._body = at, body
        return packing.batch_of(device, tier, at, body)


def _changed(before: Columns, plain: bytes) -> Columns:
    _, took_s, whole, doubles, told = _HEAD.unpack_from(plain)
    values, place = list(before["values"]), _HEAD.size
    for count, form in ((whole, "q"), (doubles, "d")):
        steps = struct.unpack(f"<{count}I", _rows(plain[place : place + 4 * count], 4))
        place += 4 * count
        numbers = struct.unpack(f"<{count}{form}", _rows(plain[place : place + 8 * count], 8))
        place += 8 * count
        index = 0
        for step, number in zip(steps, numbers, strict=True):
            index += step
            values[index] = values[index] + number if form == "q" else number
    others, rest = json.loads(plain[place : place + told]) if told else ((), {})
    for index, value in others:
        values[index] = value
    return {**before, **rest, "values": values, "took_s": took_s}
