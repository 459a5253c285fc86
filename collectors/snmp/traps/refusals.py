"""What was not believed, by sender and reason: counted, and told when it begins and from time to time."""

from dataclasses import dataclass, field
from datetime import datetime

from agent.observation import Event, Source, Subject, SyslogSeverity
from collectors.snmp.traps.message import Reason

KINDS = 1000  # (sender, reason) that are told apart; those beyond are counted together, without a sender
PAUSE_S = 600.0  # between two tellings of the same


@dataclass(frozen=True, slots=True)
class Refusal:
    """`count` came since it was told last."""

    sender: str
    reason: Reason
    count: int


@dataclass(slots=True)
class _Kind:
    count: int = 0
    untold: int = 0
    told: float = float("-inf")


@dataclass(slots=True)
class Refusals:
    """Time is an argument, in seconds of any steady clock."""

    _kinds: dict[tuple[str, Reason], _Kind] = field(default_factory=dict)

    def add(self, sender: str, reason: Reason, now: float) -> Refusal | None:
        """What is to be told now, if anything."""
        kind = self._kinds.get((sender, reason))
        if kind is None:
            if sender and len(self._kinds) >= KINDS and not self._forget(now):
                return self.add("", reason, now)
            kind = self._kinds[sender, reason] = _Kind()
        kind.count += 1
        kind.untold += 1
        if now - kind.told < PAUSE_S:
            return None
        told = Refusal(sender, reason, kind.untold)
        kind.told, kind.untold = now, 0
        return told

    def counts(self) -> dict[tuple[str, Reason], int]:
        return {key: kind.count for key, kind in self._kinds.items()}

    def _forget(self, now: float) -> bool:
        """Those that were told long ago, and came no more, make room."""
        old = [key for key, kind in self._kinds.items() if not kind.untold and now - kind.told > 2 * PAUSE_S]
        for key in old:
            del self._kinds[key]
        return bool(old)


def event(refusal: Refusal, now: datetime, device: str) -> Event:
    """What is kept of traps that are not: a message of our own about their sender."""
    who = refusal.sender or "senders that cannot be told apart"
    return Event(
        device=device,
        sender=refusal.sender,
        source=Source.TRAP,
        arrived=now,
        severity=SyslogSeverity.WARNING,
        text=f"{refusal.count} not believed from {who}: {_WHY[refusal.reason]}",
        mnemonic="NETCASE-4-TRAP_REFUSED",
        name="trap_refused",
        subject=Subject(device) if device else None,
        data={"reason": str(refusal.reason), "count": str(refusal.count)},
    )


_WHY = {
    Reason.NOT_SNMP: "not an SNMP message",
    Reason.NOT_A_TRAP: "an SNMP message that is no trap",
    Reason.WRONG_COMMUNITY: "a community that the inventory does not name",
    Reason.UNKNOWN_USER: "an SNMPv3 user that the inventory does not name",
    Reason.SECURITY_LEVEL: "a security level that is not the user's",
    Reason.WRONG_KEY: "the authentication password or protocol is wrong",
    Reason.NOT_IN_TIME_WINDOW: "not in the time window: replayed, or the sender's engine boots went back",
    Reason.CANNOT_DECRYPT: "the privacy password or protocol is wrong",
    Reason.UNKNOWN_ENGINE: "an inform to another SNMP engine",
}
