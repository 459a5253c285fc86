"""`netcase maintenance`: what is planned, refused, changed and shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.cli import cli
from agent.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Result]


@pytest.fixture
def netcase(tmp_path: Path) -> Run:
    def run(*words: str) -> Result:
        options = ["--data", str(tmp_path)]
        if words[0] == "maintenance":
            options += ["-i", str(ROOT / "inventory.yaml")]
        return CliRunner().invoke(cli, [*words, *options], env={"LANG": "en_US.UTF-8", "COLUMNS": "200"})

    assert run("db", "upgrade").exit_code == 0
    return run


def listed(netcase: Run) -> dict[str, dict[str, dict[str, object]]]:
    found = json.loads(netcase("maintenance", "list", "--json").stdout)
    return {key: {each["name"]: each for each in windows} for key, windows in found.items()}


def test_what_is_added_is_listed_by_when_it_is(netcase: Run) -> None:
    netcase("maintenance", "add", "swap", "--from", "now", "--for", "2h", "--device", "bj-core-1", "-m", "change 1")
    netcase("maintenance", "add", "fibre", "--from", "+1h", "--to", "+2h", "--component", "bj-core-1/interface:Gi0/*")
    again = netcase(
        "maintenance", "add", "nightly", "--every", "daily 02:00", "--for", "1h", "--timezone", "Asia/Shanghai",
        "--site", "wuxi", "--until", "2099-12-31",
    )  # fmt: skip
    assert again.exit_code == 0, again.output
    found = listed(netcase)
    assert (set(found["now"]), "fibre" in found["coming"], "nightly" in found["coming"]) == ({"swap"}, True, True)
    assert found["coming"]["fibre"]["components"] == ["bj-core-1/interface:Gi0/*"]
    assert found["coming"]["nightly"]["every"] == "daily 02:00"
    shown = netcase("maintenance", "list").stdout
    assert "change 1" in shown
    assert "swap" in netcase("maintenance", "show", "swap").stdout


def test_a_planner_is_told_what_it_overlaps_with_and_what_hangs_on_it(netcase: Run) -> None:
    netcase("maintenance", "add", "first", "--from", "+1h", "--for", "2h", "--device", "bj-core-1")
    told = netcase(
        "maintenance", "add", "second", "--from", "+2h", "--for", "2h", "--device", "bj-core-1", "--device", "bj-core-2"
    ).stdout
    assert "overlaps with first" in told
    assert "takes down more than it names" in told
    assert "shanghai" in told


REFUSED = [
    (["--from", "+1h", "--for", "1h", "--device", "bj-coar-1"], "Did you mean bj-core-1"),
    (["--from", "+1h", "--for", "1h", "--site", "wuhsi"], "wuxi"),
    (["--from", "+1h", "--for", "1h", "--component", "bj-core-1/interfaze:1"], "Did you mean interface"),
    (["--from", "+1h", "--for", "1h", "--component", "bj-core-9/interface:1"], "unknown device"),
    (["--from", "+2h", "--to", "+1h", "--device", "bj-core-1"], "ends before it starts"),
    (["--from", "+2h", "--device", "bj-core-1"], "--to or --for"),
    (["--from", "+2h", "--for", "1h"], "say what is maintained"),
    (["--for", "1h", "--device", "bj-core-1"], "say when"),
    (["--every", "someday", "--for", "1h", "--device", "bj-core-1"], "second sat 01:00"),
    (["--every", "daily 02:00", "--for", "25h", "--device", "bj-core-1"], "longer than"),
    (["--every", "daily 02:00", "--device", "bj-core-1"], "--for"),
    (["--every", "daily 02:00", "--for", "1h", "--from", "now", "--device", "bj-core-1"], "comes once"),
    (["--every", "daily 02:00", "--for", "1h", "--timezone", "Asia/Shangai", "--tag", "warehouse"], "Asia/Shanghai"),
    (["--every", "daily 02:00", "--for", "soon", "--device", "bj-core-1"], "not a duration"),
    (["--every", "daily 02:00", "--for", "1h", "--until", "2001-01-01", "--device", "bj-core-1"], "before the first"),
]


@pytest.mark.parametrize(("words", "told"), REFUSED, ids=[" ".join(words)[:40] for words, _ in REFUSED])
def test_what_cannot_be_is_refused_with_what_to_write(netcase: Run, words: list[str], told: str) -> None:
    done = netcase("maintenance", "add", "x", *words)
    assert isinstance(done.exception, UsageError)
    assert told in str(done.exception)
    assert "x" not in listed(netcase)["coming"]


def test_a_name_is_given_once(netcase: Run) -> None:
    for name in ("swap", "patching"):  # the second one stands in the inventory
        netcase("maintenance", "add", name, "--from", "now", "--for", "2h", "--device", "bj-core-1")
    for name in ("swap", "patching"):
        done = netcase("maintenance", "add", name, "--from", "now", "--for", "2h", "--device", "bj-core-1")
        assert "already" in str(done.exception)


def test_a_time_is_ended_extended_and_cancelled_also_of_the_inventorys_windows(netcase: Run) -> None:
    netcase("maintenance", "add", "swap", "--from", "now", "--for", "2h", "--device", "bj-core-1")
    assert netcase("maintenance", "extend", "swap", "--for", "1h").exit_code == 0
    swap = listed(netcase)["now"]["swap"]
    assert str(swap["ends"]) > str(swap["planned_ends"])
    assert netcase("maintenance", "end", "swap").exit_code == 0
    assert "swap" not in listed(netcase)["now"]
    assert "is over" in str(netcase("maintenance", "extend", "swap", "--for", "1h").exception)
    first = listed(netcase)["coming"]["patching"]["starts"]
    assert "cancel" in str(netcase("maintenance", "end", "patching").exception)
    assert netcase("maintenance", "cancel", "patching").exit_code == 0
    assert str(listed(netcase)["coming"]["patching"]["starts"]) > str(first)
    assert "inventory" in str(netcase("maintenance", "cancel", "patching", "--all").exception)


def test_a_window_that_comes_again_is_stopped_for_good(netcase: Run) -> None:
    netcase("maintenance", "add", "nightly", "--every", "daily 02:00", "--for", "1h", "--site", "wuxi")
    assert netcase("maintenance", "cancel", "nightly", "--all").exit_code == 0
    assert "nightly" not in listed(netcase)["coming"]
    assert "does not come again" in str(netcase("maintenance", "cancel", "nightly").exception)


def test_an_unknown_window_is_answered_with_those_that_there_are(netcase: Run) -> None:
    for command in ("show", "end", "cancel"):
        assert "patching" in str(netcase("maintenance", command, "patchin").exception)


@pytest.mark.parametrize(
    "words",
    [
        ("\x1b[2J", "--from", "now", "--for", "1h"),
        ("  ", "--from", "now", "--for", "1h"),
        ("far", "--from", "0001-01-01", "--for", "1h"),
        ("far", "--from", "now", "--to", "9999-12-31"),
        ("far", "--from", "now", "--to", "99999999999d"),
        ("far", "--from", "²d", "--for", "1h"),
        ("long", "--from", "now", "--for", "1h", "--reason", "x" * 2000),
    ],
)
def test_what_could_not_be_shown_or_reckoned_with_is_refused(netcase: Run, words: tuple[str, ...]) -> None:
    assert isinstance(netcase("maintenance", "add", *words, "--device", "bj-core-1").exception, UsageError)


def test_a_window_without_a_beginning_that_matters_is_taken(netcase: Run) -> None:
    words = ("--every", "daily 02:00", "--for", "1h", "--since", "0001-01-01", "--until", "9999-12-31")
    added = netcase("maintenance", "add", "old", *words, "--timezone", "Asia/Tokyo", "--device", "bj-core-1")
    assert added.exit_code == 0, added.output
    assert "old" in listed(netcase)["coming"]
