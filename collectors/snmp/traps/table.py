"""What traps are called, read from `data/traps/*.yaml`: one file a vendor; `names.yaml` lists the names themselves.

A trap's entry, under its OID: `mib` (MODULE::object), `name` (one of `names.yaml`, or none); `severity` and `about`,
the kind of the subject, where they are not the name's. Where a value decides: `state` is a varbind's name, and `when`
says for its words `NAME`, or `{name, severity}`. An entry of `families` is for all of a subtree that stands nowhere
else. A varbind's entry, under its column's OID:

    name     the object's
    words    what its numbers mean: a list from 1, or a mapping
    names    the kind of component that its value names; `part`: of whatever kind the trap is about; best: before others
    address  the kind of component whose address its index ends in (bgp_peer)
    index    what the first number of its index is: ifIndex, entPhysicalIndex, …
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.observation import ComponentKind, SyslogSeverity

PART = "part"  # names the subject, whatever kind it is of
_FOLDER = resources.files("collectors.snmp").joinpath("data/traps")
_NAMES = "names.yaml"
_REMEMBERED, _SHORT = 20_000, 200  # OIDs whose column is remembered, and the longest that is, in characters


@dataclass(frozen=True, slots=True)
class Name:
    """What we call an event: its severity and its subject's kind, where a trap does not say otherwise."""

    severity: SyslogSeverity
    about: ComponentKind | None
    means: str


@dataclass(frozen=True, slots=True)
class Told:
    name: str
    severity: SyslogSeverity
    about: ComponentKind | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of trap. `when` has what it is by the word of the varbind `state`; else it is `told`."""

    mib: str
    told: Told
    state: str = ""
    when: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    words: Mapping[str, str] = field(default_factory=dict)
    names: str = ""
    best: bool = False
    address: str = ""
    index: str = ""


@dataclass(slots=True)
class Table:
    names: dict[str, Name] = field(default_factory=dict)
    traps: dict[str, Kind] = field(default_factory=dict)
    families: dict[str, Kind] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    _found: dict[str, tuple[Column | None, str]] = field(default_factory=dict)

    def kind(self, oid: str) -> Kind:
        """An unknown trap is called by its OID. v1 and v2 agents differ in the 0 before the last number (RFC 3584)."""
        found = self.traps.get(oid)
        if found is None:
            enterprise, _, last = oid.rpartition(".")
            twin = enterprise.removesuffix(".0") if enterprise.endswith(".0") else f"{enterprise}.0"
            found = self.traps.get(f"{twin}.{last}")
        return found or self._unlisted(oid)

    def _unlisted(self, oid: str) -> Kind:
        end = oid.rfind(".")
        while end > 0:
            family = self.families.get(oid[:end])
            if family is not None:
                return replace(family, mib=oid)
            end = oid.rfind(".", 0, end)
        return Kind(oid, Told("", SyslogSeverity.NOTICE, None))

    def column(self, oid: str) -> tuple[Column | None, str]:
        """(the known column that an OID is of, the index behind it)."""
        known = self._found.get(oid)
        if known is not None:
            return known
        found = self._column(oid)
        if len(oid) <= _SHORT:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[oid] = found
        return found

    def _column(self, oid: str) -> tuple[Column | None, str]:
        end = len(oid)
        while end > 0:
            column = self.columns.get(oid[:end])
            if column is not None:
                return column, oid[end + 1 :]
            end = oid.rfind(".", 0, end)
        return None, ""


@cache
def table() -> Table:
    read = Table(names=dict(_names(_document(_NAMES))))
    for file in sorted(entry.name for entry in _FOLDER.iterdir()):
        if not file.endswith(".yaml") or file == _NAMES:
            continue
        document = _document(file)
        for oid, entry in (document.get("traps") or {}).items():
            _once(read.traps, oid, _kind(read.names, **entry), file)
        for oid, entry in (document.get("families") or {}).items():
            _once(read.families, oid, _kind(read.names, **entry), file)
        for oid, entry in (document.get("varbinds") or {}).items():
            _once(read.columns, oid, _column(**entry), file)
    return read


def _document(file: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one: ten times faster
    return yaml.load(_FOLDER.joinpath(file).read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe one, and our file


def _once(into: dict[str, Any], oid: str, entry: object, file: str) -> None:
    if oid in into:
        raise ValueError(f"{file}: {oid} stands in another file, too")
    into[oid] = entry


def _names(document: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Name]]:
    for name, entry in document.items():
        about = ComponentKind(entry["about"]) if "about" in entry else None
        yield name, Name(SyslogSeverity(entry["severity"]), about, entry["means"])


def _kind(
    names: Mapping[str, Name],
    mib: str,
    name: str = "",
    severity: str = "",
    about: str = "",
    state: str = "",
    when: Mapping[str, str | Mapping[str, str]] | None = None,
) -> Kind:
    told = _told(names, about, name, severity)
    cases = {
        word: _told(names, about, case) if isinstance(case, str) else _told(names, about, **{"name": name, **case})
        for word, case in (when or {}).items()
    }
    return Kind(mib, told, state, cases)


def _told(names: Mapping[str, Name], about: str, name: str, severity: str = "") -> Told:
    known = names[name] if name else Name(SyslogSeverity.NOTICE, None, "")
    return Told(
        name,
        SyslogSeverity(severity) if severity else known.severity,
        ComponentKind(about) if about else known.about,
    )


def _column(words: list[str] | Mapping[int, str] | None = None, **rest: Any) -> Column:
    numbered = dict(enumerate(words, 1)) if isinstance(words, list) else words or {}
    return Column(words={str(number): word for number, word in numbered.items()}, **rest)
