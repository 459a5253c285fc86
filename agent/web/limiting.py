"""How often an address may ask, where anybody may: counted in this process, bounded, forgotten after a while."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

MOST_ADDRESSES = 10_000


@dataclass(slots=True)
class Limit:
    """`most` times in `within`; an IPv6 customer is its /64."""

    most: int
    within: timedelta
    _seen: dict[str, deque[datetime]] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def is_over(self, address: str, now: datetime) -> bool:
        """Whether the address has had its share; looking counts nothing."""
        with self._turn:
            seen = self._seen.get(_who(address))
            if seen is None:
                return False
            while seen and now - seen[0] >= self.within:
                seen.popleft()
            return len(seen) >= self.most

    def count(self, address: str, now: datetime) -> None:
        who = _who(address)
        with self._turn:
            seen = self._seen.pop(who, None) or deque(maxlen=self.most)
            seen.append(now)
            self._seen[who] = seen  # the latest last
            if len(self._seen) > MOST_ADDRESSES:
                del self._seen[next(iter(self._seen))]


def _who(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(ip_network((known, 64), strict=False))
    return str(known)
