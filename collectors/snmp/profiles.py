"""What to ask which platform: the data files beside this one, read into what `poll.py` works from.

A platform is one YAML file in `data/`; no Python is needed to add one. The form is described in `data/README.md`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.observation import ComponentKind, Fact, Tier
from collectors.snmp.session import Oid, parse_oid

_DATA = Path(__file__).parent / "data"
_KEYS_TABLE = {
    "name", "kind", "tiers", "label", "facts", "limit", "low_limit", "where", "unless", "witness", "scalars", "used",
    "free", "total", "units", "less", "reclaimable", "beside", "also",
}  # fmt: skip
_KEYS_READING = {
    "oid", "scale", "offset", "low", "high", "reject", "words", "add", "form", "unit", "match", "milliwatts", "at",
    "zero",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a row. `sources`: (column, factor) in order of preference; a later one fills what an earlier lacks.

    `words` turns numbers into the fact's words, each with the device's own word. Values outside [low, high] are
    refused; those in `reject` are the device's way to say that there is none. `form`: int, float, text, mac, address,
    date, word, index (the row's own).
    """

    sources: tuple[tuple[Oid, float], ...]
    form: str
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    reject: frozenset[float] = frozenset()
    offset: float = 0.0
    add: bool = False  # the sources are summed up, not alternatives
    unit: str = ""  # of a sensor_value
    narrow: frozenset[Oid] = frozenset()  # sources that are counters of 32 bits where the first has 64
    match: re.Pattern[str] | None = None  # the part of a text that is the value: its first group
    milliwatts: bool = False  # told as power, wanted as dBm
    zero: Oid = ()  # the source whose 0 is believed, though a 0 makes the others be asked first
    at: tuple[Oid, ...] = ()  # of used, free, total, less: the sum of these rows, for every row
    others: tuple["Reading", ...] = ()  # of words: asked in order for a word that is known

    def plain(self, factor: float) -> bool:
        """Whether a number is taken as it stands on the wire: counters."""
        return self.form == "int" and factor == 1 and not self.reject and self.low is None and not self.match


@dataclass(frozen=True, slots=True)
class Where:
    """Rows that count: by a column's value, by the index's first number, or by entPhysicalClass."""

    oid: Oid | None = None
    values: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()  # values of rows that do not count
    matches: re.Pattern[str] | None = None
    index: frozenset[int] = frozenset()
    at: int = 0  # which number of the index `index` speaks of; -1 is the last
    without: Oid | None = None  # rows whose index begins no row of this column
    entity: frozenset[int] = frozenset()
    unnamed: re.Pattern[str] | None = None  # rows whose name matches do not count
    prefix: int = 0  # the column has a row for as many of the index's first numbers; 0: for all of it


