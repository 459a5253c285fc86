"""What the network tells and the inventory does not."""

from dataclasses import replace

from agent.inventory.device import Role
from agent.inventory.discovery import Kind, Proposal, proposals
from agent.inventory.inventory import Link
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START, device, inventory

Told = dict[str, list[Observation]]
ADDRESS = {"a": "198.51.100.1", "b": "198.51.100.2", "c": "198.51.100.3"}


def sees(device_: str, port: str, name: str, their_port: str = "", address: str = "", by: str = "lldp") -> Told:
    subject = Subject(device_, ComponentKind.NEIGHBOUR, port)
    facts = {Fact.REMOTE_NAME: name, Fact.REMOTE_PORT: their_port, Fact.REMOTE_ADDRESS: address, Fact.PROTOCOL: by}
    return {device_: [Observation(subject, fact, value) for fact, value in facts.items() if value]}


def has(device_: str, address: str, interface: str, network: str) -> Told:
    subject = Subject(device_, ComponentKind.ADDRESS, address)
    return {device_: [Observation(subject, Fact.ON_INTERFACE, interface, network)]}


def ospf(device_: str, address: str) -> Told:
    return {device_: [Observation(Subject(device_, ComponentKind.OSPF_NEIGHBOUR, address), Fact.OSPF_STATE, "full")]}


def ospf_of(device_: str, name: str, router: str) -> Told:
    subject = Subject(device_, ComponentKind.OSPF_NEIGHBOUR, name)
    return {device_: [Observation(subject, Fact.OSPF_STATE, "full"), Observation(subject, Fact.ROUTER_ID, router)]}


def bgp(device_: str, address: str, state: str = "established") -> Told:
    return {device_: [Observation(Subject(device_, ComponentKind.BGP_PEER, address), Fact.BGP_STATE, state)]}


def port(device_: str, name: str, type_: int = 6, **facts: str | int) -> Told:
    subject = Subject(device_, ComponentKind.INTERFACE, name)
    told = {Fact.IF_TYPE: type_, **{Fact(fact): value for fact, value in facts.items()}}
    return {device_: [Observation(subject, fact, value) for fact, value in told.items()]}


def is_called(device_: str, name: str) -> Told:
    return {device_: [Observation(Subject(device_), Fact.SYS_NAME, name)]}


def batches(tier: Tier, *told: Told) -> dict[str, Batch]:
    found: dict[str, list[Observation]] = {}
    for each in told:
        for name, observations in each.items():
            found.setdefault(name, []).extend(observations)
    return {name: Batch(name, tier, START, tuple(seen)) for name, seen in found.items()}


def proposed(
    links: list[tuple[str, str]], *told: Told, statuses: tuple[Told, ...] = (), said: tuple[Link, ...] = ()
) -> tuple[Proposal, ...]:
    devices = [replace(device(name, Role.CORE), address=ADDRESS[name]) for name in ("a", "b", "c")]
    network = inventory(devices, links, ["a"])
    network = replace(network, links=(*network.links, *said))
    return proposals(network, batches(Tier.IDENTITY, *told), batches(Tier.STATUS, *statuses))


def test_a_cable_that_both_ends_see_is_one_link() -> None:
    (found,) = proposed([], sees("a", "Gi0/1", "b", "Gi0/9"), sees("b", "Gi0/9", "a.example.net", "Gi0/1"))
    assert (found.kind, found.entry) == (Kind.LINK, "[a:Gi0/1, b:Gi0/9]")
    assert found.seen == ("a:Gi0/1 (lldp)", "b:Gi0/9 (lldp)")


def test_one_end_that_cannot_name_the_others_port_joins_the_one_that_can() -> None:
    (found,) = proposed([], sees("a", "Gi0/1", "b"), sees("b", "Gi0/9", "a", "Gi0/1"))
    assert found.entry == "[a:Gi0/1, b:Gi0/9]"


def test_two_cables_between_two_devices_are_two() -> None:
    found = proposed([], sees("a", "1", "b", "1"), sees("a", "2", "b", "2"))
    assert [p.entry for p in found] == ["[a:1, b:1]", "[a:2, b:2]"]


def test_what_the_inventory_says_is_not_proposed() -> None:
    assert proposed([("a", "b")], sees("a", "to-b", "b", "to-a")) == ()


def test_a_link_that_ends_elsewhere_is_a_contradiction() -> None:
    (found,) = proposed([("a", "b")], sees("a", "to-b", "c", "Gi0/7"))
    assert (found.kind, found.entry) == (Kind.CONTRADICTION, "")
    assert found.about == ("a:to-b", "b:to-a", "a:to-b", "c:Gi0/7")


