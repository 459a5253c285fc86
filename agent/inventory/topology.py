"""The network as a graph: which device is reached through which, and which addresses sit where.

Nodes are devices, edges are links; a `parents` entry without a link is an edge without interfaces. The agent enters
through `attached_to` (where that is empty: through every device without parents); an out-of-band device is reached
past the network.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from agent.inventory.adjacency import Sight
from agent.inventory.device import Device, Management
from agent.inventory.inventory import Inventory, Link
from agent.observation import Batch, ComponentKind, Fact


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

    @cached_property
    def _edges(self) -> dict[str, list[Link]]:
        edges: dict[str, list[Link]] = {name: [] for name in self.devices}
        for link in self.links:
            edges[link.a].append(link)
            edges[link.b].append(link)
        return edges

    @cached_property
    def _by_end(self) -> dict[tuple[str, str], Link]:
        return {
            end: link
            for link in self.links
            for end in ((link.a, link.a_interface), (link.b, link.b_interface))
            if end[1]
        }

    @cached_property
    def _connected(self) -> dict[str, list[tuple[IPv4Network | IPv6Network, str]]]:
        connected: dict[str, list[tuple[IPv4Network | IPv6Network, str]]] = {}
        for home in self.homes.values():
            if home.prefix:
                connected.setdefault(home.device, []).append((ip_network(home.prefix, strict=False), home.interface))
        return connected

    def interface_towards(self, device: str, address: str) -> str:
        """The device's interface whose connected prefix holds the address; empty where none does."""
        try:
            wanted = ip_address(address)
        except ValueError:
            return ""
        return next((name for prefix, name in self._connected.get(device, []) if wanted in prefix), "")

    def links_of(self, device: str) -> list[Link]:
        return self._edges.get(device, [])

    def link_at(self, device: str, interface: str) -> Link | None:
        return self._by_end.get((device, interface))

    def linked_interfaces(self, device: str) -> frozenset[str]:
        return frozenset(interface for link in self.links_of(device) if (interface := near_end(link, device)))

    def neighbours(self, device: str) -> frozenset[str]:
        return frozenset(other(link, device) for link in self.links_of(device))

    def entered_directly(self, device: str) -> bool:
        return device in self.attached_to or self.past_the_network(device)

    def past_the_network(self, device: str) -> bool:
        return self.devices[device].management is Management.OUT_OF_BAND

    @cached_property
    def whole(self) -> frozenset[str]:
        """What the agent reaches through the network when nothing is broken."""
        return self.reached()

    def reached(self, dead: frozenset[str] = frozenset(), cut: frozenset[str] = frozenset()) -> frozenset[str]:
        """The devices that the agent can reach through the network when these are dead and these links (keys) cut."""
        return self._spread((name for name in self.attached_to if name not in dead), dead, cut)

    def joined(self, a: str, b: str, dead: frozenset[str], cut: frozenset[str]) -> bool:
        """Whether a path leads from a to b past these failures."""
        return b in self._spread((a,), dead, cut)

    def _spread(self, start: Iterable[str], dead: frozenset[str], cut: frozenset[str]) -> frozenset[str]:
        seen = set(start)
        queue = deque(seen)
        while queue:
            here = queue.popleft()
            for link in self._edges.get(here, []):
                there = other(link, here)
                if there not in seen and there not in dead and link.key not in cut:
                    seen.add(there)
                    queue.append(there)
        return frozenset(seen)


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
    return Topology(inventory.devices, links + parents, attached, _homes(inventory, identities))


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


def _local(address: str) -> bool:
    """Addresses that every device may have tell nothing about where."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    return parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified
