"""What flaps faster than it is polled: the device tells of each time down by itself, and the poll finds it up.

Syslog lines and traps are counted (`agent.faults.flapping`); from the sum on that makes it flapping, it is a fault that
is believed by that alone. A fault that flaps goes on as any other: the poll says when it has held still.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from agent.cases.case import Action, Entry
from agent.errors import CollisionError
from agent.faults import flapping
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.flapping import Series
from agent.inventory.device import Role
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.observation import ComponentKind, Event, Subject
from agent.ports import Store, Transaction

WENT_DOWN: Mapping[str, tuple[FaultKind, ComponentKind]] = {
    "link_down": (FaultKind.INTERFACE_DOWN, ComponentKind.INTERFACE),
    "bgp_down": (FaultKind.BGP_PEER_DOWN, ComponentKind.BGP_PEER),
    "ospf_down": (FaultKind.OSPF_NEIGHBOUR_DOWN, ComponentKind.OSPF_NEIGHBOUR),
    "bfd_down": (FaultKind.BFD_SESSION_DOWN, ComponentKind.BFD_SESSION),
}
CAME_UP: Mapping[str, FaultKind] = {"bgp_up": FaultKind.BGP_PEER_DOWN, "ospf_up": FaultKind.OSPF_NEIGHBOUR_DOWN}
"""Of sessions: while one is down each attempt to set it up that fails is told as another step backwards (RFC 4273,
bgpBackwardTransition; RFC 4750, ospfNbrStateChange). It goes down again only after it was up."""
MOST = 2000  # times down of one device that are looked at; more of them change nothing
DEVICES = 50  # looked at for one handful of events: in a storm those that tell most

Key = tuple[FaultKind, Subject]


def _came_up(event: Event) -> Key | None:
    kind = CAME_UP.get(event.name)
    return (kind, event.subject) if kind and event.subject else None


def of(event: Event) -> Key | None:
    """What an event says went down."""
    kind, component = WENT_DOWN.get(event.name, (None, None))
    return (kind, event.subject) if kind and event.subject and event.subject.kind is component else None


class Flaps:
    def __init__(self, store: Store, inventory: Inventory, topology: Callable[[Transaction], Topology]) -> None:
        self._store, self._inventory, self._topology = store, inventory, topology

    def count(self, heard: Iterable[Event]) -> list[Fault]:
        """Of events that are kept already; returns the faults that were begun or went on."""
        told: dict[str, list[Key]] = defaultdict(list)
        now = None
        for event in heard:
            if event.device in self._inventory.devices and (key := of(event)):
                told[event.device].append(key)
                now = event.arrived if now is None else max(now, event.arrived)
        if now is None:
            return []
        most = sorted(told, key=lambda device: (-len(told[device]), device))[:DEVICES]
        return [fault for device in most for fault in self._counted(device, set(told[device]), now)]

    def _counted(self, device: str, keys: set[Key], now: datetime) -> list[Fault]:
        policies = self._inventory.policies
        with self._store.read() as tx:
            names = (*WENT_DOWN, *CAME_UP)
            events = tx.events(device=device, start=now - flapping.window(policies), names=names, limit=MOST)
        mine: dict[Key, list[Event]] = {}
        for event in reversed(events):
            if (key := of(event) or _came_up(event)) in keys and key:
                mine.setdefault(key, []).append(event)
        found = {key: found for key, each in mine.items() if (found := self._series(each))}
        found = {key: series for key, series in found.items() if series.worth >= policies.flapping.reuse}
        if not found:
            return []
        try:
            with self._store.begin() as tx:
                return list(self._told(tx, device, found, now))
        except CollisionError:
            return []  # a poll began the fault in this very moment: the next one is counted on it

    def _series(self, events: Iterable[Event]) -> Series | None:
        """Traps and log lines tell the same, and a log line may come in two words: the most telling of them counts.

        `events` are those of one subject, oldest first.
        """
        by_voice: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        lost: set[tuple[str, str]] = set()  # voices that told that the session is down
        for event in events:
            voice = (event.source, event.mnemonic)
            if _came_up(event):
                lost.clear()
            elif voice not in lost:
                by_voice[voice].append(event.arrived)
                if WENT_DOWN[event.name][0] in CAME_UP.values():
                    lost.add(voice)
        series = (flapping.series(times, self._inventory.policies) for times in by_voice.values())
        return max((s for s in series if s), key=lambda s: (s.worth, s.last), default=None)

    def _told(self, tx: Transaction, device: str, found: Mapping[Key, Series], now: datetime) -> Iterator[Fault]:
        faults = {(fault.kind, fault.subject): fault for fault in tx.open_faults(device)}
        states, net, policies = tx.states(device), self._topology(tx), self._inventory.policies
        for (kind, subject), series in sorted(found.items()):
            before = faults.get((kind, subject))
            flaps = series.worth >= policies.flapping.suppress
            if before is None and not (flaps and self._watched(subject, states.get(subject), net)):
                continue
            if before is not None and not (flaps or before.flapping):
                continue
            after = flapping.told(before or _begun(kind, subject, series), _more(before, series), policies)
            if after != before:
                tx.save_faults([after])
                tx.log(lines(before, after, now))
                yield after

    def _watched(self, subject: Subject, state: str | None, net: Topology) -> bool:
        """As the rule has it that looks at polls: desks are switched off every evening. What no poll knows would never
        be seen to hold still, and anybody can send a log line with names of his own."""
        if subject.kind is not ComponentKind.INTERFACE:
            return state is not None
        device = self._inventory.devices[subject.device]
        if any(fnmatchcase(subject.name, pattern) for pattern in device.ignore_interfaces):
            return False
        return subject.name in net.linked_interfaces(device.name) or (device.role is not Role.ACCESS and state == "up")


def _begun(kind: FaultKind, subject: Subject, series: Series) -> Fault:
    return Fault(
        id=f"{kind}|{subject}@{series.last.isoformat()}",
        subject=subject,
        kind=kind,
        state=FaultState.SUSPECT,
        began=series.first,
        reason="told by the device",
        last_seen=series.last,
    )


def _more(before: Fault | None, told: Series) -> Series:
    """Polls may have counted more than the device told, where lines were lost."""
    known = flapping.of(before) if before else None
    return max((s for s in (known, told) if s), key=lambda s: (s.times, s.last))


def lines(before: Fault | None, after: Fault, at: datetime) -> Iterator[Entry]:
    """What a case's timeline says of a fault of its that begins to flap, or that does so no more."""
    if before is None or not after.case or (before.flapping == after.flapping and after.active):
        return
    if after.flapping and after.active:
        count = f"{after.subject}: flapping, {after.flaps} times down; stays open until it has held still"
        yield Entry(case=after.case, at=at, action=Action.NOTE, text=count)
    elif before.flapping:
        yield Entry(case=after.case, at=at, action=Action.NOTE, text=flapping.story(after))
