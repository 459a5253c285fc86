"""A database that cannot be used is told in a sentence that says what to do, never with a password."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from agent.errors import CollisionError, StoreError
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.ports import Job, JobKind
from agent.storage import trouble
from agent.storage.engine import SqlStore, open_store
from agent.storage.transaction import SqlTransaction

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHORT = timedelta(seconds=0.2)
ROOT = Path(__file__).parents[2]


def refusal(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(url, wait=SHORT)
    return str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("Dear diary, " * 1000)
    assert re.match(
        rf"{path} is not a database that netcase can read .*: name another file", refusal(f"sqlite:///{path}")
    )


def test_a_directory_that_is_missing(tmp_path: Path) -> None:
    assert refusal(f"sqlite:///{tmp_path}/no/netcase.db") == (
        f"The directory {tmp_path}/no does not exist: create it, or name another"
    )


def test_a_directory_in_the_place_of_the_file(tmp_path: Path) -> None:
    assert "is a directory: name a file in it" in refusal(f"sqlite:///{tmp_path}")


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "netcase.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        if os.geteuid() == 0:
            sentence = _refusal_as_nobody(path)
        else:
            sentence = refusal(f"sqlite:///{path}")
    finally:
        tmp_path.chmod(0o700)
    assert "cannot be opened for writing (Permission denied): give the user that netcase runs as the right" in sentence


def _refusal_as_nobody(path: Path) -> str:
    """Root may write everywhere: ask as somebody else, with everything imported before."""
    for folder in path.parents:
        if folder.stat().st_uid == 0 and folder != path.parent and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    program = (
        "import os, sys\n"
        "from agent.errors import StoreError\n"
        "from agent.storage.engine import open_store\n"
        "os.chown(sys.argv[1], 65534, 65534); os.chown(os.path.dirname(sys.argv[1]), 65534, 65534)\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n    open_store('sqlite:///' + sys.argv[1])\n"
        "except StoreError as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    return done.stdout


def test_a_database_that_another_writer_holds_for_too_long(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/netcase.db"
    with_patience = open_store(url)
    store = open_store(url, wait=SHORT)
    locked = pytest.raises(StoreError, match="locked for too long: end it, or try again")
    with with_patience.begin(), locked, store.begin():
        pass
    with store.begin() as tx:
        tx.save_document("daily", "x", NOON, {})
    with_patience.close()
    store.close()


def test_a_database_of_a_newer_netcase(fresh_url: str) -> None:
    store = open_store(fresh_url)
    with store._writers.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    assert re.search(r"was written by a newer netcase \(its schema is 9999\): run that version", refusal(fresh_url))


def test_a_database_with_tables_of_another_program(fresh_url: str) -> None:
    if fresh_url.startswith("sqlite"):
        other = sqlite3.connect(fresh_url.removeprefix("sqlite:///"))
        other.execute("CREATE TABLE cases (id INTEGER)")
        other.close()
    else:
        with psycopg.connect(fresh_url) as connection:
            connection.execute("CREATE TABLE cases (id INTEGER)")
    assert "holds a table cases that netcase did not make: name an empty database" in refusal(fresh_url)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://root:hunter2@127.0.0.1/x", "postgresql://u:hunter2@h:port/x"])
def test_an_address_of_no_database_that_netcase_uses(url: str) -> None:
    sentence = refusal(url)
    assert "write sqlite:///PATH or postgresql://" in sentence
    assert "hunter2" not in sentence


def test_a_database_in_memory_is_refused() -> None:
    assert refusal("sqlite://") == "netcase keeps its data in a file: write sqlite:///PATH"


def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    sentence = refusal("postgresql://netcase:hunter2@127.0.0.1:1/netcase")
    assert sentence.startswith("The database server of postgresql://netcase@127.0.0.1:1/netcase does not answer: check")
    assert "hunter2" not in sentence


def test_a_password_in_the_query_is_not_told_either() -> None:
    assert "hunter2" not in refusal("postgresql://netcase@127.0.0.1:1/netcase?password=hunter2")


def test_a_database_that_is_missing_on_the_server(postgres_server: str) -> None:
    url = f"{postgres_server.rpartition('/')[0]}/netcase_no_such"
    assert re.match(r"There is no database postgresql://.*/netcase_no_such on its server: create it", refusal(url))


def test_a_user_that_the_server_does_not_let_in(postgres_server: str) -> None:
    server = re.sub(r"//[^@]*@", "//nobody_such:hunter2@", postgres_server)
    sentence = refusal(server)
    assert "hunter2" not in sentence
    assert "check the user" in sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "There is no room left for the database x"),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute"), "The database x may not be written"),
        (psycopg.errors.InvalidPassword("authentication failed"), "The database server of x refuses the login"),
        (psycopg.OperationalError('FATAL:  password authentication failed for user "u"'), "refuses the login"),
        (psycopg.OperationalError('FATAL:  no pg_hba.conf entry for host "h"'), "refuses the login"),
        (psycopg.errors.AdminShutdown("terminating connection"), "The database server of x does not answer"),
        (psycopg.errors.LockNotAvailable("canceling"), "locked for too long"),
    ],
)
def test_what_the_server_says_is_told_as_what_to_do(error: psycopg.Error, sentence: str) -> None:
    told = trouble.error(error, "x")
    assert isinstance(told, StoreError)
    assert sentence in str(told)


@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected("x"), psycopg.errors.SerializationFailure("x")])
def test_two_that_stood_in_each_others_way_are_a_collision(error: psycopg.Error) -> None:
    assert isinstance(trouble.error(error, "x"), CollisionError)


def test_a_password_that_the_driver_repeats_is_struck_out() -> None:
    error = psycopg.OperationalError("bad connection string password=hunter2\nrow (hunter3)")
    assert "hunter" not in str(trouble.error(error, "x", ("hunter2",)))


@pytest.fixture
def reader(fresh_url: str) -> Iterator[SqlStore]:
    store = open_store(fresh_url)
    yield store
    store.close()


def test_only_what_was_decided_waits_for_the_disk(reader: SqlStore) -> None:
    cpu = Observation(Subject("a", ComponentKind.CPU, "1"), Fact.USAGE, 1.0)

    def waits(work: Callable[[SqlTransaction], object]) -> bool:
        with reader.begin() as tx:
            work(tx)
            return tx.durable

    assert not waits(lambda tx: tx.keep(Batch("a", Tier.HEALTH, NOON, (cpu,))))
    assert not waits(lambda tx: tx.keep_events([Event("a", "::1", Source.SYSLOG, NOON, SyslogSeverity.ERROR, "x")]))
    assert not waits(lambda tx: tx.cover("a", "reachability", NOON, SHORT))
    assert not waits(lambda tx: tx.prune(NOON, SHORT))
    assert waits(lambda tx: tx.change(Subject("a"), "up", NOON))
    assert not waits(lambda tx: tx.change(Subject("a"), "up", NOON)), "nothing changed"
    assert not waits(lambda tx: tx.lease(JobKind.NOTIFY, NOON, SHORT, "me")), "there is none"
    assert waits(lambda tx: tx.enqueue([Job(key="x", kind=JobKind.NOTIFY, due=NOON)]))
    assert waits(lambda tx: tx.lease(JobKind.NOTIFY, NOON, SHORT, "me"))


def test_a_server_that_ends_the_connection_is_told_and_the_store_goes_on(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with store.begin() as tx:
        tx.save_document("daily", "x", NOON, {})
    mine = "datname = current_database() AND application_name = 'netcase'"

    def interrupted() -> None:
        with store.begin() as tx, psycopg.connect(postgres_url) as other:
            tx.save_document("daily", "y", NOON, {})
            other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")
            tx.save_document("daily", "z", NOON, {})

    with pytest.raises(StoreError, match="does not answer: check that it runs"):
        interrupted()
    with store.read() as tx:
        assert [key for key, _ in tx.documents("daily")] == ["x"]
    store.close()


def test_a_reading_transaction_cannot_write(reader: SqlStore) -> None:
    with pytest.raises(StoreError, match="may not be written"), reader.read() as tx:
        tx.save_document("daily", "x", NOON, {})
    with reader.read() as tx:
        assert tx.documents("daily") == ()


def test_a_reading_transaction_sees_one_moment_and_waits_for_no_writer(reader: SqlStore) -> None:
    with reader.begin() as tx:
        tx.save_document("daily", "before", NOON, {})
    with reader.read() as reading:
        assert len(reading.documents("daily")) == 1
        with reader.begin() as writing:
            writing.save_document("daily", "meanwhile", NOON, {})
            with reader.read() as other:
                assert len(other.documents("daily")) == 1
        assert len(reading.documents("daily")) == 1
    with reader.read() as reading:
        assert len(reading.documents("daily")) == 2


def test_a_writing_transaction_inside_another_is_an_error_and_not_a_deadlock(reader: SqlStore) -> None:
    with reader.begin() as tx:
        tx.save_document("daily", "x", NOON, {})
        with pytest.raises(RuntimeError, match="hand the transaction on"), reader.begin():
            pass
    with reader.begin() as tx:
        assert len(tx.documents("daily")) == 1


def test_threads_may_write_at_once(reader: SqlStore) -> None:
    def write(name: str) -> None:
        for number in range(20):
            with reader.begin() as tx:
                tx.save_document("daily", f"{name}-{number}", NOON, {"n": number})

    threads = [threading.Thread(target=write, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reader.read() as tx:
        assert len(tx.documents("daily", 1000)) == 120


def test_a_new_file_may_be_read_by_its_owner_only(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/netcase.db").close()
    assert (tmp_path / "netcase.db").stat().st_mode & 0o777 == 0o600