@dataclass(frozen=True, slots=True)
class Label:
    """A row's name: the first column with a text, else the entity's or interface's name, else the format.

    `named` is what is made of a name that was found: "{name} receive power"; it may hold the words of `format` too,
    and {entity}, the entity's name by the index's first number.
    """

    oids: tuple[Oid, ...] = ()
    entity: bool = False
    entity_oid: Oid | None = None  # a column that holds entPhysicalIndex; else the index's first number is it
    interface: bool = False  # ifIndex: the index's first number
    interface_oid: Oid | None = None  # … or a column that holds it
    second: bool = False  # the index's second number is entPhysicalIndex or ifIndex
    format: str = "{index}"  # {index} {first} {second} {last} {ip} {head_ip} {last_id} {inet} {peer}
    named: str = "{name}"
    cut: re.Pattern[str] | None = None  # left out of a name: a state that stands in it would make another part of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    name: str
    kind: ComponentKind
    tiers: frozenset[Tier]
    label: Label
    facts: Mapping[Fact, Reading]
    limit: Reading | None = None
    low_limit: Reading | None = None
    where: tuple[Where, ...] = ()  # all of them must hold
    unless: tuple[str, ...] = ()  # asked only when none of these tables had a row
    beside: tuple[str, ...] = ()  # asked only when one of these tables had a row
    also: str = ""  # the name of this verdict where the part is known already: "{name} power"
    witness: Oid | None = None  # a scalar that exists where the table does, though it be empty
    scalars: bool = False  # every OID is a scalar; the one row has index 0
    used: Reading | None = None  # with `free` or `total`: used_pct and total_bytes are reckoned
    free: Reading | None = None
    total: Reading | None = None
    units: Reading | None = None  # octets in one unit of used, free and total
    less: Reading | None = None  # what counts as used and can be had at once
    reclaimable: bool = False  # being full is no fault
    columns: tuple[Oid, ...] = field(init=False)  # what is asked first; alternatives follow where rows are missing

    def readings(self) -> tuple[Reading, ...]:
        more = (self.limit, self.low_limit, self.used, self.free, self.total, self.units, self.less)
        facts = (r for fact in self.facts.values() for r in (fact, *fact.others))
        return (*facts, *(r for r in more if r is not None))

    def scalar_oids(self) -> list[Oid]:
        oids = [oid for reading in self.readings() for oid, _ in reading.sources]
        return [*oids, *(where.oid for where in self.where if where.oid)]

    def __post_init__(self) -> None:
        found = list(self.label.oids[:1])
        for reading in self.readings():
            found += [oid for oid, _ in (reading.sources if reading.add else reading.sources[:1])]
        pointers = (self.label.entity_oid, self.label.interface_oid, *(where.oid for where in self.where))
        found += [oid for oid in (*pointers, *(where.without for where in self.where)) if oid]
        object.__setattr__(self, "columns", tuple(dict.fromkeys(found)))


@dataclass(frozen=True, slots=True)
class SensorTable:
    """A table shaped as ENTITY-SENSOR-MIB's (RFC 3433); the index is entPhysicalIndex."""

    name: str
    type: Oid
    scale: Oid
    precision: Oid
    value: Oid
    status: Oid
    limit_value: Oid | None = None  # by (entity, n), in the sensor's own scale; without relation: by entity
    limit_relation: Oid | None = None
    limit_severity: Oid | None = None
    low_limit_value: Oid | None = None  # by entity
    optical: re.Pattern[str] | None = None  # sensors of watts whose name or description matches are told in dBm
    watts: bool = False  # … and in watts too
    also: str = ""  # the name of the reading where the sensor is known already: "{name} sensor"
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeighbourTable:
    """A table of neighbours, beside LLDP-MIB's. `interface` is the place of ifIndex in its index."""

    name: str
    protocol: str
    interface: int
    names: Oid
    ports: Oid
    port_kinds: Oid | None = None  # LldpPortIdSubtype
    port_descrs: Oid | None = None
    addresses: Oid | None = None
    platforms: Oid | None = None

    @property
    def columns(self) -> tuple[Oid, ...]:
        columns = (self.names, self.ports, self.port_kinds, self.port_descrs, self.addresses, self.platforms)
        return tuple(oid for oid in columns if oid)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a word of identity stands: in sysDescr, in a scalar, in a column, or in the chassis' entity."""

    descr: re.Pattern[str] | None = None
    oid: Oid | None = None
    column: Oid | None = None
    entity: str = ""  # model serial software firmware hardware descr name
    match: re.Pattern[str] | None = None
    format: str = ""
    where: Where | None = None  # the rows of `column` that count
    at: Oid | None = None  # a column whose first value is the index of the row of `column`


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    name: str
    vendor: str = ""
    platform: str = ""
    skip: frozenset[str] = frozenset()  # tables of the RFC MIBs that this platform fills wrongly
    matches: tuple[tuple[Oid, re.Pattern[str] | None], ...] = ()
    version: tuple[Source, ...] = ()
    model: tuple[Source, ...] = ()
    serial: tuple[Source, ...] = ()
    tables: tuple[Table, ...] = ()
    sensors: tuple[SensorTable, ...] = ()
    neighbours: tuple[NeighbourTable, ...] = ()


