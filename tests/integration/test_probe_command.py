"""`netcase probe` against an SNMP agent on loopback, as the device's answers are told to a person and to a program."""

import json
import socket
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from agent.cli import cli
from tests.contract.test_snmp_engines import snmpd  # noqa: F401 - a fixture


def run(*arguments: str, community: str = "", **secrets: str) -> Result:
    environment = {"NETCASE_COMMUNITY": community, **secrets}
    return CliRunner().invoke(cli, ["probe", *arguments], env={k: v for k, v in environment.items() if v})


@pytest.fixture
def silent() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        yield int(one.getsockname()[1])


def test_a_device_that_does_not_answer_is_said_to(silent: int) -> None:
    found = run("127.0.0.1", "--snmp-port", str(silent), "--timeout", "0.1", community="public")
    assert "127.0.0.1 does not answer SNMP" in str(found.exception)


def test_a_password_is_never_taken_from_the_command_line() -> None:
    found = run("127.0.0.1", "--user", "noc", "--auth", "secret-itself")
    assert "takes a reference" in str(found.exception) and "secret-itself" not in str(found.exception)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--user", "noc", "--priv", "env:P"), "--priv needs --auth"),
        (("--user", "noc", "--auth", "env:A", "--auth-protocol", "sha3"), "--auth-protocol sha3 is not known"),
        (("--community", "x", "--snmp-version", "v9"), "--snmp-version v9 is not known"),
        ((), "is no device of"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_to_write_instead(
    arguments: tuple[str, ...], told: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("inventory")
    (folder / "i.yaml").write_text(
        "customers: {c: {}}\nsites: {s: {customer: c}}\n"
        "devices:\n  d: {address: 192.0.2.1, site: s, reachability: [icmp]}\n"
    )
    found = run("192.0.2.9", "-i", str(folder / "i.yaml"), *arguments)
    assert told in str(found.exception)


V3 = ("--user", "usual", "--auth", "env:PROBE_AUTH", "--priv", "env:PROBE_PRIV")


@pytest.mark.system("snmpd")
def test_a_v3_device_is_asked_with_passwords_by_reference(snmpd: int) -> None:  # noqa: F811
    port = ("127.0.0.1", "--snmp-port", str(snmpd))
    found = run(*port, *V3, "--json", PROBE_AUTH="authsecret", PROBE_PRIV="privsecret")
    assert found.exit_code == 0, found.exception
    assert json.loads(found.stdout)["device"]["sys_name"] == "snmpd-under-test"
    wrong = run(*port, *V3, PROBE_AUTH="anothersecret", PROBE_PRIV="privsecret")
    assert "does not answer SNMP: wrong_credentials" in str(wrong.exception)


@pytest.mark.system("snmpd")
@pytest.mark.parametrize(("language", "head"), [("en", "Interfaces"), ("zh_CN", "接口")])
def test_a_person_reads_tables_in_his_language(snmpd: int, language: str, head: str) -> None:  # noqa: F811
    found = run("127.0.0.1", "--snmp-port", str(snmpd), "--lang", language, community="public")
    assert found.exit_code == 0, found.exception
    assert head in found.stdout and "snmpd-under-test" in found.stdout


@pytest.mark.system("snmpd")
def test_an_old_device_is_asked_by_v1(snmpd: int) -> None:  # noqa: F811
    found = run("127.0.0.1", "--snmp-port", str(snmpd), "--snmp-version", "v1", "--json", community="public")
    assert json.loads(found.stdout)["interfaces"]
