"""FAQ entries, and the search through them and through past cases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from agent.cases.faq import Faq, FaqState, Revision
from agent.cases.signature import Signature
from agent.cases.similar import Candidate, Sort


class Knowledge(Protocol):
    """A part of `ports.Transaction`."""

    def save_faq(self, entry: Faq, note: str = "") -> Faq:
        """Insert (number 0) or update, with a line of its history; returns it with its number.

        CollisionError when somebody else changed it since it was read.
        """

    def faq(self, number: int) -> Faq | None: ...
    def faqs(self, state: FaqState | None = None, limit: int = 1000) -> tuple[Faq, ...]:
        """What helped most first, then what was shown most, then the newest."""

    def faq_revisions(self, number: int) -> tuple[Revision, ...]:
        """Oldest first."""

    def remember(self, candidate: Candidate) -> None:
        """It is found from now on as it is described here, and no longer as it was before."""

    def remembered(self, sort: Sort, number: int) -> Candidate | None:
        """As it was described last."""

    def candidates(self, signature: Signature | None, words: Sequence[str], limit: int = 200) -> tuple[Candidate, ...]:
        """Past cases and FAQ entries that may be alike: of the kind, or with any of the words (as `cases.words` makes
        them; any others are harmless). Of more than `limit` those with most of the words, and the newest."""

    def faq_shown(self, case: int, faqs: Iterable[int], at: datetime) -> None:
        """They were shown on the case, which counts once."""

    def faq_helped(self, case: int, faq: int, at: datetime, actor: str) -> bool:
        """It helped on the case, which counts once; whether that is new."""

    def faq_uses(self, case: int) -> Mapping[int, datetime | None]:
        """By the number of each entry that was shown on the case: when it helped, if it did."""
