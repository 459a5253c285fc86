"""Everything netcase raises, in one tree.

    NetcaseError
    ├── UsageError            the person gave something wrong            exit 2
    │   └── InventoryError    … in the inventory: carries every problem, each with file, line, key, advice
    ├── UnavailableError      something needed cannot be reached or used  exit 3
    │   ├── StoreError        … the database (unreadable, full, locked, wrong version)
    │   ├── ListenError       … a port to listen on (taken, not permitted)
    │   ├── DeviceError       … a device, when a person asked for just that one
    │   ├── MailboxError      … the mailbox that people write to
    │   └── DeliveryError     … a channel; `permanent` says whether trying again can help
    ├── RefusedError          a command or a move that is not allowed; says why
    └── CollisionError        two wrote the same at once: the loser takes the winner's row

A device that does not answer a poll is an observation, not an exception.
"""

from dataclasses import dataclass


class NetcaseError(Exception):
    """The root of the tree. `str()` is a sentence that a person can act on."""


class UsageError(NetcaseError):
    pass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a text that a person wrote. `line` counts from 1; 0 where no line can be named."""

    file: str
    line: int
    key: str
    message: str
    advice: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        return f"{where}:{key} {self.message}" + (f". {self.advice}" if self.advice else "")


class InventoryError(UsageError):
    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UnavailableError(NetcaseError):
    pass


class StoreError(UnavailableError):
    pass


class ListenError(UnavailableError):
    pass


class DeviceError(UnavailableError):
    pass


class MailboxError(UnavailableError):
    pass


class DeliveryError(UnavailableError):
    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class RefusedError(NetcaseError):
    pass


class CollisionError(NetcaseError):
    pass
