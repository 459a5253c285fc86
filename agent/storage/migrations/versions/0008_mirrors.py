"""Cases that stand in another system too, and how far that is true."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.BigInteger()  # microseconds since 1970-01-01 UTC
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = ("theirs", "name", "link", "ours", "level", "their_state", "their_level", "sent", "tried", "told", "said")


def upgrade() -> None:
    op.create_table(
        "mirrors",
        sa.Column("case_number", SERIAL, nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("checked", TIME, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in WORDS),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_mirrors_case_number")),
        sa.PrimaryKeyConstraint("case_number", "bridge", name=op.f("pk_mirrors")),
    )
    op.create_index(op.f("ix_mirrors_bridge_state"), "mirrors", ["bridge", "state"])
