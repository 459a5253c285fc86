"""Keeps what people attach: the file by its content, a row of evidence, and a line on the case."""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from agent.cases import attachments
from agent.cases.case import Action, Case, Entry, Evidence, EvidenceState
from agent.errors import RefusedError, UsageError
from agent.ports import EvidenceFiles, Transaction

CHUNK = 1 << 16


def check(path: Path, *, scan: bool = False) -> None:
    """Before a case is opened for it. Raises UsageError or RefusedError."""
    with _open(path) as file:
        head, size = file.read(1024), os.fstat(file.fileno()).st_size
    if why := attachments.refusal(path.name, size, head, (), scan=scan):
        raise RefusedError(why)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies with the evidence, and stands on no case yet."""

    name: str
    kind: str
    sha256: str
    size: int


def put_file(files: EvidenceFiles, path: Path) -> Kept:
    """Raises UsageError when the file cannot be read, RefusedError when it is not taken."""
    with _open(path) as file:
        return put(files, file.read, path.name)


def put(files: EvidenceFiles, read: Callable[[int], bytes], given: str) -> Kept:
    """`read` gives the next bytes, at most so many; nothing beyond the largest size is read. The file is there before
    the row that names it: whoever finds the row finds the file."""
    handle, name = tempfile.mkstemp(prefix="netcase-upload-")
    taken = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            head, size = _copied(read, target)
        if why := attachments.refusal(given, size, head, ()):
            raise RefusedError(why)
        sha256, _ = files.put(taken)
    finally:
        taken.unlink(missing_ok=True)
    return Kept(attachments.name(given), attachments.kind(head), sha256, size)


def attach(
    tx: Transaction, case: Case, kept: Sequence[Kept], actor: str, now: datetime, side: str = ""
) -> list[Evidence]:
    """Raises RefusedError when they are too many. What stands there under the same name already is not attached again.
    `side`: `theirs` for what came with the report, which is no work on the case, whoever took it down."""
    rows = tx.evidence(case.number)
    known = {(row.command, row.sha256): row for row in rows if row.tier == attachments.TIER}
    fresh = [each for each in kept if (each.name, each.sha256) not in known]
    if len(known) + len(fresh) > attachments.MOST:
        raise RefusedError(attachments.TOO_MANY)
    for each in fresh:
        row = keep(tx, case, each.name, each.kind, each.sha256, each.size, actor, now, side)
        known[each.name, each.sha256] = row
    return [known[each.name, each.sha256] for each in kept]


def keep(
    tx: Transaction, case: Case, name: str, kind: str, sha256: str, size: int, actor: str, now: datetime, side: str = ""
) -> Evidence:
    """The row and the line of a file that is kept already."""
    row = Evidence(
        case=case.number,
        device=case.subject.device,
        command=name,
        tier=attachments.TIER,
        state=EvidenceState.DONE,
        at=now,
        bytes=size,
        sha256=sha256,
        topic=kind,
    )
    kept = tx.save_evidence(row)
    data = {"evidence": str(kept.id), "name": name, "sha256": sha256} | ({"side": side} if side else {})
    text = f"attached {name} ({size} bytes)"
    tx.log([Entry(case=case.number, at=now, action=Action.EVIDENCE, text=text, actor=actor, data=data)])
    return kept


def _copied(read: Callable[[int], bytes], target: BinaryIO) -> tuple[bytes, int]:
    """(the first bytes, how many there are; more than the largest size where there are more)."""
    head, size = b"", 0
    while size <= attachments.LARGEST and (chunk := read(CHUNK)):
        head = head or chunk[:1024]
        size += len(chunk)
        target.write(chunk)
    return head, size


def _open(path: Path) -> BinaryIO:
    try:
        if not path.is_file():
            raise UsageError(f"{path} is no file: write the path of one")
        return path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