def test_ospf_over_a_shared_network_is_a_link_and_a_session_across_others_is_not() -> None:
    homes = [has("a", "10.0.0.1", "Gi0/1", "10.0.0.0/30"), has("b", "10.0.0.2", "Gi0/9", "10.0.0.0/30")]
    (found,) = proposed([], *homes, statuses=(ospf("a", "10.0.0.2"), ospf("b", "10.0.0.1")))
    assert found.entry == "[a:Gi0/1, b:Gi0/9]" and found.seen == ("a:Gi0/1 (ospf)", "b:Gi0/9 (ospf)")
    assert proposed([], *homes, statuses=(ospf("a", "10.9.9.9"),)) == ()


def test_a_stranger_is_one_however_many_see_it() -> None:
    told = [sees("a", "1", "new-sw", "5", "192.0.2.50"), sees("b", "7", "new-sw", "6", "192.0.2.50", "cdp")]
    (found,) = proposed([], *told)
    assert (found.kind, found.about[:2], found.section) == (Kind.STRANGER, ("new-sw", "192.0.2.50"), "devices")
    assert found.entry == "new-sw: {address: 192.0.2.50, site: hq}"
    assert found.seen == ("a:1 (lldp)", "b:7 (cdp)")


def test_a_stranger_without_an_address_can_only_be_told() -> None:
    (found,) = proposed([], sees("a", "1", "phone"))
    assert (found.section, found.entry) == ("", "")


def test_a_neighbour_known_by_its_address_is_no_stranger() -> None:
    (found,) = proposed([], sees("a", "1", "another name", "2", "192.0.2.2"), has("b", "192.0.2.2", "lo0", ""))
    assert found.entry == "[a:1, b:2]"


def test_hostile_names_stay_one_word() -> None:
    (found,) = proposed([], sees("a", "1", 'x"}\n- [evil', "", "192.0.2.50"))
    assert "\n" not in found.entry and found.entry.startswith('"x\\"}')


# ---------------------------------------------------------------- what the inventory says in other words


def test_an_open_link_stands_for_one_cable_and_not_for_two() -> None:
    told = [sees("a", "1", "b", "1"), sees("a", "2", "b", "2")]
    assert [p.entry for p in proposed([], *told, said=(Link("a", "1", "b", ""),))] == ["[a:2, b:2]"]
    assert [p.entry for p in proposed([], *told, said=(Link("a", "2", "b", "2"),))] == ["[a:1, b:1]"]
    assert len(proposed([], *told, said=(Link("a", "", "b", ""),))) == 1
    assert proposed([], *told, said=(Link("a", "", "b", ""), Link("a", "1", "b", ""))) == ()


def test_a_link_named_at_one_end_is_not_a_cable_at_another_port() -> None:
    found = proposed([], sees("a", "2", "b", "2"), said=(Link("a", "1", "b", ""),))
    assert [p.entry for p in found] == ["[a:2, b:2]"]


def test_the_inventory_may_say_the_long_name_or_the_sub_interface() -> None:
    told = [
        sees("a", "Gi0/1", "b", "Gi0/9"), port("a", "Gi0/1", descr="GigabitEthernet0/1"), port("b", "Gi0/9"),
        port("b", "Gi0/9.100", 135),
    ]  # fmt: skip
    assert proposed([], *told, said=(Link("a", "GigabitEthernet0/1", "b", "Gi0/9.100"),)) == ()


def test_a_bundle_in_the_inventory_stands_for_its_cables() -> None:
    told = [sees("a", "1", "b", "1"), sees("a", "2", "b", "2"), port("a", "Po1", 161), port("b", "Po1", 161)]
    assert proposed([], *told, said=(Link("a", "Po1", "b", "Po1"),)) == ()


def test_a_cable_beside_a_bundle_is_seen_where_one_end_tells_its_members() -> None:
    told = [sees("a", "1", "b", "1"), sees("a", "2", "b", "2"), sees("a", "3", "b", "3")]
    told += [
        port("a", "Po1", 161),
        port("b", "Po1", 161),
        port("a", "1", lag="Po1"),
        port("a", "2", lag="Po1"),
        port("b", "3"),
    ]
    (found,) = proposed([], *told, said=(Link("a", "Po1", "b", "Po1"),))
    assert (found.kind, found.entry) == (Kind.LINK, "[a:3, b:3]")


