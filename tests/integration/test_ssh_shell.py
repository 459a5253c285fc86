"""The shell against devices scripted to the letter: what a real device does on a good day, and on a bad one."""

import asyncio
import importlib.util
import os
import sys
import time
from pathlib import Path

import pytest

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from agent.inventory.device import Device as WatchedDevice
from agent.inventory.device import HostKeys, Secret, SshAccess
from collectors.ssh import session as sessions
from collectors.ssh.shell import NetmikoShell

_spec = importlib.util.spec_from_file_location("scripted_device", Path(__file__).with_name("scripted_device.py"))
scripted = importlib.util.module_from_spec(_spec)
sys.modules["scripted_device"] = scripted
_spec.loader.exec_module(scripted)
Device, Script = scripted.Device, scripted.Script

SECRETS = {"env:P": scripted.PASSWORD, "env:E": "en-able-88", "env:WRONG": "wr0ng-wr0ng"}


def watched(device, platform="cisco_ios", password="env:P", enable=None, known_hosts="", strict=False):
    access = SshAccess(
        username=scripted.USER,
        password=Secret(password),
        enable=Secret(enable) if enable else None,
        port=device.port,
        known_hosts=str(known_hosts),
        host_keys=HostKeys.STRICT if strict else HostKeys.ACCEPT_NEW,
    )
    return WatchedDevice(name="sw1", address="127.0.0.1", customer="c", site="s", platform=platform, ssh=access)


async def collect(device, tmp_path, *topics, size_limit=200_000_000):
    shell = NetmikoShell(lambda secret: SECRETS[secret.reference], size_limit)
    asked = [topic if isinstance(topic, tuple) else (topic, {}) for topic in topics]
    return await asyncio.to_thread(lambda: list(shell.collect(device, asked, tmp_path / "out")))


def text(transcript) -> str:
    return transcript.path.read_text("utf-8")


async def test_topics_are_answered_one_by_one_without_echo_and_prompt(tmp_path):
    script = Script(answers={"show version": "Cisco IOS\nVersion 15\n", "show logging": "line\n"})
    async with Device(script) as device:
        version, log = await collect(watched(device), tmp_path, "version", "log")
    assert (version.state, text(version)) == (EvidenceState.DONE, "Cisco IOS\nVersion 15\n")
    assert (log.command, text(log), log.detail) == ("show logging", "line\n", "")


async def test_enable_opens_what_user_mode_hides(tmp_path):
    async with Device(Script(enable="en-able-88", answers={"show version": "x\n"})) as device:
        (version,) = await collect(watched(device, enable="env:E"), tmp_path, "version")
    assert (version.state, text(version)) == (EvidenceState.DONE, "x\n")


@pytest.mark.parametrize(
    ("pager", "erase"),
    [
        (b" --More-- ", b"\x08" * 10 + b" " * 10 + b"\x08" * 10),
        (b"  ---- More ----", b"\x1b[16D                \x1b[16D"),
        (b"---(more 14%)---", b"\r                \r"),
        (b"<--- More --->", b"\r\x1b[K"),
        (b"--More--", b"\r\n"),
    ],
)
async def test_a_pager_that_slipped_through_is_answered_and_leaves_no_trace(tmp_path, pager, erase):
    whole = "".join(f"line {n}\n" for n in range(1, 11))
    script = Script(answers={"show version": whole}, page=4, pager=pager, erase=erase)
    async with Device(script) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert [line for line in text(version).splitlines() if line] == whole.splitlines()


async def test_a_huawei_is_read_behind_its_angle_brackets(tmp_path):
    script = Script(prompt="<HW-1>", answers={"display version": "VRP (R) software\n"})
    async with Device(script) as device:
        (version,) = await collect(watched(device, "huawei_vrp"), tmp_path, "version")
    assert (version.state, text(version)) == (EvidenceState.DONE, "VRP (R) software\n")


async def test_several_commands_of_a_topic_stand_under_their_titles(tmp_path):
    script = Script(answers={"show clock": "01:02:03\n", "show ntp status": "Clock is synchronized\n"})
    async with Device(script) as device:
        (clock,) = await collect(watched(device), tmp_path, "clock")
    assert text(clock) == ("===== show clock =====\n01:02:03\n===== show ntp status =====\nClock is synchronized\n")
    assert clock.command == "show clock; show ntp status"


