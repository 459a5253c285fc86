"""Whose traps are believed: the communities and the SNMPv3 users that the inventory names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from agent.inventory.device import Secret, SnmpAccess
from collectors.snmp.session import Target


@dataclass(frozen=True, slots=True)
class Believed:
    """`communities` None: all are believed. `at` is the user of the device at an address."""

    communities: frozenset[bytes] | None = field(default=None, repr=False)
    users: Mapping[bytes, tuple[Target, ...]] = field(default_factory=dict)
    at: Mapping[tuple[str, bytes], Target] = field(default_factory=dict)

    def community(self, told: bytes) -> bool:
        return self.communities is None or told in self.communities

    def candidates(self, user: bytes, sender: str) -> list[Target]:
        """The credentials that go by this name, those of the sender's own device first."""
        own = self.at.get((sender, user))
        return [*((own,) if own else ()), *(one for one in self.users.get(user, ()) if one != own)]


def believed(accesses: Iterable[tuple[str, SnmpAccess]], reveal: Callable[[Secret], str]) -> Believed:
    """Of (a device's address or nothing, how it is asked). Where nothing is named, every community is believed."""
    communities: set[bytes] = set()
    users: dict[bytes, dict[Target, None]] = {}
    at: dict[tuple[str, bytes], Target] = {}
    for address, access in accesses:
        if access.community is not None:
            communities.add(reveal(access.community).encode())
        if access.version == "v3":
            user = _user(access, reveal)
            if bool(user.auth_protocol) != bool(user.auth) or bool(user.priv_protocol) != bool(user.priv):
                continue  # an empty password is nobody's
            users.setdefault(user.user.encode(), {})[user] = None
            if address:
                at[address, user.user.encode()] = user
    named = frozenset(communities) if communities or users else None
    return Believed(named, {name: tuple(ones) for name, ones in users.items()}, at)


def _user(access: SnmpAccess, reveal: Callable[[Secret], str]) -> Target:
    return Target(
        address="",
        version="v3",
        user=access.user,
        auth_protocol=access.auth_protocol,
        auth=reveal(access.auth).encode() if access.auth else b"",
        priv_protocol=access.priv_protocol,
        priv=reveal(access.priv).encode() if access.priv else b"",
    )
