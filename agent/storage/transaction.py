"""A transaction: everything inside one is kept, or nothing."""

from agent.storage.cases import Cases
from agent.storage.documents import Documents
from agent.storage.events import Events
from agent.storage.faults import Faults
from agent.storage.history import History
from agent.storage.intervals import Intervals
from agent.storage.outbox import Outbox
from agent.storage.record import Record
from agent.storage.rollups import Rollups
from agent.storage.studies import Studies


class SqlTransaction(Faults, Cases, Record, History, Rollups, Studies, Intervals, Events, Outbox, Documents):
    """Implements `ports.Transaction` on a connection that is in a transaction."""
