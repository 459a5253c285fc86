"""Evidence as files in a folder of one's own, with a manifest beside them."""

import hashlib
import json as json_
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from agent import locale, version
from agent.app import compose
from agent.app.compose import Memory
from agent.cases import manifest
from agent.cases.case import Case, Evidence
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import StoreError, UsageError
from agent.ports import Transcript

CHUNK = 1 << 20


def export(
    name: Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")],
    into: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the files; default NC-000001.")
    ] = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The case's evidence as files with a manifest; exit 1 when a file is missing or damaged."""
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            number = case_number(name)
            case, rows = tx.case(number), tx.evidence(number)
        if case is None:
            raise UsageError(f"there is no case {name}: `netcase cases` lists them")
        folder = into or Path(case.name)
        files = _copied(memory, rows, folder)
    made = written(folder, rows, files, case)
    if json:
        showing.as_json(made)
    else:
        _print(rows, files, folder, options.language(lang))
    if any(row.sha256 and file is None for row, file in zip(rows, files, strict=True)):
        raise typer.Exit(1)


def _copied(memory: Memory, rows: Sequence[Evidence], folder: Path) -> list[str | None]:
    """The names under which the files now lie in the folder; None where there is none, or it is not what it was."""
    _make(folder)
    files: list[str | None] = []
    for row, name in zip(rows, manifest.names(rows), strict=True):
        whole = name is not None and _copy(memory.evidence.path(row.sha256), folder / name, row.sha256)
        files.append(name if whole else None)
        if name is not None and not whole:
            print(f"{row.device} {row.command}: the file {row.sha256[:12]}… is missing or damaged", file=sys.stderr)
    return files


def _copy(source: Path, target: Path, sha256: str) -> bool:
    digest = hashlib.sha256()
    try:
        with source.open("rb") as old, os.fdopen(_new(target), "wb") as new:
            while chunk := old.read(CHUNK):
                digest.update(chunk)
                new.write(chunk)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}") from error
    if digest.hexdigest() == sha256:
        return True
    target.unlink()
    return False


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be made: {error.strerror}; choose another with -o") from error


def collected(device: str, transcripts: Iterable[Transcript]) -> tuple[list[Evidence], list[str | None]]:
    """What one visit brought home, as rows of evidence of no case, and the names of their files."""
    rows, files = [], []
    for each in transcripts:
        row = Evidence(
            case=0,
            device=device,
            topic=each.topic,
            command=each.command or each.topic,
            tier="",
            state=each.state,
            at=each.started,
            took_s=each.took_s,
            secrets_removed=each.secrets_removed,
            detail=each.detail,
            outcome=each.outcome,
        )
        if each.path is not None:
            with each.path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            row = replace(row, bytes=each.path.stat().st_size, sha256=sha256)
        rows.append(row)
        files.append(each.path.name if each.path else None)
    return rows, files


def written(
    folder: Path, rows: Sequence[Evidence], files: Sequence[str | None], case: Case | None = None
) -> dict[str, Any]:
    """Writes the folder's manifest.json, whole or not at all; returns it."""
    made = manifest.document(rows, files, netcase=version(), made=compose.now(), case=case)
    path, new = folder / manifest.NAME, folder / f".{manifest.NAME}.new"
    try:
        with os.fdopen(_new(new), "w", encoding="utf-8") as file:
            json_.dump(made, file, ensure_ascii=False, indent=1)
            file.write("\n")
        new.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    return made


def _print(rows: Sequence[Evidence], files: Sequence[str | None], folder: Path, language: str) -> None:
    _ = locale.words(language)
    heads = [_(head) for head in ("File", "Device", "Command", "Outcome", "Bytes", "Secrets")]
    shown = [
        (
            name or "–",
            row.device,
            row.command,
            locale.word(str(row.outcome or row.state), language),
            row.bytes if name else "",
            row.secrets_removed or "",
        )
        for row, name in zip(rows, files, strict=True)
    ]
    showing.table(heads, shown, _("No evidence."))
    showing.line(str(folder / manifest.NAME))
