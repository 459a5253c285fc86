"""What is told later than it happened: digests, and what quiet hours hold back."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
