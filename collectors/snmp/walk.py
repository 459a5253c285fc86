"""A conversation with one device, above any engine: packing, order, limits, halving, retries, and what went wrong.

One PDU is outstanding at a time. At most five columns × 25 repetitions go into one GETBULK: about 4 kB.
"""

import struct
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import lt

from collectors.snmp import ber
from collectors.snmp.session import Answer, Cause, Engine, ErrorStatus, Name, Oid, Raw, Rows, SnmpError, Tag, Target

SCALARS = 20  # values asked in one GET
ROWS = 20_000  # of one column; past it a walk is endless
OCTETS = 64 << 20  # of answers in one conversation; past it too
BACK_OFF = 1.5  # each retry waits so much longer
MAX_SILENCES = 2  # exchanges in a row without an answer, after which the conversation is over
_REGROWN = 100  # answers in a row after which a device that was asked for less is asked for more again
_END = int(Tag.END_OF_MIB_VIEW)
_WITHOUT_VALUE = frozenset(map(int, (Tag.NULL, Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, _END, Tag.OPAQUE)))

Value = int | float | bytes | Oid


@dataclass(slots=True)
class Column:
    """One column's rows by index. `complete` when the walk passed its end in good order."""

    oid: Oid
    rows: dict[Oid, Value] = field(default_factory=dict)
    complete: bool = False


@dataclass(slots=True)
class Pace:
    """How many repetitions a device copes with, kept between polls; 0: as many as are configured. A guess."""

    repetitions: int = 0
    answers: int = 0  # in a row, since it was asked for less

    def fewer(self, repetitions: int) -> None:
        self.repetitions, self.answers = max(1, repetitions), 0

    def answered(self) -> None:
        """A lost datagram looks like a question too large, so what was learned is tried again now and then."""
        self.answers += 1
        if self.answers >= _REGROWN:
            self.repetitions, self.answers = self.repetitions * 2, 0


@dataclass(slots=True, eq=False)
class _Cursor:
    """Where the walk of a column stands."""

    column: Column
    prefix: Name
    table: Oid  # its entry: the columns of one have the same rows
    last: Name
    index: Oid = ()


@dataclass(slots=True)
class _Before:
    """The rows that one column told in this answer; the next column of the table tells the same ones."""

    tails: list[bytes]
    indices: list[Oid]


