"""What the network tells and the inventory does not: links, strangers, contradictions. Proposes; decides nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from agent.inventory.adjacency import Adjacency, Batches, Sight, routable
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
    sight = Sight(inventory, identities, statuses)
    told = sorted(sight.adjacencies(), key=_by_belief)
    links = _links(_cables([a for a in told if a.remote], sight))
    said = [(link, _by_port(link, sight)) for link in inventory.links]
    found = [*_missing(said, links, sight), *_contradictions(said, links), *_strangers(inventory, told)]
    order = list(Kind)
    return tuple(sorted(found, key=lambda p: ((0, 2, 1)[order.index(p.kind)], p.key)))


def _by_belief(a: Adjacency) -> tuple[int, Adjacency]:
    return (PROTOCOLS.index(a.protocol) if a.protocol in PROTOCOLS else len(PROTOCOLS), a)


# ---------------------------------------------------------------- links


Cables = dict[str, tuple[Link, list[Adjacency]]]  # by the link's key: every sight of it
Said = Sequence[tuple[Link, Link]]  # the inventory's links: as written, and by ifName of the ports


def _cables(told: Sequence[Adjacency], sight: Sight) -> list[Adjacency]:
    """Without the ports behind which several devices are seen: a hub or a switch is between, and no cable is told.

    Where LLDP or CDP sees somebody, OSPF and BGP have no say in whether; nor is a bundle a cable, where these tell of
    cables between the two.
    """
    near_by = [a for a in told if a.protocol in ("lldp", "cdp")]
    pairs = {frozenset((a.device, a.remote)) for a in near_by}
    told = [
        a
        for a in told
        if a.protocol in ("lldp", "cdp")
        or frozenset((a.device, a.remote)) not in pairs
        or not (sight.is_bundle(a.device, a.interface) or sight.is_bundle(a.remote, a.remote_interface))
    ]
    cabled = {end for a in near_by for end in ((a.device, a.interface), (a.remote, a.remote_interface))}
    behind: dict[tuple[str, str], set[str]] = {}
    for a in told:
        near = (a.device, a.interface)
        if near not in cabled or a.protocol in ("lldp", "cdp"):
            behind.setdefault(near, set()).add(a.remote)
    shared = {port for port, devices in behind.items() if len(devices) > 1}
    return [a for a in told if not shared & {(a.device, a.interface), (a.remote, a.remote_interface)}]


def _links(told: Iterable[Adjacency]) -> Cables:
    """One for each cable; a sight that knows one end only joins one that knows both."""
    found: Cables = {}
    ends: dict[tuple[str, str], str] = {}
    for a in sorted(_paired(list(told)), key=lambda a: (_by_belief(a)[0], not a.remote_interface)):
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


def _paired(told: Sequence[Adjacency]) -> Iterator[Adjacency]:
    """Two devices that see each other at one port each, and name no port of the other, are two ends of one cable."""
    whole = {
        end for a in told if a.remote_interface for end in ((a.device, a.interface), (a.remote, a.remote_interface))
    }
    halves: dict[tuple[str, str], set[str]] = {}
    for a in told:
        if (a.device, a.interface) not in whole:
            halves.setdefault((a.device, a.remote), set()).add(a.interface)
    for a in told:
        mine, theirs = halves.get((a.device, a.remote), set()), halves.get((a.remote, a.device), set())
        if a.interface not in mine or not theirs:
            yield a
        elif len(mine) == len(theirs) == 1:
            yield replace(a, remote_interface=next(iter(theirs)))
        elif (len(mine), a.device) > (len(theirs), a.remote):
            yield a  # of parallel cables that nobody tells apart, one end's sights are enough


def _missing(said: Said, links: Cables, sight: Sight) -> Iterator[Proposal]:
    taken = {end for _, link in said if link.a_interface and link.b_interface for end in _ends(link)}
    halves = {end for _, link in said for end in _ends(link) if end[1]}
    open_ = sorted(
        (link for _, link in said if not (link.a_interface and link.b_interface)), key=lambda x: -len(_ports(x))
    )
    bundles = [x for _, x in said if any(sight.is_bundle(*end) for end in _ends(x))]
    for key, (link, seen) in links.items():
        ends = set(_ends(link))
        if taken & ends or any(_in_bundle(link, bundle, sight) for bundle in bundles):
            continue  # said already, a contradiction, or one of the cables of a bundle
        if meant := next((x for x in open_ if _same(x, link)), None):
            open_.remove(meant)  # the inventory leaves the interfaces to LLDP: this is that cable
            continue
        if halves & ends:
            continue
        about = tuple(f"{device}:{interface}".rstrip(":") for device, interface in _ends(link))
        yield Proposal(
            key=f"link {key}", kind=Kind.LINK, section="links", entry=f"[{', '.join(map(quoted, about))}]", about=about,
            seen=_seen(seen),
        )  # fmt: skip


def _in_bundle(link: Link, bundle: Link, sight: Sight) -> bool:
    """Whether a cable is one of those that a bundle is made of; where neither end tells its members, it may be."""
    if {link.a, link.b} != {bundle.a, bundle.b}:
        return False
    for device, interface in _ends(bundle):
        members = sight.bundles(device)
        port = next(name for end, name in _ends(link) if end == device)
        if interface in members.values() and port:
            return members.get(port) == interface
    return True


def _contradictions(said: Said, links: Cables) -> Iterator[Proposal]:
    by_end = {end: (written, link) for written, link in said for end in _ends(link) if end[1]}
    told: set[str] = set()
    for link, seen in links.values():
        for end in _ends(link):
            written, theirs = by_end.get(end, (None, None))
            if written is None or theirs is None or written.key in told or _same(theirs, link):
                continue
            told.add(written.key)
            about = tuple(f"{device}:{interface}".rstrip(":") for device, interface in (*_ends(written), *_ends(link)))
            yield Proposal(key=f"contradiction {written.key}", kind=Kind.CONTRADICTION, about=about, seen=_seen(seen))


def _by_port(link: Link, sight: Sight) -> Link:
    return Link(link.a, sight.end(link.a, link.a_interface), link.b, sight.end(link.b, link.b_interface))


def _ports(link: Link) -> list[str]:
    return [interface for _, interface in _ends(link) if interface]


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
            groups.setdefault(a.called.lower() or a.router or a.address, []).append(a)
    for who, seen in groups.items():
        called = next((a.called for a in seen if a.called), "")
        addresses = [a.address for a in seen if a.address]
        address = next(filter(routable, addresses), next(iter(addresses), ""))
        platform = next((a.platform for a in seen if a.platform), "").partition("\n")[0][:80]
        site = inventory.devices[seen[0].device].site
        yield Proposal(
            key=f"stranger {who}",
            kind=Kind.STRANGER,
            section="devices" if routable(address) and called else "",
            entry=f"{quoted(called.partition('.')[0])}: {{address: {quoted(address)}, site: {quoted(site)}}}"
            if routable(address) and called
            else "",
            about=(called or who, address, platform),
            seen=_seen(seen),
        )


def quoted(text: str) -> str:
    """Whatever a device calls itself, as one YAML scalar."""
    plain = text and all(c.isalnum() or c in "._/-:" for c in text) and text[0].isalnum() and text[-1] != ":"
    return text if plain and text.isascii() else '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"
