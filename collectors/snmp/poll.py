"""One tier's questions to one device, over one conversation: what the profiles ask, in as few PDUs as it takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agent.observation import ComponentKind, Fact, Observation, Refusal, Subject, Tier
from collectors.snmp import aggregates, identity, labels, neighbours, profiles, rows, sensors, values
from collectors.snmp.counters import Carried
from collectors.snmp.labels import Entity
from collectors.snmp.session import Oid, parse_oid
from collectors.snmp.shapes import NeighbourTable, Profile, SensorTable, Table
from collectors.snmp.walk import Column, Conversation, Value

_SYS_DESCR = parse_oid("1.3.6.1.2.1.1.1.0")
_SYS_OBJECT_ID = parse_oid("1.3.6.1.2.1.1.2.0")
_SYS_UPTIME = parse_oid("1.3.6.1.2.1.1.3.0")
_SYS_NAME = parse_oid("1.3.6.1.2.1.1.5.0")
_WHO = (_SYS_DESCR, _SYS_OBJECT_ID, _SYS_NAME)
_ENGINE_TIME = parse_oid("1.3.6.1.6.3.10.2.1.3.0")  # snmpEngineTime, seconds; does not wrap after 497 days
_WRAP_S = 2**32 / 100
_CLOSE_S = 600.0


@dataclass(slots=True)
class Memory:
    """What is remembered of a device between polls. Can be rebuilt at any time; forgotten when the device restarts."""

    descr: str = ""
    object_id: Oid = ()
    profile: Profile | None = None
    identified: bool = False
    uptime: float = 0.0
    entities: dict[int, Entity] | None = None
    absent: set[str] = field(default_factory=set)  # tables that have no row here, until the next identity poll
    had: set[str] = field(default_factory=set)  # seldom tables that had a row here once
    later: set[str] = field(default_factory=set)  # tables that were asked because others had nothing to tell
    sizes: dict[Oid, int] = field(default_factory=dict)
    gauges: dict[str, sensors.Known] = field(default_factory=dict)  # by table: kinds, scales and limits stay
    counters: Carried = field(default_factory=Carried)
    alternatives: set[Oid] = field(default_factory=set)  # columns that were asked because better ones had gaps
    members: dict[int, aggregates.Member] = field(default_factory=dict)  # of aggregates, by ifIndex
    attached: set[str] = field(default_factory=set)  # names of members that were attached once


@dataclass(slots=True)
class Poll:
    """One tier of one device."""

    device: str
    tier: Tier
    conversation: Conversation
    memory: Memory
    platform: str = ""  # as the inventory says; wins over what the device seems to be
    found: dict[tuple[Subject, Fact], Observation] = field(default_factory=dict)
    complete: set[ComponentKind] = field(default_factory=set)
    columns: dict[Oid, Column] = field(default_factory=dict)
    entities: dict[int, Entity] = field(default_factory=dict)
    _broken: set[ComponentKind] = field(default_factory=set)
    _kinds: set[str] = field(default_factory=set)  # of components that were seen
    refused: list[Refusal] = field(default_factory=list)
    _names: dict[int, str] | None = None
    _told: set[str] = field(default_factory=set)  # tables that had a row

    async def run(self) -> bool:
        """Whether the device answered at all. What it told is in `found` and `complete`."""
        expected = self._scalar_oids(self._tables()) if self.memory.identified else ()
        head = await self._head(expected)
        if not self.conversation.answered:
            return False
        tables = self._tables()
        scalars = await self._scalars(tables, head, expected)
        self.entities = self.memory.entities or {}
        if self.tier is Tier.IDENTITY or self._needs_entities(tables):
            await self._entities()
        await self._first(tables)
        await self._alternatives(tables)
        for table in tables:
            if not (table.unless or table.beside):
                self._take(table, scalars)
        sensor_tables = self._sensor_tables()
        await self._sensors([t for t in sensor_tables if not t.unless])
        await self._later(tables, [t for t in sensor_tables if t.unless], scalars)
        await self._aggregates()
        if self.tier is Tier.IDENTITY:
            self._add(
                identity.observations(
                    self.device, self.memory.profile, self.memory.object_id, self.memory.descr,
                    self.entities, scalars, self.columns,
                )
            )  # fmt: skip
            self._add(identity.modules(self.device, self.entities))
            self._joined(scalars)
        self.complete -= self._broken
        self._count_on()
        return True

    # ------------------------------------------------------------ who it is

    async def _head(self, expected: Iterable[Oid]) -> dict[Oid, Value]:
        """Uptime, the scalars that are asked in any case, and who it is where that is not known or is asked."""
        wanted = [_SYS_UPTIME, _ENGINE_TIME]
        if self.tier is Tier.IDENTITY or not self.memory.identified:
            wanted += _WHO
        head = await self.conversation.get(dict.fromkeys([*wanted, *expected]))
        up = uptime(head.get(_SYS_UPTIME), head.get(_ENGINE_TIME))
        if up is not None:
            if up < self.memory.uptime:
                self._forget()
                head |= await self.conversation.get(_WHO)
            self.memory.uptime = up
            self._tell(Fact.UPTIME, up)
        if _SYS_OBJECT_ID in head or _SYS_DESCR in head:
            self._identify(head)
        if self.tier is Tier.IDENTITY:
            self._tell(Fact.SYS_NAME, values.text(head.get(_SYS_NAME)))
            self._tell(Fact.SYS_DESCR, values.text(head.get(_SYS_DESCR), 1024))
        return head

    def _forget(self) -> None:
        self.memory.identified, self.memory.entities = False, None
        self.memory.absent.clear()
        self.memory.gauges.clear()
        self.memory.later.clear()
        self.memory.sizes.clear()
        self.memory.alternatives.clear()
        self.memory.members.clear()
        self.memory.counters = Carried(speeds=self.memory.counters.speeds)

    def _identify(self, head: dict[Oid, Value]) -> None:
        object_id, memory = head.get(_SYS_OBJECT_ID), self.memory
        memory.object_id = object_id if isinstance(object_id, tuple) else ()
        memory.descr = values.text(head.get(_SYS_DESCR), 1024)
        told = profiles.identify(memory.object_id, memory.descr)
        memory.profile = profiles.by_platform(self.platform) or told if self.platform else told
        memory.identified = True
        if self.tier is Tier.IDENTITY:
            memory.absent.clear()
            memory.gauges.clear()
            memory.alternatives.clear()

    # ------------------------------------------------------------ what is asked

    def _tables(self) -> list[Table]:
        """The platform's own tables first, then the standard ones that it does not replace."""
        own = self.memory.profile.tables if self.memory.profile else ()
        names = {t.name for t in own}
        names |= self.memory.profile.skip if self.memory.profile else set()
        general = [t for t in profiles.everything()["rfc"].tables if t.name not in names]
        return [t for t in (*own, *general) if self.tier in t.tiers and t.name not in self.memory.absent]

    def _sensor_tables(self) -> list[SensorTable]:
        if self.tier is not Tier.HEALTH:
            return []
        own = self.memory.profile.sensors if self.memory.profile else ()
        skip = self.memory.profile.skip if self.memory.profile else frozenset()
        names = skip | {t.name for t in own}
        tables = (*own, *(t for t in profiles.everything()["rfc"].sensors if t.name not in names))
        return [t for t in tables if t.name not in self.memory.absent]

    def _neighbour_tables(self) -> tuple[NeighbourTable, ...]:
        own = self.memory.profile.neighbours if self.memory.profile else ()
        return (*own, *profiles.everything()["rfc"].neighbours)

    def _needs_entities(self, tables: Sequence[Table]) -> bool:
        if self.memory.entities is not None:
            return False
        by_entity = any(t.label.entity or any(where.entity for where in t.where) for t in tables)
        return by_entity or bool(self._sensor_tables())

    def _scalar_oids(self, tables: Sequence[Table]) -> list[Oid]:
        wanted = [(*table.witness, 0) for table in tables if table.witness]
        wanted += [(*oid, 0) for table in tables if table.scalars for oid in table.scalar_oids()]
        if self.tier is Tier.IDENTITY:
            wanted += [neighbours.LLDP_WITNESS, *identity.columns_of(self.memory.profile)[0]]
        return wanted

    async def _scalars(self, tables: Sequence[Table], head: dict[Oid, Value], asked: Iterable[Oid]) -> dict[Oid, Value]:
        left = dict.fromkeys(self._scalar_oids(tables)).keys() - {*asked, *head}
        return {**head, **await self.conversation.get(sorted(left))}

    async def _entities(self) -> None:
        asked = identity.EVERYTHING if self.tier is Tier.IDENTITY else identity.NAMES
        columns = await self.conversation.walk(asked)
        self.entities = identity.entities(columns)
        whole = all(column.complete for column in columns.values())
        self.memory.entities = self.entities if whole else None  # half of the names would stay wrong for hours

    async def _first(self, tables: Sequence[Table]) -> None:
        """What is asked in any case, and what was asked last time because others had nothing, or something, to tell."""
        memory, later = self.memory, self.memory.later
        now = [t for t in tables if not t.scalars and (not (t.unless or t.beside) or t.name in later)]
        wanted = [oid for t in now for oid in t.columns]
        wanted += [oid for t in now for oids, _ in t.choices() for oid in oids if oid in memory.alternatives]
        wanted += [oid for t in self._sensor_tables() if t.name in memory.gauges for oid in sensors.readings(t)]
        if self.tier is Tier.IDENTITY:
            wanted += [*neighbours.LLDP, *neighbours.ADDRESSES, *identity.columns_of(self.memory.profile)[1]]
            wanted += [oid for table in self._neighbour_tables() for oid in table.columns]
        if self._asks_aggregates():
            wanted += aggregates.PORTS
        await self._walk(wanted)
        if self.tier is Tier.IDENTITY and any(self.columns[oid].rows for oid in neighbours.LLDP):
            await self._walk(neighbours.LLDP_MORE)

    async def _walk(self, wanted: Iterable[Oid]) -> None:
        new = [oid for oid in dict.fromkeys(wanted) if oid not in self.columns]
        if new:
            self.columns.update(await self.conversation.walk(new))

    async def _alternatives(self, tables: Sequence[Table]) -> None:
        """Ask the next best column wherever the preferred one lacks rows that its table has."""
        wanted: list[Oid] = []
        for table in tables:
            if table.scalars or table.name in self.memory.absent:
                continue
            most = max((len(self.columns[oid].rows) for oid in table.columns if oid in self.columns), default=0)
            for oids, reject in table.choices():
                if oids[0] in self.columns and self._lacks(oids[0], most, reject):
                    wanted += oids[1:]
        self.memory.alternatives.update(wanted)
        await self._walk(wanted)

    def _lacks(self, oid: Oid, most: int, reject: frozenset[float]) -> bool:
        column = self.columns[oid].rows
        return len(column) < most or not column or any(v == b"" or v in reject for v in column.values())

    async def _later(self, tables: Sequence[Table], others: Sequence[SensorTable], scalars: dict[Oid, Value]) -> None:
        """Tables that are asked only where others had nothing, or something, to tell."""
        for table in (t for t in tables if t.unless or t.beside):
            if not self._known(table.unless) and (not table.beside or self._known(table.beside)):
                if not table.scalars:
                    self.memory.later.add(table.name)
                    await self._walk(table.columns)
                    await self._alternatives([table])
                self._take(table, scalars)
            else:
                self.memory.later.discard(table.name)
        for sensor_table in others:
            if not self._known(sensor_table.unless):
                await self._sensors([sensor_table])

    def _known(self, names: Iterable[str]) -> bool:
        """Whether any table of these names, or any component of these kinds, was seen."""
        return any(name in self._kinds or name in self._told for name in names)

    # ------------------------------------------------------------ what is told

    def _take(self, table: Table, scalars: dict[Oid, Value]) -> None:
        columns = _as_columns(table, scalars) if table.scalars else self.columns
        observed = list(rows.observations(self.device, table, columns, self.entities, self._interfaces(), self.refused))
        if table.kind is ComponentKind.DEVICE:
            observed = [Observation(Subject(self.device), o.fact, o.value, o.detail) for o in observed]
        self._add(rows.second_tellings(observed, self.found, table.also) if table.also else observed)
        if table.scalars:
            self._told |= {table.name} if observed else set()
            return
        asked = [self.columns[oid] for oid in table.columns]
        ended, any_row = all(c.complete for c in asked), any(c.rows for c in asked)
        if any_row:
            self._told.add(table.name)
            self.memory.had.add(table.name)
        if not ended:
            self._broken.add(table.kind)
        elif any_row or (table.witness and (*table.witness, 0) in scalars):
            self.complete.add(table.kind)
        elif self.tier is Tier.HEALTH or (table.seldom and table.name not in self.memory.had):
            self.memory.absent.add(table.name)

    # ------------------------------------------------------------ aggregates

    def _asks_aggregates(self) -> bool:
        return self.tier is not Tier.STATUS and aggregates.NAME not in self.memory.absent

    async def _aggregates(self) -> None:
        """Members as the standard MIB tells them, and whether they are attached; else, seldom, as others do."""
        if not self._asks_aggregates():
            return
        names, memory = self._interfaces(), self.memory
        if any(self.columns[oid].rows for oid in aggregates.PORTS):
            memory.members, attached = aggregates.members(self.columns, memory.members)
            told = aggregates.observations(self.device, memory.members, attached, names, memory.attached)
            self._add(told)
            memory.attached &= set(names.values())  # a device that renames its ports does not fill the memory
            return
        if all(self.columns[oid].complete for oid in aggregates.PORTS):
            memory.absent.add(aggregates.NAME)
        if self.tier is Tier.IDENTITY:
            await self._walk(aggregates.others(memory.profile is not None and memory.profile.vendor == "cisco"))
            self._add(aggregates.plain(self.device, aggregates.stacked(self.columns, names), names))

    async def _sensors(self, tables: Sequence[SensorTable]) -> None:
        await self._walk(oid for table in tables for oid in sensors.readings(table))
        await self._walk(oid for table in tables if self._unknown(table) for oid in sensors.oids(table))
        for table in tables:
            if self._unknown(table):
                self.memory.gauges[table.name] = sensors.described(table, self.columns)
            known = self.memory.gauges.get(table.name, {})
            observed = sensors.observations(self.device, table, known, self.columns, self.entities, self.refused)
            self._add(rows.second_tellings(observed, self.found, table.also) if table.also else observed)
            asked = [self.columns[oid] for oid in sensors.oids(table) if oid in self.columns]
            kinds = {ComponentKind.TEMPERATURE, ComponentKind.SENSOR}
            if not all(column.complete for column in asked):
                self.memory.gauges.pop(table.name, None)  # half of it would stay wrong for hours
                self._broken |= kinds
            elif self.columns[table.value].rows:
                self._told.add(table.name)
                self.complete |= kinds
            else:
                self.memory.absent.add(table.name)

    def _unknown(self, table: SensorTable) -> bool:
        """Whether a sensor has a value, and nothing is kept of it."""
        known = self.memory.gauges.get(table.name, {})
        return not self.columns[table.value].rows.keys() <= known.keys()

    def _interfaces(self) -> dict[int, str]:
        """ifName by ifIndex, as this tier's table of interfaces names them."""
        if self._names is None:
            table = next((t for t in self._tables() if t.kind is ComponentKind.INTERFACE), None)
            names = labels.labels(table, self.columns, {}) if table else {}
            self._names = {index[0]: name for index, name in names.items() if len(index) == 1}
        return self._names

    def _joined(self, scalars: dict[Oid, Value]) -> None:
        interfaces = self._interfaces()
        tables = self._neighbour_tables()
        self._add(neighbours.neighbours(self.device, self.columns, interfaces, tables))
        self._add(neighbours.addresses(self.device, self.columns, interfaces))
        asked = [*neighbours.LLDP, *(oid for table in tables for oid in table.columns)]
        told = neighbours.LLDP_WITNESS in scalars or self._walked(asked)
        if told and all(self.columns[oid].complete for oid in asked):
            self.complete.add(ComponentKind.NEIGHBOUR)
        addressed = [self.columns[oid] for oid in neighbours.ADDRESSES]
        if all(c.complete for c in addressed) and any(c.rows for c in addressed):
            self.complete.add(ComponentKind.ADDRESS)

    def _walked(self, oids: Iterable[Oid]) -> bool:
        return any(self.columns[oid].rows for oid in oids)

    def _add(self, observed: Iterable[Observation]) -> None:
        """What was told first stays."""
        found, subject = self.found, None
        for one in observed:
            if one.subject is not subject:
                subject = one.subject
                self._kinds.add(subject.kind)
            found.setdefault((subject, one.fact), one)

    def _count_on(self) -> None:
        """Counters of 32 bits are told as if they had 64, where that can be known."""
        counters = self.memory.counters
        if self.tier is Tier.IDENTITY:
            speeds = {s: float(o.value) for (s, fact), o in self.found.items() if fact is Fact.SPEED}
            counters.speeds = speeds or counters.speeds
        elif any(o.detail == rows.NARROW for o in self.found.values()):
            told = counters.on(self.found.values(), self.memory.uptime, self.refused)
            self.found = {(o.subject, o.fact): o for o in told}

    def _tell(self, fact: Fact, value: float | str) -> None:
        if value != "":
            self._add([Observation(Subject(self.device), fact, value)])


def uptime(ticks: Value | None, engine_time: Value | None) -> float | None:
    """Seconds. sysUpTime wraps after 497 days; where snmpEngineTime tells that it has, the wraps are added."""
    if not isinstance(ticks, int):
        return None
    up = ticks / 100
    if isinstance(engine_time, int) and engine_time > _WRAP_S:
        wraps = round((engine_time - up) / _WRAP_S)
        if wraps > 0 and abs(engine_time - up - wraps * _WRAP_S) < _CLOSE_S:
            return up + wraps * _WRAP_S
    return up


def _as_columns(table: Table, scalars: dict[Oid, Value]) -> dict[Oid, Column]:
    """Scalars as columns of one row, index 0."""
    found = [oid for oid in table.scalar_oids() if (*oid, 0) in scalars]
    return {oid: Column(oid, {(0,): scalars[(*oid, 0)]}, complete=True) for oid in found}
