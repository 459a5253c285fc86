"""What customers are asked and answer: surveys, and the links that were used."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
