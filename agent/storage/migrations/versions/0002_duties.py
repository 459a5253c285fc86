"""Who is on call otherwise than the rotation says: overrides and swaps."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