def test_ospf_over_a_bundle_is_no_third_cable() -> None:
    told = [
        sees("a", "1", "b", "1"), sees("a", "2", "b", "2"), port("a", "Po1", 161), port("b", "Po1", 161),
        port("b", "1"), port("b", "2"),
        has("a", "10.0.0.1", "Po1", "10.0.0.0/30"), has("b", "10.0.0.2", "Po1", "10.0.0.0/30"),
    ]  # fmt: skip
    found = proposed([], *told, statuses=(ospf("a", "10.0.0.2"), ospf("b", "10.0.0.1")))
    assert [p.entry for p in found] == ["[a:1, b:1]", "[a:2, b:2]"]
    (bundle,) = proposed([], *told[2:], statuses=(ospf("a", "10.0.0.2"),))
    assert bundle.entry == "[a:Po1, b:Po1]", "without LLDP the bundle is all that is seen"


# ---------------------------------------------------------------- what is no cable


def test_three_that_see_each_other_on_one_port_have_no_cable_between_two() -> None:
    ports = [
        ("a", "1", "b"),
        ("a", "1 #2", "c"),
        ("b", "1", "a"),
        ("b", "1 #2", "c"),
        ("c", "1", "a"),
        ("c", "1 #2", "b"),
    ]
    told = [sees(near, at, far, "1") for near, at, far in ports]
    assert proposed([], *told) == ()
    assert proposed([], *told, said=(Link("a", "1", "c", "1"),)) == (), "nor does that contradict anybody"


def test_a_phone_beside_a_switch_hides_no_cable() -> None:
    found = proposed([], sees("a", "1", "phone"), sees("a", "1 #2", "b", "1"))
    assert [(p.kind, p.entry) for p in found] == [(Kind.LINK, "[a:1, b:1]"), (Kind.STRANGER, "")]


def test_routers_on_one_network_have_no_cable_between_two() -> None:
    homes = [has(d, f"10.0.0.{n}", "eth1", "10.0.0.0/24") for n, d in enumerate(("a", "b", "c"), 1)]
    seen = tuple(ospf(d, f"10.0.0.{n}") for d in ("a", "b", "c") for n, other in enumerate("abc", 1) if other != d)
    assert proposed([], *homes, statuses=seen) == ()
    (found,) = proposed([], *homes, sees("a", "eth1", "b", "eth1"), statuses=seen)
    assert found.entry == "[a:eth1, b:eth1]", "where LLDP tells of a cable, it is one"


def test_a_peer_that_is_only_configured_is_not_seen() -> None:
    homes = [has("a", "10.0.0.1", "Gi0/1", "10.0.0.0/30"), has("b", "10.0.0.2", "Gi0/9", "10.0.0.0/30")]
    assert proposed([], *homes, statuses=(bgp("a", "10.0.0.2", "active"),)) == ()
    assert proposed([], homes[0], statuses=(bgp("a", "10.0.0.2", "idle"),)) == ()
    assert len(proposed([], *homes, statuses=(bgp("a", "10.0.0.2"),))) == 1


def test_a_default_name_of_two_devices_tells_nobody() -> None:
    names = [is_called("a", "Switch"), is_called("b", "Switch"), is_called("c", "c.example.net")]
    (found,) = proposed([], *names, sees("c", "1", "Switch", "5"))
    assert (found.kind, found.about[0]) == (Kind.STRANGER, "Switch")
    (found,) = proposed([], *names, has("b", "192.0.2.2", "Vlan1", ""), sees("c", "1", "Switch", "5", "192.0.2.2"))
    assert found.entry == "[b:5, c:1]", "its address does"


def test_addresses_of_the_cable_alone_tell_nobody() -> None:
    homes = [has("a", "fe80::1", "Gi0/1", "fe80::/64"), has("b", "fe80::2", "Gi0/9", "fe80::/64"),
             has("a", "127.0.0.1", "eth0", "127.0.0.0/8")]  # fmt: skip
    assert proposed([], *homes, statuses=(bgp("a", "fe80::2"), bgp("c", "127.0.0.1"))) == ()


# ---------------------------------------------------------------- which port


def test_the_longest_prefix_holds_the_peer() -> None:
    homes = [has("a", "10.9.0.1", "mgmt", "10.0.0.0/8"), has("a", "10.0.0.1", "Gi0/1", "10.0.0.0/30"),
             has("b", "10.0.0.2", "Gi0/9", "10.0.0.0/30")]  # fmt: skip
    (found,) = proposed([], *homes, statuses=(ospf("a", "10.0.0.2"),))
    assert found.entry == "[a:Gi0/1, b:Gi0/9]"
    twice = has("a", "10.0.0.1", "Gi0/2", "10.0.0.0/30")
    assert proposed([], *homes, twice, statuses=(ospf("a", "10.0.0.2"),)) == (), "two VRFs with one network"


