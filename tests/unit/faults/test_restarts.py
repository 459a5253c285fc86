"""Lines in which devices say that somebody asked them to restart, and lines that only sound so."""

from datetime import UTC, datetime

import pytest

from agent.faults import restarts
from agent.observation import Event, Source, SyslogSeverity

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def heard(text: str) -> str:
    return restarts.announced([Event("r1", "192.0.2.1", Source.SYSLOG, NOW, SyslogSeverity.NOTICE, text)])


@pytest.mark.parametrize(
    "text",
    [
        "Reload requested by console. Reload Reason: Reload Command.",
        "Reload requested by admin on vty0 (10.0.0.9). Reload Reason: patch",
        "System reboot initiated by user netops",
        "User admin executed the reboot command.",
        "UI_REBOOT_EVENT: System rebooted by 'root': request system reboot",
    ],
)
def test_a_restart_that_somebody_asked_for_is_recognised(text: str) -> None:
    assert heard(text) == text


@pytest.mark.parametrize(
    "text", ["System restarted --", "Process bgpd restarted", "User admin logged in", "Interface eth0 is up", ""]
)
def test_a_restart_that_nobody_asked_for_is_not(text: str) -> None:
    assert heard(text) == ""
