"""What follows from what is broken, without any socket."""

import os
from pathlib import Path

import pytest

from agent.demo import breakage, environment, fabric
from agent.demo.fabric import Fabric, Happens
from agent.demo.mibs import device as mib
from agent.demo.mibs.table import Oid, Table, Tag, oid
from agent.demo.placement import place
from agent.errors import UsageError
from agent.inventory.device import Method
from agent.inventory.inventory import Inventory
from agent.inventory.parse import parse

NOW = 1_790_000_000.0
INVENTORY = Path(__file__).parents[2] / "inventory.yaml"


@pytest.fixture
def inventory() -> Inventory:
    environment.provide()
    return parse(INVENTORY.read_text(encoding="utf-8"), "inventory.yaml", os.environ.get)


@pytest.fixture
def whole(inventory: Inventory) -> Fabric:
    return fabric.fabric(inventory, NOW)


def _silent(whole: Fabric) -> set[str]:
    return {name for name, box in whole.boxes.items() if not box.answers}


def test_the_demonstration_network_is_as_big_as_promised(inventory: Inventory) -> None:
    assert len(inventory.devices) >= 10
    assert len(inventory.customers) >= 2
    assert len(inventory.sites) >= 3
    assert len({device.platform for device in inventory.devices.values()}) >= 4
    assert {device.snmp.version for device in inventory.devices.values() if device.snmp} == {"v2c", "v3"}


def test_everything_is_up_at_the_beginning(whole: Fabric) -> None:
    assert not _silent(whole)
    assert all(peer.up for box in whole.boxes.values() for peer in box.peers.values())
    assert all(box.ports[port].up for wire in whole.wires for box, port in ((whole.boxes[wire.a], wire.a_port),))


def test_every_box_has_between_eight_and_twenty_four_interfaces_or_is_a_small_router(whole: Fabric) -> None:
    assert all(5 <= len(box.ports) <= 24 for box in whole.boxes.values())


def test_a_cut_takes_both_ends_down_and_silences_what_lies_behind(whole: Fabric) -> None:
    happened = breakage.apply(whole, "cut", ("bj-core-1", "sh-rt-1"), True, NOW + 1)
    assert {(it.device, it.subject) for it in happened if it.what is Happens.LINK_DOWN} == {
        ("bj-core-1", "Te1/0/5"),
        ("sh-rt-1", "GigabitEthernet0/0/1"),
    }
    assert _silent(whole) == {"sh-rt-1", "sh-sw-1", "sh-sw-2"}


def test_a_cut_between_redundant_devices_silences_nobody(whole: Fabric) -> None:
    breakage.apply(whole, "cut", ("bj-core-1", "bj-core-2"), True, NOW + 1)
    assert not _silent(whole)


def test_a_cut_takes_the_routing_session_on_it_down_at_both_ends(whole: Fabric) -> None:
    happened = breakage.apply(whole, "cut", ("bj-core-1", "bj-isp-1"), True, NOW + 1)
    assert {it.device for it in happened if it.what is Happens.BGP_DOWN} == {"bj-core-1", "bj-isp-1"}
    assert not _silent(whole)


def test_a_device_without_power_darkens_the_ports_of_its_neighbours(whole: Fabric) -> None:
    happened = breakage.apply(whole, "power", ("bj-isp-1",), True, NOW + 1)
    assert _silent(whole) == {"bj-isp-1", "sz-rt-1", "sz-core-1", "sz-acc-1", "wx-sw-1"}
    downs = {(it.device, it.subject) for it in happened if it.what is Happens.LINK_DOWN}
    assert downs == {("bj-core-1", "Te1/0/2"), ("bj-core-2", "Te1/0/2"), ("sz-rt-1", "ge-0/0/0")}


def test_a_cut_fibre_is_dark_at_both_ends_and_light_when_mended(whole: Fabric) -> None:
    def received() -> list[int]:
        found = []
        for name in ("bj-core-1", "bj-core-2"):
            box = whole.boxes[name]
            sensor = 1000 + 2 * box.ports["Te1/0/1"].index  # entPhysicalIndex
            found.append(Table(mib.cells(box, whole)).get((*oid("1.3.6.1.4.1.9.9.91.1.1.1.1.4"), sensor), NOW)[1])
        return found

    assert all(-111 < tenths < -10 for tenths in received())
    breakage.apply(whole, "cut", ("bj-core-1", "bj-core-2"), True, NOW + 1)
    assert received() == [-400, -400]
    breakage.apply(whole, "cut", ("bj-core-1", "bj-core-2"), False, NOW + 2)
    assert all(-111 < tenths < -10 for tenths in received())


