"""Bridges in an inventory: what is read, and what is refused with its line and what to write instead."""

from datetime import timedelta

import pytest

from agent.errors import InventoryError
from agent.inventory import parse
from agent.inventory.bridges import BridgeKind, BridgeSetup, Wins

REST = """
customers: {bank: {title: Bank}}
sites: {hq: {customer: bank}}
devices: {core-1: {address: 192.0.2.1, site: hq}}
bridges:
"""


def read(bridges: str) -> dict[str, BridgeSetup]:
    return parse.parse(REST + bridges, "inventory.yaml", lambda name: "x" if name == "TOKEN" else None).bridges


def refused(bridges: str) -> str:
    with pytest.raises(InventoryError) as raised:
        read(bridges)
    return str(raised.value)


def test_a_bridge_is_read_with_the_words_of_its_product_below_its_own() -> None:
    desk = read("""
  desk:
    kind: zammad
    url: https://desk.example.net/
    token: env:TOKEN
    customers: [bank]
    severities: [P1, P2]
    states: {resolved: pending close}
    fields: {group: Network, customer: noc@bank.example}
    wins: theirs
    every: 1m
""")["desk"]
    assert (desk.kind, desk.url, desk.wins, desk.every) == (
        BridgeKind.ZAMMAD,
        "https://desk.example.net",
        Wins.THEIRS,
        timedelta(minutes=1),
    )
    assert (desk.states["resolved"], desk.states["closed"], desk.levels["P1"]) == ("pending close", "closed", "3 high")
    assert (str(desk.token), desk.severities) == ("env:TOKEN", ("P1", "P2"))


@pytest.mark.parametrize(
    ("bridge", "said"),
    [
        ("{kind: zamad, url: https://d.example, token: env:TOKEN}", "zammad"),
        ("{kind: rest, url: d.example, token: env:TOKEN}", "must be the address of a server"),
        ("{kind: rest, url: 'https://me:pw@d.example', token: env:TOKEN}", "without a log-in in it"),
        ("{kind: rest, url: http://d.example, token: env:TOKEN}", "allow_http: true where the way there is safe"),
        ("{kind: rest, url: https://d.example}", "token: is missing. Write token: env:NAME"),
        ("{kind: rest, url: https://d.example, token: s3cret}", "env:NAME"),
        ("{kind: rest, url: https://d.example, token: env:GONE}", "the environment variable GONE is not set"),
        ("{kind: jira, url: https://d.example, token: env:TOKEN}", "lacks project. Write fields: {project: …}"),
        ("{kind: rest, url: https://d.example, token: env:TOKEN, customers: [bnk]}", "is no customer"),
        ("{kind: rest, url: https://d.example, token: env:TOKEN, states: {done: x}}", "states"),
        ("{kind: rest, url: https://d.example, token: env:TOKEN, every: 1s}", "would ask without a pause"),
        ("{kind: rest, url: https://d.example, token: env:TOKEN, key: 'Net case'}", "key"),
        ("{kind: rest, url: https://d.example, token: env:TOKEN, wins: nobody}", "theirs"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_write(bridge: str, said: str) -> None:
    told = refused(f"  desk: {bridge}\n")
    assert told.startswith("inventory.yaml:6: bridges.desk")
    assert said in told
    assert "s3cret" not in told.replace("'s3cret'", "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost/api", "http://[::1]:9"])
def test_loopback_may_be_asked_without_encryption(url: str) -> None:
    assert read(f'  desk: {{kind: rest, url: "{url}", token: env:TOKEN}}\n')["desk"].url == url
