"""Causes are found behind what netmiko and paramiko raise, and a dead line is told by the kernel."""

import errno
import socket

import pytest
from netmiko.exceptions import NetmikoTimeoutException, ReadTimeout
from paramiko.ssh_exception import IncompatiblePeer, NoValidConnectionsError, SSHException

from agent.cases.outcome import Outcome
from agent.inventory.device import HostKeys, SshAccess
from collectors.ssh.doors import UNANSWERED_MS, Door, LoginError, Policy, explained

WHERE = Door("192.0.2.1", SshAccess(username="netops", host_keys=HostKeys.OFF), password="s3cret-s3cret")


def nobody_listens(number: int) -> NoValidConnectionsError:
    return NoValidConnectionsError(
        {("192.0.2.1", 22): OSError(number, "x") if number != 111 else ConnectionRefusedError()}
    )


def behind(cause: Exception) -> Exception:
    """As netmiko raises it: another exception, with the true one in its context."""
    try:
        try:
            raise cause
        except Exception:
            raise NetmikoTimeoutException("TCP connection to device failed.")  # noqa: B904 - so netmiko does
    except NetmikoTimeoutException as error:
        return error


@pytest.mark.parametrize(
    ("cause", "outcome", "again"),
    [
        (nobody_listens(111), Outcome.CONNECTION_REFUSED, True),
        (nobody_listens(errno.EHOSTUNREACH), Outcome.NO_ROUTE, True),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Outcome.NO_ROUTE, True),
        (TimeoutError("timed out"), Outcome.UNREACHABLE, True),
        (socket.gaierror(-2, "Name or service not known"), Outcome.UNREACHABLE, True),
        (ConnectionResetError(), Outcome.LOGIN_DROPPED, True),
        (EOFError(), Outcome.LOGIN_DROPPED, True),
        (SSHException("Error reading SSH protocol banner"), Outcome.LOGIN_DROPPED, True),
        (IncompatiblePeer("Incompatible ssh peer (no acceptable kex algorithm)"), Outcome.NO_COMMON_ALGORITHM, False),
        (LoginError("The key has changed.", Outcome.HOST_KEY_CHANGED), Outcome.HOST_KEY_CHANGED, False),
        (ReadTimeout("Pattern not detected"), Outcome.NO_PROMPT, True),
    ],
)
def test_the_cause_is_named_wherever_it_is_hidden(cause, outcome, again):
    for error in (cause, behind(cause)) if not isinstance(cause, LoginError) else (cause,):
        found = explained(WHERE, error, "cisco_ios")
        assert (found.outcome, found.again) == (outcome, again)
        assert "s3cret" not in str(found)


def test_a_door_shows_no_secret():
    assert "s3cret" not in repr(WHERE)


def test_the_kernel_gives_a_line_up_that_acknowledges_nothing():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as line:
        Policy(WHERE, None).transport(line)
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNANSWERED_MS