async def test_a_question_is_answered_as_the_platforms_list_says(tmp_path):
    async def ask(line):
        line.process.stdout.write(b"Save or display diagnostic information (Y=save, N=display)? [Y/N]:")
        assert await line.read() == "n"
        line.process.stdout.write(b"diagnostics\r\n")

    script = Script(prompt="<H3C>", answers={"display diagnostic-information": ask})
    async with Device(script) as device:
        (tech,) = await collect(watched(device, "hp_comware"), tmp_path, "tech")
    assert tech.state is EvidenceState.DONE and text(tech).endswith("diagnostics\n")


async def test_the_prompts_text_inside_slow_output_ends_nothing(tmp_path):
    async def slowly(line):
        for chunk in (b"begin\r\nsw1#", b" is what I said\r\nsw1#show ver", b"sion\r\nx sw1#", b"\r\nend\r\n"):
            line.process.stdout.write(chunk)
            await asyncio.sleep(0.25)

    async with Device(Script(answers={"show version": slowly})) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert text(version) == "begin\nsw1# is what I said\nsw1#show version\nx sw1#\nend\n"


async def test_other_encodings_and_controls_are_made_readable(tmp_path):
    raw = "接口 up\n".encode("gb18030") + "接口 down\n".encode() + b"caf\xe9 \x1b[31mred\x1b[0m\x07\nab\x08c\n"
    async with Device(Script(answers={"show version": raw})) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert text(version).splitlines() == ["接口 up", "接口 down", "café red", "ac"]


async def test_secrets_never_reach_the_disk_and_are_counted(tmp_path):
    config = f"enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\nlog of {scripted.PASSWORD} there\n"
    async with Device(Script(answers={"show version": config})) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert version.secrets_removed == 2
    for file in (tmp_path / "out").iterdir():
        assert b"mERr" not in file.read_bytes() and scripted.PASSWORD.encode() not in file.read_bytes()


async def test_a_line_dropped_in_the_middle_leaves_what_came_and_says_so_at_once(tmp_path):
    async def drop(line):
        line.process.stdout.write(b"half of\r\nan ans")
        await asyncio.sleep(0.2)
        line.process.channel.get_connection().abort()

    async with Device(Script(answers={"show version": drop, "show logging": "x\n"})) as device:
        begun = time.monotonic()
        version, log = await collect(watched(device), tmp_path, "version", "log")
    assert (version.state, text(version)) == (EvidenceState.PARTIAL, "half of\nan ans\n")
    assert version.outcome is Outcome.DROPPED
    assert (log.outcome, text(log)) == (Outcome.DONE, "x\n")  # by a second login
    assert version.took_s < 5 and time.monotonic() - begun < 30


async def endless(line):
    while True:
        line.process.stdout.write(b"and so on\r\n" * 1000)
        await line.process.stdout.drain()
        await asyncio.sleep(0.01)


async def test_endless_output_is_cut_at_the_time_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "RECOVERY_S", 0.5)
    shortened(monkeypatch, "version", 1.0)
    script = Script(answers={"show version": endless, "show logging": "x\n"})
    async with Device(script) as device:
        version, log = await collect(watched(device), tmp_path, "version", "log")
    assert (version.state, version.outcome) == (EvidenceState.TIMED_OUT, Outcome.ENDLESS)
    assert text(version).startswith("and so on\nand so on\n")
    assert (log.outcome, text(log), script.logins) == (Outcome.DONE, "x\n", 2)


async def test_endless_output_is_cut_at_the_size_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "RECOVERY_S", 0.5)
    async with Device(Script(answers={"show version": endless})) as device:
        (version,) = await collect(watched(device), tmp_path, "version", size_limit=1_000_000)
    assert (version.state, version.outcome) == (EvidenceState.PARTIAL, Outcome.ENDLESS)
    assert "more than 1 MB" in version.detail and 900_000 < version.path.stat().st_size < 1_200_000


async def test_a_command_that_hangs_is_broken_off_and_the_next_one_is_answered(tmp_path, monkeypatch):
    async def hang(line):
        line.process.stdout.write(b"thinking\r\n")
        while await line.process.stdin.read(1) != b"\x03":
            pass
        line.process.stdout.write(b"^C\r\n")

    shortened(monkeypatch, "version", 1.0)
    async with Device(Script(answers={"show version": hang, "show logging": "x\n"})) as device:
        version, log = await collect(watched(device), tmp_path, "version", "log")
    assert (version.state, text(version)) == (EvidenceState.TIMED_OUT, "thinking\n")
    assert "after 1 s" in version.detail
    assert (log.state, text(log)) == (EvidenceState.DONE, "x\n")


