"""What goes into a case's bundle for a vendor, how its files are called, and how they are dealt out to archives.

An archive never grows beyond what the vendor takes. Nothing is left out silently: the manifest, which lies in every
archive, names each file of the case, where it is, or why it is not there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agent.cases import manifest
from agent.cases.case import Case, Evidence
from agent.cases.statement import Statement, line, own
from agent.errors import RefusedError
from agent.inventory.vendors import Form, TooLarge, Vendor

FOLDER = "evidence"
MANIFEST, MANIFEST_TEXT = manifest.NAME, "manifest.txt"
TIMELINE = "timeline.txt"
OVERHEAD = 1_500  # bytes of an archive for each of its files, at most: names, headers, the directory at its end
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of the bundle. `packed` is what it comes to in an archive; `row` is its place among the case's evidence,
    -1 for what was written for the bundle."""

    name: str
    bytes: int
    packed: int
    sha256: str = ""
    row: int = -1
    piece: int = 0  # counted from 1 where a file had to be cut

    @property
    def room(self) -> int:
        return self.packed + OVERHEAD


@dataclass(frozen=True, slots=True)
class Plan:
    archives: tuple[tuple[Member, ...], ...]
    left_out: tuple[Member, ...] = ()


def plan(head: Sequence[Member], evidence: Sequence[Member], room: int, rule: TooLarge) -> Plan:
    """`head` lies in the first archive, the manifest (its first two) in every one; `room` 0: there is no limit."""
    if not room:
        return Plan(((*head, *evidence),))
    first, every = sum(each.room for each in head), sum(each.room for each in head[:2])
    if first > room:
        raise RefusedError(
            f"the vendor takes {room:,} bytes, which the problem statement and the manifest alone exceed: "
            "raise largest_upload in the inventory"
        )
    return _lighter(head, evidence, room - first) if rule is TooLarge.LEAVE_OUT else _dealt(head, evidence, room, every)


def _lighter(head: Sequence[Member], evidence: Sequence[Member], room: int) -> Plan:
    """Without the largest, until the rest fits; of equal ones without the last."""
    kept = list(evidence)
    while sum(each.room for each in kept) > room:
        kept.remove(max(reversed(kept), key=lambda each: each.packed))
    gone = tuple(each for each in evidence if each not in kept)
    return Plan(((*head, *kept),), gone)


def _dealt(head: Sequence[Member], evidence: Sequence[Member], room: int, every: int) -> Plan:
    """In their order, a new archive where the next does not fit. What fits into no archive was cut before."""
    archives: list[list[Member]] = [list(head)]
    free = room - sum(each.room for each in head)
    for each in evidence:
        if each.room > room - every:
            raise RefusedError(f"{each.name} is larger than what the vendor takes")
        if each.room > free:
            archives.append(list(head[:2]))
            free = room - every
        archives[-1].append(each)
        free -= each.room
    return Plan(tuple(tuple(archive) for archive in archives))


def stem(case: Case, vendor: Vendor | None, reference: str) -> str:
    """The upload's name without its ending, as the vendor wants it; whatever its parts say, a plain file name."""
    pattern = vendor.naming if vendor else "{case}"
    places = {
        "case": case.name,
        "reference": reference or "no-number",
        "device": case.subject.device or "no-device",
        "customer": case.customer or "no-customer",
    }
    text = re.sub(r"\{(\w+)\}", lambda place: _plain(places.get(place[1], "")), pattern)
    return _plain(text)[:100] or case.name


def _plain(text: str) -> str:
    return _NAME.sub("-", text).strip("-.")


def archive_names(stem_: str, form: Form, count: int) -> list[str]:
    if count == 1:
        return [f"{stem_}.{form}"]
    return [f"{stem_}.part{number}of{count}.{form}" for number in range(1, count + 1)]


def paths(rows: Sequence[Evidence]) -> list[str | None]:
    """Where each row's file lies in the bundle."""
    return [f"{FOLDER}/{name}" if name else None for name in manifest.names(rows)]


