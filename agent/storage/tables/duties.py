"""Who is on call otherwise than the rotation says: overrides and swaps."""

from sqlalchemy import Column, Index, Integer, Table

from agent.cases.oncall import DutyKind
from agent.storage.columns import Serial, Time, Word, Words
from agent.storage.metadata import metadata

duties = Table(
    "duties",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("team", Words, nullable=False),
    Column("level", Integer, nullable=False),
    Column("kind", Word(DutyKind), nullable=False),
    Column("person", Words, nullable=False),
    Column("starts", Time, nullable=False),
    Column("ends", Time, nullable=False),
    Column("other", Words, nullable=False),
    Column("other_starts", Time),
    Column("other_ends", Time),
    Column("over", Time, nullable=False),  # the end of the later of both
    Column("why", Words, nullable=False),
    Column("made", Time, nullable=False),
    Column("made_by", Words, nullable=False),
    Column("cancelled", Time),
    Column("cancelled_by", Words, nullable=False),
    Index(None, "over"),
    sqlite_autoincrement=True,
)
