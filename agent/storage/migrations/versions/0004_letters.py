"""Mails that came in, each once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.BigInteger()  # microseconds since 1970-01-01 UTC
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("sent", TIME),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("case_number", SERIAL),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_letters_case_number_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("identity", name=op.f("uq_letters_identity")),
    )
    op.create_index(op.f("ix_letters_thread"), "letters", ["thread"])
    op.create_index(op.f("ix_letters_sender_at"), "letters", ["sender", "at"])
    op.create_index(op.f("ix_letters_verdict_at"), "letters", ["verdict", "at"])
    op.create_index(op.f("ix_letters_case_number"), "letters", ["case_number"])
    op.create_table(
        "letter_places",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("letter", SERIAL, nullable=False),
        sa.Column("put_away", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["letter"], ["letters.id"], name=op.f("fk_letter_places_letter_letters")),
        sa.PrimaryKeyConstraint("mailbox", "validity", "uid", name=op.f("pk_letter_places")),
    )
    op.create_index(
        "ix_letter_places_to_put_away",
        "letter_places",
        ["mailbox", "validity"],
        sqlite_where=sa.text("put_away = 0"),
        postgresql_where=sa.text("NOT put_away"),
    )
