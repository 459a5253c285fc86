"""The key of signed links is made once, readable by nobody else; addresses are remembered for other commands."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import settings
from agent.app import signing
from agent.cases.links import Links, Purpose
from agent.errors import StoreError, UnavailableError, UsageError
from agent.settings import Settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PUBLIC = {"NETCASE_PUBLIC_URL": "https://cases.example.net/"}


def made(folder: Path, environment: dict[str, str] | None = None) -> Links:
    found = signing.links(folder, PUBLIC if environment is None else environment)
    assert found
    return found


def test_without_an_address_there_are_no_links_and_no_key_is_made(tmp_path: Path) -> None:
    assert signing.links(tmp_path, {}) is None
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    token = made(tmp_path).token(Purpose.SURVEY, 1, "z", NOW + timedelta(days=1))
    assert made(tmp_path).read(token, NOW).case == 1
    mode = (tmp_path / signing.KEY_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [signing.KEY_FILE]


def test_programs_that_need_the_key_at_the_same_moment_all_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: made(tmp_path).digest(1, "z"), range(40)))
    assert len(digests) == 1


def test_nodes_share_a_key_by_reference(tmp_path: Path) -> None:
    (tmp_path / "shared").write_text("s" * 40)
    environment = {**PUBLIC, "NETCASE_LINK_KEY": f"file:{tmp_path}/shared"}
    one, other = (made(tmp_path / name, environment) for name in ("a", "b"))
    assert one.digest(1, "z") == other.digest(1, "z")
    in_variable = {**PUBLIC, "NETCASE_LINK_KEY": "env:THE_KEY", "THE_KEY": "s" * 40}
    assert made(tmp_path / "c", in_variable).digest(1, "z") == one.digest(1, "z")


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("hunter2-hunter2-hunter2-hunter2-hunter2", UsageError, "holds no reference"),
        ("env:SHORT", UsageError, "has 5 bytes: write at least 32"),
        ("env:MISSING", UnavailableError, "MISSING is not set"),
    ],
)
def test_a_key_that_is_no_good_is_refused_and_never_shown(
    tmp_path: Path, value: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as refused:
        made(tmp_path, {**PUBLIC, "NETCASE_LINK_KEY": value, "SHORT": "12345"})
    assert "hunter2" not in str(refused.value)
    assert "12345" not in str(refused.value)


@pytest.mark.parametrize("content", ["", "zz", "ab" * 10, "ü"])
def test_a_damaged_key_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / signing.KEY_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match="is damaged: remove it"):
        made(tmp_path)


def test_what_the_agent_was_told_other_commands_know(tmp_path: Path) -> None:
    chosen = Settings(public_url="https://cases.example.net", site_url="http://noc.example.net:8080")
    signing.of_agent(chosen, tmp_path)
    found = made(tmp_path, {})
    assert (found.base, found.site) == ("https://cases.example.net", "http://noc.example.net:8080")
    assert signing.of_agent(Settings(), tmp_path) is None
    assert signing.links(tmp_path, {}) is None


def test_customers_see_no_address_of_ours_unless_it_was_given(tmp_path: Path) -> None:
    assert made(tmp_path).site == ""


@pytest.mark.parametrize("content", ["javascript:alert(1)\n\n", "x", "\xff", "https://a.example\n"])
def test_a_list_of_addresses_that_was_tampered_with_is_not_followed(tmp_path: Path, content: str) -> None:
    (tmp_path / signing.ADDRESS_FILE).write_text(content, encoding="latin-1")
    found = signing.links(tmp_path, {})
    assert found is None or found.base == "https://a.example"


@pytest.mark.parametrize(
    "text",
    ["cases.example.net", "ftp://a.b", "https://", "https://a b", "https://a/?x=1", "https://u:p@a", "https://a:99999"],
)
def test_an_address_that_nobody_could_follow_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="NETCASE_PUBLIC_URL is"):
        settings.read({}, {"NETCASE_PUBLIC_URL": text})


def test_the_command_line_names_the_addresses_before_the_environment() -> None:
    found = settings.read({"public_url": "https://a.example/x/"}, {**PUBLIC, "NETCASE_SITE_URL": "http://[::1]:8080"})
    assert (found.public_url, found.site_url) == ("https://a.example/x", "http://[::1]:8080")
