"""What the network tells and the inventory does not: links, strangers, contradictions. Proposes; decides nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from agent.inventory.adjacency import Adjacency, Batches, Sight
from agent.inventory.inventory import Inventory, Link

PROTOCOLS = ("lldp", "cdp", "ospf", "bgp")  # whom to believe first: those that speak of the cable itself


class Kind(StrEnum):
    LINK = "link"  # two devices of the inventory, and no link between them there
    STRANGER = "stranger"  # a neighbour that is not in the inventory
    CONTRADICTION = "contradiction"  # the inventory's link ends where somebody else is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`key` is the same as long as the network stays as it is; `entry` is the line of YAML, empty where none helps."""

    key: str
    kind: Kind
    section: str = ""  # of the inventory: links, devices
    entry: str = ""
    about: tuple[str, ...] = ()  # device:interface of the ends, or the stranger's name, address and platform
    seen: tuple[str, ...] = ()  # "device:interface (lldp)"


def proposals(inventory: Inventory, identities: Batches, statuses: Batches) -> tuple[Proposal, ...]:
    """Links first, then contradictions, then strangers, each by key."""
    told = sorted(Sight(inventory, identities, statuses).adjacencies(), key=_by_belief)
    links = _links(a for a in told if a.remote)
    found = [*_missing(inventory, links), *_contradictions(inventory, links), *_strangers(inventory, told)]
    order = list(Kind)
    return tuple(sorted(found, key=lambda p: ((0, 2, 1)[order.index(p.kind)], p.key)))


def _by_belief(a: Adjacency) -> tuple[int, Adjacency]:
    return (PROTOCOLS.index(a.protocol) if a.protocol in PROTOCOLS else len(PROTOCOLS), a)


# ---------------------------------------------------------------- links


def _links(told: Iterable[Adjacency]) -> dict[str, tuple[Link, list[Adjacency]]]:
    """One for each cable, with every sight of it; a sight that knows one end only joins one that knows both."""
    found: dict[str, tuple[Link, list[Adjacency]]] = {}
    ends: dict[tuple[str, str], str] = {}
    for a in sorted(told, key=lambda a: (_by_belief(a)[0], not a.remote_interface)):
        near, far = (a.device, a.interface), (a.remote, a.remote_interface)
        key = ends.get(near) or (ends.get(far) if far[1] else None)
        if key is None:
            link = Link(*min(near, far), *max(near, far))
            key = link.key
            found[key] = (link, [])
            ends |= {end: key for end in (near, far) if end[1]}
        if {found[key][0].a, found[key][0].b} == {a.device, a.remote}:
            found[key][1].append(a)
    return found


def _missing(inventory: Inventory, links: dict[str, tuple[Link, list[Adjacency]]]) -> Iterator[Proposal]:
    taken = {end for link in inventory.links for end in _ends(link) if end[1]}
    open_pairs = [frozenset((x.a, x.b)) for x in inventory.links if not (x.a_interface and x.b_interface)]
    for key, (link, seen) in links.items():
        if taken & set(_ends(link)):
            continue  # said already, or a contradiction
        pair = frozenset((link.a, link.b))
        if pair in open_pairs:
            open_pairs.remove(pair)  # the inventory leaves the interfaces to LLDP: this is that cable
            continue
        about = tuple(f"{device}:{interface}".rstrip(":") for device, interface in _ends(link))
        yield Proposal(
            key=f"link {key}", kind=Kind.LINK, section="links", entry=f"[{', '.join(map(quoted, about))}]", about=about,
            seen=_seen(seen),
        )  # fmt: skip


def _contradictions(inventory: Inventory, links: dict[str, tuple[Link, list[Adjacency]]]) -> Iterator[Proposal]:
    said = {end: link for link in inventory.links for end in _ends(link) if end[1]}
    told: set[str] = set()
    for link, seen in links.values():
        for end in _ends(link):
            theirs = said.get(end)
            if theirs is None or not end[1] or theirs.key in told or _same(theirs, link):
                continue
            told.add(theirs.key)
            about = tuple(f"{device}:{interface}".rstrip(":") for device, interface in (*_ends(theirs), *_ends(link)))
            yield Proposal(key=f"contradiction {theirs.key}", kind=Kind.CONTRADICTION, about=about, seen=_seen(seen))


def _ends(link: Link) -> tuple[tuple[str, str], tuple[str, str]]:
    return (link.a, link.a_interface), (link.b, link.b_interface)


def _same(one: Link, other: Link) -> bool:
    """What one leaves open the other may fill in."""
    straight, turned = _ends(other), tuple(reversed(_ends(other)))
    return any(
        all(a[0] == b[0] and (a[1] == b[1] or not a[1] or not b[1]) for a, b in zip(_ends(one), ends, strict=True))
        for ends in (straight, turned)
    )


def _seen(adjacencies: Iterable[Adjacency]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{a.device}:{a.interface} ({a.protocol})" for a in adjacencies))


# ---------------------------------------------------------------- strangers


def _strangers(inventory: Inventory, told: Iterable[Adjacency]) -> Iterator[Proposal]:
    groups: dict[str, list[Adjacency]] = {}
    for a in told:
        if not a.remote and (a.called or a.address):
            groups.setdefault(a.called.lower() or a.address, []).append(a)
    for who, seen in groups.items():
        called = next((a.called for a in seen if a.called), "")
        address = next((a.address for a in seen if a.address), "")
        platform = next((a.platform for a in seen if a.platform), "").partition("\n")[0][:80]
        site = inventory.devices[seen[0].device].site
        yield Proposal(
            key=f"stranger {who}",
            kind=Kind.STRANGER,
            section="devices" if _usable(address) and called else "",
            entry=f"{quoted(called.partition('.')[0])}: {{address: {quoted(address)}, site: {quoted(site)}}}"
            if _usable(address) and called
            else "",
            about=(called or who, address, platform),
            seen=_seen(seen),
        )


def _usable(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast)


def quoted(text: str) -> str:
    """Whatever a device calls itself, as one YAML scalar."""
    plain = text and all(c.isalnum() or c in "._/-:" for c in text) and text[0].isalnum() and text[-1] != ":"
    return text if plain and text.isascii() else '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
