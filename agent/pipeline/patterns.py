"""Rules about log lines and traps: what an operator asked to be told of is a fault until it has been quiet."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from agent.faults.fault import Fault, FaultState
from agent.faults.rules import Book
from agent.faults.rules.events import Events
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import ComponentKind, Event
from agent.pipeline.observing import Faults, Observing
from agent.ports import Transaction

MOST_LOOKED_AT = 10_000  # lines of one device within a rule's time; more of the same change nothing


class Patterns:
    def __init__(self, tx: Transaction, inventory: Inventory, book: Book) -> None:
        self._tx, self._inventory, self._book = tx, inventory, book

    def heard(self, events: Iterable[Event]) -> list[Fault]:
        """Events that are kept already. Returns what changed."""
        by_device: dict[str, list[Event]] = {}
        for event in events:
            if event.device in self._inventory.devices:
                by_device.setdefault(event.device, []).append(event)
        changed: list[Fault] = []
        for name, fresh in by_device.items():
            device = self._inventory.devices[name]
            for rule in self._book.listening(device):
                if met := [event for event in fresh if rule.meets(event)]:
                    changed += self._met(device, rule, met)
        return changed

    def _met(self, device: Device, rule: Events, met: list[Event]) -> list[Fault]:
        now = max(event.arrived for event in met)
        if rule.count > 1:
            start = now - rule.within
            met = list(self._tx.events(device=device.name, start=start, limit=MOST_LOOKED_AT))
        judged = rule.heard(device.name, met, now)
        if judged is None:
            return []
        faults: Faults = {(f.kind, f.subject): f for f in self._tx.open_faults(device.name)}
        known = faults.get((judged.kind, judged.subject))
        if known is not None and known.active:
            again = replace(known, last_seen=now, value=judged.value)
            self._tx.save_faults([again])
            return [again]
        return Observing(self._tx, self._inventory, self._book).believe(device, [judged], now, faults)

    def quiet(self, now: datetime) -> list[Fault]:
        """Ends what has not been heard of for as long as its rule says; a rule that is gone ends at once."""
        over = [
            replace(fault, state=FaultState.CLEARED, cleared=now)
            for fault in self._tx.open_faults(component=ComponentKind.RULE)
            if self._is_over(fault, now)
        ]
        if over:
            self._tx.save_faults(over)
        return over

    def _is_over(self, fault: Fault, now: datetime) -> bool:
        device, name = self._inventory.devices.get(fault.subject.device), fault.subject.name
        rule = self._book.rule(name, device) if device and name in self._book.entries else None
        return not isinstance(rule, Events) or now - (fault.last_seen or fault.began) >= rule.quiet
