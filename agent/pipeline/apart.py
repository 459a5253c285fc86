"""Does one thing after another in one transaction, each whole or not at all: one that fails takes no other with it."""

from collections.abc import Callable
from typing import TypeVar

from agent.ports import Transaction

T = TypeVar("T")


class Apart:
    """`troubles` is what went wrong, each with a note that says where: whoever ends the transaction has to tell it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.troubles: list[Exception] = []

    def do(self, where: str, work: Callable[[], T], otherwise: T) -> T:
        try:
            with self._tx.apart():
                return work()
        except Exception as error:  # a store that is gone fails once more outside, at the next thing that is written
            error.add_note(where)
            self.troubles.append(error)
            return otherwise
