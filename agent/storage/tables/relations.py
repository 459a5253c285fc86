"""Cases that have to do with each other."""

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table

from agent.cases.relations import Sort
from agent.storage.columns import Time, Word, Words
from agent.storage.metadata import metadata

relations = Table(
    "relations",
    metadata,
    Column("case_number", ForeignKey("cases.number"), nullable=False),  # the older of the two
    Column("other", ForeignKey("cases.number"), nullable=False),
    Column("sort", Word(Sort), nullable=False),
    Column("at", Time, nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
    PrimaryKeyConstraint("case_number", "other"),
    Index(None, "other"),
)
