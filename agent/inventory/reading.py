"""From maps and lists to the models of the document, entry by entry, so that one bad device hides no other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from agent.inventory import access, document, handbook
from agent.inventory.fields import Name, Number
from agent.inventory.lines import MAX_WIDTH, Items, Map
from agent.inventory.problems import Path, Problems
from agent.inventory.ticketing import WrittenBridge
from agent.inventory.vendors_written import WrittenVendor
from agent.inventory.wording import explain, unknown_key

_Model = TypeVar("_Model", bound=BaseModel)
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_NUMBER: TypeAdapter[str] = TypeAdapter(Number)
_LINK: TypeAdapter[list[str]] = TypeAdapter(document.Link)


@dataclass(slots=True)
class Written:
    """What was written and is well-formed; `raw` is all of it, well-formed or not."""

    raw: Map
    agent: document.Agent = field(default_factory=document.Agent)
    policies: handbook.Policies = field(default_factory=handbook.Policies)
    defaults: document.Defaults | None = None
    customers: dict[str, document.Customer] = field(default_factory=dict)
    calendars: dict[str, document.Calendar] = field(default_factory=dict)
    contracts: dict[str, document.Contract] = field(default_factory=dict)
    sites: dict[str, document.Site] = field(default_factory=dict)
    channels: dict[str, document.Channel] = field(default_factory=dict)
    people: dict[str, document.Person] = field(default_factory=dict)
    teams: dict[str, document.Team] = field(default_factory=dict)
    vendors: dict[str, WrittenVendor] = field(default_factory=dict)
    bridges: dict[str, WrittenBridge] = field(default_factory=dict)
    credentials: dict[str, access.Snmp | access.Ssh] = field(default_factory=dict)
    jump_hosts: dict[str, access.JumpHost] = field(default_factory=dict)
    groups: dict[str, document.Group] = field(default_factory=dict)
    devices: dict[str, document.Device] = field(default_factory=dict)
    links: dict[int, list[str]] = field(default_factory=dict)
    maintenance: dict[int, document.Maintenance] = field(default_factory=dict)

    def names(self, section: str) -> Map:
        """The entries of a section as they stand there, malformed ones too."""
        entries = self.raw.get(section)
        return entries if isinstance(entries, Map) else Map()


def read(root: object, problems: Problems) -> Written:
    if not isinstance(root, Map):
        what = "is empty" if root is None else "is not a map of keys and values"
        problems.add((), what, "Begin with the keys customers:, sites: and devices:")
        return Written(Map())
    known = list(document.Document.model_fields)
    for key in root:
        if key not in known:
            unknown_key((key,), known, problems)
    written = Written(root)
    _version(root, problems)
    written.agent = _one(root, "agent", document.Agent, problems) or document.Agent()
    written.policies = _one(root, "policies", handbook.Policies, problems) or handbook.Policies()
    written.defaults = _one(root, "defaults", document.Defaults, problems)
    written.customers = _entries(root, "customers", document.Customer, problems)
    written.calendars = _entries(root, "calendars", document.Calendar, problems)
    written.contracts = _entries(root, "contracts", document.Contract, problems, _NUMBER)
    written.sites = _entries(root, "sites", document.Site, problems)
    written.channels = _entries(root, "channels", document.Channel, problems)
    written.people = _entries(root, "people", document.Person, problems)
    written.teams = _entries(root, "teams", document.Team, problems)
    written.vendors = _entries(root, "vendors", WrittenVendor, problems)
    written.bridges = _entries(root, "bridges", WrittenBridge, problems)
    written.credentials = _credentials(root, problems)
    written.jump_hosts = _entries(root, "jump_hosts", access.JumpHost, problems)
    written.groups = _entries(root, "groups", document.Group, problems)
    written.devices = _entries(root, "devices", document.Device, problems)
    written.links = dict(_links(root, problems))
    written.maintenance = dict(_maintenance(root, problems))
    if not written.names("devices") and not problems:
        problems.add(("devices",), "there is no device", "Write at least one: core-1: {address: 192.0.2.1, site: …}")
    return written


def _version(root: Map, problems: Problems) -> None:
    if root.get("version", "1") != "1":
        problems.add(("version",), "this netcase reads version 1 of the format", "Write version: 1")


def _one(root: Map, key: str, model: type[_Model], problems: Problems) -> _Model | None:
    raw = root.get(key)
    if isinstance(raw, Map) and len(raw) > MAX_WIDTH:
        problems.add((key,), f"has more than {MAX_WIDTH} keys", "Check the indentation")
        return None
    return _validated({} if raw is None else raw, model, (key,), problems)


def _validated(raw: object, model: type[_Model], at: Path, problems: Problems) -> _Model | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        explain(error, model, at, problems)
    return None


def _section(root: Map, key: str, problems: Problems) -> Iterator[tuple[str, object]]:
    raw = root.get(key)
    if isinstance(raw, Map):
        for name, entry in raw.items():
            if problems.enough:
                return
            yield name, entry
    elif raw is not None:
        problems.add((key,), "must be a map of names", "Write name: {…}, one a line, indented below it")


def _entries(
    root: Map, section: str, model: type[_Model], problems: Problems, names: TypeAdapter[str] = _NAME
) -> dict[str, _Model]:
    found = {}
    for name, raw in _section(root, section, problems):
        _check(names, name, (section, name), problems)
        empty = raw is None and not any(field.is_required() for field in model.model_fields.values())
        entry = _validated({} if empty else raw, model, (section, name), problems)
        if entry is not None:
            found[name] = entry
    return found


def _check(adapter: TypeAdapter[Any], raw: object, at: Path, problems: Problems) -> bool:
    try:
        adapter.validate_python(raw)
    except ValidationError as error:
        explain(error, None, at, problems)
        return False
    return True


def _credentials(root: Map, problems: Problems) -> dict[str, access.Snmp | access.Ssh]:
    found = {}
    for name, raw in _section(root, "credentials", problems):
        at = ("credentials", name)
        _check(_NAME, name, at, problems)
        kind = raw.get("kind") if isinstance(raw, Map) else None
        model = access.CREDENTIALS.get(kind) if isinstance(kind, str) else None
        if model is not None:
            entry = _validated(raw, model, at, problems)
            if entry is not None:
                found[name] = entry
        elif isinstance(raw, Map):
            wrote = kind if isinstance(kind, str) else ""
            what = "is no kind of credential" if "kind" in raw else "is missing"
            problems.add((*at, "kind"), what, options=list(access.CREDENTIALS), wrote=wrote)
        else:
            problems.add(at, "must be a map of keys and values", "Write kind: snmp_v2c and what belongs to it below it")
    return found


def _listed(root: Map, section: str, problems: Problems) -> Iterator[tuple[int, object]]:
    raw = root.get(section)
    if isinstance(raw, Items):
        for index, entry in enumerate(raw):
            if problems.enough:
                return
            yield index, entry
    elif raw is not None:
        problems.add((section,), "must be a list", "Begin each entry on a line of its own with a dash: - …")


def _links(root: Map, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    for index, raw in _listed(root, "links", problems):
        if not isinstance(raw, Items) or len(raw) != 2:
            problems.add(("links", index), "must be a list of two ends", "Write [device:interface, device:interface]")
        elif _check(_LINK, raw, ("links", index), problems):
            yield index, _LINK.validate_python(raw)


def _maintenance(root: Map, problems: Problems) -> Iterator[tuple[int, document.Maintenance]]:
    for index, raw in _listed(root, "maintenance", problems):
        entry = _validated(raw, document.Maintenance, ("maintenance", index), problems)
        if entry is not None:
            yield index, entry
