"""A transaction: everything inside one is kept, or nothing."""

from agent.storage.answers import Answers
from agent.storage.cases import Cases
from agent.storage.documents import Documents
from agent.storage.duties import Duties
from agent.storage.events import Events
from agent.storage.faults import Faults
from agent.storage.hardware import Hardware
from agent.storage.history import History
from agent.storage.intervals import Intervals
from agent.storage.knowledge import Knowledge
from agent.storage.letters import Letters
from agent.storage.mirrors import Mirrors
from agent.storage.notices import Notices
from agent.storage.outbox import Outbox
from agent.storage.record import Record
from agent.storage.relations import Relations
from agent.storage.rollups import Rollups
from agent.storage.studies import Studies


class SqlTransaction(
    Faults,
    Cases,
    Record,
    History,
    Rollups,
    Studies,
    Intervals,
    Events,
    Outbox,
    Documents,
    Duties,
    Notices,
    Letters,
    Answers,
    Hardware,
    Knowledge,
    Mirrors,
    Relations,
):
    """Implements `ports.Transaction` on a connection that is in a transaction."""