def test_both_protocols_of_one_address_are_seen() -> None:
    homes = [has("a", "10.0.0.1", "Gi0/1", "10.0.0.0/30"), has("b", "10.0.0.2", "Gi0/9", "10.0.0.0/30")]
    (found,) = proposed([], *homes, statuses=(ospf("a", "10.0.0.2"), bgp("a", "10.0.0.2")))
    assert found.seen == ("a:Gi0/1 (ospf)", "a:Gi0/1 (bgp)")


def test_neighbours_of_ospf_v3_and_of_unnumbered_links_are_at_the_port_of_that_ifindex() -> None:
    told = [port("a", "Gi0/1", if_index=7), port("b", "Gi0/9", if_index=9), port("a", "lo", 24), port("b", "lo", 24),
            has("a", "10.255.0.1", "lo", "10.255.0.1/32"), has("b", "10.255.0.2", "lo", "10.255.0.2/32")]  # fmt: skip
    a, b = "10.255.0.1", "10.255.0.2"
    for mine, theirs in ((f"{b} if7", f"{a} if9"), (f"{b} #{b}.7", f"{a} #{a}.9")):
        (found,) = proposed([], *told, statuses=(ospf("a", mine), ospf("b", theirs)))
        assert found.entry == "[a:Gi0/1, b:Gi0/9]"


def test_parallel_cables_that_nobody_tells_apart_are_counted_at_one_end() -> None:
    told = [sees("a", "1", "b"), sees("a", "2", "b"), sees("b", "1", "a"), sees("b", "2", "a")]
    assert [p.entry for p in proposed([], *told)] == ["[a, b:1]", "[a, b:2]"]


def test_a_port_called_by_its_alias_or_mac_address_is_told_by_name() -> None:
    told = [port("b", "Gi0/9", alias="to a", mac="02:00:00:00:00:09"), port("b", "Gi0/8", alias="spare")]
    for said in ("to a", "02:00:00:00:00:09"):
        (found,) = proposed([], sees("a", "1", "b", said), *told)
        assert found.entry == "[a:1, b:Gi0/9]"
    (found,) = proposed([], sees("a", "1", "b", "no such port"), sees("b", "Gi0/9", "a", "1"), *told)
    assert found.entry == "[a:1, b:Gi0/9]", "who knows the port better is believed"


# ---------------------------------------------------------------- one stranger


def test_a_stranger_by_lldp_and_by_its_session_is_one() -> None:
    (found,) = proposed(
        [],
        sees("a", "1", "isp", "5", "fe80::5"),
        has("a", "10.0.0.1", "1", "10.0.0.0/30"),
        statuses=(bgp("a", "10.0.0.2"),),
    )
    assert found.about[:2] == ("isp", "10.0.0.2"), "and its address is the one that can be asked"
    assert found.entry == "isp: {address: 10.0.0.2, site: hq}" and found.seen == ("a:1 (lldp)", "a:1 (bgp)")


def test_a_stranger_behind_a_switch_is_not_the_switch() -> None:
    wide = has("a", "10.0.0.1", "1", "10.0.0.0/24")
    assert len(proposed([], sees("a", "1", "sw", "5"), wide, statuses=(bgp("a", "10.0.0.2"),))) == 2
    narrow, own = has("a", "10.0.0.1", "1", "10.0.0.0/30"), has("b", "192.0.2.2", "Vlan1", "")
    found = proposed([], sees("a", "1", "b", "5"), narrow, own, statuses=(bgp("a", "10.0.0.2"),))
    assert [p.kind for p in found] == [Kind.LINK, Kind.STRANGER], "b told its addresses, and this is none of them"


def test_a_router_that_does_not_answer_is_known_by_its_router_id() -> None:
    home = has("a", "10.0.0.1", "1", "10.0.0.0/30")
    (found,) = proposed([], home, statuses=(ospf_of("a", "10.0.0.2", ADDRESS["b"]),))
    assert (found.kind, found.entry) == (Kind.LINK, "[a:1, b]")
    homes = [has("a", "10.0.0.1", "1", "10.0.0.0/30"), has("c", "10.0.1.1", "1", "10.0.1.0/30")]
    seen = (ospf_of("a", "10.0.0.2", "10.255.9.9"), ospf_of("c", "10.0.1.2", "10.255.9.9"))
    (stranger,) = proposed([], *homes, statuses=seen)
    assert stranger.kind is Kind.STRANGER and stranger.seen == ("a:1 (ospf)", "c:1 (ospf)")
