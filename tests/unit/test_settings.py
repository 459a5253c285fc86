"""Settings come from the command line, then the environment, then the defaults; texts and secrets come in bounded."""

import os
from pathlib import Path

import pytest

from agent import settings
from agent.errors import InventoryError, UnavailableError, UsageError
from agent.settings import Endpoint


def test_the_defaults_need_no_root() -> None:
    plain = settings.read({}, {})
    assert plain.web == Endpoint("127.0.0.1", 8080)
    assert plain.traps == Endpoint("0.0.0.0", 9162)
    assert plain.syslog == Endpoint("0.0.0.0", 9514)
    assert plain.inventory == Path("inventory.yaml")
    assert plain.database_url == f"sqlite:///{Path.cwd() / 'netcase-data' / 'netcase.db'}"


def test_the_command_line_comes_before_the_environment() -> None:
    read = settings.read(
        {"data": Path("/srv/a"), "web": None}, {"NETCASE_DATA": "/srv/b", "NETCASE_WEB": "127.0.0.1:9000"}
    )
    assert read.data == Path("/srv/a")
    assert read.web == Endpoint("127.0.0.1", 9000)
    assert read.database_url == "sqlite:////srv/a/netcase.db"


def test_a_database_can_be_named() -> None:
    assert settings.read({"database": "postgresql://u@h/db"}, {}).database_url == "postgresql://u@h/db"


def test_a_home_directory_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/li")
    assert settings.read({"data": "~/data"}, {}).data == Path("/home/li/data")


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("9000", Endpoint("127.0.0.1", 9000)),
        (":9000", Endpoint("127.0.0.1", 9000)),
        ("0", Endpoint("127.0.0.1", 0)),
        ("0.0.0.0:80", Endpoint("0.0.0.0", 80)),
        ("[::1]:8080", Endpoint("::1", 8080)),
        ("localhost:8080", Endpoint("localhost", 8080)),
    ],
)
def test_where_to_listen_is_an_address_and_a_port(text: str, endpoint: Endpoint) -> None:
    assert settings.read({"web": text}, {}).web == endpoint


def test_an_endpoint_is_written_as_it_is_read() -> None:
    assert str(Endpoint("::1", 8080)) == "[::1]:8080"
    assert str(Endpoint("127.0.0.1", 8080)) == "127.0.0.1:8080"


@pytest.mark.parametrize(
    "text", ["", "web", "70000", "-1", "::1:8080", "a b:80", "127.0.0.1", "127.0.0.1:", "1e3", "٣"]
)
def test_a_wrong_port_is_refused_with_the_name_of_the_option(text: str) -> None:
    with pytest.raises(UsageError, match="--web is") as caught:
        settings.read({"web": text}, {})
    assert "127.0.0.1:8080" in str(caught.value)


def test_a_wrong_port_is_refused_with_the_name_of_the_variable() -> None:
    with pytest.raises(UsageError, match="NETCASE_SYSLOG is 'x'"):
        settings.read({}, {"NETCASE_SYSLOG": "x"})


def test_a_wrong_database_is_refused_without_its_password() -> None:
    with pytest.raises(UsageError, match="--database is no database URL") as caught:
        settings.read({"database": "mysql://u:hunter2@h/db"}, {})
    assert "hunter2" not in str(caught.value)


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(UsageError, match="--data is empty"):
        settings.read({"data": " "}, {})


def test_a_text_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_bytes("\ufeffa: 银行\n".encode())
    assert settings.read_text(file) == "a: 银行\n"


def test_a_text_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist: check the path"):
        settings.read_text(tmp_path / "inventory.yaml")


def test_a_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory"):
        settings.read_text(tmp_path)


def test_a_path_through_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be read: Not a directory"):
        settings.read_text(tmp_path / "file" / "inventory.yaml")


def test_a_path_that_cannot_be_is_told() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        settings.read_text(Path("a\0b"))


def test_a_text_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    file = tmp_path / "inventory.yaml"
    file.touch(mode=0o000)
    with pytest.raises(UsageError, match="may not be read"):
        settings.read_text(file)


