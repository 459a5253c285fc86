"""Whether every name in an inventory points at something in it, and no way along the names runs in a circle."""

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from agent.inventory.device import Device
from agent.inventory.lines import Items, Map
from agent.inventory.problems import Path, Problems, shown
from agent.inventory.reading import Written

_INHERITED = {
    "site": "sites",
    "contract": "contracts",
    "snmp": "credentials",
    "ssh": "credentials",
    "ssh_jump": "jump_hosts",
    "parents": "devices",
    "redundant_with": "devices",
    "group": "groups",
}
_KEYS: dict[str, dict[str, str]] = {
    "customers": {"team": "teams", "account": "people"},
    "contracts": {"customer": "customers"},
    "sites": {"customer": "customers", "ssh_jump": "jump_hosts"},
    "jump_hosts": {"ssh": "credentials"},
    "teams": {"on_call": "people"},
    "groups": _INHERITED,
    "devices": _INHERITED,
}
_SINGULAR = {
    "customers": "customer",
    "contracts": "contract",
    "sites": "site",
    "people": "person",
    "teams": "team",
    "credentials": "credential",
    "jump_hosts": "jump host",
    "groups": "group",
    "devices": "device",
}
_LISTS = frozenset(("parents", "redundant_with", "ssh_jump", "on_call", "attached_to", "devices", "sites", "customers"))
_KINDS = {"snmp": ("snmp_v1", "snmp_v2c", "snmp_v3"), "ssh": ("ssh",)}


def check(written: Written, problems: Problems) -> None:
    """Looks at what was written, well-formed or not, so that a wrong name is told beside a wrong type."""
    for section, keys in _KEYS.items():
        for name, entry in written.names(section).items():
            _entry((section, name), entry, keys, written, problems)
    _entry(("defaults",), written.raw.get("defaults"), _INHERITED, written, problems)
    _entry(("agent",), written.raw.get("agent"), {"attached_to": "devices"}, written, problems)
    selectors = {"devices": "devices", "sites": "sites", "customers": "customers"}
    maintenance = written.raw.get("maintenance")
    for index, entry in enumerate(maintenance if isinstance(maintenance, Items) else ()):
        _entry(("maintenance", index), entry, selectors, written, problems)
    _groups(written, problems)


def _entry(at: Path, entry: object, keys: Mapping[str, str], written: Written, problems: Problems) -> None:
    if not isinstance(entry, Map):
        return
    for key in entry:
        for path, name in _names((*at, key), entry[key]) if key in keys else ():
            if name not in written.names(keys[key]):
                unknown(path, keys[key], name, written, problems)
            elif key in _KINDS:
                _kind(path, key, name, written, problems)


def _names(path: Path, raw: object) -> Iterable[tuple[Path, str]]:
    """The names in a value of the right shape; another shape is told as a wrong type already."""
    if isinstance(raw, str) and path[-1] not in _LISTS:
        return [(path, raw)]
    if isinstance(raw, Items) and path[-1] in _LISTS:
        return [((*path, index), name) for index, name in enumerate(raw) if isinstance(name, str)]
    return []


def unknown(path: Path, section: str, name: str, written: Written, problems: Problems) -> None:
    advice = f"Write it under {section}: first"
    options: Collection[str] = written.names(section).keys()
    problems.add(path, f"unknown {_SINGULAR[section]} {shown(name)!r}", advice, options=options, wrote=name)


def _kind(path: Path, key: str, name: str, written: Written, problems: Problems) -> None:
    entry = written.names("credentials")[name]
    kind = entry.get("kind") if isinstance(entry, Map) else None
    if isinstance(kind, str) and kind not in _KINDS[key] and kind in ("ssh", *_KINDS["snmp"]):
        fitting = [
            other
            for other, fields in written.names("credentials").items()
            if isinstance(fields, Map) and fields.get("kind") in _KINDS[key]
        ]
        advice = f"Write a credential of kind {' or '.join(_KINDS[key])} under credentials: first"
        problems.add(path, f"the credential {shown(name)!r} is of kind {kind}", advice, options=fitting, wrote=name)


def _groups(written: Written, problems: Problems) -> None:
    graph = {}
    for name, entry in written.names("groups").items():
        parent = entry.get("group") if isinstance(entry, Map) else None
        graph[name] = [parent] if isinstance(parent, str) else []
    for circle in circles(graph):
        problems.add(
            ("groups", circle[0], "group"), f"the groups run in a circle: {_arrows(circle)}", "Cut it in one place"
        )


def parents(written: Written, devices: Mapping[str, Device], problems: Problems) -> None:
    """`devices` know what they inherit; of one that is malformed what it says itself counts."""
    graph: dict[str, Collection[str]] = {}
    for name, entry in written.names("devices").items():
        if name in devices:
            graph[name] = devices[name].parents
        elif isinstance(entry, Map):
            graph[name] = [parent for _, parent in _names(("parents",), entry.get("parents"))]
    for circle in circles(graph):
        message = f"the parents run in a circle: {_arrows(circle)}"
        advice = "A parent stands nearer to the agent; for two devices that back each other up write redundant_with"
        problems.add(("devices", circle[0], "parents"), message, advice)


def _arrows(circle: list[str]) -> str:
    names = [shown(name) for name in circle]
    return " → ".join(names if len(names) <= 12 else [*names[:10], "…", names[-1]])


def circles(graph: Mapping[str, Collection[str]], limit: int = 20) -> list[list[str]]:
    """Circles in `graph` (from, to), each as the way round that ends where it began; at most `limit`."""
    rest = {node: list(targets) for node, targets in graph.items()}
    found: list[list[str]] = []
    while len(found) < limit:
        try:
            TopologicalSorter(rest).prepare()
        except CycleError as error:
            way: list[str] = error.args[1][
                ::-1
            ]  # each is a predecessor of the next: turned round it follows the arrows
            first = way.index(min(way[:-1]))
            found.append([*way[first:-1], *way[:first], way[first]])
            rest[way[0]].remove(way[1])
        else:
            break
    return found