def rank(profile: Profile, object_id: Oid, descr: str) -> tuple[bool, int]:
    """How well the profile fits a device: (description matched, length of the OID prefix); (False, 0): not at all."""
    best = (False, 0)
    for prefix, pattern in profile.matches:
        if object_id[: len(prefix)] == prefix and (pattern is None or pattern.search(descr)):
            best = max(best, (pattern is not None, len(prefix)))
    return best


@cache
def everything() -> dict[str, Profile]:
    """Every profile by name; `rfc` is what all devices are asked."""
    texts = {path.stem: _read(path) for path in sorted(_DATA.glob("*.yaml")) if path.stem not in ("vendors", "traps")}
    return {name: parse(name, _extended(texts, name)) for name in texts}


@cache
def vendors() -> dict[int, str]:
    """Vendor by enterprise number (IANA)."""
    return {int(number): str(name) for number, name in _read(_DATA / "vendors.yaml").items()}


def identify(object_id: Oid, descr: str) -> Profile | None:
    ranked = [(rank(profile, object_id, descr), name) for name, profile in everything().items()]
    best = max(ranked, default=((False, 0), ""))
    return everything()[best[1]] if best[0][1] else None


def by_platform(platform: str) -> Profile | None:
    return next((p for p in everything().values() if p.platform == platform), None)


def vendor_of(object_id: Oid) -> str:
    enterprises = (1, 3, 6, 1, 4, 1)
    return vendors().get(object_id[6], "") if object_id[:6] == enterprises and len(object_id) > 6 else ""


# ---------------------------------------------------------------- reading the files


def _read(path: Path) -> dict[str, Any]:
    loaded = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader that keeps scalars as text
    return dict(loaded or {})


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """OIDs such as 1.3 must stay text, and `no` must stay a word: nothing is guessed."""


_Loader.yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("^<<$"))]}


