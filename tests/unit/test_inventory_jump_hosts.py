"""Ways to devices: jump hosts, private keys and host keys, as the inventory names them."""

import pytest

from agent.errors import InventoryError
from agent.inventory import parse
from agent.inventory.device import HostKeys, Secret

WHOLE = """
customers: {acme: {}}
sites:
  bj: {customer: acme}
  sh: {customer: acme, ssh_jump: [outer, inner]}
credentials:
  shell: {kind: ssh, username: netops, password: "env:P"}
  gate: {kind: ssh, username: jump, key_file: /keys/jump, key_passphrase: "env:K", port: 2222, host_keys: accept_new}
jump_hosts:
  outer: {address: 192.0.2.7, ssh: gate}
  inner: {address: 10.0.0.7, ssh: shell, port: 2022}
defaults: {ssh: shell}
groups:
  far: {ssh_jump: [inner]}
devices:
  near: {address: 192.0.2.1, site: bj}
  there: {address: 192.0.2.2, site: sh}
  grouped: {address: 192.0.2.3, site: sh, group: far}
  straight: {address: 192.0.2.4, site: sh, group: far, ssh_jump: []}
  bare: {address: 192.0.2.5, site: sh, ssh_jump: }
"""


def read(text: str):
    return parse.parse(text, "inventory.yaml", lambda _: "set", lambda _: True)


def way(inventory, name: str) -> list[str]:
    return [host.name for host in inventory.devices[name].ssh.jump]


def test_the_way_is_the_devices_own_then_its_groups_then_its_sites():
    inventory = read(WHOLE)
    ways = {name: way(inventory, name) for name in inventory.devices}
    assert ways == {"near": [], "there": ["outer", "inner"], "grouped": ["inner"], "straight": [], "bare": []}


def test_each_jump_host_has_an_address_a_login_and_host_keys_of_its_own():
    outer, inner = read(WHOLE).devices["there"].ssh.jump
    assert (outer.address, outer.access.port, outer.access.username) == ("192.0.2.7", 2222, "jump")
    assert (outer.access.key_file, outer.access.key_passphrase) == ("/keys/jump", Secret("env:K"))
    assert (outer.access.host_keys, inner.access.host_keys) == (HostKeys.ACCEPT_NEW, HostKeys.STRICT)
    assert (inner.access.port, inner.access.password) == (2022, Secret("env:P"))


@pytest.mark.parametrize(
    ("written", "mode"),
    [
        ("", HostKeys.STRICT),
        (", strict_host_key: false", HostKeys.ACCEPT_NEW),
        (", host_keys: off", HostKeys.OFF),
        (", host_keys: strict, strict_host_key: false", HostKeys.STRICT),
    ],
)
def test_host_keys_are_strict_unless_the_inventory_says_otherwise(written, mode):
    text = WHOLE.replace('password: "env:P"', f'password: "env:P"{written}')
    assert read(text).devices["near"].ssh.host_keys is mode


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("ssh_jump: [inner]", "ssh_jump: [inmer]"),
            "inventory.yaml:14: groups.far.ssh_jump[0]: unknown jump host 'inmer'",
        ),
        (("ssh_jump: [outer, inner]", "ssh_jump: [gone]"), "sites.sh.ssh_jump[0]: unknown jump host 'gone'"),
        (("192.0.2.7, ssh: gate", "192.0.2.7, ssh: nobody"), "jump_hosts.outer.ssh: unknown credential 'nobody'"),
        (("key_file: /keys/jump, ", ""), "credentials.gate.key_passphrase: stands without key_file"),
        (('"env:K"', "hunter2"), "credentials.gate.key_passphrase: must be a reference to a secret"),
        (("host_keys: accept_new", "host_keys: yes"), "credentials.gate.host_keys: "),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(change, told):
    with pytest.raises(InventoryError) as caught:
        read(WHOLE.replace(*change))
    assert told in str(caught.value) and "hunter2" not in str(caught.value)
