"""Logins that fail: each for a reason that has a name, told in seconds, with no secret in it."""

import asyncio
import os
import sys
from pathlib import Path

import asyncssh
import pytest

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from agent.inventory.device import Device as WatchedDevice
from agent.inventory.device import HostKeys, SshAccess
from tests.integration.scripted_device import Device, Script
from tests.ssh_shell import SECRETS, collect, text, watched


async def test_enable_opens_what_user_mode_hides(tmp_path):
    async with Device(Script(enable="en-able-88", answers={"show version": "x\n"})) as device:
        (version,) = await collect(watched(device, enable="env:E"), tmp_path, "version")
    assert (version.state, text(version)) == (EvidenceState.DONE, "x\n")


def fingerprint(device, key: int = 0) -> str:
    return device.keys[key].get_fingerprint()


async def failed(device, tmp_path, outcome: Outcome, own: Path | None = None) -> str:
    """The sentence that all topics share."""
    transcripts = await collect(device, tmp_path, "version", "log", own=own)
    assert [(one.state, one.outcome) for one in transcripts] == [(EvidenceState.FAILED, outcome)] * 2
    details = {one.detail for one in transcripts}
    assert len(details) == 1 and not any(secret in str(transcripts) for secret in SECRETS.values())
    return details.pop()


async def test_a_wrong_password_is_named_and_not_tried_twice(tmp_path):
    script = Script()
    async with Device(script) as device:
        detail = await failed(watched(device, password="env:WRONG"), tmp_path, Outcome.WRONG_PASSWORD)
    assert "did not accept the user name “netops” with its password" in detail and script.logins == 1


async def test_a_wrong_enable_secret_is_named(tmp_path):
    async with Device(Script(enable="another")) as device:
        detail = await failed(watched(device, enable="env:E"), tmp_path, Outcome.WRONG_ENABLE)
    assert "did not accept the enable secret" in detail


async def test_a_changed_host_key_is_named_and_refused_even_where_new_ones_are_accepted(tmp_path):
    async with Device(Script()) as device, Device(Script()) as other:
        known = tmp_path / "known_hosts"
        known.write_text(other.known_hosts_line().replace(str(other.port), str(device.port)))
        for mode in (HostKeys.STRICT, HostKeys.ACCEPT_NEW):
            why = await failed(watched(device, known_hosts=known, host_keys=mode), tmp_path, Outcome.HOST_KEY_CHANGED)
            assert "has changed" in why and fingerprint(device) in why and fingerprint(other) in why
        assert device.script.heard == []
        (version,) = await collect(watched(device, known_hosts=known, host_keys=HostKeys.OFF), tmp_path, "version")
        assert version.outcome is Outcome.DEVICE_REFUSED


