"""How values lie in the database: the same bytes on SQLite and on PostgreSQL.

A time is an integer, microseconds since 1970-01-01 UTC; a set word is its text; a mapping is compact JSON in ASCII
(so that neither a NUL nor half a surrogate pair, which both may come from a device, meets PostgreSQL); what is large
and only read whole is that JSON, deflated.
"""

# ruff: noqa: ARG002 - SQLAlchemy hands every type its dialect

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Serial = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER numbers itself on SQLite


def micros(at: datetime) -> int:
    """Raises TypeError for a naive time."""
    return (at - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def clean(text: str) -> str:
    """The text without what no database can hold: NUL and lone surrogates become U+FFFD."""
    text = str(text)  # a StrEnum becomes its plain text
    if text.isascii():
        return text.replace("\0", "�") if "\0" in text else text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "�")


def to_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def deflate(value: Any) -> bytes:
    return zlib.compress(to_json(value).encode("ascii"), 1)


def inflate(body: bytes) -> Any:
    return json.loads(zlib.decompress(body))


class Time(TypeDecorator[datetime]):
    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


class Words(TypeDecorator[str]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(value)


class Word(TypeDecorator[StrEnum]):
    """One of a StrEnum's, or of several that have no word in common."""

    impl = Text
    cache_ok = True

    def __init__(self, *words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words
        self._known = {str(word): word for kind in words for word in kind}

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        if value is None:
            return None
        found = self._known.get(value)
        return self.words[0](value) if found is None else found  # raises ValueError, which names the word


class Json(TypeDecorator[Any]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Packed(TypeDecorator[Any]):
    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else deflate(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else inflate(bytes(value))
