"""The network as its operators know it, whole and consistent: what parsing an inventory returns."""

from dataclasses import dataclass, field

from agent.inventory import holidays
from agent.inventory.bridges import BridgeSetup
from agent.inventory.channels import ChannelSetup
from agent.inventory.customers import Contract, Customer, Person, Site
from agent.inventory.device import Device, SnmpAccess
from agent.inventory.holidays import Calendar
from agent.inventory.policies import Policies
from agent.inventory.teams import Team
from agent.inventory.vendors import Vendor
from agent.inventory.windows import Window


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Two ends of a cable. An interface is ifName; empty: learned from LLDP."""

    a: str
    a_interface: str
    b: str
    b_interface: str

    @property
    def key(self) -> str:
        ends = sorted(((self.a, self.a_interface), (self.b, self.b_interface)))
        return "--".join(f"{device}:{interface}" for device, interface in ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Every mapping is keyed by name (contracts by number). Every reference in it points at something in it."""

    devices: dict[str, Device] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    channels: dict[str, ChannelSetup] = field(default_factory=dict)  # beside e-mail and console
    people: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    vendors: dict[str, Vendor] = field(default_factory=dict)
    bridges: dict[str, BridgeSetup] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    windows: tuple[Window, ...] = ()
    attached_to: tuple[str, ...] = ()  # the devices through which the agent enters the network
    policies: Policies = field(default_factory=Policies)
    snmp: tuple[SnmpAccess, ...] = ()  # every credential of SNMP, polled with or not: traps may come with it

    def calendar(self, contract: Contract) -> Calendar | None:
        """Of the days on which the contract is not served; None: it knows no holidays."""
        return holidays.calendar(self.calendars, contract.holidays)
