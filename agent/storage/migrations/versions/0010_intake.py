"""Cases by what they are about, live or over: a form that comes again finds its case."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_cases_problem"), "cases", ["problem"])
