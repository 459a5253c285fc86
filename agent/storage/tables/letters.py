"""Mails that came in, each once."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, PrimaryKeyConstraint, Table, text

from agent.cases.letter import Trust, Verdict
from agent.storage.columns import Serial, Time, Word, Words
from agent.storage.metadata import metadata

letters = Table(
    "letters",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("identity", Words, nullable=False, unique=True),
    Column("thread", Words, nullable=False),
    Column("at", Time, nullable=False),
    Column("sent", Time),
    Column("sender", Words, nullable=False),
    Column("sender_name", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("verdict", Word(Verdict), nullable=False),
    Column("reason", Words, nullable=False),
    Column("trust", Word(Trust), nullable=False),
    Column("case_number", ForeignKey("cases.number")),  # null: none
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("by", Words, nullable=False),
    Index(None, "thread"),
    Index(None, "sender", "at"),
    Index(None, "verdict", "at"),
    Index(None, "case_number"),
)

# Where each lies; the same mail may lie in several places, and anew in all of them when a folder was made anew.
letter_places = Table(
    "letter_places",
    metadata,
    Column("mailbox", Words, nullable=False),
    Column("validity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("letter", ForeignKey("letters.id"), nullable=False),
    Column("put_away", Boolean, nullable=False),  # marked or moved on the mail server
    PrimaryKeyConstraint("mailbox", "validity", "uid"),
    Index(
        "ix_letter_places_to_put_away",
        "mailbox",
        "validity",
        sqlite_where=text("put_away = 0"),
        postgresql_where=text("NOT put_away"),
    ),
)
