"""Vendors' cases, RMAs and spare parts."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, text

from agent.cases.rma import RmaState
from agent.cases.spares import SpareState
from agent.storage.columns import Serial, Time, Word, Words
from agent.storage.metadata import metadata

handovers = Table(
    "handovers",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("case_number", ForeignKey("cases.number"), nullable=False),
    Column("vendor", Words, nullable=False),
    Column("reference", Words, nullable=False),
    Column("severity", Words, nullable=False),
    Column("contact", Words, nullable=False),
    Column("opened", Time, nullable=False),
    Column("opened_by", Words, nullable=False),
    Column("last", Time, nullable=False),
    Column("due", Time),
    Column("closed", Time),
    Index(
        "one_open_handover_of_a_case",
        "case_number",
        unique=True,
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
    Index(None, "case_number"),
)

_OPEN = "state NOT IN ('closed', 'cancelled')"

rmas = Table(
    "rmas",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("case_number", ForeignKey("cases.number"), nullable=False),
    Column("device", Words, nullable=False),
    Column("slot", Words, nullable=False),
    Column("part", Words, nullable=False),
    Column("serial_out", Words, nullable=False),
    Column("fault", Words, nullable=False),
    Column("site", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("contact", Words, nullable=False),
    Column("contract", Words, nullable=False),
    Column("contract_status", Words, nullable=False),
    Column("warning", Words, nullable=False),
    Column("state", Word(RmaState), nullable=False),
    Column("serial_in", Words, nullable=False),
    Column("serial_seen", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("location", Words, nullable=False),
    Column("vendor", Words, nullable=False),
    Column("reference", Words, nullable=False),
    Column("tracking", Words, nullable=False),
    Column("return_tracking", Words, nullable=False),
    Column("requested", Time, nullable=False),
    Column("requested_by", Words, nullable=False),
    Column("confirmed", Time),
    Column("confirmed_by", Words, nullable=False),
    Column("sourced", Time),
    Column("shipped", Time),
    Column("delivered", Time),
    Column("installed", Time),
    Column("seen", Time),
    Column("healthy", Time),
    Column("returned", Time),
    Column("closed", Time),
    Column("return_due", Time),
    Index(
        "one_open_rma_of_a_serial",
        "serial_out",
        unique=True,
        sqlite_where=text(f"serial_out != '' AND {_OPEN}"),
        postgresql_where=text(f"serial_out <> '' AND {_OPEN}"),
    ),
    Index(None, "case_number"),
    Index(None, "device"),
    Index(None, "requested"),
    sqlite_autoincrement=True,  # a number is never given twice
)

spares = Table(  # a serial number is in one place
    "spares",
    metadata,
    Column("serial", Words, primary_key=True),
    Column("part", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("location", Words, nullable=False),
    Column("state", Word(SpareState), nullable=False),
    Column("rma", BigInteger, nullable=False),  # 0: none
    Column("note", Words, nullable=False),
    Column("changed", Time, nullable=False),
    Index(
        "one_reserved_spare_of_an_rma",
        "rma",
        unique=True,
        sqlite_where=text("state = 'reserved'"),
        postgresql_where=text("state = 'reserved'"),
    ),
    Index(None, "location"),
)