def _extended(texts: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """The file with what it extends: its own keys win, tables are added, one of the same name replaced."""
    data = texts[name]
    if "extends" not in data:
        return data
    parent = _extended(texts, data["extends"])
    merged = {**parent, **{key: value for key, value in data.items() if key != "extends"}}
    for key in ("tables", "sensors", "neighbours"):
        own = {t["name"]: t for t in data.get(key, [])}
        merged[key] = [own.pop(t["name"], t) for t in parent.get(key, [])] + list(own.values())
    return merged


def parse(name: str, data: Mapping[str, Any]) -> Profile:
    """Raises ValueError or KeyError for a file that is not in the form."""
    return Profile(
        name=name,
        vendor=data.get("vendor", ""),
        platform=data.get("platform", ""),
        skip=frozenset(data.get("skip", ())),
        matches=tuple((parse_oid(m["object_id"]), _pattern(m.get("descr"))) for m in data.get("match", [])),
        version=_sources(data.get("version")),
        model=_sources(data.get("model")),
        serial=_sources(data.get("serial")),
        tables=tuple(_table(t) for t in data.get("tables", []) if t["name"] not in data.get("skip", ())),
        sensors=tuple(_sensor(t) for t in data.get("sensors", []) if t["name"] not in data.get("skip", ())),
        neighbours=tuple(_neighbours(t) for t in data.get("neighbours", [])),
    )


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None


def _sources(entries: list[dict[str, Any]] | None) -> tuple[Source, ...]:
    return tuple(
        Source(
            descr=_pattern(e.get("descr")),
            oid=parse_oid(e["oid"]) if "oid" in e else None,
            column=parse_oid(e["column"]) if "column" in e else None,
            entity=e.get("entity", ""),
            match=_pattern(e.get("match")),
            format=e.get("format", ""),
            where=_where(e["where"]) if "where" in e else None,
            at=parse_oid(e["at"]) if "at" in e else None,
        )
        for e in entries or ()
    )


def _neighbours(data: Mapping[str, Any]) -> NeighbourTable:
    oids = {key: parse_oid(value) for key, value in data.items() if key not in ("name", "protocol", "interface")}
    return NeighbourTable(data["name"], data["protocol"], int(data["interface"]), **oids)


def _sensor(data: Mapping[str, Any]) -> SensorTable:
    words = ("name", "unless", "optical", "watts", "also")
    oids = {key: parse_oid(value) for key, value in data.items() if key not in words}
    return SensorTable(
        name=data["name"],
        unless=tuple(data.get("unless", ())),
        optical=_pattern(data.get("optical")),
        watts=data.get("watts") == "true",
        also=data.get("also", ""),
        **oids,
    )


_FORMS = {
    Fact.USAGE: "float", Fact.USED: "float", Fact.CELSIUS: "float", Fact.SENSOR_VALUE: "float", Fact.MAC: "mac",
    Fact.CLOCK: "date", Fact.ALIAS: "text", Fact.STATE: "word", Fact.ADMIN_STATUS: "word", Fact.OPER_STATUS: "word",
    Fact.BGP_STATE: "word", Fact.BGP_ADMIN: "word", Fact.SYS_NAME: "text", Fact.SERIAL: "text", Fact.VERSION: "text",
    Fact.MODEL: "text", Fact.DESCR: "text", Fact.OSPF_STATE: "word", Fact.ROUTER_ID: "text", Fact.NTP_STATE: "word",
    Fact.NTP_OFFSET: "float", Fact.DISCONTINUITY: "float", Fact.REMOTE_NAME: "text", Fact.REMOTE_PORT: "text",
    Fact.REMOTE_PLATFORM: "text", Fact.REMOTE_ADDRESS: "text", Fact.PROTOCOL: "text",
}  # fmt: skip
COUNTERS = {Fact.IN_OCTETS, Fact.OUT_OCTETS, Fact.IN_PACKETS, Fact.OUT_PACKETS}
_RANGES = {
    Fact.USAGE: (0.0, 100.0), Fact.USED: (0.0, 100.0), Fact.CELSIUS: (-50.0, 200.0), Fact.SENSOR_VALUE: (-1e7, 1e9),
}  # fmt: skip
UNIT_RANGES = {"dBm": (-60.0, 40.0), "rpm": (0.0, 100_000.0), "V": (-1000.0, 1000.0), "%RH": (0.0, 100.0)}


def _table(data: Mapping[str, Any]) -> Table:
    if unknown := set(data) - _KEYS_TABLE:
        raise ValueError(f"table {data.get('name')}: unknown key {min(unknown)}")
    facts = {Fact(name): _reading(spec, Fact(name)) for name, spec in data.get("facts", {}).items()}
    parts = {
        key: _reading(data[key]) if key in data else None
        for key in ("limit", "low_limit", "used", "free", "total", "units", "less")
    }
    return Table(
        name=data["name"],
        kind=ComponentKind(data["kind"]),
        tiers=frozenset(Tier(t) for t in data.get("tiers", ["health"])),
        label=_label(data.get("label", "{index}")),
        facts=facts,
        where=tuple(map(_where, _several(data.get("where", [])))),
        unless=tuple(data.get("unless", ())),
        beside=tuple(data.get("beside", ())),
        also=data.get("also", ""),
        reclaimable=data.get("reclaimable") == "true",
        witness=parse_oid(data["witness"]) if "witness" in data else None,
        scalars=data.get("scalars") == "true",
        **parts,
    )


def _label(data: Any) -> Label:
    if isinstance(data, list):
        return Label(oids=tuple(map(parse_oid, data)))
    if isinstance(data, str):
        return Label(format=data)
    if unknown := set(data) - {"oids", "entity", "interface", "format", "named", "cut"}:
        raise ValueError(f"label: unknown key {min(unknown)}")
    entity, interface = data.get("entity", ""), data.get("interface", "")
    return Label(
        oids=tuple(map(parse_oid, data.get("oids", ()))),
        entity=bool(entity) or "{entity}" in data.get("named", ""),
        entity_oid=parse_oid(entity) if entity not in ("", "index", "second") else None,
        interface=bool(interface),
        interface_oid=parse_oid(interface) if interface not in ("", "index", "second") else None,
        second="second" in (entity, interface),
        format=data.get("format", "{index}"),
        named=data.get("named", "{name}"),
        cut=_pattern(data.get("cut")),
    )


def _several(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]


def _where(data: Mapping[str, Any]) -> Where:
    known = {"oid", "in", "not_in", "matches", "index", "at", "without", "entity", "unnamed", "prefix"}
    if unknown := set(data) - known:
        raise ValueError(f"where: unknown key {min(unknown)}")
    return Where(
        oid=parse_oid(data["oid"]) if "oid" in data else None,
        values=frozenset(data.get("in", ())),
        others=frozenset(data.get("not_in", ())),
        matches=_pattern(data.get("matches")),
        index=frozenset(map(int, data.get("index", ()))),
        at=int(data.get("at", 0)),
        without=parse_oid(data["without"]) if "without" in data else None,
        entity=frozenset(map(int, data.get("entity", ()))),
        unnamed=_pattern(data.get("unnamed")),
        prefix=int(data.get("prefix", 0)),
    )


def _reading(data: Any, fact: Fact | None = None) -> Reading:
    """An OID, a list of alternatives, or a mapping with more; `index` is the row's own."""
    if data == "index":
        return Reading((), "index")
    if isinstance(data, list) and isinstance(data[0], dict) and "words" in data[0]:
        first, *others = (_reading(one, fact) for one in data)
        return replace(first, others=tuple(others))
    if not isinstance(data, dict):
        data = {"oid": data}
    if unknown := set(data) - _KEYS_READING:
        raise ValueError(f"reading: unknown key {min(unknown)}")
    low, high = _RANGES.get(fact, (None, None)) if fact else (None, None)
    low, high = UNIT_RANGES.get(data.get("unit", ""), (low, high))
    words = {key: _word(value) for key, value in data.get("words", {}).items()}
    form = _FORMS.get(fact, "int") if fact else "float"
    sources = _factors(data["oid"], float(data.get("scale", 1)))
    return Reading(
        sources=sources,
        narrow=frozenset(oid for oid, _ in sources[1:]) if fact in COUNTERS else frozenset(),
        form=data.get("form", form),
        words=words,
        low=float(data["low"]) if "low" in data else low,
        high=float(data["high"]) if "high" in data else high,
        reject=frozenset(map(float, data.get("reject", ()))),
        offset=float(data.get("offset", 0)),
        add=data.get("add") == "true",
        unit=data.get("unit", ""),
        match=_pattern(data.get("match")),
        milliwatts=data.get("milliwatts") == "true",
        zero=parse_oid(data["zero"]) if "zero" in data else (),
        at=tuple(map(parse_oid, _several(data.get("at", [])))),
    )


def _factors(oids: Any, scale: float) -> tuple[tuple[Oid, float], ...]:
    """`1.2.3`, or a list of them, each `1.2.3` or `{oid: 1.2.3, scale: 0.1}`."""
    entries = oids if isinstance(oids, list) else [oids]
    return tuple(
        (parse_oid(e["oid"]), float(e.get("scale", 1))) if isinstance(e, dict) else (parse_oid(e), scale)
        for e in entries
    )


def _word(data: str) -> tuple[str, str]:
    """`ok` or `ok normal`: our word, then the device's own."""
    ours, _, own = data.partition(" ")
    return ours, own
