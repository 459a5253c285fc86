"""Who sees whom: what devices told of their neighbours (LLDP, CDP, OSPF, BGP), laid beside the inventory."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from agent.inventory.inventory import Inventory
from agent.inventory.naming import Interfaces, interfaces
from agent.observation import Batch, ComponentKind, Fact, Observation

Network = IPv4Network | IPv6Network
Batches = Mapping[str, Batch]  # by device
# IANAifType: softwareLoopback propVirtual tunnel l2vlan l3ipvlan ipForward mplsTunnel
_VIRTUAL = {24, 53, 131, 135, 136, 142, 150}
_AGGREGATE = 161  # ieee8023adLag
_PROTOCOLS = {ComponentKind.OSPF_NEIGHBOUR: "ospf", ComponentKind.BGP_PEER: "bgp"}
# A peer that is only configured is not seen: it must have answered.
_ANSWERED = {
    Fact.OSPF_STATE: {"init", "twoWay", "exchangeStart", "exchange", "loading", "full"},
    Fact.BGP_STATE: {"opensent", "openconfirm", "established"},
}
# `10.0.12.2`; of OSPFv3 `10.255.0.2 if7`; of two unnumbered links `10.255.0.2`, a hash, the row's index
# `10.255.0.2.7`. The 7 is our ifIndex.
_PEER = re.compile(r"(\S+?)(?: (?:if|#(?:\d+\.){4})(\d+))?")


@dataclass(frozen=True, slots=True, order=True)
class Adjacency:
    """One device's sight of another. `remote` is a device of the inventory, or empty for a stranger."""

    device: str
    interface: str
    remote: str = ""
    remote_interface: str = ""
    protocol: str = ""
    called: str = ""  # what the neighbour calls itself
    address: str = ""
    platform: str = ""
    router: str = ""  # its OSPF router ID


