"""The network as a graph: which device is reached through which, and which addresses sit where.

Nodes are devices, edges are links; a `parents` entry without a link is an edge without interfaces. The agent enters
through `attached_to` (where that is empty: through every device without parents); an out-of-band device is reached
past the network.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address, ip_network

from agent.inventory.adjacency import Network, Sight, holding
from agent.inventory.device import Device, Management
from agent.inventory.inventory import Inventory, Link
from agent.inventory.reach import Edge, Reach
from agent.observation import Batch, ComponentKind, Fact

End = tuple[str, str]  # device, interface


@dataclass(frozen=True, slots=True)
class Home:
    """Where an address lives."""

    device: str
    interface: str
    prefix: str = ""


@dataclass(frozen=True)
class Topology:
    devices: Mapping[str, Device]
    links: tuple[Link, ...]
    attached_to: frozenset[str]
    homes: Mapping[str, Home]  # by address
    bundles: Mapping[End, str] = field(default_factory=dict)  # the aggregate that an interface is a member of

    # ------------------------------------------------------------ links

    @cached_property
    def _links_of(self) -> dict[str, list[Link]]:
        links: dict[str, list[Link]] = {name: [] for name in self.devices}
        for link in self.links:
            links[link.a].append(link)
            links[link.b].append(link)
        return links

    @cached_property
    def _by_end(self) -> dict[End, Link]:
        return {
            end: link
            for link in self.links
            for end in ((link.a, link.a_interface), (link.b, link.b_interface))
            if end[1]
        }

    @cached_property
    def members(self) -> dict[End, tuple[str, ...]]:
        """The members of each aggregate, by name."""
        members: dict[End, list[str]] = {}
        for (device, member), aggregate in self.bundles.items():
            members.setdefault((device, aggregate), []).append(member)
        return {end: tuple(sorted(names)) for end, names in members.items()}

    @cached_property
    def sites(self) -> dict[str, frozenset[str]]:
        """The devices of each site."""
        sites: dict[str, list[str]] = {}
        for device in self.devices.values():
            sites.setdefault(device.site, []).append(device.name)
        return {site: frozenset(names) for site, names in sites.items()}

    @cached_property
    def customers(self) -> dict[str, frozenset[str]]:
        """The devices of each customer."""
        customers: dict[str, list[str]] = {}
        for device in self.devices.values():
            customers.setdefault(device.customer, []).append(device.name)
        return {customer: frozenset(names) for customer, names in customers.items()}

    def links_of(self, device: str) -> list[Link]:
        return self._links_of.get(device, [])

    def link_at(self, device: str, interface: str) -> Link | None:
        return self._by_end.get((device, interface))

    def linked_interfaces(self, device: str) -> frozenset[str]:
        return frozenset(interface for link in self.links_of(device) if (interface := near_end(link, device)))

    def neighbours(self, device: str) -> frozenset[str]:
        return frozenset(other(link, device) for link in self.links_of(device))

    # ------------------------------------------------------------ addresses

    @cached_property
    def _addresses(self) -> dict[str, list[Home]]:
        found: dict[str, list[Home]] = {}
        for home in self.homes.values():
            if home.prefix:
                found.setdefault(home.device, []).append(home)
        return found

    @cached_property
    def _connected(self) -> dict[str, list[tuple[Network, str]]]:
        """Filled as it is asked for: few devices ever are."""
        return {}

    def interface_towards(self, device: str, address: str) -> str:
        """The device's interface whose connected network holds the address, the longest of all; empty where none does,
        or two do."""
        if device not in self._connected:
            known = self._addresses.get(device, ())
            self._connected[device] = [(ip_network(home.prefix, strict=False), home.interface) for home in known]
        return holding(self._connected[device], address)[1]

    # ------------------------------------------------------------ ways

    @cached_property
    def reach(self) -> Reach:
        """How the agent reaches the devices through the network."""
        edges: dict[str, list[Edge]] = {name: [] for name in self.devices}
        for link in self.links:
            key = link.key
            edges[link.a].append((link.b, key))
            edges[link.b].append((link.a, key))
        return Reach(edges, self.attached_to & self.devices.keys())

    def entered_directly(self, device: str) -> bool:
        return device in self.attached_to or self.past_the_network(device)

    def past_the_network(self, device: str) -> bool:
        return self.devices[device].management is Management.OUT_OF_BAND

    def lost_by(self, dead: frozenset[str], cut: frozenset[str]) -> frozenset[str]:
        """The devices that the agent does not reach through the network any more when these are dead and these links
        (keys) cut, the dead themselves too. Cheap for a small failure of a large network."""
        return self.reach.lost_by(dead, cut)

    @property
    def whole(self) -> frozenset[str]:
        """What the agent reaches through the network when nothing is broken."""
        return self.reach.whole


def other(link: Link, device: str) -> str:
    return link.b if link.a == device else link.a


def near_end(link: Link, device: str) -> str:
    return link.a_interface if link.a == device else link.b_interface


def build(inventory: Inventory, identities: Mapping[str, Batch] | None = None) -> Topology:
    """From the inventory, completed by what the devices told of themselves (LLDP neighbours, addresses)."""
    identities = identities or {}
    links = _completed(inventory.links, _neighbours(inventory, identities))
    known = {frozenset((link.a, link.b)) for link in links}
    parents = tuple(
        Link(parent, "", device.name, "")
        for device in inventory.devices.values()
        for parent in device.parents
        if frozenset((parent, device.name)) not in known
    )
    attached = frozenset(inventory.attached_to) or frozenset(_roots(inventory))
    return Topology(
        inventory.devices, links + parents, attached, _homes(inventory, identities), _bundles(inventory, identities)
    )


def _roots(inventory: Inventory) -> Iterable[str]:
    """Without a word on where the agent enters: the devices without parents, or all where nobody has any."""
    children = {name for name, device in inventory.devices.items() if device.parents}
    return (name for name in inventory.devices if name not in children)


def _neighbours(inventory: Inventory, identities: Mapping[str, Batch]) -> dict[tuple[str, str], tuple[str, str]]:
    """(device, interface) → (device, interface) as LLDP and CDP tell it."""
    told = Sight(inventory, identities, {}).adjacencies()
    return {(a.device, a.interface): (a.remote, a.remote_interface) for a in told if a.remote}


def _completed(links: Iterable[Link], neighbours: Mapping[tuple[str, str], tuple[str, str]]) -> tuple[Link, ...]:
    """Links whose interfaces the inventory leaves out get them from LLDP, each cable once."""
    taken = {end for link in links for end in ((link.a, link.a_interface), (link.b, link.b_interface)) if end[1]}
    done = []
    for link in links:
        a_interface, b_interface = link.a_interface, link.b_interface
        if not (a_interface and b_interface):
            for (device, port), (remote, remote_port) in sorted(neighbours.items()):
                if device == link.a and remote == link.b and (device, port) not in taken and a_interface in {"", port}:
                    a_interface, b_interface = port, b_interface or remote_port
                    break
                if device == link.b and remote == link.a and (device, port) not in taken and b_interface in {"", port}:
                    b_interface, a_interface = port, a_interface or remote_port
                    break
            taken |= {(link.a, a_interface), (link.b, b_interface)}
        done.append(Link(link.a, a_interface, link.b, b_interface))
    return tuple(done)


def _homes(inventory: Inventory, identities: Mapping[str, Batch]) -> dict[str, Home]:
    homes = {
        o.subject.name: Home(device, str(o.value), o.detail)
        for device, batch in identities.items()
        if device in inventory.devices
        for o in batch.observations
        if o.subject.kind is ComponentKind.ADDRESS and o.fact is Fact.ON_INTERFACE and not _local(o.subject.name)
    }
    for device in inventory.devices.values():
        homes.setdefault(device.address, Home(device.name, ""))
    return homes


def _bundles(inventory: Inventory, identities: Mapping[str, Batch]) -> dict[End, str]:
    return {
        (device, o.subject.name): str(o.value)
        for device, batch in identities.items()
        if device in inventory.devices
        for o in batch.observations
        if o.fact is Fact.LAG and o.value and o.value != o.subject.name
    }


def _local(address: str) -> bool:
    """Addresses that every device may have tell nothing about where."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    return parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified
