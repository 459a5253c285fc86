"""Cases that have to do with each other."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "relations",
        sa.Column("case_number", SERIAL, nullable=False),
        sa.Column("other", SERIAL, nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_relations_case_number_cases")),
        sa.ForeignKeyConstraint(["other"], ["cases.number"], name=op.f("fk_relations_other_cases")),
        sa.PrimaryKeyConstraint("case_number", "other", name=op.f("pk_relations")),
    )
    op.create_index(op.f("ix_relations_other"), "relations", ["other"])
    op.create_index(op.f("ix_cases_parent"), "cases", ["parent"])
