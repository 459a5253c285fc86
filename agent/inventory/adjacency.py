"""Who sees whom: what devices told of their neighbours (LLDP, CDP, OSPF, BGP), laid beside the inventory."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from agent.inventory.inventory import Inventory
from agent.inventory.naming import Interfaces, interfaces
from agent.observation import Batch, ComponentKind, Fact, Observation

Batches = Mapping[str, Batch]  # by device
# IANAifType: softwareLoopback propVirtual tunnel l2vlan l3ipvlan ipForward mplsTunnel
_VIRTUAL = {24, 53, 131, 135, 136, 142, 150}
_PROTOCOLS = {ComponentKind.OSPF_NEIGHBOUR: "ospf", ComponentKind.BGP_PEER: "bgp"}


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


@dataclass(frozen=True)
class Sight:
    """All that was told. `identities` are the latest batches of the identity tier, `statuses` of the status tier."""

    inventory: Inventory
    identities: Batches
    statuses: Batches

    def adjacencies(self) -> Iterator[Adjacency]:
        for device in sorted(self.inventory.devices):
            yield from self._neighbours(device)
            yield from self._sessions(device)

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
                remote_interface=self.named(remote, told.get(Fact.REMOTE_PORT, "")),
                protocol=told.get(Fact.PROTOCOL, "lldp"),
                called=called,
                address=address,
                platform=told.get(Fact.REMOTE_PLATFORM, ""),
            )

    # ------------------------------------------------------------ OSPF and BGP

    def _sessions(self, device: str) -> Iterator[Adjacency]:
        """Only with who stands in a connected network: a session across others is no cable."""
        addresses = {
            o.subject.name: (o.subject.kind, o) for kind in _PROTOCOLS for o in _of(self.statuses, device, kind)
        }
        for address, (kind, _) in sorted(addresses.items()):
            interface, remote = self._port(device, self._towards(device, address)), self.at(address)
            if interface and remote != device:
                home = self._port(remote, self._homes[address][1]) if remote else ""
                yield Adjacency(device, interface, remote, home, _PROTOCOLS[kind], "", address)

    def _towards(self, device: str, address: str) -> str:
        """The interface whose network holds the address."""
        try:
            wanted = ip_address(address)
        except ValueError:
            return ""
        return next((name for network, name in self._connected.get(device, ()) if wanted in network), "")

    def _port(self, device: str, interface: str) -> str:
        """What a cable can be put into: of a sub-interface its port; empty for loopbacks, VLANs and tunnels."""
        types = self._types.get(device, {})
        port = interface.rpartition(".")[0]
        if port in types:
            interface = port
        return "" if types.get(interface) in _VIRTUAL else interface

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

    def named(self, device: str, interface: str) -> str:
        """By the ifName of that device, where it was asked."""
        if device not in self._interfaces:
            self._interfaces[device] = interfaces(self.identities.get(device))
        return self._interfaces[device].named(interface)

    @cached_property
    def _interfaces(self) -> dict[str, Interfaces]:
        return {}

    @cached_property
    def _names(self) -> dict[str, str]:
        names = {name.lower(): name for name in self.inventory.devices}
        for device in sorted(self.inventory.devices):
            for o in _of(self.identities, device, ComponentKind.DEVICE):
                if o.fact is Fact.SYS_NAME:
                    names.setdefault(str(o.value).lower(), device)
                    names.setdefault(str(o.value).lower().partition(".")[0], device)
        return names

    @cached_property
    def _homes(self) -> dict[str, tuple[str, str]]:
        """(device, interface) by address; an address that two devices have tells nothing."""
        homes: dict[str, tuple[str, str]] = {}
        twice: set[str] = set()
        for device in sorted(self.inventory.devices):
            for o in _of(self.identities, device, ComponentKind.ADDRESS):
                if (
                    o.fact is Fact.ON_INTERFACE
                    and homes.setdefault(o.subject.name, (device, str(o.value)))[0] != device
                ):
                    twice.add(o.subject.name)
        for known in self.inventory.devices.values():
            homes.setdefault(known.address, (known.name, ""))
        return {address: home for address, home in homes.items() if address not in twice}

    @cached_property
    def _connected(self) -> dict[str, list[tuple[IPv4Network | IPv6Network, str]]]:
        connected: dict[str, list[tuple[IPv4Network | IPv6Network, str]]] = {}
        for device in self.inventory.devices:
            for o in _of(self.identities, device, ComponentKind.ADDRESS):
                if o.fact is Fact.ON_INTERFACE and o.detail:
                    network = ip_network(o.detail, strict=False)
                    if network.num_addresses > 1:
                        connected.setdefault(device, []).append((network, str(o.value)))
        return connected


def _of(batches: Batches, device: str, kind: ComponentKind) -> Iterable[Observation]:
    batch = batches.get(device)
    return (o for o in batch.observations if o.subject.kind is kind) if batch else ()