def piece_name(name: str, number: int) -> str:
    stem_, dot, suffix = name.rpartition(".")
    return f"{stem_}.piece{number:03d}.{suffix}" if dot else f"{name}.piece{number:03d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of one row's file when it was gone over once more: its members, the secrets that were still in it, or
    why it is not in the bundle."""

    members: tuple[Member, ...] = ()
    struck: int = 0
    missing: str = ""


def as_of(stated: Statement) -> datetime:
    """The time of what the bundle tells: the last line of the timeline, so that the same case makes the same bytes."""
    return max([stated.case.opened, *(entry.at for entry in own(stated.log))])


def document(
    stated: Statement,
    rows: Sequence[Evidence],
    checked: Sequence[Checked],
    where: Mapping[str, str],
    left_out: Sequence[Member],
    *,
    netcase: str,
    archives: Sequence[str],
    limit: int,
) -> dict[str, Any]:
    """manifest.json. `where` is the archive of each member, by name; `limit` is what the vendor takes."""
    names = [each.members[0].name if each.members else None for each in checked]
    made = manifest.document(rows, names, netcase=netcase, made=as_of(stated), case=stated.case)
    gone = {member.row for member in left_out}
    for number, (file, each) in enumerate(zip(made["files"], checked, strict=True)):
        file |= _checked(each, number in gone, where, limit)
    case, vendor, handover = stated.case, stated.vendor, stated.handover
    made["totals"] |= {
        "in_the_bundle": sum(bool(file["archives"]) for file in made["files"]),
        "left_out": sum(not file["archives"] for file in made["files"]),
        "secrets_removed_again": sum(each.struck for each in checked),
    }
    return {
        **made,
        "archives": list(archives),
        "severity": str(case.severity),
        "vendor": vendor.name if vendor else None,
        "vendor_reference": handover.reference if handover else None,
        "support_contract": vendor.contract if vendor else None,
        "contract": case.contract or None,
        "contact": _contact(stated),
        "site": {"name": stated.site, "address": stated.address},
        "equipment": [
            {name: getattr(unit, name) for name in ("device", "part", "vendor", "model", "version", "serial", "role")}
            for unit in stated.units
        ],
        "links": [
            {"device": w.device, "interface": w.interface, "far": w.far, "far_interface": w.far_interface}
            for w in stated.wires
        ],
    }


def _contact(stated: Statement) -> dict[str, str] | None:
    person = stated.engineer
    return {"name": person.name, "email": person.email, "phone": person.phone} if person else None


def _checked(each: Checked, gone: bool, where: Mapping[str, str], limit: int) -> dict[str, Any]:
    missing = f"left out: with it the upload would be larger than the {limit:,} bytes that are taken" if gone else ""
    held = [] if gone else [where[member.name] for member in each.members if member.name in where]
    said: dict[str, Any] = {
        "bytes": sum(member.bytes for member in each.members),
        "sha256": each.members[0].sha256 if len(each.members) == 1 else None,
        "secrets_removed_again": each.struck,
        "archives": list(dict.fromkeys(held)),
        "missing": each.missing or missing,
    }
    if len(each.members) > 1:
        said["pieces"] = [{"name": m.name, "bytes": m.bytes, "sha256": m.sha256} for m in each.members]
    return said


def text(made: Mapping[str, Any]) -> str:
    """manifest.txt: the same for people."""
    totals = made["totals"]
    rows = [
        f"{made['case']}, {made['severity']}, as of {made['made']}, made by netcase {made['netcase']}",
        f"Archives: {', '.join(made['archives'])}",
        f"Files: {totals['in_the_bundle']} here, {totals['left_out']} not",
        f"Secrets struck out: {totals['secrets_removed']} when collected, {totals['secrets_removed_again']} more now",
        "",
    ]
    for file in made["files"]:
        name = file["name"] or "(no file)"
        rows.append(line(f"{name}: {file['device'] or '–'}, {file['command']}, {file['collected_at']}"))
        if file["missing"]:
            rows.append(f"    NOT IN THE BUNDLE: {line(file['missing'])}")
        else:
            rows.append(f"    {file['bytes']} bytes, SHA-256 {file['sha256'] or 'see the pieces'}, {_where(file)}")
            rows += [f"    {p['name']}: {p['bytes']} bytes, SHA-256 {p['sha256']}" for p in file.get("pieces", ())]
        if file["secrets_removed"] or file["secrets_removed_again"]:
            again = f", {file['secrets_removed_again']} more now" if file["secrets_removed_again"] else ""
            rows.append(f"    secrets struck out: {file['secrets_removed']}{again}")
    return "\n".join(rows) + "\n"


def _where(file: Mapping[str, Any]) -> str:
    return f"in {', '.join(file['archives'])}"


def cut(member: Member, number: int, size: int, packed: int, sha256: str) -> Member:
    name = piece_name(member.name, number)
    return replace(member, name=name, bytes=size, packed=packed, sha256=sha256, piece=number)