class Conversation:
    """Talk with one target. Failures are collected, not raised, except where the device does not answer at all."""

    def __init__(
        self, engine: Engine, target: Target, sizes: dict[Oid, int] | None = None, pace: Pace | None = None
    ) -> None:
        """`sizes`: rows per table entry last time. Both are kept by the caller between polls, and can be lost."""
        self.engine = engine
        self.target = target
        self.failures: list[SnmpError] = []
        self.answered = False
        self._width = max(1, target.columns)
        self._sizes = sizes if sizes is not None else {}
        self._told: dict[Oid, int] = {}  # the same, of this conversation alone
        self._pace = pace if pace is not None else Pace()
        self._silences = 0
        self._octets = 0

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
        """Every column to its end, as far as the device goes along.

        The longest first, by what the last walk saw: columns of one length that share PDUs end together.
        """
        columns = {oid: Column(oid) for oid in oids}
        waiting = [_Cursor(c, ber.name(o), o[:-1], ber.name(o)) for o, c in columns.items()]
        waiting.sort(key=lambda cursor: -self._sizes.get(cursor.table, 0))
        while waiting and not self.over:  # those in front go into the next PDU
            active, rest = waiting[: self._width], waiting[self._width :]
            try:
                waiting = [*await self._step(active), *rest]
            except SnmpError as failure:
                self.failures.append(failure)
                waiting = [] if failure.cause is Cause.ENDLESS else rest
        return columns

    # ------------------------------------------------------------ one exchange

    async def _ask(self, question: Callable[[Target, int], Awaitable[Answer]], more: int = 0) -> tuple[Answer, int]:
        """(the answer, how many attempts before it failed), with retries, back-off and `more` attempts.

        Raises what the last attempt failed with.
        """
        target, last = self.target, self.target.retries + more
        for attempt in range(last + 1):
            try:
                answer = await question(target, attempt)
            except SnmpError as failure:
                final = failure.cause in (Cause.WRONG_CREDENTIALS, Cause.REFUSED, Cause.NO_SUCH_HOST)
                if final or attempt == last:
                    self._silences += 1
                    raise
                target = replace(target, timeout=target.timeout * BACK_OFF)
            else:
                self.answered, self._silences = True, 0
                return answer, attempt
        raise AssertionError("unreachable")  # pragma: no cover

    async def _get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        if not oids or self.over:
            return {}
        names = [ber.name(oid) for oid in oids]
        try:
            answer, _ = await self._ask(lambda target, _: self.engine.get(target, names))
        except SnmpError as failure:
            self.failures.append(failure)
            return {}
        if answer.error_status != ErrorStatus.NO_ERROR:
            return await self._get_again(oids, answer)
        asked = dict(zip(names, oids, strict=True))
        told = zip(answer.names, answer.tags, answer.values, strict=True)
        return {asked[name]: _value(tag, raw) for name, tag, raw in told if raw is not None and name in asked}

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

    async def _step(self, active: list[_Cursor]) -> list[_Cursor]:
        """Ask for more of the active columns; returns those that go on."""
        names = [cursor.last for cursor in active]
        if self.target.bulk and self.target.version != "v1":
            columns = [cursor.prefix for cursor in active]
            answer, asked = await self._bulk(names, self._useful(active), columns)
        else:
            answer, _ = await self._ask(lambda target, _: self.engine.getnext(target, names))
            asked = 1
        if answer.error_status == ErrorStatus.NO_ERROR:
            return self._take(active, answer, asked)
        return self._after_error(active, answer, asked)

    async def _bulk(self, names: list[Name], asked: int, columns: list[Name]) -> tuple[Answer, int]:
        """(answer, the repetitions it was asked for): fewer at each attempt, as what is too large may just be lost."""

        def question(target: Target, attempt: int) -> Awaitable[Answer]:
            return self.engine.getbulk(target, names, 0, _fewer(asked, attempt), columns)

        answer, failed = await self._ask(question, 1 if self.answered and asked > 1 else 0)
        if failed:
            asked = _fewer(asked, failed)
            self._pace.fewer(asked)
        else:
            self._pace.answered()
        return answer, asked

    def _useful(self, active: list[_Cursor]) -> int:
        """As many repetitions as some column can still use, judged by its table's other columns."""
        limit = max(1, self.target.max_repetitions)
        if 0 < self._pace.repetitions < limit:
            limit = self._pace.repetitions
        most = 0
        table: Oid = ()
        for cursor in active:
            if cursor.table == table:  # judged already
                continue
            table, known = cursor.table, len(cursor.column.rows)
            size = self._sizes.get(table)
            if size is None or known > size:
                return limit
            most = max(most, size - known + 1)
        return min(most, limit)

    def _take(self, active: list[_Cursor], answer: Answer, asked: int) -> list[_Cursor]:
        """A PDU's bindings go round the columns (RFC 3416 §4.2.3)."""
        names, tags, values = answer.names, answer.tags, answer.values
        if not (names or answer.rows):
            raise SnmpError(Cause.GARBAGE, "an answer without any variable binding")
        self._octets += answer.octets
        if self._octets > OCTETS:
            raise SnmpError(Cause.ENDLESS, f"more than {OCTETS >> 20} MB")
        width, before, going = len(active), _Before([], []), active
        if answer.rows is not None:
            asked -= len(answer.rows.tails)
            going = self._take_rows(active, answer.rows)
        if not names or asked <= 0:
            return going
        most, rest = width * asked, []
        for place, cursor in enumerate(active):
            share = slice(place, most, width)
            if cursor in going and self._extend(cursor, names[share], tags[share], values[share], before):
                rest.append(cursor)
        return rest

    def _take_rows(self, active: list[_Cursor], rows: Rows) -> list[_Cursor]:
        indices = _in_order(rows.tails)
        going = []
        for cursor, values in zip(active, rows.columns, strict=True):
            if indices[0] > cursor.index:
                cursor.column.rows.update(zip(indices, values, strict=False))  # type: ignore[arg-type]
                cursor.index, cursor.last = indices[-1], cursor.prefix + rows.tails[len(indices) - 1]
                if len(indices) == len(values):
                    if self._bounded(cursor):
                        going.append(cursor)
                    continue
                came = cursor.prefix + rows.tails[len(indices)]
            else:
                came = cursor.prefix + rows.tails[0]
            self.failures.append(_backwards(cursor.last, came))
        return going

    def _extend(self, cursor: _Cursor, names: list[Name], tags: list[int], values: list[Raw], before: _Before) -> bool:
        """Take in a column's share of an answer; whether there may be more."""
        prefix, rows, depth = cursor.prefix, cursor.column.rows, len(cursor.prefix)
        if len(names) == 1 and not names[0].startswith(prefix) and not _goes_back(cursor, names, tags, 0):
            return self._finish(cursor)  # the one row more that is asked for to see the end
        tails = [name[depth:] for name in names if name.startswith(prefix)]
        inside = len(names)
        if len(tails) < inside or _END in tags:
            inside = _inside(prefix, names, tags)
            tails = [name[depth:] for name in names[:inside]]
        if tails != before.tails:
            before.tails, before.indices = tails, _in_order(tails)
        indices = before.indices
        if indices and indices[0] <= cursor.index:
            indices = []
        if _WITHOUT_VALUE.isdisjoint(tags):
            rows.update(zip(indices, values, strict=False))  # type: ignore[arg-type]  # None comes with such a tag only
        else:
            told = zip(indices, tags, values, strict=False)
            rows.update((index, _value(tag, raw)) for index, tag, raw in told if raw is not None)
        if indices:
            cursor.last, cursor.index = names[len(indices) - 1], indices[-1]
        if len(indices) < inside or _goes_back(cursor, names, tags, inside):
            self.failures.append(_backwards(cursor.last, names[len(indices)]))
            return False
        if inside < len(names):
            return self._finish(cursor)
        return self._bounded(cursor)

    def _bounded(self, cursor: _Cursor) -> bool:
        if len(cursor.column.rows) >= ROWS:
            self.failures.append(SnmpError(Cause.ENDLESS, f"more than {ROWS} rows under {_brief(cursor.prefix)}"))
            return False
        return True

    def _finish(self, cursor: _Cursor) -> bool:
        cursor.column.complete = True
        rows, table = len(cursor.column.rows), cursor.table
        if rows or table not in self._sizes:  # of a column that the device lacks its table is no shorter
            self._told[table] = self._sizes[table] = max(rows, self._told.get(table, 0))
        return False

    def _after_error(self, active: list[_Cursor], answer: Answer, asked: int) -> list[_Cursor]:
        """tooBig and genErr on a GETBULK: ask for less. On a single value: leave that column."""
        status, at = answer.error_status, answer.error_index
        if status == ErrorStatus.NO_SUCH_NAME and 0 < at <= len(active):  # v1: the end of the MIB
            self._finish(active[at - 1])
            return [*active[: at - 1], *active[at:]]
        if asked > 1:
            self._pace.fewer(asked // 2)
            return active
        if len(active) > 1:
            self._width = len(active) // 2
            return active
        self.failures.append(_refusal(status))
        return []


def _fewer(asked: int, attempt: int) -> int:
    """All, a half, an eighth, …"""
    return max(1, asked >> attempt * (attempt + 1) // 2)


def _inside(prefix: Name, names: list[Name], tags: list[int]) -> int:
    """How many of the names, from the first on, are in the column."""
    ended = tags.index(_END) if _END in tags else len(names)
    return next((n for n in range(ended) if not names[n].startswith(prefix)), ended)


def _in_order(tails: Sequence[bytes]) -> list[Oid]:
    """The indices, as far as each comes after the one before it."""
    try:
        indices = [ber.index_of(tail) for tail in tails]
    except ber.BadMessage as bad:
        raise SnmpError(bad.cause, str(bad)) from bad
    if all(map(lt, indices, indices[1:])):
        return indices
    return indices[: next(n for n in range(1, len(indices)) if indices[n] <= indices[n - 1])]


def _goes_back(cursor: _Cursor, names: list[Name], tags: list[int], at: int) -> bool:
    """Whether what follows the column's rows is no end of it."""
    if at >= len(names) or tags[at] == _END:
        return False
    came, last = names[at], cursor.last
    if came.isascii() and last.isascii():  # an octet for each sub-identifier
        return came <= last
    try:
        return ber.oid_of(came) <= ber.oid_of(last)
    except ber.BadMessage as bad:
        raise SnmpError(bad.cause, str(bad)) from bad


def _backwards(last: Name, came: Name) -> SnmpError:
    return SnmpError(Cause.NOT_INCREASING, f"after {_brief(last)} came {_brief(came)}")


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


def _brief(name: Name) -> str:
    text = ".".join(map(str, ber.oid_of(name)))
    return text if len(text) <= 60 else text[:60] + "…"
