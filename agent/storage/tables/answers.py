"""What customers are asked and answer: one survey a closed case."""

from sqlalchemy import Column, ForeignKey, Index, SmallInteger, Table

from agent.cases.survey import Standing
from agent.storage.columns import Time, Word, Words
from agent.storage.metadata import metadata

surveys = Table(
    "surveys",
    metadata,
    Column("case_number", ForeignKey("cases.number"), primary_key=True, autoincrement=False),
    Column("customer", Words, nullable=False),
    Column("engineer", Words, nullable=False),
    Column("standing", Word(Standing), nullable=False),
    Column("asked", Time),
    Column("until", Time),
    Column("reminded", Time),
    Column("answered", Time),
    Column("by", Words, nullable=False),
    Column("how", Words, nullable=False),
    Column("response", SmallInteger),
    Column("skill", SmallInteger),
    Column("attitude", SmallInteger),
    Column("result", SmallInteger),
    Column("comment", Words, nullable=False),
    Column("call_back", Time),
    Column("called_back", Time),
    Column("called_by", Words, nullable=False),
    Column("said", Words, nullable=False),
    Index(None, "asked"),
)