def test_a_text_without_end_is_told() -> None:
    with pytest.raises(UsageError, match="larger than 32768 KiB"):
        settings.read_text(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("content", "line", "advice"),
    [(b"a: 1\nb: \xd2\xf8\n", 2, "Save the file as UTF-8"), ("a: 1".encode("utf-16"), 1, "It is UTF-16")],
)
def test_a_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path, content: bytes, line: int, advice: str) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_bytes(content)
    with pytest.raises(InventoryError) as caught:
        settings.read_text(file)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.message) == (str(file), line, "is not UTF-8")
    assert problem.advice.startswith(advice)


def test_a_secret_comes_from_the_environment() -> None:
    assert settings.secret("env:COMMUNITY", {"COMMUNITY": "s3cret "}) == "s3cret "


@pytest.mark.parametrize(("content", "value"), [("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" a b ", " a b ")])
def test_a_secret_comes_from_a_file_without_the_newline_at_its_end(tmp_path: Path, content: str, value: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content.encode())
    assert settings.secret(f"file:{file}") == value


@pytest.mark.parametrize("environment", [{}, {"COMMUNITY": ""}])
def test_a_missing_variable_is_told_by_its_name(environment: dict[str, str]) -> None:
    with pytest.raises(UnavailableError, match="COMMUNITY is not set or empty: run export COMMUNITY="):
        settings.secret("env:COMMUNITY", environment)


def test_a_secret_file_that_is_missing_empty_or_no_text_is_told_without_its_content(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    for content, message in ((None, "does not exist"), (b"\n", "is empty"), (b"hunter2\xff", "is not UTF-8")):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(UnavailableError, match=message) as caught:
            settings.secret(f"file:{file}")
        assert "hunter2" not in str(caught.value)
        assert str(file) in str(caught.value)


@pytest.mark.parametrize("reference", ["hunter2", "env:", "file:", "vault:hunter2", ""])
def test_what_is_no_reference_is_refused_and_not_repeated(reference: str) -> None:
    with pytest.raises(UsageError, match="write env:NAME or file:/path") as caught:
        settings.secret(reference, {})
    assert "hunter2" not in str(caught.value)


def test_a_file_is_readable_or_not(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    assert settings.readable(str(tmp_path / "key"))
    assert not settings.readable(str(tmp_path))
    assert not settings.readable(str(tmp_path / "none"))
    assert not settings.readable("a\0b")


def test_syslog_is_heard_over_tcp_where_udp_is_and_over_tls_once_there_is_a_certificate() -> None:
    plain = settings.read({"syslog": "127.0.0.1:0"}, {}).syslog_streams
    assert (plain.over_tcp, plain.tcp, plain.certificate, plain.rate) == (True, None, None, 1000)
    told = {"CERTIFICATE": "/etc/a.pem", "KEY": "/etc/a.key", "TLS": "127.0.0.1:7000", "TCP": "9601", "RATE": "20"}
    read = settings.read({}, {f"NETCASE_SYSLOG_{key}": value for key, value in told.items()}).syslog_streams
    assert (read.certificate, read.key, read.clients) == (Path("/etc/a.pem"), Path("/etc/a.key"), None)
    assert (read.tls, read.tcp, read.rate) == (Endpoint("127.0.0.1", 7000), Endpoint("0.0.0.0", 9601), 20)
    assert not settings.read({}, {"NETCASE_SYSLOG_TCP": "off"}).syslog_streams.over_tcp


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("KEY", "/etc/a.key", "NETCASE_SYSLOG_KEY is of no use without a certificate"),
        ("TLS", "6514", "NETCASE_SYSLOG_TLS is of no use without a certificate"),
        ("TCP", "many", "NETCASE_SYSLOG_TCP is 'many'"),
        ("RATE", "0", "NETCASE_SYSLOG_RATE is '0': write how many lines a second"),
        ("CERTIFICATE", " ", "NETCASE_SYSLOG_CERTIFICATE is empty"),
    ],
)
def test_syslog_settings_that_cannot_be_are_named(variable: str, value: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        settings.read({}, {f"NETCASE_SYSLOG_{variable}": value})
