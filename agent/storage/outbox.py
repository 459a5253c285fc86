"""The outbox: jobs decided in a transaction and done after it, each claimed by one process at a time.

A lease is claimed by a counted UPDATE. `attempts` counts the leases and tells them apart: who has lost his lease cannot
postpone or fail the job under the feet of who has it now; but he may still finish it, for then the work is done.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from agent.ports import Job, JobKind, JobState
from agent.storage import tables
from agent.storage.part import LEASING, Part, columns_of, made_of

_j = tables.jobs.c
_busy = tables.jobs.alias("busy")


class Outbox(Part):
    def enqueue(self, jobs: Iterable[Job]) -> None:
        """Jobs whose key is known already are left out."""
        rows = [columns_of(job, but=["id"]) | {"owner": ""} for job in jobs]
        if rows:
            self.durable = True
            self._insert_new(tables.jobs, rows)

    def lease(self, kind: JobKind, now: datetime, duration: timedelta, owner: str, limit: int = 10) -> tuple[Job, ...]:
        """Claim due jobs (waiting ones, and leased ones whose lease ran out), at most one of a lane at a time.

        What is urgent first, then what is due earliest. Give it a transaction of its own: on PostgreSQL others wait for
        it.
        """
        if self._on_postgres:
            self._connection.execute(select(func.pg_advisory_xact_lock(LEASING)))
        self._take_back(now)
        claimed = [job for job in self._due(kind, now, limit) if self._claim(job, now + duration, owner)]
        return tuple(replace(job, state=JobState.LEASED, attempts=job.attempts + 1) for job in claimed)

    def _take_back(self, now: datetime) -> None:
        ran_out = (_j.state == JobState.LEASED, _j.leased_until <= now)
        result = self._connection.execute(
            update(tables.jobs).where(*ran_out).values(state=JobState.WAITING, owner="", leased_until=None)
        )
        self.durable |= result.rowcount > 0

    def _due(self, kind: JobKind, now: datetime, limit: int) -> list[Job]:
        """Those that may be claimed: of a lane the first, if no other of it is leased."""
        lane_is_taken = (
            select(_busy.c.id).where(_busy.c.lane == _j.lane, _busy.c.state == JobState.LEASED, _busy.c.lane != "")
        ).exists()
        place = func.row_number().over(partition_by=_j.lane, order_by=(_j.due, _j.id)).label("place")
        waiting = (
            select(tables.jobs, place)
            .where(_j.state == JobState.WAITING, _j.kind == kind, _j.due <= now, ~lane_is_taken)
            .subquery()
        )
        query = (
            select(waiting)
            .where(or_(waiting.c.lane == "", waiting.c.place == 1))
            .order_by(waiting.c.urgent.desc(), waiting.c.due, waiting.c.id)
            .limit(limit)
        )
        return [made_of(Job, row) for row in self._connection.execute(query)]

    def _claim(self, job: Job, until: datetime, owner: str) -> bool:
        self.durable = True
        result = self._connection.execute(
            update(tables.jobs)
            .where(_j.id == job.id, _j.state == JobState.WAITING)
            .values(state=JobState.LEASED, attempts=_j.attempts + 1, owner=owner, leased_until=until)
        )
        return result.rowcount == 1

    def finish(self, job: Job, now: datetime, result: str) -> None:
        """Done, whoever holds the lease now."""
        self._end(_j.id == job.id, state=JobState.DONE, finished=now, result=result)

    def postpone(self, job: Job, until: datetime, result: str) -> None:
        """Try again at `until`. Nothing happens when the lease was lost to another."""
        self._end(_j.id == job.id, self._still_held(job), state=JobState.WAITING, due=until, result=result)

    def fail(self, job: Job, now: datetime, result: str) -> None:
        """Never try again. Nothing happens when the lease was lost to another."""
        self._end(_j.id == job.id, self._still_held(job), state=JobState.FAILED, finished=now, result=result)

    def take_back(self, owner: str) -> int:
        """Jobs that anyone but `owner` holds are waiting again; for a start where nobody else can be at work."""
        held = (_j.state == JobState.LEASED, _j.owner != owner)
        result = self._connection.execute(
            update(tables.jobs).where(*held).values(state=JobState.WAITING, owner="", leased_until=None)
        )
        self.durable |= result.rowcount > 0
        return result.rowcount

    @staticmethod
    def _still_held(job: Job) -> Any:
        return (_j.attempts == job.attempts) & or_(_j.state == JobState.LEASED, _j.state == JobState.WAITING)

    def _end(self, *which: Any, **values: Any) -> None:
        self.durable = True
        self._connection.execute(update(tables.jobs).where(*which).values(owner="", leased_until=None, **values))

    def jobs(
        self, *, kind: JobKind | None = None, case: int | None = None, state: JobState | None = None
    ) -> tuple[Job, ...]:
        """In the order in which they were put in."""
        query = select(tables.jobs).order_by(_j.id)
        if kind is not None:
            query = query.where(_j.kind == kind)
        if case is not None:
            query = query.where(_j.case_number == case)
        if state is not None:
            query = query.where(_j.state == state)
        return tuple(made_of(Job, row) for row in self._connection.execute(query))

    def job_counts(self) -> dict[tuple[JobKind, JobState], int]:
        query = select(_j.kind, _j.state, func.count()).group_by(_j.kind, _j.state).order_by(_j.kind, _j.state)
        return {(row.kind, row.state): row[2] for row in self._connection.execute(query)}
