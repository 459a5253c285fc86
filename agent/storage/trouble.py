"""What a database driver says, turned into our own errors: a sentence that tells what to do.

Only what the driver says about the fault is passed on, never the statement's values or the address with its password.
"""

import sqlite3
from contextlib import suppress

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.url import URL

from agent.errors import CollisionError, NetcaseError, StoreError

FULL = (
    "There is no room left for the database {where}: free some space on its disk (`netcase db prune` frees more later)"
)
READ_ONLY = "The database {where} may not be written: give the user that netcase runs as the right to write there"
LOCKED = "Another program has kept the database {where} locked for too long: end it, or try again when it is done"
UNREACHABLE = "The database server of {where} does not answer: check that it runs and the address is right ({said})"
REFUSED = "The database server of {where} refuses the login: check the user, the password and the server's pg_hba.conf"
MISSING = "There is no database {where} on its server: create it (createdb), or name another"
NOT_OURS = "{where} is not a database that netcase can read ({said}): name another file, or restore a backup"
CANNOT_OPEN = "The database {where} cannot be opened: check that its directory exists and may be written"
INPUT_OUTPUT = "The disk under the database {where} reports an error: check the disk and the system's log ({said})"

_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_NOTADB: NOT_OURS,
    sqlite3.SQLITE_CORRUPT: NOT_OURS,
    sqlite3.SQLITE_CANTOPEN: CANNOT_OPEN,
    sqlite3.SQLITE_IOERR: INPUT_OUTPUT,
}
_POSTGRES = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "53100": FULL,
    "25006": READ_ONLY,
    "42501": READ_ONLY,
    "55P03": LOCKED,
    "28P01": REFUSED,
    "28000": REFUSED,
    "3D000": MISSING,
    "58030": INPUT_OUTPUT,
}
_SAID_AT_LOGIN = {  # a failed login carries no code in psycopg
    "password authentication failed": REFUSED,
    "no password supplied": REFUSED,
    "no pg_hba.conf entry": REFUSED,
    'role "': REFUSED,
    'database "': MISSING,
}
_AGAIN = ("40001", "40P01")  # serialization failure, deadlock


def name(url: URL) -> str:
    """The database as a person knows it: the file's path, or user, server and database without any password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    server = f"{url.host or 'localhost'}:{url.port or 5432}"
    return f"postgresql://{url.username + '@' if url.username else ''}{server}/{url.database or ''}"


def translate(engine: Engine, url: URL) -> None:
    """From now on the engine raises our errors."""
    where = name(url)

    def handle(context: ExceptionContext) -> None:
        raise error(context.original_exception, where, _secrets(url)) from context.original_exception

    event.listen(engine, "handle_error", handle)


def error(original: BaseException, where: str, secrets: tuple[str, ...] = ()) -> NetcaseError:
    said = _said(original, secrets)
    if isinstance(original, sqlite3.Error):
        return _sqlite(original, where, said)
    return _postgres(original, where, said)


def _sqlite(original: sqlite3.Error, where: str, said: str) -> NetcaseError:
    code = getattr(original, "sqlite_errorcode", 0)
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return CollisionError(f"Another wrote the same at once ({said})")
    sentence = _SQLITE.get(code & 0xFF)
    if sentence:
        return StoreError(sentence.format(where=where, said=said))
    return StoreError(f"The database {where} refuses: {said}")


def _postgres(original: BaseException, where: str, said: str) -> NetcaseError:
    code = getattr(original, "sqlstate", None)
    if code == "23505" or code in _AGAIN:
        return CollisionError(f"Another wrote the same at once ({said})")
    sentence = _POSTGRES.get(code or "")
    if sentence is None and code is None:
        sentence = next((each for words, each in _SAID_AT_LOGIN.items() if words in said), UNREACHABLE)
    elif sentence is None and code is not None and code[:2] in ("08", "53", "57"):
        sentence = UNREACHABLE
    if sentence:
        return StoreError(sentence.format(where=where, said=said))
    return StoreError(f"The database {where} refuses: {said}")


def _said(original: BaseException, secrets: tuple[str, ...]) -> str:
    """The driver's first line: what follows on others may hold a row's values."""
    said = next((line.strip() for line in str(original).splitlines() if line.strip()), type(original).__name__)
    for secret in secrets:
        said = said.replace(secret, "…")
    return said


def _secrets(url: URL) -> tuple[str, ...]:
    found = [str(url.password or "")]
    with suppress(KeyError):
        value = url.query["password"]
        found += [value] if isinstance(value, str) else list(value)
    return tuple(secret for secret in found if secret)
