"""What the data files say of each other: a name that is misspelt would be asked always, or never."""

import pytest

from agent.observation import ComponentKind
from collectors.snmp import profiles
from collectors.snmp.shapes import Profile

_KINDS = {kind.value for kind in ComponentKind}


def names(profile: Profile) -> set[str]:
    return {table.name for table in profile.tables} | {table.name for table in profile.sensors}


@pytest.mark.parametrize("name", sorted(profiles.everything()))
def test_what_a_table_waits_for_exists(name: str) -> None:
    profile = profiles.everything()[name]
    known = names(profile) | names(profiles.everything()["rfc"]) | _KINDS
    waits = {word for table in profile.tables for word in (*table.unless, *table.beside)}
    assert waits <= known


@pytest.mark.parametrize("name", sorted(profiles.everything()))
def test_no_two_tables_of_a_platform_share_a_name(name: str) -> None:
    tables = [table.name for table in profiles.everything()[name].tables]
    assert sorted(tables) == sorted(set(tables))


def test_what_is_skipped_exists_somewhere() -> None:
    skipped = {word for profile in profiles.everything().values() for word in profile.skip}
    assert skipped <= set().union(*map(names, profiles.everything().values()))
