"""FAQ entries, and the search through them and through past cases."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, cast, func, insert, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import TSQUERY

from agent.cases import words as texts
from agent.cases.faq import Faq, FaqState, Revision, Written
from agent.cases.signature import Signature
from agent.cases.similar import Candidate, Sort
from agent.errors import CollisionError
from agent.storage.columns import clean
from agent.storage.part import Part
from agent.storage.tables import knowledge as tables

_f, _t, _u, _r = tables.faqs.c, tables.texts.c, tables.faq_uses.c, tables.faq_revisions.c
_SIGNATURE = ("kind", "vendor", "platform", "family", "component", "mnemonic")
_PARTS = ("title", "symptom", "cause", "fix", "prevention", "language")
_REST = ("author", "at", "changed", "changed_by", "state", "source", "revision")
_HELD: ColumnElement[str] = literal_column(tables.SPLIT)


class Knowledge(Part):
    """A part of a transaction."""

    # ------------------------------------------------------------ entries

    def save_faq(self, entry: Faq, note: str = "") -> Faq:
        """Insert (number 0) or update, with a line of its history; returns it with its number."""
        self.durable = True
        row = _row_of(entry)
        if entry.number:
            mine = (_f.number == entry.number, _f.revision == entry.revision - 1)
            if self._connection.execute(update(tables.faqs).where(*mine).values(row)).rowcount != 1:
                raise CollisionError(f"{entry.name} was changed by somebody else meanwhile: read it again")
        else:
            key = self._connection.execute(insert(tables.faqs), row).inserted_primary_key
            assert key is not None  # noqa: S101 - the driver's promise for a table with a serial key
            entry = replace(entry, number=key[0])
        line = {
            "faq": entry.number,
            "revision": entry.revision,
            "at": entry.changed,
            "actor": entry.changed_by,
            "note": note,
            "state": entry.state,
            "body": asdict(entry.written),
        }
        self._connection.execute(insert(tables.faq_revisions), line)
        return entry

    def faq(self, number: int) -> Faq | None:
        return next(iter(self._faqs(_entries().where(_f.number == number))), None)

    def faqs(self, state: FaqState | None = None, limit: int = 1000) -> tuple[Faq, ...]:
        """What helped most first, then what was shown most, then the newest."""
        query = _entries() if state is None else _entries().where(_f.state == state)
        order = (text("helped DESC"), text("shown DESC"), _f.number.desc())
        return self._faqs(query.order_by(*order).limit(limit))

    def _faqs(self, query: Select[Any]) -> tuple[Faq, ...]:
        return tuple(_faq(row) for row in self._connection.execute(query))

    def faq_revisions(self, number: int) -> tuple[Revision, ...]:
        """Oldest first."""
        query = select(tables.faq_revisions).where(_r.faq == number).order_by(_r.revision)
        return tuple(
            Revision(
                revision=row.revision,
                at=row.at,
                actor=row.actor,
                note=row.note,
                state=row.state,
                written=Written(**row.body),
            )
            for row in self._connection.execute(query)
        )

    # ------------------------------------------------------------ use

    def faq_shown(self, case: int, faqs: Iterable[int], at: datetime) -> None:
        """They were shown on the case, which counts once."""
        rows = [{"faq": each, "case_number": case, "shown": at, "helped": None, "helper": ""} for each in faqs]
        self.durable |= bool(rows)
        self._insert_new(tables.faq_uses, rows)

    def faq_helped(self, case: int, faq: int, at: datetime, actor: str) -> bool:
        """It helped on the case, which counts once; whether that is new."""
        self.faq_shown(case, [faq], at)
        mine = (_u.case_number == case, _u.faq == faq, _u.helped.is_(None))
        said = update(tables.faq_uses).where(*mine).values(helped=at, helper=actor)
        return self._connection.execute(said).rowcount == 1

    def faq_uses(self, case: int) -> Mapping[int, datetime | None]:
        """By the number of each entry that was shown on the case: when it helped, if it did."""
        query = select(_u.faq, _u.helped).where(_u.case_number == case).order_by(_u.faq)
        return {row.faq: row.helped for row in self._connection.execute(query)}

    # ------------------------------------------------------------ search

    def remember(self, candidate: Candidate) -> None:
        """It is found from now on as it is described here, and no longer as it was before."""
        row = {name: getattr(candidate.signature, name) for name in _SIGNATURE} | {
            "id": _id(candidate.sort, candidate.number),
            "sort": candidate.sort,
            "number": candidate.number,
            "title": candidate.title,
            "answer": candidate.answer,
            "state": candidate.state,
            "at": candidate.at,
            "lines": candidate.lines,
            "words": texts.line(candidate.words),
        }
        held = self._connection.execute(select(tables.texts).where(_t.id == row["id"])).one_or_none()
        if held is not None and dict(held._mapping) == row:
            return
        if not self._on_postgres and held is not None:
            self._index("(texts_by_word, rowid, words) VALUES ('delete', :id, :words)", held.id, held.words)
        self._upsert(tables.texts, [row])
        if not self._on_postgres:
            self._index("(rowid, words) VALUES (:id, :words)", row["id"], row["words"])

    def _index(self, what: str, identity: int, words: str) -> None:
        """FTS5 forgets a text by being told the words that it had."""
        self._connection.execute(text(f"INSERT INTO texts_by_word {what}"), {"id": identity, "words": clean(words)})

    def remembered(self, sort: Sort, number: int) -> Candidate | None:
        """As it was described last."""
        row = self._connection.execute(_texts().where(_t.id == _id(sort, number))).one_or_none()
        return _candidate(row) if row else None

    def candidates(self, signature: Signature | None, words: Sequence[str], limit: int = 200) -> tuple[Candidate, ...]:
        """Past cases and FAQ entries that may be alike: of the kind, or with any of the words."""
        found: dict[int, Candidate] = {}
        for query in (*self._of_kind(signature, limit), *self._with_words(words, limit)):
            for row in self._connection.execute(query):
                if row.id not in found:
                    found[row.id] = _candidate(row)
        return tuple(found[each] for each in sorted(found))

    def _of_kind(self, signature: Signature | None, limit: int) -> Iterable[Select[Any]]:
        if signature is None or not signature.kind:
            return
        newest = _texts().order_by(_t.at.desc(), _t.id.desc()).limit(max(1, limit // 4))
        for sort in Sort:
            kind = newest.where(_t.sort == sort, _t.kind == signature.kind)
            if signature.platform:
                yield kind.where(_t.platform == signature.platform)
            yield kind

    def _with_words(self, words: Sequence[str], limit: int) -> Iterable[Select[Any]]:
        asked = [word for word in dict.fromkeys(map(clean, words)) if _is_word(word)]
        if not asked:
            return
        if self._on_postgres:
            lexemes = " | ".join("'" + word.replace("'", "''") + "'" for word in asked)
            query = cast(lexemes, TSQUERY)
            matches = _HELD.op("@@")(query)
            yield _texts().where(matches).order_by(func.ts_rank(_HELD, query).desc(), _t.id.desc()).limit(limit)
        else:
            quoted = " OR ".join(f'"{word}"' for word in asked)
            ids = text(
                "SELECT rowid AS id FROM texts_by_word WHERE texts_by_word MATCH :asked ORDER BY rank, rowid DESC "
                "LIMIT :most"
            ).bindparams(asked=quoted, most=limit)
            yield _texts().where(_t.id.in_(ids.columns(_t.id).scalar_subquery()))


_WORD = re.compile(r"[\w\-./:]+")


def _is_word(text: str) -> bool:
    """Whether it may be one that `cases.words` made; nothing else is found, and nothing else breaks a query."""
    return len(text) <= texts.LONGEST and _WORD.fullmatch(text) is not None


def _id(sort: Sort, number: int) -> int:
    return 2 * number + (sort is Sort.FAQ)


def _texts() -> Select[Any]:
    """Every text, with how often an FAQ entry helped."""
    helped = (
        select(func.count(_u.helped)).where(_t.sort == Sort.FAQ, _u.faq == _t.number).scalar_subquery().label("helped")
    )
    return select(tables.texts, helped)


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(
        sort=row.sort,
        number=row.number,
        title=row.title,
        signature=Signature(**{name: getattr(row, name) for name in _SIGNATURE}),
        words=frozenset(row.words.split(" ")),
        state=row.state,
        at=row.at,
        answer=row.answer,
        helped=row.helped,
        lines=row.lines,
    )


def _row_of(entry: Faq) -> dict[str, Any]:
    row = {name: getattr(entry.signature, name) for name in _SIGNATURE}
    row |= {name: getattr(entry.written, name) for name in _PARTS}
    return row | {name: getattr(entry, name) for name in _REST}


def _entries() -> Select[Any]:
    mine: ColumnElement[bool] = _u.faq == _f.number
    shown = select(func.count()).select_from(tables.faq_uses).where(mine).scalar_subquery().label("shown")
    helped = select(func.count(_u.helped)).where(mine).scalar_subquery().label("helped")
    return select(tables.faqs, shown, helped)


def _faq(row: Row[Any]) -> Faq:
    return Faq(
        number=row.number,
        shown=row.shown,
        helped=row.helped,
        signature=Signature(**{name: getattr(row, name) for name in _SIGNATURE}),
        written=Written(**{name: getattr(row, name) for name in _PARTS}),
        **{name: getattr(row, name) for name in _REST},
    )
