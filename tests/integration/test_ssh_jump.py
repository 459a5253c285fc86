"""Jump hosts: real OpenSSH servers, one behind the other, each with its own login and host key."""

import os
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from agent.inventory.device import Device, JumpHost, Secret, SshAccess
from tests.ssh_shell import collect, text
from tests.sshd import Sshd, free_port, keypair

pytestmark = pytest.mark.system("sshd")


class Way:
    """`jumps` servers, and the device behind them; all known by `known`."""

    def __init__(self, tmp_path, jumps: list[Sshd], end: Sshd) -> None:
        self.jumps, self.end, self.known = jumps, end, tmp_path / "known"
        self.known.write_text("".join(server.known_hosts_line() for server in (*jumps, end)))

    def hosts(self, **changes: object) -> tuple[JumpHost, ...]:
        """The first jump host with changes to its access."""
        found = [
            JumpHost(name=f"jump-{n}", address="127.0.0.1", access=server.access(self.known))
            for n, server in enumerate(self.jumps, 1)
        ]
        first = replace(found[0], access=replace(found[0].access, **changes))
        return (first, *found[1:])

    def device(self, hosts: tuple[JumpHost, ...], **changes: object) -> Device:
        access: SshAccess = replace(self.end.access(self.known), jump=hosts, **changes)
        return Device(name="srv", address="127.0.0.1", customer="c", site="s", platform="linux", ssh=access)


@pytest.fixture
async def way(tmp_path, request):
    """By the number of jump hosts, 1 unless told otherwise, and settings of the first one."""
    count, settings = getattr(request, "param", (1, {}))
    user = keypair(tmp_path / "user")
    async with AsyncExitStack() as stack:
        jumps = []
        for n in range(count):
            server = Sshd(tmp_path / f"jump{n}", user, **(settings if n == 0 else {}))
            jumps.append(await stack.enter_async_context(server))
        end = await stack.enter_async_context(Sshd(tmp_path / "end", user, AllowTcpForwarding="no"))
        yield Way(tmp_path, jumps, end)


@pytest.mark.parametrize("way", [(1, {}), (2, {})], indirect=True, ids=["one", "two"])
async def test_a_device_behind_jump_hosts_is_read_through_all_of_them(way, tmp_path):
    version, uptime = await collect(way.device(way.hosts()), tmp_path, "version", "uptime")
    assert [(each.outcome, each.detail) for each in (version, uptime)] == [(Outcome.DONE, "")] * 2
    assert text(version).startswith(f"===== uname -a =====\n{os.uname().sysname} ")
    for server, onwards in zip(way.jumps, [*way.jumps[1:], way.end], strict=True):
        assert "Accepted publickey" in server.log
        assert f"port {onwards.port}" in server.log and "direct-tcpip" in server.log


async def failed(way, device, tmp_path, outcome: Outcome) -> str:
    (version,) = await collect(device, tmp_path, "version")
    assert (version.state, version.outcome) == (EvidenceState.FAILED, outcome), version.detail
    return version.detail


async def test_a_jump_host_whose_key_changed_is_named_and_no_login_is_tried_there(way, tmp_path):
    other = tmp_path / "other"
    other.write_text(way.end.known_hosts_line().replace(str(way.end.port), str(way.jumps[0].port)))
    why = await failed(way, way.device(way.hosts(known_hosts=str(other))), tmp_path, Outcome.JUMP_FAILED)
    assert why.startswith("Jump host jump-1: The host key of 127.0.0.1 port") and "has changed" in why
    assert "Accepted" not in way.jumps[0].log


async def test_a_jump_host_that_nobody_knows_is_named(way, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    why = await failed(way, way.device(way.hosts(known_hosts=str(empty))), tmp_path, Outcome.JUMP_FAILED)
    assert why.startswith("Jump host jump-1: ") and "is not known" in why


async def test_a_jump_host_that_does_not_let_us_in_is_named(way, tmp_path):
    hosts = way.hosts(key_file=str(keypair(tmp_path / "stranger")))
    why = await failed(way, way.device(hosts), tmp_path, Outcome.JUMP_FAILED)
    assert why.startswith("Jump host jump-1: ") and "did not accept the user name" in why


async def test_a_jump_host_that_is_not_there_is_named(way, tmp_path):
    why = await failed(way, way.device(way.hosts(port=free_port())), tmp_path, Outcome.JUMP_FAILED)
    assert why.startswith("Jump host jump-1: ") and why.endswith("refused the connection.")


@pytest.mark.parametrize("way", [(1, {"AllowTcpForwarding": "no"})], indirect=True)
async def test_a_jump_host_that_forwards_nothing_is_named(way, tmp_path):
    why = await failed(way, way.device(way.hosts()), tmp_path, Outcome.JUMP_FAILED)
    assert why == f"Jump host jump-1 does not let us through to 127.0.0.1 port {way.end.port}."


async def test_a_device_that_the_jump_host_cannot_reach_is_the_devices_trouble(way, tmp_path):
    device = way.device(way.hosts(), port=free_port())
    why = await failed(way, device, tmp_path, Outcome.UNREACHABLE)
    assert why.startswith("Jump host jump-1 cannot reach 127.0.0.1 port")


async def test_behind_a_jump_host_the_devices_own_key_is_judged_as_ever(way, tmp_path):
    changed = tmp_path / "changed"
    changed.write_text(way.jumps[0].known_hosts_line().replace(str(way.jumps[0].port), str(way.end.port)))
    device = way.device(way.hosts(), known_hosts=str(changed))
    assert "has changed" in await failed(way, device, tmp_path, Outcome.HOST_KEY_CHANGED)
    assert "Accepted" not in way.end.log


async def test_a_key_with_a_passphrase_is_opened_and_a_wrong_passphrase_told_without_it(way, tmp_path):
    locked = keypair(tmp_path / "locked", "pass phrase")
    for server in (*way.jumps, way.end):
        (server.folder / "authorized").write_text(locked.with_suffix(".pub").read_text())
    right = {"key_file": str(locked), "key_passphrase": Secret("env:K")}
    (version,) = await collect(way.device(way.hosts(**right), **right), tmp_path, "version")
    assert version.outcome is Outcome.DONE, version.detail
    for wrong in (Secret("env:WRONG"), None):
        device = way.device(way.hosts(**right), key_file=str(locked), key_passphrase=wrong)
        why = await failed(way, device, tmp_path, Outcome.NOT_SET_UP)
        assert "cannot be used" in why and "wr0ng" not in why
