"""Lines that break, commands that never end or are refused: each has a name, and what came is kept."""

import asyncio
import time

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from collectors.ssh import session as sessions
from tests.integration.scripted_device import Device, Script
from tests.ssh_shell import collect, endless, shortened, text, watched


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


async def test_what_the_device_refuses_is_refused_with_its_sentence_and_its_answer_kept(tmp_path):
    async with Device(Script(answers={"show logging": "x\n"}, unknown="    ^\n% Invalid input detected")) as device:
        version, log = await collect(watched(device), tmp_path, "version", "log")
    assert (version.state, version.outcome) == (EvidenceState.REFUSED, Outcome.DEVICE_REFUSED)
    assert version.detail == "The device refused: % Invalid input detected"
    assert "% Invalid input detected" in text(version) and log.outcome is Outcome.DONE


async def test_a_topic_that_is_refused_in_part_is_done_and_says_which_part(tmp_path):
    async with Device(Script(answers={"show clock": "01:02:03\n"})) as device:
        (clock,) = await collect(watched(device), tmp_path, "clock")
    assert (clock.state, clock.outcome) == (EvidenceState.DONE, Outcome.DONE)
    assert clock.detail == "The device refused 1 of 2 commands: show ntp status: % Invalid input detected"


async def test_output_that_only_quotes_a_refusal_is_no_refusal(tmp_path):
    log = "".join(f"line {n}\n" for n in range(20)) + "% Invalid input detected\n"
    async with Device(Script(answers={"show logging": log})) as device:
        (found,) = await collect(watched(device), tmp_path, "log")
    assert (found.outcome, found.detail) == (Outcome.DONE, "")


ANSWERS = {"show version": "1\n", "show logging": "2\n", "show interface": "3\n", "show environment all": "4\n"}
TOPICS = ("version", "log", "interfaces", "environment")


async def test_a_device_that_closes_after_some_commands_is_logged_in_to_once_more(tmp_path):
    script = Script(answers=ANSWERS, closes_after=2)
    async with Device(script) as device:
        found = await collect(watched(device), tmp_path, *TOPICS)
    first, second, third, fourth = found
    assert [first.outcome, second.outcome, fourth.outcome] == [Outcome.DONE] * 3
    assert third.outcome is Outcome.DONE and script.logins == 2  # it was not asked before the line was dead
    assert [text(each) for each in found] == ["1\n", "2\n", "3\n", "4\n"]


async def test_only_once_what_comes_after_a_second_loss_is_not_asked(tmp_path):
    script = Script(answers=ANSWERS, closes_after=1)
    async with Device(script) as device:
        found = await collect(watched(device), tmp_path, *TOPICS)
    assert script.logins == 2
    assert [each.outcome for each in found] == [Outcome.DONE, Outcome.DONE, Outcome.DROPPED, Outcome.NOT_ASKED]
    assert [(each.state, each.path) for each in found[2:]] == [(EvidenceState.FAILED, None)] * 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["log.txt", "version.txt"]


async def test_when_the_second_login_fails_the_rest_says_why(tmp_path):
    script = Script(answers=ANSWERS, closes_after=2, first_login_only=True)
    async with Device(script) as device:
        found = await collect(watched(device), tmp_path, *TOPICS)
    assert [each.outcome for each in found[:2]] == [Outcome.DONE] * 2
    assert found[-1].outcome is Outcome.WRONG_PASSWORD and script.logins == 2


async def test_a_dropped_line_is_told_within_a_second(tmp_path):
    async def drop(line):
        line.process.stdout.write(b"begin\r\n")
        await asyncio.sleep(0.5)
        dropped.append(time.monotonic())
        line.process.channel.get_connection().abort()

    dropped: list[float] = []
    async with Device(Script(answers={"show tech-support": drop})) as device:
        (tech,) = await collect(watched(device), tmp_path, "tech")
    assert (tech.outcome, text(tech)) == (Outcome.DROPPED, "begin\n")
    assert tech.took_s < 30  # and not the command's half hour
