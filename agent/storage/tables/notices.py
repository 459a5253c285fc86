"""What was put to whom: so that nobody is told the same twice, and nobody too much at once."""

from sqlalchemy import Boolean, Column, Index, Table

from agent.storage.columns import Time, Words
from agent.storage.metadata import metadata

notices = Table(
    "notices",
    metadata,
    Column("key", Words, primary_key=True),
    Column("channel", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("at", Time, nullable=False),
    Column("held", Boolean, nullable=False),  # told later, together with others
    Index(None, "channel", "address", "at"),
)
