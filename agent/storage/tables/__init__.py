"""Every table, with the keys that the store itself enforces; `docs/reference/storage.md` tells operators."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from agent.cases.case import Action, CaseKind, CaseState, EvidenceState, Origin, Severity
from agent.cases.outcome import Outcome
from agent.faults.fault import FaultKind, FaultState, Reason
from agent.observation import ComponentKind, Source, Tier
from agent.ports import JobKind, JobState
from agent.storage.columns import Json, Packed, Serial, Time, Word, Words
from agent.storage.metadata import metadata
from agent.storage.tables import answers, duties, hardware, knowledge, letters, mirrors, notices, relations

__all__ = ["answers", "duties", "hardware", "knowledge", "letters", "metadata", "mirrors", "notices", "relations"]


def _subject() -> tuple[Column[str], Column[ComponentKind], Column[str]]:
    return (
        Column("device", Words, nullable=False),
        Column("component", Word(ComponentKind), nullable=False),
        Column("component_name", Words, nullable=False),
    )


faults = Table(
    "faults",
    metadata,
    Column("id", Words, primary_key=True),
    Column("key", Words, nullable=False),
    *_subject(),
    Column("kind", Word(FaultKind), nullable=False),
    Column("state", Word(FaultState), nullable=False),
    Column("began", Time, nullable=False),
    Column("reason", Words, nullable=False),
    Column("last_good", Time),
    Column("last_seen", Time),
    Column("bad", Integer, nullable=False),
    Column("good", Integer, nullable=False),
    Column("recovering", Time),
    Column("confirmed", Time),
    Column("cleared", Time),
    Column("value", Float),
    Column("threshold", Float),
    Column("cause", Words, nullable=False),
    Column("because", Words, nullable=False),
    Column("recent", Words, nullable=False),
    Column("flaps", Integer, nullable=False),
    Column("unsteady_since", Time),
    Column("penalty", Float, nullable=False),
    Column("penalty_at", Time),
    Column("flapping", Boolean, nullable=False),
    Column("alone_since", Time),
    Column("suppressed", Words, nullable=False),
    Column("suppressed_as", Word(Reason)),
    Column("suppressed_since", Time),
    Column("suppressed_until", Time),
    Column("acknowledged", Words, nullable=False),
    Column("case_number", ForeignKey("cases.number")),  # null: none
    Index(
        "one_open_fault_of_a_key",
        "key",
        unique=True,
        sqlite_where=text("state != 'cleared'"),
        postgresql_where=text("state != 'cleared'"),
    ),
    Index(
        "open_faults_of_a_cause",
        "cause",
        sqlite_where=text("state != 'cleared'"),
        postgresql_where=text("state != 'cleared'"),
    ),
    Index(
        "open_faults_of_a_device",
        "device",
        sqlite_where=text("state != 'cleared'"),
        postgresql_where=text("state != 'cleared'"),
    ),
    Index(None, "device", "began"),
    Index(None, "began"),
    Index(None, "cleared"),
    Index(None, "case_number"),
)

cases = Table(
    "cases",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("problem", Words, nullable=False),
    Column("kind", Word(FaultKind, CaseKind), nullable=False),
    *_subject(),
    Column("severity", Word(Severity), nullable=False),
    Column("state", Word(CaseState), nullable=False),
    Column("opened", Time, nullable=False),
    Column("updated", Time, nullable=False),
    Column("root", Words, nullable=False),
    Column("customer", Words, nullable=False),
    Column("site", Words, nullable=False),
    Column("contract", Words, nullable=False),
    Column("contract_status", Words, nullable=False),
    Column("origin", Word(Origin), nullable=False),
    Column("title", Words, nullable=False),
    Column("reporter", Words, nullable=False),
    Column("reporter_address", Words, nullable=False),
    Column("serial", Words, nullable=False),
    Column("parent", BigInteger, nullable=False),  # 0: none
    Column("merged_into", BigInteger, nullable=False),  # 0: none
    Column("live", Boolean, nullable=False),
    Column("assignee", Words, nullable=False),
    Column("acknowledged", Time),
    Column("acknowledged_by", Words, nullable=False),
    Column("acknowledged_until", Time),
    Column("began", Time),
    Column("recovered", Time),
    Column("resolved", Time),
    Column("closed", Time),
    Column("reopened", Integer, nullable=False),
    Column("symptoms", Integer, nullable=False),
    Column("attend", Time),  # when time alone next changes something about it; null: look at it now
    Index(
        "one_live_case_of_a_problem",
        "problem",
        unique=True,
        sqlite_where=text("live = 1"),
        postgresql_where=text("live"),
    ),
    Index(None, "opened"),
    Index(None, "device", "opened"),
    Index(None, "attend"),
    Index(None, "parent"),
    Index(None, "problem"),
    sqlite_autoincrement=True,  # a number is never given twice
)

entries = Table(
    "entries",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("case_number", ForeignKey("cases.number"), nullable=False),
    Column("at", Time, nullable=False),
    Column("action", Word(Action), nullable=False),
    Column("text", Words, nullable=False),
    Column("actor", Words, nullable=False),
    Column("data", Json, nullable=False),
    Index(None, "case_number", "at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("about", Words, nullable=False),
    Column("at", Time, nullable=False),
    Column("what", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("would_change", Json, nullable=False),
    Column("inputs", Json, nullable=False),
    Index(None, "about", "at"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("case_number", ForeignKey("cases.number"), nullable=False),
    Column("device", Words, nullable=False),
    Column("command", Words, nullable=False),
    Column("tier", Words, nullable=False),
    Column("state", Word(EvidenceState), nullable=False),
    Column("at", Time, nullable=False),
    Column("took_s", Float, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("secrets_removed", Integer, nullable=False),
    Column("detail", Words, nullable=False),
    Column("outcome", Word(Outcome)),
    Column("topic", Words, nullable=False),
    Index(None, "case_number"),
    Index(None, "device", "tier", "at"),
)

# ---------------------------------------------------------------- history

latest = Table(
    "latest",
    metadata,
    Column("device", Words, nullable=False),
    Column("tier", Word(Tier), nullable=False),
    Column("at", Time, nullable=False),
    Column("body", LargeBinary, nullable=False),  # packing.pack_batch
    PrimaryKeyConstraint("device", "tier"),
)

layouts = Table(  # what the numbers of a device's sample rows are about
    "layouts",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("device", Words, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of `body` before packing
    Column("body", LargeBinary, nullable=False),  # packing.pack_layout
    UniqueConstraint("device", "digest"),
    sqlite_autoincrement=True,
)

samples = Table(  # a device's poll in one row
    "samples",
    metadata,
    Column("layout", ForeignKey("layouts.id"), nullable=False),
    Column("at", Time, nullable=False),
    Column("body", LargeBinary, nullable=False),  # packing.pack_numbers
    PrimaryKeyConstraint("layout", "at"),
    Index(None, "at"),
)

journal = Table(  # what was observed, in the order in which it was
    "journal",
    metadata,
    Column("serial", Serial, primary_key=True, autoincrement=True),
    Column("device", Words, nullable=False),  # empty for what is no poll
    Column("what", Words, nullable=False),  # a tier, or what a note is about
    Column("at", Time, nullable=False),
    Column("body", LargeBinary, nullable=False),  # frames.pack
    Index(None, "at"),
    sqlite_autoincrement=True,
)

hours = Table(  # an hour of a layout's samples in one row
    "hours",
    metadata,
    Column("layout", ForeignKey("layouts.id"), nullable=False),
    Column("at", Time, nullable=False),  # when the hour began
    Column("body", LargeBinary, nullable=False),  # rolling.Gauges, rolling.Counters
    PrimaryKeyConstraint("layout", "at"),
    Index(None, "at"),
)

rolled = Table(  # how far a device's samples are rolled up
    "rolled",
    metadata,
    Column("device", Words, primary_key=True),
    Column("until", Time, nullable=False),
)

studies = Table(  # what a device's history shows
    "studies",
    metadata,
    Column("device", Words, primary_key=True),
    Column("at", Time, nullable=False),
    Column("baselines", LargeBinary, nullable=False),  # baselines.pack
    Column("findings", Packed, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("device", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("began", Time, nullable=False),
    Column("ended", Time, nullable=False),  # the last sight
    UniqueConstraint("device", "what", "began"),
    Index(None, "what", "ended"),
)

intervals = Table(
    "intervals",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    *_subject(),
    Column("state", Words, nullable=False),
    Column("began", Time, nullable=False),
    Column("ended", Time),  # null: still is
    UniqueConstraint("device", "component", "component_name", "began"),
    Index(
        "one_present_state_of_a_subject",
        "device",
        "component",
        "component_name",
        unique=True,
        sqlite_where=text("ended IS NULL"),
        postgresql_where=text("ended IS NULL"),
    ),
    Index(None, "ended"),
)

events = Table(
    "events",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("device", Words, nullable=False),
    Column("sender", Words, nullable=False),
    Column("source", Word(Source), nullable=False),
    Column("arrived", Time, nullable=False),
    Column("severity", SmallInteger, nullable=False),  # RFC 5424 §6.2.1: 0 emergency … 7 debug
    Column("text", Words, nullable=False),
    Column("facility", Words, nullable=False),
    Column("mnemonic", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("subject", Words),
    Column("stamped", Time),
    Column("data", Json, nullable=False),
    Index(None, "arrived"),
    Index(None, "device", "arrived"),
)

# ---------------------------------------------------------------- outbox, maintenance, documents

jobs = Table(
    "jobs",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", Words, nullable=False, unique=True),
    Column("kind", Word(JobKind), nullable=False),
    Column("due", Time, nullable=False),
    Column("payload", Json, nullable=False),
    Column("case_number", ForeignKey("cases.number")),  # null: none
    Column("lane", Words, nullable=False),
    Column("urgent", Boolean, nullable=False),  # goes before all others
    Column("attempts", Integer, nullable=False),
    Column("state", Word(JobState), nullable=False),
    Column("result", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("leased_until", Time),
    Column("finished", Time),
    Index(
        "one_leased_job_of_a_lane",
        "lane",
        unique=True,
        sqlite_where=text("state = 'leased' AND lane != ''"),
        postgresql_where=text("state = 'leased' AND lane != ''"),
    ),
    Index(None, "state", "kind", "due"),
    Index(None, "case_number"),
)

windows = Table(
    "windows",
    metadata,
    Column("name", Words, primary_key=True),
    Column("starts", Time, nullable=False),
    Column("ends", Time, nullable=False),
    Column("reason", Words, nullable=False),
    Column("devices", Json, nullable=False),
    Column("sites", Json, nullable=False),
    Column("customers", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("components", Json, nullable=False),
    Column("every", Words, nullable=False),  # as agent.inventory.recurrence reads it; empty: once
    Column("lasts", Float, nullable=False),  # seconds, each time
    Column("timezone", Words, nullable=False),
    Column("changes", Json, nullable=False),  # [[an occurrence's start, its end now], …]
    Column("amends", Boolean, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("kind", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("at", Time, nullable=False),
    Column("body", Packed, nullable=False),
    PrimaryKeyConstraint("kind", "key"),
)