def shortened(monkeypatch, topic: str, seconds: float) -> None:
    from dataclasses import replace

    from collectors.ssh import commands

    topics = commands.of("cisco_ios").topics
    monkeypatch.setitem(topics, topic, replace(topics[topic], seconds=seconds))


async def test_what_is_not_on_the_list_is_refused_before_a_connection_is_made(tmp_path):
    script = Script()
    async with Device(script) as device:
        found = await collect(watched(device), tmp_path, "reload", ("interface", {"interface": "x\nreload"}))
        nowhere = await collect(watched(device, ""), tmp_path, "version")
    assert [one.state for one in (*found, *nowhere)] == [EvidenceState.REFUSED] * 3
    assert script.logins == 0 and "platform is not known" in nowhere[0].detail


async def test_a_refused_topic_does_not_keep_the_others_from_being_asked(tmp_path):
    async with Device(Script(answers={"show version": "x\n"})) as device:
        refused, version = await collect(watched(device), tmp_path, "reload", "version")
    assert (refused.state, version.state) == (EvidenceState.REFUSED, EvidenceState.DONE)


async def failed(device, tmp_path) -> str:
    transcripts = await collect(device, tmp_path, "version", "log")
    assert [one.state for one in transcripts] == [EvidenceState.FAILED] * 2
    details = {one.detail for one in transcripts}
    assert len(details) == 1 and not any(secret in str(transcripts) for secret in SECRETS.values())
    return details.pop()


async def test_a_wrong_password_is_named_and_not_tried_twice(tmp_path):
    script = Script()
    async with Device(script) as device:
        detail = await failed(watched(device, password="env:WRONG"), tmp_path)
    assert "did not accept the user name “netops” with its password" in detail and script.logins == 1


async def test_a_wrong_enable_secret_is_named(tmp_path):
    async with Device(Script(enable="another")) as device:
        detail = await failed(watched(device, enable="env:E"), tmp_path)
    assert "did not accept the enable secret" in detail


async def test_a_changed_host_key_is_named_and_refused_even_where_new_ones_are_accepted(tmp_path):
    async with Device(Script()) as device, Device(Script()) as other:
        known = tmp_path / "known_hosts"
        known.write_text(other.known_hosts_line().replace(str(other.port), str(device.port)))
        for strict in (True, False):
            detail = await failed(watched(device, known_hosts=known, strict=strict), tmp_path)
            assert "has changed" in detail


async def test_an_unknown_host_key_is_named_and_a_known_one_is_accepted(tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text("")
    async with Device(Script(answers={"show version": "x\n"})) as device:
        assert "is not known" in await failed(watched(device, known_hosts=known, strict=True), tmp_path)
        known.write_text(device.known_hosts_line())
        (version,) = await collect(watched(device, known_hosts=known, strict=True), tmp_path, "version")
    assert version.state is EvidenceState.DONE


async def test_a_missing_file_of_host_keys_is_named(tmp_path):
    async with Device(Script()) as device:
        detail = await failed(watched(device, known_hosts=tmp_path / "none", strict=True), tmp_path)
    assert "is not there" in detail


async def test_a_refused_connection_is_named(tmp_path):
    async with Device(Script()) as device:
        pass
    assert "refused the connection" in await failed(watched(device), tmp_path)


async def test_a_connection_dropped_at_login_is_named_and_tried_once_more(tmp_path):
    script = Script(drop_after_login=True)
    async with Device(script) as device:
        detail = await failed(watched(device), tmp_path)
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
access = SshAccess(username="x", port={port}, host_keys=HostKeys.ACCEPT_NEW)
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


async def test_a_long_output_is_kept_to_its_last_line(tmp_path):
    block = b"GigabitEthernet0/1 is up, line protocol is up, 12345 packets input\r\n" * 1000

    async def much(line):
        for _ in range(100):
            line.process.stdout.write(block)
            await line.process.stdout.drain()
        line.process.stdout.write(b"the end\r\n")

    async with Device(Script(answers={"show version": much})) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert version.state is EvidenceState.DONE, version.detail
    lines = text(version).splitlines()
    assert len(lines) == 100_001 and lines[-1] == "the end" and len(set(lines)) == 2
