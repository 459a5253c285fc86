"""Texts that are made to keep a pattern busy: one device's words must not hold the event loop, which is everybody's."""

import re
import tracemalloc
from datetime import UTC, datetime

import pytest

from collectors.snmp import profiles, values
from collectors.snmp.shapes import Profile
from collectors.ssh.scrub import Scrubber
from collectors.syslog import message, patterns

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONGEST = 1024  # of a sysDescr
HOSTILE = ["Beta a" + " " * LONGEST, "1.1" * LONGEST, "1" * LONGEST, "1.1-" * LONGEST, "," * LONGEST, "; " * LONGEST]
HOSTILE += ["." * LONGEST, "(" * LONGEST, " - A." + "1" * LONGEST, "Aruba" + " " * LONGEST, "A1" * LONGEST]
LINES = [
    "<187>zebra[7]: [M59KS-A3ZXZ] %ADJCHANGE: " + "ADJCHANGE: neighbor aaaaaaaaaaaaaaaaaaaaaaaaaaaaa" * 20,
    "<187>ospfd[7]: AdjChg: " + "ADJCHG: Nbr ..1 on -" * 40,
]


def _patterns(profile: Profile) -> list[re.Pattern[str]]:
    sources = (*profile.version, *profile.model, *profile.serial)
    found = [source.descr or source.match for source in sources]
    found += [pattern for _, pattern in profile.matches]
    found += [reading.match for table in profile.tables for reading in table.readings()]
    found += [table.label.cut for table in profile.tables]
    return [pattern for pattern in found if pattern]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("profile", profiles.everything().values(), ids=lambda profile: profile.name)
def test_no_text_of_a_device_keeps_a_pattern_of_its_platform_busy(profile: Profile) -> None:
    for pattern in _patterns(profile):
        for text in HOSTILE:
            pattern.search(f"{text[: LONGEST - 1]}x")


def test_a_comware_model_is_read_with_its_maker_and_without() -> None:
    (source, *_) = profiles.everything()["hp_comware"].model
    assert source.descr
    told = "Comware Platform Software, Software Version 7.1.070, Release 3506P06 HPE 5130 24G EI \nCopyright (c) 2010"
    bare = "H3C Platform Software Comware Version 5.20, Release 2202 H3C S5500-52C-SI\n Copyright"
    found = [source.descr.search(text) for text in (told, bare)]
    assert [match and match[1] for match in found] == ["5130 24G EI", "S5500-52C-SI"]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("line", LINES)
def test_a_thousand_hostile_lines_are_named_as_fast_as_they_may_come(line: str) -> None:
    read = message.read(line.encode(), NOW)
    every = {rule.text for rules in patterns.rules().values() for rule in rules}
    for text in sorted(every, key=lambda pattern: pattern.pattern):
        for _ in range(5):
            text.search(read.about, 0, patterns.LIMIT)
    for _ in range(1000):
        patterns.name(read)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("filling", ["(" * 65_000, ('"' + "a" * 8001) * 8, "a" * 65_000, '"(' * 30_000])
def test_a_line_of_one_endless_word_beside_a_mark_of_junos_is_scrubbed_at_once(filling: str) -> None:
    scrubber = Scrubber()
    for number in range(10):
        assert scrubber.line(f"{number} ## SECRET-DATA {filling}")


def test_a_secret_of_junos_is_struck_however_long_it_is() -> None:
    for secret in ("a" * 5000, '"$9$' + "b" * 7000 + '"', "x"):
        assert Scrubber().line(f"secret {secret}; ## SECRET-DATA") == "secret <removed>; ## SECRET-DATA"


def test_long_lines_are_not_remembered() -> None:
    scrubber, lines = Scrubber(), [f"key{number} " + "ab " * 2000 for number in range(500)]
    tracemalloc.start()
    for line in lines:
        scrubber.line(line)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 500_000


def test_a_name_is_one_line_that_hides_and_turns_nothing() -> None:
    told = "Gi0/1\n\x1b[31mUP\u202egnp\u2066\u200b\x07".encode()
    assert values.text(told) == "Gi0/1  [31mUPgnp"
    assert values.text("第一\u202e口".encode("gb18030")) == "第一口"


def test_a_description_of_a_system_keeps_its_lines_and_nothing_that_turns() -> None:
    assert values.text("A switch\r\nVersion 1\u202e\x1b".encode(), 1024) == "A switch \nVersion 1"
