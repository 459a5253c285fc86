"""The guards in tests/conftest.py, tried on themselves."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture
def guard(request):
    return request.config.pluginmanager.get_plugin(str(HERE / "conftest.py"))


def test_a_connection_beyond_loopback_is_refused_and_told(guard):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(OSError, match="loopback only"):
        probe.connect(("192.0.2.1", 9))
    assert guard.astray == ["connect ('192.0.2.1', 9)"]
    guard.astray.clear()


def test_a_name_that_would_be_looked_up_elsewhere_is_refused_and_told(guard):
    with pytest.raises(OSError, match="loopback only"):
        socket.getaddrinfo("mail.example.net", 25)
    assert guard.astray == ["getaddrinfo 'mail.example.net'"]
    guard.astray.clear()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "::ffff:127.0.0.1"])
def test_loopback_in_all_its_forms_is_allowed(guard, host):
    assert guard.is_local((host, 9))


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((HERE / "conftest.py").read_text())
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    system: s\n    lab: l\n")
    (folder / "test_it.py").write_text(
        "import pytest\n@pytest.mark.system('no-such-program')\ndef test_with_a_counterpart(): pass\n"
        "def test_plain(): pytest.skip('today is no day for it')\n"
    )
    keep = {name: value for name, value in os.environ.items() if name not in ("CI", "NETCASE_CI_STRICT")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", str(folder)]
    return subprocess.run(command, cwd=folder, env=keep | environment, capture_output=True, text=True, check=False)


def test_a_test_whose_counterpart_is_missing_skips_and_names_it(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "no-such-program is not installed (Debian package no-such-program)" in done.stdout


def test_where_every_counterpart_must_be_there_a_skip_fails_the_run_by_name(tmp_path):
    done = run(tmp_path, NETCASE_CI_STRICT="1")
    assert done.returncode == 1, done.stdout
    last = done.stdout.partition("must run here, and did not")[2]
    assert "test_it.py::test_with_a_counterpart: " in last
    assert "test_plain" not in last
