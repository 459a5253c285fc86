"""Mails that came in, each once: the store keeps one of an identity, and one in a place."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, not_, select, update

from agent.cases.letter import ACTED, WAITING, Filed, Place, Verdict
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_l = tables.letters.letters
_p = tables.letters.letter_places


class Letters(Part):
    """A part of a transaction."""

    def keep_letter(self, letter: Filed) -> Filed | None:
        """Store a new one and give it its id; None where one with its identity is kept already."""
        if self.letter_of(letter.identity) is not None:
            return None
        self.durable = True
        with self._connection.begin_nested():
            key = self._connection.execute(insert(_l), columns_of(letter, but=["id"])).inserted_primary_key
        assert key is not None  # noqa: S101 - the driver's promise for a table with a serial key
        return replace(letter, id=key[0])

    def letter_of(self, identity: str) -> Filed | None:
        return self._one(_l.c.identity == identity)

    def place_letter(self, place: Place, letter: int) -> bool:
        """It lies there. False where that place was told before: another process took it."""
        self.durable = True
        if self._connection.execute(select(_p.c.letter).where(*_at(place.mailbox, place.validity, place.uid))).first():
            return False
        row = {"mailbox": place.mailbox, "validity": place.validity, "uid": place.uid}
        self._connection.execute(insert(_p), row | {"letter": letter, "put_away": False})
        return True

    def last_letter(self, mailbox: str, validity: int) -> int:
        """The highest UID that was taken from the folder; 0: none."""
        return self._connection.execute(select(func.max(_p.c.uid)).where(*_at(mailbox, validity))).scalar() or 0

    def not_put_away(self, mailbox: str, validity: int) -> Mapping[int, Verdict]:
        """By UID: what became of the mails that still lie in the folder as they came."""
        query = (
            select(_p.c.uid, _l.c.verdict)
            .join(_l, _l.c.id == _p.c.letter)
            .where(*_at(mailbox, validity), not_(_p.c.put_away))
            .order_by(_p.c.uid)
        )
        return {row.uid: row.verdict for row in self._connection.execute(query)}

    def put_away(self, mailbox: str, validity: int, uids: Collection[int]) -> None:
        self._connection.execute(update(_p).where(*_at(mailbox, validity), _p.c.uid.in_(uids)).values(put_away=True))

    def save_letter(self, letter: Filed) -> None:
        self.durable = True
        self._connection.execute(update(_l).where(_l.c.id == letter.id).values(columns_of(letter, but=["id"])))

    def letter(self, id: int) -> Filed | None:  # noqa: A002 - what it is called
        return self._one(_l.c.id == id)

    def letters(
        self, *, verdicts: Collection[Verdict] = (), case: int | None = None, sender: str = "", limit: int = 1000
    ) -> tuple[Filed, ...]:
        """Newest first."""
        query = select(_l).order_by(_l.c.at.desc(), _l.c.id.desc()).limit(limit)
        if verdicts:
            query = query.where(_l.c.verdict.in_(verdicts))
        if case is not None:
            query = query.where(_l.c.case_number == case)
        if sender:
            query = query.where(_l.c.sender == sender)
        return tuple(made_of(Filed, row) for row in self._connection.execute(query))

    def case_of_thread(self, threads: Iterable[str]) -> int:
        """The case that a mail with one of these (hashes of Message-IDs, the nearest first) is on; 0: none."""
        wanted = [thread for thread in threads if thread]
        query = select(_l.c.thread, _l.c.case_number).where(_l.c.thread.in_(wanted), _l.c.case_number.is_not(None))
        found = {row.thread: row.case_number for row in self._connection.execute(query.order_by(_l.c.id))}
        return next((found[thread] for thread in wanted if thread in found), 0)

    def letters_acted_on(self, since: datetime, sender: str = "", *, opened: bool = False) -> int:
        """Of one sender, or of all; with `opened` only those that opened a case."""
        verdicts = [Verdict.OPENED] if opened else ACTED
        query = select(func.count()).where(_l.c.at >= since, _l.c.verdict.in_(verdicts))
        return self._connection.execute(query.where(_l.c.sender == sender) if sender else query).scalar_one()

    def letters_waiting(self) -> int:
        """How many a person has to look at."""
        return self._connection.execute(select(func.count()).where(_l.c.verdict.in_(WAITING))).scalar_one()

    def _one(self, which: ColumnElement[bool]) -> Filed | None:
        row = self._connection.execute(select(_l).where(which)).first()
        return None if row is None else made_of(Filed, row)


def _at(mailbox: str, validity: int, uid: int | None = None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_p.c.mailbox == mailbox, _p.c.validity == validity]
    return found if uid is None else [*found, _p.c.uid == uid]
