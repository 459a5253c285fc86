"""The manifest that lies beside exported evidence: what was asked of whom, when, how it ended, and what the file is."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from agent.cases import attachments
from agent.cases.case import Case, Evidence

VERSION = 1
NAME = "manifest.json"


def names(rows: Iterable[Evidence]) -> list[str | None]:
    """A name for each row's file, DEVICE-TOPIC.txt or upload-NAME; no two the same, in whichever letters."""
    taken: set[str] = {NAME}
    return [_free(*_wanted(row), taken) if row.sha256 else None for row in rows]


def _wanted(row: Evidence) -> tuple[str, str]:
    """(stem, suffix): a person's file keeps the suffix that it came with."""
    if row.tier != attachments.TIER:
        return f"{row.device}-{row.topic or row.command}", "txt"
    stem, dot, suffix = row.command.rpartition(".")
    known = bool(dot) and re.fullmatch(r"[A-Za-z0-9]{1,8}", suffix) is not None
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", stem if known else row.command).strip("-.")
    return f"upload-{plain}", suffix.lower() if known else "bin"


def _free(wanted: str, suffix: str, taken: set[str]) -> str:
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-.")[:100] or "evidence"
    stem = re.sub(r"\.(piece\d+)$", r"-\1", stem, flags=re.IGNORECASE)  # what a piece of a large file is called
    number, name = 1, f"{stem}.{suffix}"
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}.{suffix}"
    taken.add(name.lower())
    return name


def document(
    rows: Sequence[Evidence],
    files: Sequence[str | None],
    *,
    netcase: str,
    made: datetime,
    case: Case | None = None,
) -> dict[str, Any]:
    """`files` are the rows' file names; None where a row has no file. Without a case no fault is counted from."""
    began = case.began or case.opened if case else None
    listed = [_file(row, name, began) for row, name in zip(rows, files, strict=True)]
    return {
        "version": VERSION,
        "netcase": netcase,
        "made": made.isoformat(timespec="seconds"),
        "case": case.name if case else None,
        "fault_began": began.isoformat() if began else None,
        "totals": {
            "files": sum(name is not None for name in files),
            "missing": sum(name is None for name in files),
            "bytes": sum(file["bytes"] for file in listed),
            "secrets_removed": sum(file["secrets_removed"] for file in listed),
        },
        "files": listed,
    }


def _file(row: Evidence, name: str | None, began: datetime | None) -> dict[str, Any]:
    return {
        "name": name,
        "device": row.device,
        "topic": row.topic,
        "command": row.command,
        "collected_at": row.at.isoformat(),
        "seconds_from_fault": round((row.at - began).total_seconds(), 3) if began else None,
        "took_s": round(row.took_s, 3),
        "state": str(row.state),
        "outcome": str(row.outcome) if row.outcome else None,
        "detail": row.detail,
        "bytes": row.bytes if name else 0,
        "sha256": row.sha256 if name else None,
        "secrets_removed": row.secrets_removed,
    }
