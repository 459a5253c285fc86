"""Cases that have to do with each other."""

from collections.abc import Mapping
from typing import Protocol

from agent.cases.case import Case
from agent.cases.relations import Relation


class Relations(Protocol):
    """A part of `ports.Transaction`."""

    def relate(self, relation: Relation) -> bool:
        """False when the two are linked already; a duplicate stays one."""

    def unrelate(self, case: int, other: int) -> bool:
        """False when the two are not linked."""

    def related(self, case: int) -> tuple[Case, ...]:
        """Those that it is linked to, oldest first."""

    def children(self, case: int) -> tuple[Case, ...]:
        """The parts of a case, oldest first."""

    def duplicates(self, case: int) -> tuple[Case, ...]:
        """Those that were merged into it by a person, oldest first."""

    def take_over(self, case: int, into: int) -> int:
        """The faults of a case, and what was merged into it, are another's from now on; returns how many faults."""

    def taken_over(self) -> Mapping[str, int]:
        """By the problem of a duplicate: the number of the live case that it was merged into."""
