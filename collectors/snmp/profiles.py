"""What to ask which platform: the data files beside this one, read into what `poll.py` works from.

A platform is one YAML file in `data/`; no Python is needed to add one. The form is described in `data/README.md`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.errors import UsageError
from agent.observation import ComponentKind, Fact, Tier
from collectors.snmp.session import Oid, parse_oid
from collectors.snmp.shapes import (
    COUNTERS,
    UNIT_RANGES,
    Label,
    NeighbourTable,
    Profile,
    Reading,
    SensorTable,
    Source,
    Table,
    Where,
)

_DATA = Path(__file__).parent / "data"
_KEYS = {
    "extends", "vendor", "platform", "skip", "match", "version", "model", "serial", "tables", "sensors", "neighbours",
}  # fmt: skip
_KEYS_TABLE = {
    "name", "kind", "tiers", "label", "facts", "limit", "low_limit", "where", "unless", "witness", "scalars", "used",
    "free", "total", "units", "less", "reclaimable", "beside", "also", "seldom",
}  # fmt: skip
_KEYS_READING = {
    "oid", "scale", "offset", "low", "high", "reject", "words", "add", "form", "unit", "match", "milliwatts", "at",
    "zero",
}  # fmt: skip


def rank(profile: Profile, object_id: Oid, descr: str) -> tuple[bool, int]:
    """How well the profile fits a device: (description matched, length of the OID prefix); (False, 0): not at all."""
    best = (False, 0)
    for prefix, pattern in profile.matches:
        if object_id[: len(prefix)] == prefix and (pattern is None or pattern.search(descr)):
            best = max(best, (pattern is not None, len(prefix)))
    return best


@cache
def everything() -> dict[str, Profile]:
    """Every profile by name; `rfc` is what all devices are asked. Raises UsageError, which names the file."""
    files = {path.stem: path for folder in (_DATA, *_own) for path in sorted(folder.glob("*.yaml"))}
    del files["vendors"]
    texts = {name: _read(path) for name, path in files.items()}
    found = {}
    for name, path in files.items():
        try:
            found[name] = parse(name, _extended(texts, name))
        except KeyError as error:
            raise UsageError(f"{path}: there is no {error.args[0]!r} where one is needed") from error
        except (ValueError, TypeError, AttributeError, re.error) as error:
            raise UsageError(f"{path}: {error}; the form is described in {_DATA / 'README.md'}") from error
    return found


_own: list[Path] = []  # folders of the operator's own platforms


def add(folder: Path) -> None:
    """The files of a folder beside those that are built in; one of the same name takes its place. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name the one that holds your platforms' YAML files")
    if folder not in _own:
        _own.append(folder)
        everything.cache_clear()
    everything()


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
    try:
        loaded = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader; scalars stay text
        return dict(loaded or {})
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        raise UsageError(f"{path}:{where} {getattr(error, 'problem', None) or error}") from error


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
    if unknown := set(data) - _KEYS:
        raise ValueError(f"unknown key {min(unknown)}; there are {', '.join(sorted(_KEYS))}")
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
    Fact.REMOTE_PLATFORM: "text", Fact.REMOTE_ADDRESS: "text", Fact.PROTOCOL: "text", Fact.DUPLEX: "word",
    Fact.CONFIG_CHANGED: "float", Fact.CONFIG_SAVED: "float", Fact.BFD_STATE: "word", Fact.EXPIRES: "expiry",
    Fact.ROLE: "word",
}  # fmt: skip
_RANGES = {
    Fact.USAGE: (0.0, 100.0), Fact.USED: (0.0, 100.0), Fact.CELSIUS: (-50.0, 200.0), Fact.SENSOR_VALUE: (-1e7, 1e9),
}  # fmt: skip


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
        seldom=data.get("seldom") == "true",
        witness=parse_oid(data["witness"]) if "witness" in data else None,
        scalars=data.get("scalars") == "true",
        **parts,
    )


def _label(data: Any) -> Label:
    if isinstance(data, list):
        return Label(oids=tuple(map(parse_oid, data)))
    if isinstance(data, str):
        return Label(format=data)
    if unknown := set(data) - {"oids", "address", "entity", "interface", "format", "named", "cut"}:
        raise ValueError(f"label: unknown key {min(unknown)}")
    entity, interface = data.get("entity", ""), data.get("interface", "")
    return Label(
        oids=tuple(map(parse_oid, data.get("oids", ()))),
        address=parse_oid(data["address"]) if "address" in data else None,
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
