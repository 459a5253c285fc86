"""Whatever is handed over as an inventory: no crash, no endless wait, a sentence with its line."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import InventoryError, Problem
from agent.inventory.inventory import Inventory
from agent.inventory.lines import MAX_CHARACTERS, MAX_DEPTH
from agent.inventory.parse import parse
from agent.inventory.problems import SHOWN


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InventoryError) as caught:
        parse(text, "inventory.yaml", lambda name: None)
    assert len(str(caught.value)) < 100_000
    return caught.value.problems


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~", "\ufeff"])
def test_an_empty_file_is_told(text: str) -> None:
    (problem,) = refused(text)
    assert problem.message == "is empty"
    assert "devices:" in problem.advice


def test_an_inventory_without_devices_is_told() -> None:
    (problem,) = refused("version: 1\ndevices:\n")
    assert (problem.line, problem.message) == (2, "there is no device")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words", "'quoted'", "[]"])
def test_what_is_no_map_is_told(text: str) -> None:
    (problem,) = refused(text)
    assert problem.message == "is not a map of keys and values"


def test_tabs_are_told_in_words_with_every_line_of_them() -> None:
    first, second = refused("devices:\n  a: {address: b}\n\tb:\n\t  address: c\n")
    assert (first.line, second.line) == (3, 4)
    assert first.message == "the line is indented with a tab"
    assert first.advice == "Write spaces: YAML takes no tabs there"


def test_a_tab_below_a_key_is_told_in_words() -> None:
    (problem,) = refused("devices:\n\ta: b\n")
    assert (problem.line, problem.message) == (2, "the line is indented with a tab")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: [1,\nb: 2\n", 3, "is not YAML"),
        ("a: b: c\n", 1, "mapping values are not allowed"),
        ("a: 'open\n", 2, "is not YAML"),
        ("a: 1\n  b: 2\n", 2, "is not YAML"),
        ("a: @x\n", 1, "cannot start any token"),
        ("devices:\n  a: *b\n", 2, "uses the alias *b"),
        ("devices:\n  a: !!python/object:os.system {}\n", 2, "uses the YAML tag"),
        ("devices:\n  a: !vault secret\n", 2, "uses the YAML tag"),
        ("a: 1\n---\nb: 1\n", 2, "begins a second document"),
        ("{{ devices }}: 1\n", 1, "a map or a list where a key should stand"),
        ("? [a, b]\n: c\n", 1, "a map or a list where a key should stand"),
        ("a:\n  b: \x07\n", 2, "U+0007"),
        ("a: \ud800\n", 1, "U+D800"),
        ("a: \x00\n", 1, "U+0000"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_line(text: str, line: int, message: str) -> None:
    (problem,) = refused(text)
    assert problem.line == line
    assert message in problem.message
    assert problem.advice


def test_a_bracket_that_is_never_closed_is_told_with_the_line_where_it_opens() -> None:
    (problem,) = refused("devices:\n  a: {address: b,\n  c: {address: d}\n")
    assert (problem.line, problem.advice) == (4, "Check what begins in line 2: a bracket or quote may not be closed")


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 40))
    (problem,) = refused(text)
    assert problem.message == "uses the alias *a0"


@pytest.mark.parametrize("text", ["[" * 200_000, "{a: " * 200_000, "- " * 200_000, "devices: " + "{a: " * MAX_DEPTH])
def test_deep_nesting_is_refused(text: str) -> None:
    (problem,) = refused(text)
    assert problem.message == f"is nested more than {MAX_DEPTH} deep"


def test_ten_megabytes_of_nonsense_are_refused() -> None:
    for nonsense in ("x" * 10_000_000, "nonsense\n" * 1_200_000, "a: b\n" * 2_000_000, "{[}]: " * 1_700_000):
        assert refused(nonsense)


def test_ten_megabytes_of_keys_are_refused_early() -> None:
    text = "".join(f"key{n}: 1\n" for n in range(800_000))
    assert "more than 1000 keys" in refused(text)[-1].message
    text = "policies:\n" + "".join(f"  key{n}: 1\n" for n in range(600_000))
    assert "more than 1000 keys" in refused(text)[-1].message
    text = "devices:\n  a:\n" + "".join(f"    key{n}: 1\n" for n in range(500_000))
    assert "more than 1000 keys" in refused(text)[-1].message
    text = "devices:\n  a:\n    parents: [" + "x," * 4_000_000
    assert "more than 1000 keys" in refused(text)[-1].message


def test_many_problems_are_told_up_to_a_number_and_the_rest_are_counted() -> None:
    problems = refused("devices:\n" + "".join(f"  d{n}: {{address: 10.0.0.999, role: x}}\n" for n in range(3_000)))
    assert len(problems) == SHOWN + 1
    assert problems[0].line == 2
    assert problems[-1].message == "and 8900 more problems"


def test_a_million_problems_end_the_reading() -> None:
    problems = refused("devices:\n" + "  d: x\n" * 1_000_000)
    assert len(problems) == SHOWN + 1


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    (problem,) = refused("#" * (MAX_CHARACTERS + 1))
    assert problem.message == "is larger than 32 MiB"


def test_what_was_written_is_shown_short_and_without_control_characters() -> None:
    text = 'devices:\n  "a\\e[31m": {address: "\\e]0;title\\a", site: ' + "x" * 5_000 + "}\n"
    told = "\n".join(map(str, refused(text)))
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "x" * 100 not in told


WORDS = st.sampled_from(
    [
        *("version", "devices", "groups", "defaults", "sites", "customers", "links", "policies", "maintenance"),
        *("credentials", "address", "site", "group", "parents", "snmp", "polling", "sla", "P1", "kind", "snmp_v2c"),
        *("a", "b", "1", "5s", ""),
    ]
)
TREES = st.recursive(
    WORDS | st.none() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=30,
)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_does_worse_than_an_inventory_error(text: str) -> None:
    with pytest.raises(InventoryError):
        parse(text, "inventory.yaml", lambda name: None)


@settings(deadline=None)
@given(TREES)
def test_no_tree_does_worse_than_an_inventory_error(tree: object) -> None:
    with suppress(InventoryError):
        assert isinstance(parse(flow(tree), "inventory.yaml", lambda name: None), Inventory)


def flow(tree: object) -> str:
    """YAML in one line."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(flow, tree)) + "]"
    return "~" if tree is None else "'" + str(tree).replace("'", "''") + "'"
