"""What a data file can say of a platform: tables, readings, names, sources of identity. `profiles` reads the files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agent.observation import ComponentKind, Fact, Tier
from collectors.snmp.session import Oid

_NOTHING = frozenset({0.0})
COUNTERS = {Fact.IN_OCTETS, Fact.OUT_OCTETS, Fact.IN_PACKETS, Fact.OUT_PACKETS}
UNIT_RANGES = {"dBm": (-60.0, 40.0), "rpm": (0.0, 100_000.0), "V": (-1000.0, 1000.0), "%RH": (0.0, 100.0)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a row. `sources`: (column, factor) in order of preference; a later one fills what an earlier lacks.

    `words` turns numbers into the fact's words, each with the device's own word. Values outside [low, high] are
    refused; those in `reject` are the device's way to say that there is none. `form`: int, float, text, mac, address,
    date, expiry, word, index (the row's own).
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
    address: Oid | None = None  # a column of four or sixteen octets
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
    seldom: bool = False  # where it had no row it is asked again with the next identity only, in the status tier too
    _readings: tuple[Reading, ...] = field(init=False, repr=False)
    columns: tuple[Oid, ...] = field(init=False)  # what is asked first; alternatives follow where rows are missing

    def readings(self) -> tuple[Reading, ...]:
        return self._readings

    def choices(self) -> Iterator[tuple[list[Oid], frozenset[float]]]:
        """Columns of which a later one fills what an earlier one lacks, and the values that count as lacking."""
        if len(self.label.oids) > 1:
            yield list(self.label.oids), _NOTHING
        for reading in self.readings():
            if len(reading.sources) > 1:
                yield [oid for oid, _ in reading.sources], reading.reject

    def scalar_oids(self) -> list[Oid]:
        oids = [oid for reading in self.readings() for oid, _ in reading.sources]
        return [*oids, *(where.oid for where in self.where if where.oid)]

    def __post_init__(self) -> None:
        more = (self.limit, self.low_limit, self.used, self.free, self.total, self.units, self.less)
        facts = [r for fact in self.facts.values() for r in (fact, *fact.others)]
        object.__setattr__(self, "_readings", (*facts, *(r for r in more if r is not None)))
        found = list(self.label.oids[:1])
        for reading in self.readings():
            found += [oid for oid, _ in (reading.sources if reading.add else reading.sources[:1])]
        pointers = (self.label.address, self.label.entity_oid, self.label.interface_oid, *(w.oid for w in self.where))
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