@dataclass(frozen=True)
class Sight:
    """All that was told. `identities` are the latest batches of the identity tier, `statuses` of the status tier."""

    inventory: Inventory
    identities: Batches
    statuses: Batches

    def adjacencies(self) -> Iterator[Adjacency]:
        for device in sorted(self.inventory.devices):
            neighbours = tuple(self._neighbours(device))
            yield from neighbours
            yield from self._sessions(device, neighbours)

    # ------------------------------------------------------------ LLDP and CDP

    def _neighbours(self, device: str) -> Iterator[Adjacency]:
        ports: dict[str, dict[Fact, str]] = {}
        for o in _of(self.identities, device, ComponentKind.NEIGHBOUR):
            ports.setdefault(o.subject.name, {})[o.fact] = str(o.value)
        for port, told in ports.items():
            called, address = told.get(Fact.REMOTE_NAME, ""), told.get(Fact.REMOTE_ADDRESS, "")
            remote = self.called(called) or self.at(address)
            if remote == device:
                continue
            yield Adjacency(
                device=device,
                interface=port.partition(" #")[0],
                remote=remote,
                remote_interface=self._their_port(remote, told.get(Fact.REMOTE_PORT, "")),
                protocol=told.get(Fact.PROTOCOL, "lldp"),
                called=called,
                address=address,
                platform=told.get(Fact.REMOTE_PLATFORM, ""),
            )

    def _their_port(self, remote: str, said: str) -> str:
        """By ifName, ifDescr, ifAlias or MAC address; empty where the remote was asked and has none of them."""
        name = self.named(remote, said)
        if not said or not self._interfaces[remote].names or name in self._interfaces[remote].names:
            return name
        meant = {
            o.subject.name
            for o in _of(self.identities, remote, ComponentKind.INTERFACE)
            if o.fact in (Fact.ALIAS, Fact.MAC) and str(o.value).lower() == said.lower()
        }
        return meant.pop() if len(meant) == 1 else ""

    # ------------------------------------------------------------ OSPF and BGP

    def _sessions(self, device: str, neighbours: Sequence[Adjacency]) -> Iterator[Adjacency]:
        """Only with who stands in a connected network: a session across others is no cable."""
        for kind, name in sorted(self._answering(device)):
            address, index = _PEER.fullmatch(name).groups()  # type: ignore[union-attr]
            interface = self.named(device, "", index) if index else self._towards(device, address)
            port, router = self._port(device, interface), self._routers(device).get(name, "")
            remote = self.at(address) or self.at(router)
            home = self._port(remote, self._homes[address][1]) if remote and address in self._homes else ""
            seen = Adjacency(device, port, remote, home, _PROTOCOLS[kind], "", address, "", router)
            if not remote and port == interface:
                seen = self._at_the_cables_end(seen, [n for n in neighbours if n.interface == port])
            if port and seen.remote != device:
                yield seen

    def _answering(self, device: str) -> set[tuple[ComponentKind, str]]:
        return {
            (o.subject.kind, o.subject.name)
            for kind in _PROTOCOLS
            for o in _of(self.statuses, device, kind)
            if str(o.value) in _ANSWERED.get(o.fact, ()) and _PEER.fullmatch(o.subject.name)
        }

    def _routers(self, device: str) -> dict[str, str]:
        told = _of(self.statuses, device, ComponentKind.OSPF_NEIGHBOUR)
        return {o.subject.name: str(o.value) for o in told if o.fact is Fact.ROUTER_ID and o.value != "0.0.0.0"}

    def _at_the_cables_end(self, seen: Adjacency, beside: Sequence[Adjacency]) -> Adjacency:
        """An address that nobody has, where a network of two ends at the one device that LLDP sees: it is that one's.

        Unless that one has told its addresses, and this is none of them.
        """
        alone = self._connected_to(seen.device, seen.address)
        if len(beside) != 1 or alone is None or alone.num_addresses > 4 or self._tells_addresses(beside[0].remote):
            return seen
        return replace(
            seen, remote=beside[0].remote, remote_interface=beside[0].remote_interface, called=beside[0].called
        )

    def _tells_addresses(self, device: str) -> bool:
        return any(True for _ in _of(self.identities, device, ComponentKind.ADDRESS))

    def _towards(self, device: str, address: str) -> str:
        return holding(self._connected.get(device, ()), address)[1]

    def _connected_to(self, device: str, address: str) -> Network | None:
        return holding(self._connected.get(device, ()), address)[0]

    def _port(self, device: str, interface: str) -> str:
        """What a cable can be put into: of a sub-interface its port; empty for loopbacks, VLANs and tunnels."""
        types = self._types.get(device, {})
        port = interface.rpartition(".")[0]
        if port in types:
            interface = port
        return "" if types.get(interface) in _VIRTUAL else interface

    def end(self, device: str, interface: str) -> str:
        """The port that the inventory's name of an interface means: by ifName, of a sub-interface its port."""
        name = self.named(device, interface)
        return self._port(device, name) or name

    def bundles(self, device: str) -> dict[str, str]:
        """The aggregate that a port is a member of, by the port, where the device tells."""
        told = _of(self.identities, device, ComponentKind.INTERFACE)
        return {o.subject.name: str(o.value) for o in told if o.fact is Fact.LAG}

    def is_bundle(self, device: str, interface: str) -> bool:
        return self._types.get(device, {}).get(interface) == _AGGREGATE

    @cached_property
    def _types(self) -> dict[str, dict[str, int]]:
        return {
            device: {
                o.subject.name: int(o.value)
                for o in _of(self.identities, device, ComponentKind.INTERFACE)
                if o.fact is Fact.IF_TYPE
            }
            for device in self.inventory.devices
        }

    # ------------------------------------------------------------ who that is

    def called(self, name: str) -> str:
        """The inventory's device of that name or sysName, with or without its domain; empty for a stranger."""
        lower = name.lower()
        return self._names.get(lower) or self._names.get(lower.partition(".")[0], "") if name else ""

    def at(self, address: str) -> str:
        return self._homes.get(address, ("", ""))[0] if address else ""

    def named(self, device: str, interface: str, index: str = "") -> str:
        """By the ifName of that device, where it was asked."""
        if device not in self._interfaces:
            self._interfaces[device] = interfaces(self.identities.get(device))
        return self._interfaces[device].named(interface, index)

    @cached_property
    def _interfaces(self) -> dict[str, Interfaces]:
        return {}

    @cached_property
    def _names(self) -> dict[str, str]:
        """Devices by name and sysName, whole and without the domain; a name that two have (`Switch`) tells nothing."""
        whole: dict[str, set[str]] = {}
        short: dict[str, set[str]] = {}
        for device in self.inventory.devices:
            told = _of(self.identities, device, ComponentKind.DEVICE)
            for name in {device.lower(), *(str(o.value).lower() for o in told if o.fact is Fact.SYS_NAME)}:
                whole.setdefault(name, set()).add(device)
                short.setdefault(name.partition(".")[0], set()).add(device)
        return {name: min(devices) for name, devices in {**short, **whole}.items() if len(devices) == 1}

    @cached_property
    def _homes(self) -> dict[str, tuple[str, str]]:
        """(device, interface) by address; an address that two devices have tells nothing."""
        homes: dict[str, tuple[str, str]] = {}
        twice: set[str] = set()
        for device in sorted(self.inventory.devices):
            for o in _of(self.identities, device, ComponentKind.ADDRESS):
                if o.fact is not Fact.ON_INTERFACE or not routable(o.subject.name):
                    continue
                if homes.setdefault(o.subject.name, (device, str(o.value)))[0] != device:
                    twice.add(o.subject.name)
        for known in self.inventory.devices.values():
            homes.setdefault(known.address, (known.name, ""))
        return {address: home for address, home in homes.items() if address not in twice}

    @cached_property
    def _connected(self) -> dict[str, list[tuple[Network, str]]]:
        connected: dict[str, list[tuple[Network, str]]] = {}
        for device in self.inventory.devices:
            for o in _of(self.identities, device, ComponentKind.ADDRESS):
                if o.fact is Fact.ON_INTERFACE and o.detail and routable(o.subject.name):
                    network = ip_network(o.detail, strict=False)
                    if network.num_addresses > 1:
                        connected.setdefault(device, []).append((network, str(o.value)))
        return connected


def holding(connected: Iterable[tuple[Network, str]], address: str) -> tuple[Network | None, str]:
    """Of a device's connected networks the longest that holds the address, and the interface that is in it; the
    interface is empty where two are."""
    try:
        wanted = ip_address(address)
    except ValueError:
        return None, ""
    known = [(network, interface) for network, interface in connected if wanted in network]
    longest = max((network for network, _ in known), key=lambda network: network.prefixlen, default=None)
    interfaces = {interface for network, interface in known if network == longest}
    return longest, interfaces.pop() if len(interfaces) == 1 else ""


def _of(batches: Batches, device: str, kind: ComponentKind) -> Iterable[Observation]:
    batch = batches.get(device)
    return (o for o in batch.observations if o.subject.kind is kind) if batch else ()


def routable(address: str) -> bool:
    """Whether the address is one device's: of a link's own and of loopback addresses every device has the same."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast)
