"""What was seen when, and who was in which state when: the intervals that availability is reckoned from."""

from collections.abc import Collection
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from agent.faults.availability import Interval, Span
from agent.observation import ComponentKind, Subject
from agent.storage import tables
from agent.storage.part import Part, subject_columns

_v = tables.coverage.c
_i = tables.intervals.c
_INTERVAL = (_i.device, _i.component, _i.component_name, _i.state, _i.began, _i.ended)


class Intervals(Part):
    def cover(self, device: str, what: str, at: datetime, gap: timedelta) -> None:
        """The agent saw `what` (`reachability`, or a tier) of the device at `at`.

        Within `gap` of the last sight it extends the span, else it starts a new one. A sight that comes late, from
        before the last one, adds nothing.
        """
        last = self._connection.execute(
            select(_v.id, _v.ended)
            .where(_v.device == device, _v.what == what)
            .order_by(_v.began.desc())
            .limit(1)
            .with_for_update()
        ).first()
        if last is None or at - last.ended > gap:
            self._insert_new(tables.coverage, [{"device": device, "what": what, "began": at, "ended": at}])
        elif at > last.ended:
            self._connection.execute(update(tables.coverage).where(_v.id == last.id, _v.ended < at).values(ended=at))

    def coverage(self, what: str, start: datetime, end: datetime, device: str | None = None) -> dict[str, list[Span]]:
        """By device: the spans, cut to [start, end), in which it was observed."""
        query = select(tables.coverage).where(_v.what == what, _v.ended > start, _v.began < end, _v.began < _v.ended)
        if device is not None:
            query = query.where(_v.device == device)
        found: dict[str, list[Span]] = {}
        rows = self._connection.execute(query.order_by(_v.began, _v.id)).all()
        for row in sorted(rows, key=lambda row: str(row.device)):
            found.setdefault(row.device, []).append(Span(max(row.began, start), min(row.ended, end)))
        return found

    def sights(self, what: str, since: datetime) -> dict[str, datetime]:
        """By device: when it was last observed, where that was not before `since`."""
        query = (
            select(_v.device, func.max(_v.ended).label("last"))
            .where(_v.what == what, _v.ended >= since)
            .group_by(_v.device)
        )
        return {row.device: row.last for row in self._connection.execute(query)}

    def change(self, subject: Subject, state: str, at: datetime) -> bool:
        """The subject is in `state` from `at` on; nothing happens when it was already.

        What is known is not unsaid: a change dated back before the present state began counts from that beginning,
        and then stands in its place.
        """
        present = self._present(subject)
        if present is not None and present.state == state:
            return False
        self.durable = True
        if present is None:
            self._insert(subject, state, at)
        elif at > present.began:
            self._connection.execute(update(tables.intervals).where(_i.id == present.id).values(ended=at))
            self._insert(subject, state, at)
        else:
            self._replace(subject, present, state)
        return True

    def end(self, subject: Subject, at: datetime) -> None:
        """The subject is there no more: its present state ends, and none follows."""
        self._connection.execute(
            update(tables.intervals).where(*_about(subject), _i.ended.is_(None), _i.began < at).values(ended=at)
        )

    def _present(self, subject: Subject) -> Any:
        query = select(_i.id, _i.state, _i.began).where(*_about(subject), _i.ended.is_(None)).with_for_update()
        return self._connection.execute(query).first()

    def _insert(self, subject: Subject, state: str, at: datetime) -> None:
        """CollisionError when another told the subject's first state at the same time."""
        row = subject_columns(subject) | {"state": state, "began": at, "ended": None}
        with self._connection.begin_nested():
            self._connection.execute(insert(tables.intervals), row)

    def _replace(self, subject: Subject, present: Any, state: str) -> None:
        """The present interval becomes one of `state`, and one with its forerunner where that had the same."""
        before = self._connection.execute(
            select(_i.id, _i.state).where(*_about(subject), _i.ended == present.began)
        ).first()
        if before is not None and before.state == state:
            self._connection.execute(delete(tables.intervals).where(_i.id == present.id))
            self._connection.execute(update(tables.intervals).where(_i.id == before.id).values(ended=None))
        else:
            self._connection.execute(update(tables.intervals).where(_i.id == present.id).values(state=state))

    def states(self, device: str) -> dict[Subject, str]:
        """Present states of a device and its components."""
        rows = self._connection.execute(select(tables.intervals).where(_i.device == device, _i.ended.is_(None)))
        found = {Subject(row.device, row.component, row.component_name): row.state for row in rows}
        return dict(sorted(found.items()))

    def intervals(
        self,
        start: datetime,
        end: datetime,
        *,
        kind: ComponentKind | None = None,
        device: str | None = None,
        names: Collection[str] = (),
    ) -> tuple[Interval, ...]:
        """Those that overlap [start, end), not cut, oldest first; `names`: only of components that are called so."""
        query = select(*_INTERVAL).where(_i.began < end, or_(_i.ended.is_(None), _i.ended > start))
        if kind is not None:
            query = query.where(_i.component == kind)
        if device is not None:
            query = query.where(_i.device == device)
        if names:
            query = query.where(_i.component_name.in_(sorted(names)))
        rows = sorted(self._connection.execute(query).all(), key=itemgetter(4, 0, 1, 2))
        subjects: dict[Any, Subject] = {}  # a quarter of a large network is some hundred thousand rows
        found = []
        for *about, state, began, ended in rows:
            key = tuple(about)
            if key not in subjects:
                subjects[key] = Subject(*about)
            found.append(Interval(subjects[key], state, began, ended))
        return tuple(found)


def _about(subject: Subject) -> tuple[Any, ...]:
    return (_i.device == subject.device, _i.component == subject.kind, _i.component_name == subject.name)
