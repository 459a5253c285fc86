"""What the network tells and the inventory does not."""

from agent.inventory.device import Role
from agent.inventory.discovery import Kind, Proposal, proposals
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START, device, inventory

Told = dict[str, list[Observation]]


def sees(device_: str, port: str, name: str, their_port: str = "", address: str = "", by: str = "lldp") -> Told:
    subject = Subject(device_, ComponentKind.NEIGHBOUR, port)
    facts = {Fact.REMOTE_NAME: name, Fact.REMOTE_PORT: their_port, Fact.REMOTE_ADDRESS: address, Fact.PROTOCOL: by}
    return {device_: [Observation(subject, fact, value) for fact, value in facts.items() if value]}


def has(device_: str, address: str, interface: str, network: str) -> Told:
    subject = Subject(device_, ComponentKind.ADDRESS, address)
    return {device_: [Observation(subject, Fact.ON_INTERFACE, interface, network)]}


def ospf(device_: str, address: str) -> Told:
    return {device_: [Observation(Subject(device_, ComponentKind.OSPF_NEIGHBOUR, address), Fact.OSPF_STATE, "full")]}


def batches(tier: Tier, *told: Told) -> dict[str, Batch]:
    found: dict[str, list[Observation]] = {}
    for each in told:
        for name, observations in each.items():
            found.setdefault(name, []).extend(observations)
    return {name: Batch(name, tier, START, tuple(seen)) for name, seen in found.items()}


def proposed(
    links: list[tuple[str, str]], *told: Told, statuses: tuple[Told, ...] = (), ends: tuple[str, ...] = ()
) -> tuple[Proposal, ...]:
    network = inventory([device(name, Role.CORE) for name in ("a", "b", "c")], links, ["a"])
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
