"""A conversation with one device, above any engine: packing, order, limits, halving, retries, and what went wrong.

One PDU is outstanding at a time. At most five columns × 25 repetitions go into one GETBULK: about 4 kB.
"""

import struct
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from collectors.snmp.session import Answer, Cause, Engine, ErrorStatus, Oid, Raw, SnmpError, Tag, Target

COLUMNS = 5
SCALARS = 20  # values asked in one GET
ROWS = 20_000  # of one column; past it a walk is endless
BACK_OFF = 1.5  # each retry waits so much longer
MAX_SILENCES = 2  # exchanges in a row without an answer, after which the conversation is over

Value = int | float | bytes | Oid


@dataclass(slots=True)
class Column:
    """One column's rows by index. `complete` when the walk passed its end in good order."""

    oid: Oid
    rows: dict[Oid, Value] = field(default_factory=dict)
    complete: bool = False
    last: Oid = ()


class Conversation:
    """Talk with one target. Failures are collected, not raised, except where the device does not answer at all."""

    def __init__(self, engine: Engine, target: Target, sizes: dict[Oid, int] | None = None) -> None:
        """`sizes`: rows per table entry last time, kept by the caller between polls; a guess that only saves bytes."""
        self.engine = engine
        self.target = target
        self.failures: list[SnmpError] = []
        self.answered = False
        self._repetitions = max(1, target.max_repetitions)
        self._width = COLUMNS
        self._sizes = sizes if sizes is not None else {}
        self._silences = 0

    @property
    def over(self) -> bool:
        """Whether so many exchanges in a row failed that more questions only cost time."""
        return self._silences >= MAX_SILENCES or (self._silences > 0 and not self.answered)

    async def get(self, oids: Iterable[Oid]) -> dict[Oid, Value]:
        """The scalars that exist."""
        wanted, values = list(oids), {}
        for start in range(0, len(wanted), SCALARS):
            values.update(await self._get(wanted[start : start + SCALARS]))
        return values

    async def walk(self, oids: Iterable[Oid]) -> dict[Oid, Column]:
        """Every column to its end, as far as the device goes along."""
        columns = {oid: Column(oid, last=oid) for oid in oids}
        waiting = list(columns.values())  # those in front go into the next PDU
        while waiting and not self.over:
            active, rest = waiting[: self._width], waiting[self._width :]
            try:
                waiting = [*await self._step(active), *rest]
            except SnmpError as failure:
                self.failures.append(failure)
                waiting = rest
        return columns

    # ------------------------------------------------------------ one exchange

    async def _ask(self, question: Callable[[Target], Awaitable[Answer]]) -> Answer:
        """With retries and back-off. Raises what the last attempt failed with."""
        target = self.target
        for attempt in range(self.target.retries + 1):
            try:
                answer = await question(target)
            except SnmpError as failure:
                final = failure.cause in (Cause.WRONG_CREDENTIALS, Cause.REFUSED, Cause.NO_SUCH_HOST)
                if final or attempt == self.target.retries:
                    self._silences += 1
                    raise
                target = replace(target, timeout=target.timeout * BACK_OFF)
            else:
                self.answered, self._silences = True, 0
                return answer
        raise AssertionError("unreachable")  # pragma: no cover

    async def _get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        if not oids or self.over:
            return {}
        try:
            answer = await self._ask(lambda target: self.engine.get(target, oids))
        except SnmpError as failure:
            self.failures.append(failure)
            return {}
        if answer.error_status == ErrorStatus.NO_ERROR:
            asked = set(oids)
            return {oid: _value(tag, raw) for oid, tag, raw in answer.varbinds if raw is not None and oid in asked}
        return await self._get_again(oids, answer)

    async def _get_again(self, oids: Sequence[Oid], answer: Answer) -> dict[Oid, Value]:
        """Without the one that the device objects to, or in halves."""
        at = answer.error_index
        if answer.error_status != ErrorStatus.TOO_BIG and 0 < at <= len(oids):
            if answer.error_status != ErrorStatus.NO_SUCH_NAME:
                self.failures.append(_refusal(answer.error_status))
            return await self._get([*oids[: at - 1], *oids[at:]])
        if len(oids) == 1:
            self.failures.append(_refusal(answer.error_status))
            return {}
        half = len(oids) // 2
        return {**await self._get(oids[:half]), **await self._get(oids[half:])}

    # ------------------------------------------------------------ one step of a walk

    async def _step(self, active: list[Column]) -> list[Column]:
        """Ask for more of the active columns; returns those that go on."""
        oids = [column.last for column in active]
        if not (self.target.bulk and self.target.version != "v1"):
            answer = await self._ask(lambda target: self.engine.getnext(target, oids))
            repetitions = 1
        else:
            repetitions = self._useful(active)
            answer = await self._ask(lambda target: self.engine.getbulk(target, oids, 0, repetitions))
        if answer.error_status == ErrorStatus.NO_ERROR:
            return self._take(active, answer, repetitions)
        return self._after_error(active, answer, repetitions)

    def _useful(self, active: list[Column]) -> int:
        """As many repetitions as some column can still use, judged by its table's other columns."""
        most = 0
        for column in active:
            size = self._sizes.get(column.oid[:-1])
            if size is None or len(column.rows) > size:
                return self._repetitions
            most = max(most, size - len(column.rows) + 1)
        return min(most, self._repetitions)

    def _take(self, active: list[Column], answer: Answer, repetitions: int) -> list[Column]:
        width = len(active)
        found = answer.varbinds[: width * repetitions]
        if not found:
            raise SnmpError(Cause.GARBAGE, "an answer without any variable binding")
        going = []
        for place, column in enumerate(active):
            if self._extend(column, found[place::width]):
                going.append(column)
        return going

    def _extend(self, column: Column, found: list[tuple[Oid, int, Raw]]) -> bool:
        """Take in a column's share of an answer; whether there may be more."""
        prefix, rows, last = column.oid, column.rows, column.last
        depth = len(prefix)
        for oid, tag, raw in found:
            if tag == Tag.END_OF_MIB_VIEW:
                return self._finish(column)
            if oid <= last:
                self.failures.append(SnmpError(Cause.NOT_INCREASING, f"after {_brief(last)} came {_brief(oid)}"))
                return False
            if oid[:depth] != prefix:
                return self._finish(column)
            last = oid
            if raw is not None:
                rows[oid[depth:]] = _value(tag, raw) if tag == Tag.OPAQUE else raw
        column.last = last
        if len(rows) >= ROWS:
            self.failures.append(SnmpError(Cause.ENDLESS, f"more than {ROWS} rows under {_brief(prefix)}"))
            return False
        return True

    def _finish(self, column: Column) -> bool:
        column.complete = True
        self._sizes[column.oid[:-1]] = len(column.rows)
        return False

    def _after_error(self, active: list[Column], answer: Answer, repetitions: int) -> list[Column]:
        """tooBig and genErr on a GETBULK: ask for less. On a single value: leave that column."""
        status, at = answer.error_status, answer.error_index
        if status == ErrorStatus.NO_SUCH_NAME and 0 < at <= len(active):  # v1: the end of the MIB
            self._finish(active[at - 1])
            return [*active[: at - 1], *active[at:]]
        if repetitions > 1:
            self._repetitions = max(1, repetitions // 2)
            return active
        if len(active) > 1:
            self._width = len(active) // 2
            return active
        self.failures.append(_refusal(status))
        return []


def _refusal(status: int) -> SnmpError:
    if status == ErrorStatus.TOO_BIG:
        return SnmpError(Cause.TOO_BIG, "even one value does not fit an answer")
    return SnmpError(Cause.AGENT_ERROR, f"error-status {status}")


def _value(tag: int, raw: Raw) -> Value:
    """Opaque holds floats at net-snmp's agents (0x9f78, length, IEEE 754)."""
    if tag == Tag.OPAQUE and isinstance(raw, bytes):
        if raw[:3] == b"\x9f\x78\x04" and len(raw) == 7:
            return float(struct.unpack(">f", raw[3:])[0])
        if raw[:3] == b"\x9f\x79\x08" and len(raw) == 11:
            return float(struct.unpack(">d", raw[3:])[0])
    return b"" if raw is None else raw


def _brief(oid: Oid) -> str:
    text = ".".join(map(str, oid))
    return text if len(text) <= 60 else text[:60] + "…"
