"""What customers are asked and answer: one survey a closed case."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TIME = sa.BigInteger()  # microseconds since 1970-01-01 UTC


def upgrade() -> None:
    op.create_table(
        "surveys",
        sa.Column("case_number", SERIAL, autoincrement=False, nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("engineer", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("asked", TIME),
        sa.Column("until", TIME),
        sa.Column("reminded", TIME),
        sa.Column("answered", TIME),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("response", sa.SmallInteger()),
        sa.Column("skill", sa.SmallInteger()),
        sa.Column("attitude", sa.SmallInteger()),
        sa.Column("result", sa.SmallInteger()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("call_back", TIME),
        sa.Column("called_back", TIME),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_surveys_case_number_cases")),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_surveys")),
    )
    op.create_index(op.f("ix_surveys_asked"), "surveys", ["asked"])
