"""Vendors' cases, RMAs and spare parts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.BigInteger()  # microseconds since 1970-01-01 UTC
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("case_number", SERIAL, nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("opened", TIME, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("last", TIME, nullable=False),
        sa.Column("due", TIME),
        sa.Column("closed", TIME),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_handovers_case_number_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(
        "one_open_handover_of_a_case",
        "handovers",
        ["case_number"],
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_index(op.f("ix_handovers_case_number"), "handovers", ["case_number"])
    op.create_table(
        "rmas",
        sa.Column("number", SERIAL, nullable=False),
        sa.Column("case_number", SERIAL, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("serial_out", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("contract_status", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("serial_in", sa.Text(), nullable=False),
        sa.Column("serial_seen", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.Column("return_tracking", sa.Text(), nullable=False),
        sa.Column("requested", TIME, nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("confirmed", TIME),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("sourced", TIME),
        sa.Column("shipped", TIME),
        sa.Column("delivered", TIME),
        sa.Column("installed", TIME),
        sa.Column("seen", TIME),
        sa.Column("healthy", TIME),
        sa.Column("returned", TIME),
        sa.Column("closed", TIME),
        sa.Column("return_due", TIME),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_rmas_case_number_cases")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rmas")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "one_open_rma_of_a_serial",
        "rmas",
        ["serial_out"],
        unique=True,
        sqlite_where=sa.text("serial_out != '' AND state NOT IN ('closed', 'cancelled')"),
        postgresql_where=sa.text("serial_out <> '' AND state NOT IN ('closed', 'cancelled')"),
    )
    op.create_index(op.f("ix_rmas_case_number"), "rmas", ["case_number"])
    op.create_index(op.f("ix_rmas_device"), "rmas", ["device"])
    op.create_index(op.f("ix_rmas_requested"), "rmas", ["requested"])
    op.create_table(
        "spares",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rma", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_spares")),
    )
    op.create_index(
        "one_reserved_spare_of_an_rma",
        "spares",
        ["rma"],
        unique=True,
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.create_index(op.f("ix_spares_location"), "spares", ["location"])
