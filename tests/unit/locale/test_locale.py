from datetime import UTC, date, datetime, timedelta

import pytest

from agent import locale
from agent.cases.case import Action, CaseKind, CaseState, EvidenceState, Origin, Severity
from agent.cases.outcome import Outcome
from agent.faults.fault import FaultKind, FaultState
from agent.inventory.device import Role
from agent.observation import ComponentKind, Source, SyslogSeverity

AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (45, "45 s", "45 秒"),
        (60, "1 min", "1 分钟"),
        (7_500, "2 h 5 min", "2 小时 5 分钟"),
        (7_259, "2 h", "2 小时"),
        (90_061, "1 d 1 h", "1 天 1 小时"),
        (-300, "-5 min", "-5 分钟"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds, english, chinese):
    assert locale.duration(timedelta(seconds=seconds), "en") == english
    assert locale.duration(timedelta(seconds=seconds), "zh_CN") == chinese


@pytest.mark.parametrize(
    ("value", "shown"),
    [(99.999, "99.99 %"), (100.0, "100.00 %"), (99.9, "99.90 %"), (0.001, "0.00 %"), (29.29, "29.29 %")],
)
def test_a_percentage_is_cut_so_that_less_than_all_never_reads_as_all(value, shown):
    assert locale.percent(value, "en") == shown
    assert locale.percent(value, "zh_CN") == shown.replace(" ", "")


def test_numbers_keep_thousands_apart_and_lose_useless_zeros():
    assert [locale.number(n) for n in (0, 1234567, 1.5, 2.0, 100, 1234.567)] == [
        "0",
        "1,234,567",
        "1.5",
        "2",
        "100",
        "1,234.57",
    ]
    assert locale.number(3, 1) == "3.0"
    assert locale.number(-0.04, 1) == "0.0"


def test_quantities_take_the_prefix_that_reads_best():
    assert locale.quantity(2_500_000, "bit/s") == "2.5 Mbit/s"
    assert locale.quantity(0, "bit/s") == "0 bit/s"
    assert locale.quantity(1_000, "B") == "1 kB"


def test_times_stand_on_the_clock_of_their_place():
    assert locale.moment(AT, "en", "Asia/Shanghai") == "2026-11-22 07:30"
    assert locale.moment(AT, "en", "Asia/Shanghai", year=False) == "22 Nov 07:30"
    assert locale.moment(AT, "zh_CN", "Asia/Shanghai", year=False) == "11月22日 07:30"
    assert locale.clock(AT, "Asia/Shanghai") == "07:30"
    assert locale.day(date(2026, 11, 21), "en") == "Saturday, 21 November 2026"
    assert locale.day(date(2026, 11, 21), "zh_CN") == "2026年11月21日 星期六"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr;q=1,zh;q=0.4,en;q=0.3", "zh_CN"),
        ("de", "en"),
        ("", "en"),
        ("zh;q=nonsense", "en"),
        ("zh_CN", "zh_CN"),
    ],
)
def test_the_reader_gets_the_language_he_likes_best_of_those_we_have(wanted, found):
    assert locale.match(wanted) == found


def test_a_sentence_takes_its_values_in_the_readers_terms():
    text = "{n} × {kind:word} since {at:clock} ({for:duration}, {share:percent})"
    values = {"n": 1234, "kind": "cpu_high", "at": AT, "for": 90, "share": 12.345}
    assert locale.say(text, "en", "Asia/Shanghai", **values) == "1,234 × high CPU since 07:30 (1 min 30 s, 12.34 %)"
    assert locale.say(text, "zh_CN", **values) == "1,234 × CPU 过高 since 23:30 (1 分钟 30 秒, 12.34%)"


def test_values_from_the_network_are_never_looked_into():
    assert locale.say("{name}", "en", name="{0.__class__} {other}", other="x") == "{0.__class__} {other}"
    assert locale.say("{missing} stays", "en") == "{missing} stays"


def test_nothing_is_worded_as_nothing():
    assert locale.words("zh_CN")("") == ""
    assert locale.word("a_code_nobody_knows", "en") == "a code nobody knows"


def test_every_code_has_its_words_in_both_languages():
    kinds = (
        FaultKind,
        FaultState,
        CaseState,
        Severity,
        Action,
        CaseKind,
        Origin,
        EvidenceState,
        Outcome,
        ComponentKind,
        Source,
        SyslogSeverity,
        Role,
    )
    same_in_both = {"P1", "P2", "P3", "P4", "cpu", "icmp", "tcp", "snmp", "syslog", "trap", "ssh", "faq", "api"}
    for code in (str(member) for kind in kinds for member in kind):
        assert "_" not in locale.word(code, "en")
        assert code in same_in_both or locale.word(code, "zh_CN") != locale.word(code, "en"), code
