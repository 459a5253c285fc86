"""What a signed link holds, and that nothing else is taken for one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.cases.links import ExpiredError, Links, Purpose
from agent.errors import RefusedError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
LINKS = Links(b"k" * 32, "https://cases.example.net/")
TOKEN = LINKS.token(Purpose.CONFIRM, 12, "zhang@example.com", LATER, "20261122T100000")


def test_a_link_says_what_it_is_for_and_whose_it_is():
    ticket = LINKS.read(TOKEN, NOW)
    assert (ticket.purpose, ticket.case, ticket.about, ticket.expires) == ("confirm", 12, "20261122T100000", LATER)
    assert LINKS.is_for(ticket, "Zhang@Example.com ")
    assert not LINKS.is_for(ticket, "li@example.com")


def test_a_link_is_one_word_that_names_nobody():
    url = LINKS.url(Purpose.CONSENT, 7, "zhang@example.com", LATER, "1")
    assert url.startswith("https://cases.example.net/answer/")
    token = url.rsplit("/", 1)[1]
    assert token.replace("-", "").replace("_", "").isalnum()
    body = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert b"zhang" not in body
    assert b"k" * 8 not in body


def test_without_a_public_address_there_is_no_link():
    assert Links(b"k" * 32).url(Purpose.SURVEY, 7, "zhang@example.com", LATER) == ""


def test_the_same_person_is_another_digest_on_another_case():
    assert LINKS.digest(1, "zhang@example.com") != LINKS.digest(2, "zhang@example.com")


def test_a_link_is_over_at_the_second_that_it_names():
    assert LINKS.read(TOKEN, LATER - timedelta(seconds=1))
    with pytest.raises(ExpiredError, match="expired at 2026-12-22 12:00 UTC"):
        LINKS.read(TOKEN, LATER)


def test_an_expired_link_with_a_wrong_signature_is_not_even_said_to_be_expired():
    with pytest.raises(RefusedError) as refused:
        Links(b"x" * 32).read(TOKEN, LATER + timedelta(days=1))
    assert not isinstance(refused.value, ExpiredError)


def test_a_short_key_is_refused_and_no_key_is_ever_shown():
    with pytest.raises(ValueError, match="31 bytes"):
        Links(b"k" * 31)
    assert "kkk" not in repr(LINKS)


def test_what_could_break_an_address_is_refused_before_it_is_signed():
    for about in ("a/b", "a b", "x" * 41, "ü", "a:b"):
        with pytest.raises(ValueError, match="cannot be made"):
            LINKS.token(Purpose.RMA, 1, "z", LATER, about)
    with pytest.raises(ValueError, match="cannot be made"):
        LINKS.token(Purpose.RMA, 0, "z", LATER)


@given(st.integers(0, len(TOKEN) - 1), st.characters())
@example(len(TOKEN) - 1, TOKEN[-1])
def test_a_token_with_any_character_changed_is_refused(place, character):
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    if changed == TOKEN:
        assert LINKS.read(changed, NOW)
    else:
        with pytest.raises(RefusedError):
            LINKS.read(changed, NOW)


@given(st.integers(0, 8 * (len(TOKEN) * 6 // 8) - 1))
def test_a_token_with_any_bit_flipped_is_refused(bit):
    raw = bytearray(base64.urlsafe_b64decode(TOKEN + "=" * (-len(TOKEN) % 4)))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(RefusedError):
        LINKS.read(base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), NOW)


@given(st.integers(0, len(TOKEN) - 1))
def test_a_token_cut_anywhere_is_refused(length):
    with pytest.raises(RefusedError):
        LINKS.read(TOKEN[:length], NOW)


@given(st.text(max_size=500) | st.binary(max_size=300).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_comes_in_is_refused_and_breaks_nothing(text):
    with pytest.raises(RefusedError):
        LINKS.read(text, NOW)


@given(
    st.sampled_from(Purpose),
    st.integers(1, 10**17),
    st.text(max_size=60),
    st.datetimes(datetime(2026, 11, 23), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.from_regex(r"[A-Za-z0-9_-]{0,40}", fullmatch=True),
)
def test_every_link_we_make_is_read_as_it_was_made(purpose, case, person, expires, about):
    ticket = LINKS.read(LINKS.token(purpose, case, person, expires, about), NOW)
    assert (ticket.purpose, ticket.case, ticket.about) == (purpose, case, about)
    assert ticket.expires == expires.replace(microsecond=0)
    assert LINKS.is_for(ticket, person)


@given(st.binary(min_size=32, max_size=64))
def test_a_link_of_another_key_is_not_ours(key):
    if key != b"k" * 32:
        with pytest.raises(RefusedError):
            Links(key).read(TOKEN, NOW)
