"""A device's MIB as one sorted list, so that GETNEXT is a bisection."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

Oid = tuple[int, ...]
Plain = int | str | bytes | Oid
Value = Plain | Callable[[float], Plain]  # a function of the time for what moves


class Tag(StrEnum):
    INTEGER = "i"
    STRING = "s"
    OBJECT_ID = "o"
    ADDRESS = "a"
    COUNTER = "c"
    GAUGE = "g"
    TICKS = "t"
    COUNTER64 = "C"


Cell = tuple[Oid, Tag, Value]


def oid(dotted: str) -> Oid:
    return tuple(map(int, dotted.split(".")))


def column(entry: Oid, number: int, tag: Tag, rows: Iterable[tuple[Oid | int, Value]]) -> Iterator[Cell]:
    """One column of a table: `entry` is the OID of its row object, each row an index and a value."""
    for index, value in rows:
        yield entry + (number,) + (index if isinstance(index, tuple) else (index,)), tag, value


class Table:
    def __init__(self, cells: Iterable[Cell]) -> None:
        self._cells = {cell[0]: cell for cell in cells}
        self._oids = sorted(self._cells)

    def __len__(self) -> int:
        return len(self._oids)

    def get(self, name: Oid, now: float) -> tuple[Tag, Plain] | None:
        cell = self._cells.get(name)
        return (cell[1], self._read(cell[2], now)) if cell else None

    def after(self, name: Oid, now: float) -> tuple[Oid, Tag, Plain] | None:
        """The first cell behind `name`, None at the end."""
        position = bisect_right(self._oids, name)
        if position == len(self._oids):
            return None
        found, tag, value = self._cells[self._oids[position]]
        return found, tag, self._read(value, now)

    def has_object(self, name: Oid) -> bool:
        """Whether some instance of the object exists, so that only the one asked for does not (RFC 3416 §4.2.1)."""
        position = bisect_right(self._oids, name[:-1])
        return position < len(self._oids) and self._oids[position][: len(name) - 1] == name[:-1]

    @staticmethod
    def _read(value: Value, now: float) -> Plain:
        return value(now) if callable(value) else value
