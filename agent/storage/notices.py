"""What was put to whom: so that nobody is told the same twice, and nobody too much at once."""

from datetime import datetime

from sqlalchemy import exists, false, select

from agent.ports import JobKind, JobState
from agent.storage import tables
from agent.storage.part import Part
from agent.storage.tables.notices import notices

_n, _j = notices.c, tables.jobs.c


class Notices(Part):
    """A part of a transaction. What is held waits in the outbox, as jobs of its own kind."""

    def noticed(self, key: str) -> bool:
        return bool(self._connection.execute(select(exists().where(_n.key == key))).scalar())

    def keep_notice(self, key: str, channel: str, address: str, at: datetime, *, held: bool) -> None:
        self.durable = True
        self._insert_new(notices, [{"key": key, "channel": channel, "address": address, "at": at, "held": held}])

    def notices_sent(self, channel: str, address: str, since: datetime) -> tuple[datetime, ...]:
        which = (_n.channel == channel, _n.address == address, _n.at >= since, _n.held == false())
        return tuple(row.at for row in self._connection.execute(select(_n.at).where(*which).order_by(_n.at)))

    def notices_due(self, now: datetime) -> bool:
        held = (_j.state == JobState.WAITING, _j.kind == JobKind.NOTICE, _j.due <= now)
        return bool(self._connection.execute(select(exists().where(*held))).scalar())
