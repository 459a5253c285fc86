"""FAQ entries, and the search through them and through past cases."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.BigInteger()  # microseconds since 1970-01-01 UTC
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SIGNATURE = ("kind", "vendor", "platform", "family", "component", "mnemonic")


def upgrade() -> None:
    op.create_table(
        "faqs",
        sa.Column("number", SERIAL, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in SIGNATURE),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("symptom", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("prevention", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_faqs")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "faq_revisions",
        sa.Column("faq", SERIAL, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["faq"], ["faqs.number"], name=op.f("fk_faq_revisions_faq")),
        sa.PrimaryKeyConstraint("faq", "revision", name=op.f("pk_faq_revisions")),
    )
    op.create_table(
        "faq_uses",
        sa.Column("faq", SERIAL, nullable=False),
        sa.Column("case_number", SERIAL, nullable=False),
        sa.Column("shown", TIME, nullable=False),
        sa.Column("helped", TIME),
        sa.Column("helper", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["faq"], ["faqs.number"], name=op.f("fk_faq_uses_faq")),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name=op.f("fk_faq_uses_case_number")),
        sa.PrimaryKeyConstraint("faq", "case_number", name=op.f("pk_faq_uses")),
    )
    op.create_index(op.f("ix_faq_uses_case_number"), "faq_uses", ["case_number"])
    op.create_table(
        "texts",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in SIGNATURE),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
    )
    op.create_index(op.f("ix_texts_sort_kind_platform_at"), "texts", ["sort", "kind", "platform", "at"])
    op.create_index(op.f("ix_texts_sort_kind_at"), "texts", ["sort", "kind", "at"])
    if op.get_context().dialect.name == "postgresql":
        words = sa.text("array_to_tsvector(string_to_array(words, ' '))")
        op.create_index("texts_by_word", "texts", [words], postgresql_using="gin")
        return
    op.execute(
        "CREATE VIRTUAL TABLE texts_by_word USING fts5(words, content='texts', content_rowid='id', detail='none', "
        "tokenize=\"ascii tokenchars '-_./:'\")"
    )
