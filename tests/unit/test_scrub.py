"""Secrets of every vendor are struck out, counted exactly, and nothing else is touched."""

import io
import re
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.ssh.scrub import REMOVED, Scrubber, scrub
from collectors.ssh.session import Output
from tests.unit.scrub_samples import EVIDENCE, KEYS, PLATFORMS

MARKED = re.compile(r"⟦[^⟧]*⟧")
PROMPT = re.compile(rb"(?:^|[\r\n])sw1#\s*\Z")


def printed(marked: str) -> str:
    return marked.replace("⟦", "").replace("⟧", "")


def struck(marked: str) -> str:
    return MARKED.sub(REMOVED, marked)


def through(raw: bytes, *edges: int) -> tuple[str, int]:
    """As a session writes it: bytes of a terminal in chunks, cleaned, then scrubbed. (text, how many)"""
    file, scrubber = io.BytesIO(), Scrubber()
    out = Output(file, scrubber)
    cuts = sorted({0, len(raw), *(edge for edge in edges if edge < len(raw))})
    for a, b in pairwise(cuts):
        out.write(raw[a:b])
    out.finish(PROMPT)
    return file.getvalue().decode(), scrubber.count


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_secret_of_a_platform_is_struck_and_counted_and_nothing_else_is_touched(platform):
    marked = PLATFORMS[platform]
    text, count = scrub(printed(marked))
    assert text.split("\n") == struck(marked).split("\n")
    assert count == len(MARKED.findall(marked))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_scrubbing_a_platform_twice_changes_and_counts_nothing(platform):
    once, _ = scrub(printed(PLATFORMS[platform]))
    assert scrub(once) == (once, 0)


@pytest.mark.parametrize("line", EVIDENCE.strip("\n").split("\n"))
def test_what_is_no_secret_stays(line):
    assert scrub(line) == (line, 0)


@pytest.mark.parametrize("kind", KEYS)
def test_a_private_key_goes_whole_and_counts_once(kind):
    text, count = scrub(f"before\n{KEYS[kind]}\nafter")
    begin, *_, end = KEYS[kind].split("\n")
    assert (text, count) == (f"before\n{begin}{REMOVED}\n{end}\nafter", 1)
    assert scrub(text) == (text, 0)


EVERYTHING = "\n".join(map(printed, PLATFORMS.values())) + "\n" + "\n".join(KEYS.values()) + "\n" + EVIDENCE


def test_line_by_line_and_in_blocks_come_to_the_same():
    one = Scrubber()
    lines = [one.line(line) for line in EVERYTHING.split("\n")]
    assert ("\n".join(line for line in lines if line is not None), one.count) == scrub(EVERYTHING)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, EVERYTHING.count("\n")), max_size=8))
def test_however_the_lines_are_put_into_blocks_the_same_comes_out(cuts):
    lines = EVERYTHING.splitlines(keepends=True)
    scrubber = Scrubber()
    edges = sorted({0, len(lines), *cuts})
    text = "".join(scrubber.block("".join(lines[a:b])) for a, b in pairwise(edges))
    assert (text, scrubber.count) == scrub(EVERYTHING)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(PLATFORMS)), st.lists(st.integers(0, 6000), max_size=8))
def test_however_the_bytes_arrive_the_same_is_struck(platform, edges):
    marked = PLATFORMS[platform].strip("\n") + "\n"
    raw = printed(marked).replace("\n", "\r\n").encode()
    assert through(raw, *edges) == (struck(marked), len(MARKED.findall(marked)))


@pytest.mark.parametrize(
    "raw",
    [
        b"snmp-server community s3cr3tRO RO\r\n",
        b"snmp-server commu\x08\x08\x08\x08\x08community s3cr3tRO RO\r\n",
        b"\x1b[1msnmp-server\x1b[0m community \x1b[31ms3cr3tRO\x1b[0m RO\r\n",
        b" --More-- " + b"\x08" * 10 + b" " * 10 + b"\x08" * 10 + b"snmp-server community s3cr3tRO RO\r\n",
        b"  ---- More ----\x1b[16D                \x1b[16Dsnmp-server community s3cr3tRO RO\r\n",
        b"---(more 14%)---\r                \rsnmp-server community s3cr3tRO RO\r\n",
        b"snmp-server community s3cr3\x1b[1CtRO\x1b[4DtRO RO\r\n",
    ],
)
def test_pagers_colours_and_backspaces_hide_no_secret(raw):
    for edge in range(len(raw)):
        text, count = through(raw, edge)
        assert "s3cr" not in text and count == 1 and text.startswith("snmp-server community <removed>")


def test_a_key_that_a_pager_breaks_is_one_key():
    key = KEYS["RSA"].split("\n")
    raw = "\r\n".join([*key[:3], " --More-- \r          \r" + key[3], *key[4:]]) + "\r\n"
    assert through(raw.encode()) == (f"{key[0]}{REMOVED}\n{key[-1]}\n", 1)


