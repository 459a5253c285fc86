"""What every test may lean on, and what none may do.

- `conformance`: the folder of given recordings, or a skip that says where it was looked for.
- `@pytest.mark.system(...)`: skips and names what is missing, program by program, with its Debian package.
- No test leaves the machine: a connection to anything but loopback fails the test that made it (`lab` tests excepted,
  whose agent runs in a network namespace of its own).
- With NETCASE_CI_STRICT=1 (or CI=true) a test with a real counterpart that skips makes the run fail, by name.
"""

import errno
import ipaddress
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = {
    "chromium": "chromium",
    "dovecot": "dovecot-imapd",
    "logger": "bsdutils",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "rsyslogd": "rsyslog",
    "snmpd": "snmpd",
    "snmpbulkwalk": "snmp",
    "snmpget": "snmp",
    "snmptrap": "snmp",
    "sshd": "openssh-server",
}


# ---------------------------------------------------------------- given data


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The folder of recordings that is read where it lies, never copied."""
    folder = Path(os.environ.get("NETCASE_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
    if not folder.is_dir():
        pytest.skip(f"the conformance data is not at {folder} (set NETCASE_CONFORMANCE)")
    return folder


# ---------------------------------------------------------------- real counterparts


def program(name: str) -> str | None:
    """Its path, /usr/sbin included: a user's PATH leaves that out on Debian."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.system("snmpd", "root")`: what is needed, in the marker's arguments."""
    for marker in item.iter_markers("system"):
        for need in marker.args:
            if need == "root" and os.geteuid() != 0:
                pytest.skip("needs root")
            elif need != "root" and program(need) is None:
                pytest.skip(f"{need} is not installed (Debian package {PACKAGES.get(need, need)})")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The lab first: it waits for routers most of its minutes, while the other workers do all the rest."""
    items.sort(key=lambda item: item.get_closest_marker("lab") is None)


STRICT = os.environ.get("NETCASE_CI_STRICT", os.environ.get("CI", "")).lower() in {"1", "true", "yes"}
# Given data and the lab's script are no part of the machine: what lacks only these is told, and does not fail.
NAMES_A_COUNTERPART = re.compile(r"Debian package|needs root|PostgreSQL")
did_not_run: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    reason = skipped_because(report)
    if reason and ("system" in report.keywords or NAMES_A_COUNTERPART.search(reason)):
        did_not_run[report.nodeid] = reason


def pytest_collectreport(report: pytest.CollectReport) -> None:
    reason = skipped_because(report)
    if reason and NAMES_A_COUNTERPART.search(reason):
        did_not_run[report.nodeid] = reason


def skipped_because(report: pytest.TestReport | pytest.CollectReport) -> str:
    if not report.skipped or hasattr(report, "wasxfail"):
        return ""
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if STRICT and did_not_run:
        terminalreporter.section("must run here, and did not", red=True)
        for name, reason in sorted(did_not_run.items()):
            terminalreporter.line(f"{name}: {reason}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if STRICT and did_not_run and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# ---------------------------------------------------------------- loopback only

OWN_NAMES = {"", "localhost", "localhost.localdomain", socket.gethostname().lower()}
astray: list[str] = []
guarded = False


def is_local(address: object) -> bool:
    """Loopback, unspecified (which is loopback when one connects to it), or no IP address at all (a Unix socket)."""
    if not isinstance(address, tuple) or not address or not isinstance(address[0], str):
        return True
    host = address[0].partition("%")[0].lower()
    if host in OWN_NAMES:
        return True
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return mapped.is_loopback or mapped.is_unspecified


def resolves_locally(host: object) -> bool:
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if not isinstance(name, str) or name.lower() in OWN_NAMES:
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook sees what every library does, those in C that go through `socket` included."""
    if not guarded or not event.startswith("socket."):
        return
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        local, whither = is_local(arguments[1]), arguments[1]
    elif event == "socket.getaddrinfo":
        local, whither = resolves_locally(arguments[0]), arguments[0]
    else:
        return
    if not local:
        astray.append(f"{event.removeprefix('socket.')} {whither!r}")
        raise OSError(errno.ENETUNREACH, f"tests reach loopback only, not {whither!r}")


sys.addaudithook(watch)


@pytest.fixture(autouse=True)
def loopback_only(request: pytest.FixtureRequest) -> Iterator[None]:
    global guarded
    guarded = request.node.get_closest_marker("lab") is None
    astray.clear()
    yield
    guarded = False
    if astray:
        pytest.fail(f"reached for something beyond loopback: {', '.join(sorted(set(astray)))}", pytrace=False)
