"""What devices tell by themselves: syslog lines and traps, kept under our own names; some have a device asked at once.

Believe the poll, not the trap: an event says where to look, and not that something is broken, unless a rule says so.
it, or it comes so often that a poll is too slow to see it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from agent.faults.rules import Book
from agent.inventory import naming
from agent.inventory.inventory import Inventory
from agent.inventory.naming import Interfaces
from agent.inventory.topology import Topology
from agent.observation import ComponentKind, Event, Tier
from agent.pipeline.flaps import Flaps
from agent.pipeline.patterns import Patterns
from agent.ports import Store, Transaction

# What a trap or a log line tells of, by the tier that knows the truth of it.
STATUS_EVENTS = frozenset(
    {
        f"{what}_{turn}"
        for what in ("link", "bgp", "ospf", "isis", "bfd", "eigrp", "ldp", "tunnel")
        for turn in ("down", "up")
    }
    | {"restart", "link_admin_down", "link_error", "bgp_reset", "bgp_prefix_limit", "bgp_state_changed"}
)
HEALTH_EVENTS = frozenset(
    {f"{what}_{turn}" for what in ("fan", "power", "temperature", "cpu") for turn in ("failed", "high", "ok")}
    | {f"{what}_{turn}" for what in ("optics", "voltage") for turn in ("alarm", "ok")}
    | {f"module_{turn}" for turn in ("failed", "ok", "removed", "inserted")}
    | {"memory_low", "memory_ok", "storage_low", "hardware_failed", "hardware_changed", "alarm", "alarm_cleared"}
    | {"failover", "redundancy_lost", "redundancy_ok", "stack_changed"}
)
TIERS = dict.fromkeys(STATUS_EVENTS, Tier.STATUS) | dict.fromkeys(HEALTH_EVENTS, Tier.HEALTH)

Again = tuple[str, Tier]


class Hearing:
    def __init__(
        self, store: Store, inventory: Inventory, book: Book, topology: Callable[[Transaction], Topology]
    ) -> None:
        self._store, self._inventory, self._book = store, inventory, book
        self._flaps = Flaps(store, inventory, topology)
        self._interfaces: dict[str, Interfaces] = {}  # by device; a cache: rebuilt from the store

    def forget(self, device: str) -> None:
        """The device told anew what its interfaces are called."""
        self._interfaces.pop(device, None)

    def hear(self, events: Iterable[Event]) -> frozenset[Again]:
        with self._store.begin() as tx:
            heard = tuple(self._with_our_name(tx, event) for event in events)
            tx.keep_events(heard)
            Patterns(tx, self._inventory, self._book).heard(heard)
        self._flaps.count(heard)
        return frozenset(
            (event.device, TIERS[event.name])
            for event in heard
            if event.device in self._inventory.devices and event.name in TIERS
        )

    def _with_our_name(self, tx: Transaction, event: Event) -> Event:
        """Interfaces and OSPF neighbours as polls name them, whatever the device's log or trap calls them."""
        subject = event.subject
        if subject is None or event.device not in self._inventory.devices:
            return event
        if subject.kind is ComponentKind.OSPF_NEIGHBOUR:
            name = naming.ospf_neighbour(tx.latest(event.device, Tier.STATUS), subject.name)
            return event if name == subject.name else replace(event, subject=replace(subject, name=name))
        if subject.kind is not ComponentKind.INTERFACE:
            return event
        known = self._interfaces.get(event.device)
        if known is None:
            known = self._interfaces[event.device] = naming.interfaces(tx.latest(event.device, Tier.IDENTITY))
        name = known.named(subject.name, event.data.get("ifIndex", ""))
        return event if name == subject.name else replace(event, subject=replace(subject, name=name))
