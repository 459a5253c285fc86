"""Who is on call otherwise than the rotation says: overrides and swaps."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.BigInteger()  # microseconds since 1970-01-01 UTC
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "duties",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("starts", TIME, nullable=False),
        sa.Column("ends", TIME, nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("other_starts", TIME),
        sa.Column("other_ends", TIME),
        sa.Column("over", TIME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made", TIME, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("cancelled", TIME),
        sa.Column("cancelled_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_duties_over"), "duties", ["over"])