def test_power_restored_is_a_restart_with_counters_from_zero(whole: Fabric) -> None:
    breakage.apply(whole, "power", ("bj-isp-1",), True, NOW + 1)
    happened = breakage.apply(whole, "power", ("bj-isp-1",), False, NOW + 5)
    box = whole.boxes["bj-isp-1"]
    assert Happens.RESTART in {it.what for it in happened}
    assert box.uptime(NOW + 6) == 1
    assert box.ports["xe-0/1/0"].in_octets.read(NOW + 5) == 0
    assert not _silent(whole)


@pytest.mark.parametrize("what", breakage.BREAKAGES)
def test_every_breakage_has_arguments_of_its_own_and_can_be_mended(
    what: str, whole: Fabric, inventory: Inventory
) -> None:
    arguments = breakage.default(whole, inventory, what)
    before = {name: Table(mib.cells(box, whole)) for name, box in whole.boxes.items()}
    breakage.apply(whole, what, arguments, True, NOW + 1)
    breakage.apply(whole, what, arguments, False, NOW + 2)
    assert not _silent(whole)
    assert all(peer.up for box in whole.boxes.values() for peer in box.peers.values())
    after = {name: Table(mib.cells(box, whole)) for name, box in whole.boxes.items()}
    assert {name: len(table) for name, table in before.items()} == {name: len(table) for name, table in after.items()}


@pytest.mark.parametrize(
    ("what", "arguments"),
    [("nonsense", ()), ("cut", ("bj-core-1",)), ("cut", ("bj-core-1", "wx-sw-1")), ("power", ("nobody",)),
     ("flap", ("bj-core-1", "Te9/9/9")), ("crash", ("bj-core-1", "192.0.2.1"))],
)  # fmt: skip
def test_a_breakage_that_makes_no_sense_is_refused_in_words(
    what: str, arguments: tuple[str, ...], whole: Fabric
) -> None:
    with pytest.raises(UsageError):
        breakage.apply(whole, what, arguments, True, NOW)


def test_counters_grow_while_a_port_is_up_and_stand_still_while_it_is_down(whole: Fabric) -> None:
    flow = whole.boxes["bj-core-1"].ports["Te1/0/5"].in_octets
    assert flow.read(NOW) < flow.read(NOW + 1) < flow.read(NOW + 60)
    breakage.apply(whole, "cut", ("bj-core-1", "sh-rt-1"), True, NOW + 60)
    assert flow.read(NOW + 60) == flow.read(NOW + 90)


def test_a_counter_never_goes_back(whole: Fabric) -> None:
    flow = whole.boxes["bj-core-1"].ports["Te1/0/5"].in_octets
    readings = [flow.read(NOW + step * 0.5) for step in range(600)]
    assert readings == sorted(readings)


def test_a_mib_counts_in_the_width_of_its_counter(whole: Fabric) -> None:
    table = Table(mib.cells(whole.boxes["bj-core-1"], whole))
    narrow, wide = (
        table.get(oid("1.3.6.1.2.1.2.2.1.10.5"), NOW + 9),
        table.get(oid("1.3.6.1.2.1.31.1.1.1.6.5"), NOW + 9),
    )
    assert narrow is not None
    assert wide is not None
    assert narrow[0] is Tag.COUNTER
    assert wide[0] is Tag.COUNTER64
    assert isinstance(narrow[1], int)
    assert isinstance(wide[1], int)
    assert wide[1] > 2**32 > narrow[1]


def test_every_cell_of_every_table_has_a_value(whole: Fabric) -> None:
    for box in whole.boxes.values():
        table = Table(mib.cells(box, whole))
        name: tuple[int, ...] = (0,)
        seen = 0
        while (found := table.after(name, NOW + 3)) is not None:
            assert found[0] > name
            assert not callable(found[2])
            name, seen = found[0], seen + 1
        assert seen == len(table)


FOREIGN = """
version: 1
agent: {attached_to: [edge]}
customers: {acme: {title: Acme}}
sites: {here: {customer: acme}}
credentials:
  snmp: {kind: snmp_v2c, community: "env:NETCASE_DEMO_COMMUNITY"}
  ssh: {kind: ssh, username: admin, password: "env:NETCASE_DEMO_PASSWORD"}
defaults: {snmp: snmp, ssh: ssh}
devices:
  edge: {address: 192.0.2.1, platform: juniper_junos, site: here, role: edge}
  switch: {address: 192.0.2.2, platform: cisco_nxos, site: here, role: access}
  bj-core-1: {address: 192.0.2.3, platform: huawei_vrp, site: here, role: access}
links:
  - [edge, switch]
  - ["switch:Eth1/7", "bj-core-1:10GE1/0/1"]
"""


