"""Cases that stand in another system too, and how far that is true."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from agent.cases.mirror import MirrorState
from agent.storage.columns import Json, Time, Word, Words
from agent.storage.metadata import metadata

mirrors = Table(
    "mirrors",
    metadata,
    Column("case_number", ForeignKey("cases.number"), primary_key=True),
    Column("bridge", Words, primary_key=True),
    Column("state", Word(MirrorState), nullable=False),
    Column("at", Time, nullable=False),
    Column("checked", Time, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("queued", Boolean, nullable=False),
    Column("theirs", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("link", Words, nullable=False),
    Column("ours", Words, nullable=False),
    Column("level", Words, nullable=False),
    Column("their_state", Words, nullable=False),
    Column("their_level", Words, nullable=False),
    Column("sent", Words, nullable=False),
    Column("tried", Words, nullable=False),
    Column("told", Json, nullable=False),
    Column("said", Words, nullable=False),
    Index(None, "bridge", "state"),
)