async def test_an_unknown_host_key_is_named_and_a_known_one_is_accepted(tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text("")
    async with Device(Script(answers={"show version": "x\n"})) as device:
        strict = watched(device, known_hosts=known, host_keys=HostKeys.STRICT)
        why = await failed(strict, tmp_path, Outcome.HOST_KEY_UNKNOWN)
        assert "is not known" in why and fingerprint(device) in why
        known.write_text(device.known_hosts_line())
        (version,) = await collect(strict, tmp_path, "version")
    assert version.state is EvidenceState.DONE


async def test_a_missing_file_of_host_keys_is_named(tmp_path):
    async with Device(Script()) as device:
        strict = watched(device, known_hosts=tmp_path / "none", host_keys=HostKeys.STRICT)
        detail = await failed(strict, tmp_path, Outcome.NOT_SET_UP)
    assert "is not there" in detail


async def test_a_refused_connection_is_named(tmp_path):
    async with Device(Script()) as device:
        pass
    assert "refused the connection" in await failed(watched(device), tmp_path, Outcome.CONNECTION_REFUSED)


async def test_a_connection_dropped_at_login_is_named_and_tried_once_more(tmp_path):
    script = Script(drop_after_login=True)
    async with Device(script) as device:
        detail = await failed(watched(device), tmp_path, Outcome.LOGIN_DROPPED)
    assert "dropped the connection while we logged in" in detail and script.logins == 2


async def test_what_is_no_ssh_server_is_named_and_nothing_is_printed_to_the_terminal(tmp_path):
    """In a process of its own, where nobody set up logging, as on the command line."""

    async def speak(_, writer):
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    program = f"""
from pathlib import Path
from agent.inventory.device import Device, HostKeys, SshAccess
from collectors.ssh.shell import NetmikoShell
access = SshAccess(username="x", port={port}, host_keys=HostKeys.OFF)
device = Device(name="d", address="127.0.0.1", customer="c", site="s", platform="linux", ssh=access)
print(list(NetmikoShell(lambda _: "").collect(device, [("version", {{}})], Path("out")))[0].detail)
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    said, printed = await process.communicate()
    server.close()
    await server.wait_closed()
    assert b"dropped the connection while we logged in" in said and printed == b""


async def test_the_first_key_of_a_device_is_remembered_where_that_is_asked_for_and_no_other_is_believed(tmp_path):
    own, new = tmp_path / "data" / "known_hosts", HostKeys.ACCEPT_NEW
    async with Device(Script(answers={"show version": "x\n"})) as device, Device(Script()) as other:
        (version,) = await collect(watched(device, host_keys=new), tmp_path, "version", own=own)
        assert version.outcome is Outcome.DONE and own.read_text() == plain(device.known_hosts_line())
        (version,) = await collect(watched(device, host_keys=HostKeys.STRICT), tmp_path, "version", own=own)
        assert version.outcome is Outcome.DONE
        own.write_text(other.known_hosts_line().replace(str(other.port), str(device.port)))
        await failed(watched(device, host_keys=new), tmp_path, Outcome.HOST_KEY_CHANGED, own=own)


def plain(line: str) -> str:
    """Without the comment behind the key."""
    return " ".join(line.split()[:3]) + "\n"


async def test_a_revoked_key_is_refused(tmp_path):
    known = tmp_path / "known"
    async with Device(Script()) as device:
        line = device.known_hosts_line()
        known.write_text(line + f"@revoked * {line.split(maxsplit=1)[1]}")
        strict = watched(device, known_hosts=known, host_keys=HostKeys.STRICT)
        assert "marked as revoked" in await failed(strict, tmp_path, Outcome.HOST_KEY_REVOKED)


@pytest.mark.parametrize("known_by", [0, 1])
async def test_a_device_with_several_keys_is_asked_for_the_kind_that_is_known(tmp_path, known_by):
    known = tmp_path / "known"
    script = Script(key_types=("ssh-ed25519", "ssh-rsa"), answers={"show version": "x\n"})
    async with Device(script) as device:
        known.write_text(device.known_hosts_line(known_by))
        (version,) = await collect(watched(device, known_hosts=known, host_keys=HostKeys.STRICT), tmp_path, "version")
    assert version.outcome is Outcome.DONE, version.detail


async def test_an_enable_that_takes_its_time_is_waited_for(tmp_path):
    """Longer than the ten seconds that netmiko would wait: the device asks a TACACS+ server."""
    async with Device(Script(enable="en-able-88", enable_takes_s=12, answers={"show version": "x\n"})) as device:
        (version,) = await collect(watched(device, enable="env:E"), tmp_path, "version")
    assert (version.outcome, text(version)) == (Outcome.DONE, "x\n")


async def test_a_server_without_a_prompt_of_the_platform_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("collectors.ssh.login.READ_S", 1.5)
    async with Device(Script(prompt="no prompt at all")) as device:
        detail = await failed(watched(device, "huawei_vrp"), tmp_path, Outcome.NO_PROMPT)
    assert "is its platform huawei_vrp?" in detail


async def test_an_unknown_name_and_a_device_without_credentials_are_told(tmp_path):
    async with Device(Script()) as device:
        nowhere = watched(device, address="nowhere.invalid")
        bare = WatchedDevice(name="sw1", address="127.0.0.1", customer="c", site="s", platform="cisco_ios")
    assert "has no SSH credentials" in await failed(bare, tmp_path, Outcome.NOT_SET_UP)
    assert nowhere.ssh is not None


async def test_algorithms_that_nobody_shares_are_told(tmp_path):
    acceptor = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        encryption_algs=["arcfour256"], kex_algs=["diffie-hellman-group18-sha512"], mac_algs=["umac-64@openssh.com"],
    )  # fmt: skip
    access = SshAccess(username="x", port=acceptor.get_port(), host_keys=HostKeys.OFF)
    device = WatchedDevice(name="sw1", address="127.0.0.1", customer="c", site="s", platform="linux", ssh=access)
    try:
        assert "no SSH algorithm in common" in await failed(device, tmp_path, Outcome.NO_COMMON_ALGORITHM)
    finally:
        acceptor.close()
        await acceptor.wait_closed()
