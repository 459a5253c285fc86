"""Mails that came in, each once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from agent.cases.letter import Filed, Place, Verdict


class Letters(Protocol):
    """A part of `ports.Transaction`."""

    def keep_letter(self, letter: Filed) -> Filed | None:
        """Store a new one and give it its id; None where one with its identity is kept already."""

    def letter_of(self, identity: str) -> Filed | None: ...
    def place_letter(self, place: Place, letter: int) -> bool:
        """It lies there. False where that place was told before: another process took it."""

    def last_letter(self, mailbox: str, validity: int) -> int:
        """The highest UID that was taken from the folder; 0: none."""

    def not_put_away(self, mailbox: str, validity: int) -> Mapping[int, Verdict]:
        """By UID: what became of the mails that still lie in the folder as they came."""

    def put_away(self, mailbox: str, validity: int, uids: Collection[int]) -> None: ...
    def save_letter(self, letter: Filed) -> None: ...
    def letter(self, id: int) -> Filed | None: ...  # noqa: A002 - what it is called
    def letters(
        self, *, verdicts: Collection[Verdict] = (), case: int | None = None, sender: str = "", limit: int = 1000
    ) -> tuple[Filed, ...]:
        """Newest first."""

    def case_of_thread(self, threads: Iterable[str]) -> int:
        """The case that a mail with one of these (hashes of Message-IDs, the nearest first) is on; 0: none."""

    def letters_acted_on(self, since: datetime, sender: str = "", *, opened: bool = False) -> int:
        """Of one sender, or of all; with `opened` only those that opened a case."""

    def letters_waiting(self) -> int:
        """How many a person has to look at."""
