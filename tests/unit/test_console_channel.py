import io
import json

import pytest

from agent.channels.console import ConsoleChannel
from agent.errors import DeliveryError
from agent.notifications.notification import Notification


def notification(
    key: str = "k1", subject: str = "NC-000001 P2: bj-core-1 is unreachable", to: str = "Li Na"
) -> Notification:
    return Notification(key=key, channel="console", to=to, language="en", subject=subject, text="more")


def test_a_notification_is_one_line_on_the_console_and_one_in_the_journal(tmp_path):
    stream, journal = io.StringIO(), tmp_path / "data" / "console.jsonl"
    assert ConsoleChannel(stream, journal).send(notification()) == "printed"
    assert stream.getvalue() == "to Li Na: NC-000001 P2: bj-core-1 is unreachable\n"
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(entry["key"], entry["to"], entry["text"]) for entry in entries] == [("k1", "Li Na", "more")]


def test_what_was_printed_before_a_crash_is_not_printed_after_it(tmp_path):
    journal = tmp_path / "console.jsonl"
    ConsoleChannel(io.StringIO(), journal).send(notification())
    stream = io.StringIO()
    after = ConsoleChannel(stream, journal)
    assert after.send(notification()) == "printed before"
    after.send(notification(key="k2", subject="two"))
    assert stream.getvalue() == "to Li Na: two\n"


def test_a_line_torn_by_a_crash_spoils_neither_its_neighbours_nor_the_next(tmp_path):
    journal = tmp_path / "console.jsonl"
    ConsoleChannel(io.StringIO(), journal).send(notification())
    with journal.open("a") as file:
        file.write('{"key": "torn')
    stream = io.StringIO()
    after = ConsoleChannel(stream, journal)
    after.send(notification())
    after.send(notification(key="torn"))
    assert stream.getvalue().count("\n") == 1
    keys = [json.loads(line)["key"] for line in journal.read_text().splitlines() if line.endswith("}")]
    assert keys == ["k1", "torn"]


def test_what_a_device_calls_itself_cannot_move_the_cursor(tmp_path):
    stream = io.StringIO()
    ConsoleChannel(stream, tmp_path / "j").send(notification(subject="a\x1b[2J\r\nb\x00c\u202ed"))
    assert stream.getvalue() == "to Li Na: a [2J b c d\n"


def test_a_console_that_knows_no_chinese_gets_it_escaped(tmp_path):
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    ConsoleChannel(terminal, tmp_path / "j").send(notification(subject="不可达"))
    assert raw.getvalue() == rb"to Li Na: \u4e0d\u53ef\u8fbe" + b"\n"


def test_a_console_that_is_gone_is_no_failure_because_the_journal_has_it(tmp_path):
    stream = io.StringIO()
    stream.close()
    assert ConsoleChannel(stream, tmp_path / "j").send(notification()) == "the console is gone; in the journal"


def test_a_journal_that_cannot_be_written_is_a_temporary_failure_and_nothing_is_printed(tmp_path):
    stream = io.StringIO()
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryError) as refused:
        ConsoleChannel(stream, tmp_path / "file" / "journal").send(notification())
    assert not refused.value.permanent
    assert stream.getvalue() == ""
