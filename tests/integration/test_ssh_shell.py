"""The shell on a good day, against devices scripted to the letter: what comes into the file, and what does not."""

import asyncio

import pytest

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from tests.integration import scripted_device as scripted
from tests.integration.scripted_device import Device, Script
from tests.ssh_shell import collect, text, watched


async def test_topics_are_answered_one_by_one_without_echo_and_prompt(tmp_path):
    script = Script(answers={"show version": "Cisco IOS\nVersion 15\n", "show logging": "line\n"})
    async with Device(script) as device:
        version, log = await collect(watched(device), tmp_path, "version", "log")
    assert (version.state, text(version)) == (EvidenceState.DONE, "Cisco IOS\nVersion 15\n")
    assert (log.command, text(log), log.detail) == ("show logging", "line\n", "")


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


async def test_a_banner_full_of_prompts_is_no_prompt(tmp_path):
    banner = b"\r\n##########\r\nsw1# is yours > enjoy #\r\nOther# show\r\n##########\r\n"
    async with Device(Script(banner=banner, answers={"show version": "x\n"})) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert (version.outcome, text(version)) == (Outcome.DONE, "x\n")


async def test_a_slow_banner_is_read_to_its_end(tmp_path):
    async def run(line):
        for piece in (b"\r\nMaintained by #", b"the NOC >", b" of ACME\r\n"):
            line.process.stdout.write(piece)
            await asyncio.sleep(0.2)

    script = Script(answers={"show version": "x\n"}, banner=run)
    async with Device(script) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert (version.outcome, text(version)) == (Outcome.DONE, "x\n")


@pytest.mark.parametrize(
    "press",
    [
        b"Press any key to continue",
        b"Press RETURN to get started.",
        b"Press Y or ENTER to continue, N to exit.",
        b"--More--",
    ],
)
async def test_a_banner_that_asks_for_a_key_gets_one(tmp_path, press):
    async with Device(Script(press=press, answers={"show version": "x\n"})) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert (version.outcome, text(version)) == (Outcome.DONE, "x\n")


async def test_a_platforms_own_pager_gets_its_own_keys_and_leaves_no_trace(tmp_path):
    """PAN-OS pages with less: a space for a page, and q at the end."""

    async def less(line):
        for page in (b"one\r\ntwo\r\nlines 1-2 ", b"three\r\n(END)"):
            line.process.stdout.write(page)
            keys.append(await line.process.stdin.read(1))
            line.process.stdout.write(b"\r\x1b[K")

    keys: list[bytes] = []
    prepared = "operational-mode: normal\n"  # netmiko asks for it while it prepares the session
    script = Script(prompt="admin@PA-1>", answers={"show system info": prepared, "show high-availability all": less})
    async with Device(script) as device:
        (version,) = await collect(watched(device, "paloalto_panos"), tmp_path, "redundancy")
    assert (version.outcome, keys) == (Outcome.DONE, [b" ", b"q"]), version.detail
    assert [line for line in text(version).splitlines() if line] == ["one", "two", "three"]