def test_secrets_beside_chinese_in_gb18030_are_struck():
    marked = "interface 上联口\n description 密码策略服务器\nlocal-user 张三 password simple ⟦密Ab1⟧\n"
    marked += " peer 10.1.1.2 password cipher ⟦Bgp!77⟧\n"
    for encoding in ("gb18030", "utf-8"):
        raw = printed(marked).encode(encoding)
        for edge in range(len(raw)):
            assert through(raw, edge) == (struck(marked), 2)


def test_the_words_around_a_secret_stay():
    assert scrub('x { password "a b"; }')[0] == f"x {{ password {REMOVED}; }}"
    assert scrub("the admin password is hunter2")[1] == 0, "prose is left alone"
    assert scrub("password hunter2, then") == (f"password {REMOVED}, then", 1)


def test_a_name_is_a_secret_only_in_its_section():
    assert scrub('config system zone\n    edit 1\n        set name "dmz"\nend') == (
        'config system zone\n    edit 1\n        set name "dmz"\nend',
        0,
    )
    assert scrub("/interface\nadd name=ether9\n/snmp community\nadd name=x1y2\n/user\nadd name=bob")[0].split("\n") == [
        "/interface", "add name=ether9", "/snmp community", f"add name={REMOVED}", "/user", "add name=bob",
    ]  # fmt: skip


def test_a_section_without_an_end_does_not_last_for_ever():
    text = "/snmp community\n" + "add name=x\n" * 6000
    assert scrub(text)[1] == 5000


def test_a_private_key_that_is_cut_off_does_not_swallow_what_follows():
    text, _ = scrub("-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKC\nsw1#show version, please\nCisco IOS Software, x")
    assert text.endswith("Cisco IOS Software, x") and "MIIE" not in text


def test_a_private_key_on_one_long_line_goes_too():
    body = "A1b2" * 3000
    text, count = scrub(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----")
    assert "A1b2" not in text and count == 1
    text, count = scrub(f'"key": "-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----\\n"')
    assert "A1b2" not in text and count == 1


def test_the_credentials_it_was_given_are_struck_wherever_they_stand():
    scrubber = Scrubber(["n0tAWord", ""])
    assert scrubber.line("echo n0tAWord said n0tAWord") == f"echo {REMOVED} said {REMOVED}" and scrubber.count == 2
    assert scrubber.block("plain\nn0tAWord\nplain\n") == f"plain\n{REMOVED}\nplain\n" and scrubber.count == 3


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_it_and_twice_is_once(text):
    once, _ = scrub(text)
    assert scrub(once) == (once, 0)


WORDS = [
    "password", "secret", "key", "7", "cipher", "community", "snmp-server", "auth", "md5", "authentication-mode",
    "x1y2", ":", "=", '"', ";", "enable", "username", "for", "$9$abcdefgh", "user", "simple", REMOVED, "hash2", "ENC",
    "pre-shared-key", "psk", "\n", "/snmp community", "name=x", "authentication", "standby", "<key>", "</key>", "{",
    "snmp-server host",
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_no_heap_of_keywords_breaks_it_and_twice_is_once(text):
    once, _ = scrub(text)
    assert scrub(once) == (once, 0)


def test_a_hostile_line_costs_little():
    for line in (
        "password " * 7000,
        "a" * 65_000 + " key",
        "snmp-server user " * 3000,
        "%^%#" * 16_000,
        "://a:" * 12_000,
        "secret=" * 9000,
        "md5-password " * 5000,
        '"' * 60_000 + " hash2",
    ):
        scrub(line)


@pytest.mark.parametrize(
    "before", [b"word " * 20_000, b"password hunter2 and " * 5_000, b"x" * 70_000 + b" " + b"y z " * 20_000]
)
@pytest.mark.parametrize(
    "secret", [b"password sEcr3t9 ", b"snmp-server user u g v3 auth sha sEcr3t9 priv aes 128 sEcr3t9 "]
)
def test_a_line_that_is_cut_parts_no_secret_from_its_keyword(before, secret):
    for start in (65_536 - len(secret), 65_536 - len(secret) // 2, 65_535):
        raw = before[:start].rsplit(b" ", 1)[0] + b" " + secret + before
        text, _ = through(raw, *range(0, len(raw), 4096))
        assert "sEcr3t9" not in text


def test_memory_stays_flat_over_a_line_that_never_ends():
    file, scrubber = io.BytesIO(), Scrubber()
    out = Output(file, scrubber)
    block = b"x password hunter2 " * 3000
    out.write(block)
    tracemalloc.start()
    try:
        for _ in range(4):
            out.write(block)
            file.seek(0)
            file.truncate()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000
