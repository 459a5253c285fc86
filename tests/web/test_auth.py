from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import HTTPConnection

from agent.errors import UsageError
from agent.web.auth import LASTS, MOST_WRONG, WITHIN, Gate, Keys

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LI, WANG = "li-" + "1" * 30, "wang-" + "2" * 30


@pytest.fixture
def keys() -> Keys:
    return Keys({"li-na": LI, "王磊": WANG})


def connection(address: str = "10.0.0.1", **headers: str) -> HTTPConnection:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": (address, 1)})


def test_a_key_is_its_persons(keys: Keys) -> None:
    assert (keys.whose(LI), keys.whose(WANG), keys.whose("nobody's"), keys.whose("")) == ("li-na", "王磊", "", "")


def test_no_key_is_held_in_the_clear(keys: Keys) -> None:
    assert LI not in repr(keys._keys) and LI.encode() not in repr(keys._keys).encode()


def test_a_key_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(UsageError, match=r"people\.li\.token: the key has 5 characters; write 20 at least"):
        Keys({"li": "12345"})


def test_two_people_have_not_the_same_key() -> None:
    with pytest.raises(UsageError, match="is the key of li too"):
        Keys({"li": LI, "wang": LI})


def test_a_session_lasts_its_time_and_no_longer(keys: Keys) -> None:
    session = keys.session("王磊", NOW)
    assert keys.person(session, NOW + LASTS - timedelta(seconds=1)) == "王磊"
    assert keys.person(session, NOW + LASTS) == ""


def test_a_session_ends_when_the_key_is_changed_and_outlives_a_restart(keys: Keys) -> None:
    session = keys.session("li-na", NOW)
    assert Keys({"li-na": LI}).person(session, NOW) == "li-na"
    assert Keys({"li-na": LI + "x"}).person(session, NOW) == ""
    assert Keys({"other": LI}).person(session, NOW) == ""


@pytest.mark.parametrize("place", range(4))
def test_a_session_that_was_touched_is_nobodys(keys: Keys, place: int) -> None:
    parts = keys.session("li-na", NOW).split(".")
    parts[place] = parts[place][:-1] + ("A" if parts[place][-1] != "A" else "B")
    assert keys.person(".".join(parts), NOW) == ""


@pytest.mark.parametrize(
    "text", ["", ".", "...", "....", "a.b.c.d", "é.1.x.y", "bGktbmE.99999999999999999999.x.y", "x" * 9999]
)
def test_what_is_no_session_is_nobodys(keys: Keys, text: str) -> None:
    assert keys.person(text, NOW) == ""


def test_the_token_of_a_form_is_that_of_its_session(keys: Keys) -> None:
    mine, other = keys.session("li-na", NOW), keys.session("王磊", NOW)
    token = keys.form_token(mine, NOW)
    assert keys.is_form_of(mine, token, NOW)
    assert not keys.is_form_of(other, token, NOW)
    assert not keys.is_form_of(mine, "", NOW)
    assert not keys.is_form_of("", "", NOW)


def test_whoever_guesses_waits_and_others_do_not(keys: Keys) -> None:
    gate = Gate(keys)
    for _ in range(MOST_WRONG):
        assert gate.known(connection(), "wrong", NOW) == ""
    assert gate.shut_to(connection(), NOW)
    assert gate.known(connection(), LI, NOW) == ""
    assert gate.known(connection("10.0.0.2"), LI, NOW) == "li-na"
    assert gate.known(connection(), LI, NOW + WITHIN) == "li-na"


def test_a_program_shows_its_key_as_a_bearer_token(keys: Keys) -> None:
    gate = Gate(keys)
    assert gate.bearer(connection(authorization=f"Bearer {LI}"), NOW) == "li-na"
    assert gate.bearer(connection(authorization=f"bearer  {LI} "), NOW) == "li-na"
    assert gate.bearer(connection(authorization=f"Basic {LI}"), NOW) == ""
    assert gate.bearer(connection(), NOW) == ""


def test_where_nobody_has_a_key_nobody_is_signed_in() -> None:
    gate = Gate()
    assert not gate.keys
    assert gate.bearer(connection(authorization="Bearer "), NOW) == ""
    assert gate.visitor(connection(cookie="netcase_session=a.1.b.c"), NOW) == ""
