"""Faults, cases and their record, history, outbox, windows, documents.

Written out and never changed after a release: it does not look at `agent.storage.tables`, which moves on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.BigInteger()  # microseconds since 1970-01-01 UTC
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("number", SERIAL, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("component_name", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("contract_status", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("reporter_address", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=False),
        sa.Column("merged_into", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("acknowledged", TIME),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_until", TIME),
        sa.Column("began", TIME),
        sa.Column("recovered", TIME),
        sa.Column("resolved", TIME),
        sa.Column("closed", TIME),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("symptoms", sa.Integer(), nullable=False),
        sa.Column("attend", TIME),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_cases")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_cases_attend"), "cases", ["attend"])
    op.create_index(op.f("ix_cases_device_opened"), "cases", ["device", "opened"])
    op.create_index(op.f("ix_cases_opened"), "cases", ["opened"])
    op.create_index(
        "one_live_case_of_a_problem",
        "cases",
        ["problem"],
        unique=True,
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "coverage",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("began", TIME, nullable=False),
        sa.Column("ended", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
        sa.UniqueConstraint("device", "what", "began", name=op.f("uq_coverage_device_what_began")),
    )
    op.create_index(op.f("ix_coverage_what_ended"), "coverage", ["what", "ended"])
    op.create_table(
        "decisions",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("would_change", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_about_at"), "decisions", ["about", "at"])
    op.create_table(
        "rolled",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_rolled")),
    )
    op.create_table(
        "studies",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("baselines", sa.LargeBinary(), nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_studies")),
    )
    op.create_table(
        "documents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_documents")),
    )
    op.create_table(
        "events",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("arrived", TIME, nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facility", sa.Text(), nullable=False),
        sa.Column("mnemonic", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("stamped", TIME),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_arrived"), "events", ["arrived"])
    op.create_index(op.f("ix_events_device_arrived"), "events", ["device", "arrived"])
    op.create_table(
        "intervals",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("component_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("began", TIME, nullable=False),
        sa.Column("ended", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intervals")),
        sa.UniqueConstraint(
            "device",
            "component",
            "component_name",
            "began",
            name=op.f("uq_intervals_device_component_component_name_began"),
        ),
    )
    op.create_index(op.f("ix_intervals_ended"), "intervals", ["ended"])
    op.create_index(
        "one_present_state_of_a_subject",
        "intervals",
        ["device", "component", "component_name"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("serial", SERIAL, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_journal_at"), "journal", ["at"])
    op.create_table(
        "latest",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("device", "tier", name=op.f("pk_latest")),
    )
    op.create_table(
        "layouts",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layouts")),
        sa.UniqueConstraint("device", "digest", name=op.f("uq_layouts_device_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "windows",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts", TIME, nullable=False),
        sa.Column("ends", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("devices", sa.Text(), nullable=False),
        sa.Column("sites", sa.Text(), nullable=False),
        sa.Column("customers", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("lasts", sa.Float(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("amends", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_windows")),
    )
    op.create_table(
        "entries",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("case_number", SERIAL, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_entries_case_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index(op.f("ix_entries_case_number_at"), "entries", ["case_number", "at"])
    op.create_table(
        "evidence",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("case_number", SERIAL, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("took_s", sa.Float(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("secrets_removed", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_evidence_case_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_case_number"), "evidence", ["case_number"])
    op.create_index(op.f("ix_evidence_device_tier_at"), "evidence", ["device", "tier", "at"])
    op.create_table(
        "faults",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("component_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("began", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("last_good", TIME),
        sa.Column("last_seen", TIME),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("recovering", TIME),
        sa.Column("confirmed", TIME),
        sa.Column("cleared", TIME),
        sa.Column("value", sa.Float()),
        sa.Column("threshold", sa.Float()),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("recent", sa.Text(), nullable=False),
        sa.Column("flaps", sa.Integer(), nullable=False),
        sa.Column("unsteady_since", TIME),
        sa.Column("penalty", sa.Float(), nullable=False),
        sa.Column("penalty_at", TIME),
        sa.Column("flapping", sa.Boolean(), nullable=False),
        sa.Column("alone_since", TIME),
        sa.Column("suppressed", sa.Text(), nullable=False),
        sa.Column("suppressed_as", sa.Text()),
        sa.Column("suppressed_since", TIME),
        sa.Column("suppressed_until", TIME),
        sa.Column("acknowledged", sa.Text(), nullable=False),
        sa.Column("case_number", SERIAL),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_faults_case_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faults")),
    )
    op.create_index(op.f("ix_faults_began"), "faults", ["began"])
    op.create_index(op.f("ix_faults_cleared"), "faults", ["cleared"])
    op.create_index(op.f("ix_faults_case_number"), "faults", ["case_number"])
    op.create_index(op.f("ix_faults_device_began"), "faults", ["device", "began"])
    op.create_index(
        "one_open_fault_of_a_key",
        "faults",
        ["key"],
        unique=True,
        sqlite_where=sa.text("state != 'cleared'"),
        postgresql_where=sa.text("state != 'cleared'"),
    )
    op.create_index(
        "open_faults_of_a_cause",
        "faults",
        ["cause"],
        unique=False,
        sqlite_where=sa.text("state != 'cleared'"),
        postgresql_where=sa.text("state != 'cleared'"),
    )
    op.create_index(
        "open_faults_of_a_device",
        "faults",
        ["device"],
        sqlite_where=sa.text("state != 'cleared'"),
        postgresql_where=sa.text("state != 'cleared'"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("case_number", SERIAL),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("leased_until", TIME),
        sa.Column("finished", TIME),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_jobs_case_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    op.create_index(op.f("ix_jobs_case_number"), "jobs", ["case_number"])
    op.create_index(op.f("ix_jobs_state_kind_due"), "jobs", ["state", "kind", "due"])
    op.create_index(
        "one_leased_job_of_a_lane",
        "jobs",
        ["lane"],
        unique=True,
        sqlite_where=sa.text("state = 'leased' AND lane != ''"),
        postgresql_where=sa.text("state = 'leased' AND lane != ''"),
    )
    op.create_table(
        "samples",
        sa.Column("layout", SERIAL, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["layout"], ["layouts.id"], name=op.f("fk_samples_layout")),
        sa.PrimaryKeyConstraint("layout", "at", name=op.f("pk_samples")),
    )
    op.create_index(op.f("ix_samples_at"), "samples", ["at"])
    op.create_table(
        "hours",
        sa.Column("layout", SERIAL, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["layout"], ["layouts.id"], name=op.f("fk_hours_layout")),
        sa.PrimaryKeyConstraint("layout", "at", name=op.f("pk_hours")),
    )
    op.create_index(op.f("ix_hours_at"), "hours", ["at"])
