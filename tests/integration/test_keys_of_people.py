"""Keys to sign in with: named by reference, checked before anything is started, never in the clear."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.cli import cli
from agent.errors import InventoryError, UsageError

INVENTORY = """
customers: {acme: {}}
sites: {hq: {customer: acme}}
people:
  li-na: {channels: [console], token: %s}
  wang: {channels: [console], token: "env:KEY_OF_WANG"}
devices: {a: {address: 127.0.0.1, site: hq}}
"""


def check(tmp_path: Path, token: str, **environment: str) -> Result:
    file = tmp_path / "inventory.yaml"
    file.write_text(INVENTORY % token)
    return CliRunner().invoke(cli, ["check", "-i", str(file)], env={"KEY_OF_WANG": "w" * 30, **environment})


def test_a_key_in_a_file_or_a_variable_is_in_order(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("l" * 30 + "\n")
    assert check(tmp_path, f"file:{tmp_path / 'key'}").exit_code == 0
    assert check(tmp_path, "env:KEY_OF_LI", KEY_OF_LI="x" * 30).exit_code == 0


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("sesame-open-this-door-now", "must be a reference to a secret, not the secret itself"),
        ("env:KEY_OF_NOBODY", "the environment variable KEY_OF_NOBODY is not set. Run: export KEY_OF_NOBODY=…"),
        ("file:/nowhere/key", "the file /nowhere/key is missing or cannot be read"),
    ],
)
def test_what_is_no_key_is_told_with_its_line(tmp_path: Path, token: str, said: str) -> None:
    result = check(tmp_path, token)
    assert isinstance(result.exception, InventoryError)
    assert "inventory.yaml:5: people.li-na.token: " in str(result.exception)
    assert said in str(result.exception)
    assert "sesame" not in str(result.exception)


@pytest.mark.parametrize(("key", "said"), [("short", "the key has 5 characters"), ("w" * 30, "is the key of")])
def test_a_key_that_could_be_guessed_or_is_anothers_is_refused(tmp_path: Path, key: str, said: str) -> None:
    result = check(tmp_path, "env:KEY_OF_LI", KEY_OF_LI=key)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert key not in str(result.exception)
