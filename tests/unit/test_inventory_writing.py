"""Adding entries to an inventory's text."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import UsageError
from agent.inventory import writing
from agent.inventory.discovery import quoted
from agent.inventory.parse import parse

TEXT = """\
# our network
customers: {acme: {}}
sites: {hq: {customer: acme}}
devices:
  # the core
  core-1: {address: 192.0.2.1, site: hq, reachability: [icmp]}
  core-2:
    address: 192.0.2.2
    site: hq
    reachability: [icmp]  # no SNMP yet

links:  # by ifName
  - [core-1:Gi0/1, core-2:Gi0/1]

# the end
"""


def test_a_link_goes_behind_the_last_one_and_nothing_else_moves() -> None:
    added = writing.added(TEXT, "links", ["[core-1:Gi0/2, core-2:Gi0/2]"], "i.yaml")
    assert added == TEXT.replace("core-2:Gi0/1]\n", "core-2:Gi0/1]\n  - [core-1:Gi0/2, core-2:Gi0/2]\n")


def test_a_device_goes_behind_the_last_one_however_long_that_is() -> None:
    entry = "edge-1: {address: 192.0.2.3, site: hq, reachability: [icmp]}"
    added = writing.added(TEXT, "devices", [entry], "i.yaml")
    assert added == TEXT.replace("# no SNMP yet\n", f"# no SNMP yet\n  {entry}\n")
    assert set(parse(added, "i.yaml", lambda _: "x").devices) == {"core-1", "core-2", "edge-1"}


def test_a_section_that_is_not_there_is_begun() -> None:
    without = TEXT.partition("\nlinks:")[0] + "\n"
    added = writing.added(without, "links", ["[core-1:Gi0/2, core-2:Gi0/2]"], "i.yaml")
    assert [link.key for link in parse(added, "i.yaml", lambda _: "x").links] == ["core-1:Gi0/2--core-2:Gi0/2"]


@pytest.mark.parametrize("section", ["links: [[core-1, core-2]]", "links:"])
def test_a_section_on_one_line_is_left_to_the_person(section: str) -> None:
    text = TEXT.partition("links:")[0] + section + "\n"
    with pytest.raises(UsageError, match="links"):
        writing.added(text, "links", ["[core-1:Gi0/2, core-2:Gi0/2]"], "i.yaml")


def test_a_last_line_without_its_end_gets_one() -> None:
    text = TEXT.partition("\n\n# the end")[0]
    assert writing.added(text, "links", ["[a, b]"], "i.yaml").endswith("core-2:Gi0/1]\n  - [a, b]\n")


@given(st.text(min_size=1, max_size=40))
def test_whatever_a_device_calls_itself_is_one_word_of_yaml(name: str) -> None:
    if all(c.isprintable() for c in name):
        assert yaml.safe_load(f"[{quoted(name)}, x]")[1] == "x"
        assert str(yaml.load(f"[{quoted(name)}]", Loader=yaml.BaseLoader)[0]) == name
    assert "\n" not in quoted(name)