def test_an_inventory_of_somebody_elses_network_can_be_played(tmp_path: Path) -> None:
    environment.provide()
    placed = place(parse(FOREIGN, "theirs.yaml", os.environ.get), tmp_path)
    assert [device.address for device in placed.devices.values()] == ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
    assert all(device.snmp and device.snmp.port >= 1024 for device in placed.devices.values())
    assert all(Method.ICMP not in device.reachability for device in placed.devices.values())
    whole = fabric.fabric(placed, NOW)
    assert whole.boxes["switch"].ports["Eth1/7"].neighbour == ("bj-core-1", "10GE1/0/1")
    assert whole.boxes["bj-core-1"].family == "huawei"
    breakage.apply(whole, "cut", breakage.default(whole, placed, "cut"), True, NOW + 1)
    assert _silent(whole) == {"switch", "bj-core-1"}
    for what in ("power", "hot", "flap", "agent"):
        assert breakage.default(whole, placed, what)


# ---------------------------------------------------------------- what SNMP tells of a breakage


def told(whole: Fabric, device: str) -> dict[Oid, object]:
    return {name: value for name, _, value in mib.cells(whole.boxes[device], whole) if not callable(value)}


@pytest.mark.parametrize(
    ("what", "where", "column", "good", "bad"),
    [
        ("optics", "bj-core-1", "1.3.6.1.4.1.9.9.91.1.1.1.1.4", range(-111, -10), range(-200, -111)),
        ("disk", "bj-core-1", "1.3.6.1.4.1.9.9.10.1.1.4.1.1.14", range(2**32, 2**34), range(2**29)),
        ("ntp", "bj-core-1", "1.3.6.1.4.1.9.9.168.1.1.11", range(6, 7), range(3, 4)),
        ("duplex", "bj-dc-1", "1.3.6.1.2.1.10.7.2.1.19", range(3, 4), range(2, 3)),
    ],
)
def test_a_breakage_changes_one_value_and_mending_changes_it_back(
    what: str, where: str, column: str, good: range, bad: range, whole: Fabric, inventory: Inventory
) -> None:
    arguments = breakage.default(whole, inventory, what)
    before = told(whole, where)
    breakage.apply(whole, what, arguments, True, NOW + 1)
    broken = told(whole, where)
    [changed] = [
        name
        for name, value in broken.items()
        if value != before[name] and name[: len(oid(column))] == oid(column)
    ]  # fmt: skip
    assert arguments[0] == where and before[changed] in good and broken[changed] in bad
    breakage.apply(whole, what, arguments, False, NOW + 2)
    assert told(whole, where) == before


OSPF = oid("1.3.6.1.2.1.14.10.1.6")


def ospf_states(whole: Fabric, device: str) -> dict[Oid, object]:
    return {name: value for name, value in told(whole, device).items() if name[: len(OSPF)] == OSPF}


def test_two_that_do_not_agree_on_their_mtu_stay_neighbours_that_are_not_full(
    whole: Fabric, inventory: Inventory
) -> None:
    assert breakage.default(whole, inventory, "ospf") == ("bj-core-1", "bj-core-2")
    breakage.apply(whole, "ospf", ("bj-core-1", "bj-core-2"), True, NOW + 1)
    assert list(ospf_states(whole, "bj-core-1").values()) == [5]
    assert sorted(map(str, ospf_states(whole, "bj-core-2").values())) == ["5", "8"]
    breakage.apply(whole, "ospf", ("bj-core-1", "bj-core-2"), False, NOW + 2)
    assert set(ospf_states(whole, "bj-core-2").values()) == {8}


def test_a_neighbour_behind_a_cut_cable_is_heard_no_more(whole: Fabric) -> None:
    breakage.apply(whole, "cut", ("bj-core-2", "tj-rt-1"), True, NOW + 1)
    assert len(ospf_states(whole, "bj-core-2")) == 1 and ospf_states(whole, "tj-rt-1") == {}


@pytest.mark.parametrize("device", ["bj-core-1", "bj-isp-1", "bj-dc-1", "bj-acc-1", "sh-rt-1"])
def test_every_vendor_tells_that_its_configuration_was_changed(device: str, whole: Fabric) -> None:
    before = told(whole, device)
    breakage.apply(whole, "config", (device,), True, NOW + 60)
    changed = {name: value for name, value in told(whole, device).items() if value != before[name]}
    assert list(changed.values()) == [int((NOW + 60 - whole.boxes[device].booted) * 100) % 2**32]


@pytest.mark.parametrize(
    ("what", "arguments"),
    [
        ("ntp", ("bj-dc-1",)),
        ("disk", ("sh-rt-1",)),
        ("optics", ("bj-dc-1", "Ethernet1")),
        ("ospf", ("bj-core-1", "sh-rt-1")),
        ("duplex", ("bj-dc-1", "x")),
    ],
)
def test_what_a_device_cannot_tell_is_not_broken_in_it(what: str, arguments: tuple[str, ...], whole: Fabric) -> None:
    with pytest.raises(UsageError):
        breakage.apply(whole, what, arguments, True, NOW)
