"""Writes a case's bundle: gathers it, goes over every file once more for secrets, and packs it so that the same case
makes the same bytes."""

import contextlib
import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from agent import locale, settings, version
from agent.app import compose
from agent.app.compose import Memory
from agent.cases import bundle
from agent.cases import statement as statements
from agent.cases.attachments import MAIL
from agent.cases.bundle import Checked, Member, Plan
from agent.cases.case import Case, Evidence
from agent.cases.statement import Statement
from agent.errors import NetcaseError, RefusedError, StoreError
from agent.inventory.device import Secret
from agent.inventory.inventory import Inventory
from agent.inventory.vendors import Form, TooLarge, Vendor
from agent.pipeline import stating
from agent.ports import EvidenceFiles, Transaction
from collectors.ssh.scrub import Scrubber

CHUNK = 1 << 20
LEVEL = 6
_TRIES = 8
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What was written. `left_out` and `missing` are names of files of the case, with why they are not in it."""

    archives: tuple[Path, ...]
    bytes: int
    files: int
    left_out: Mapping[str, str]
    damaged: tuple[str, ...]
    secrets_again: int
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    stated: Statement
    rows: tuple[Evidence, ...]
    vendor: Vendor | None


def gather(tx: Transaction, inventory: Inventory, case: Case, vendor: Vendor | None, now: datetime) -> Gathered:
    stated = stating.statement(tx, inventory, case, vendor, now)
    return Gathered(stated=stated, rows=tx.evidence(case.number), vendor=stated.vendor)


def write(
    gathered: Gathered,
    files: EvidenceFiles,
    secrets: Sequence[str],
    folder: Path,
    name: str = "",
    *,
    attachments: bool = False,
) -> Bundle:
    """Into `folder`, under `name` or what the vendor wants. Raises RefusedError, StoreError."""
    with tempfile.TemporaryDirectory(prefix="netcase-bundle-") as work:
        desk = _Packing(gathered, files, secrets, Path(work), attachments)
        return desk.write(folder, name)


def of_case(memory: Memory, inventory: Inventory, number: int) -> tuple[str, bytes] | None:
    """One archive as bytes, whatever a vendor takes; None when there is no such case."""
    with memory.store.read() as tx:
        case = tx.case(number)
        gathered = gather(tx, inventory, case, None, compose.now()) if case else None
    if gathered is None:
        return None
    whole = Gathered(stated=gathered.stated, rows=gathered.rows, vendor=None)
    with tempfile.TemporaryDirectory(prefix="netcase-bundle-") as folder:
        made = write(whole, memory.evidence, known_secrets(inventory), Path(folder))
        return made.archives[0].name, made.archives[0].read_bytes()


def known_secrets(inventory: Inventory) -> tuple[str, ...]:
    """The secrets of devices as far as this program can read them; each is struck out wherever it stands."""
    references: set[str] = set()
    for device in inventory.devices.values():
        for access in (device.snmp, device.ssh):
            for field in getattr(access, "__dataclass_fields__", ()):
                value = getattr(access, field)
                if isinstance(value, Secret):
                    references.add(value.reference)
    found = []
    for reference in sorted(references):
        with contextlib.suppress(NetcaseError, OSError):
            found.append(settings.secret(reference))
    return tuple(found)


class _Packing:
    def __init__(
        self, gathered: Gathered, files: EvidenceFiles, secrets: Sequence[str], work: Path, attachments: bool
    ) -> None:
        self._gathered, self._files, self._secrets = gathered, files, secrets
        self._work, self._attachments = work, attachments
        self._at: dict[str, Path] = {}  # where each member lies until it is packed
        self._struck: dict[int, int] = {}  # secrets that were still in a row's file
        vendor = gathered.vendor
        self._limit = vendor.largest_upload if vendor else 0
        self._rule = vendor.too_large if vendor else TooLarge.SPLIT
        self._form = vendor.form if vendor else Form.ZIP
        reference = gathered.stated.handover.reference if gathered.stated.handover else ""
        self._stem = bundle.stem(gathered.stated.case, vendor, reference)

    def write(self, folder: Path, name: str) -> Bundle:
        """Less is put into an archive than fits by reckoning, when it turns out larger than reckoned."""
        form, stem = _form_of(name, self._form), _stem_of(name) or self._stem
        room = self._limit
        checked = self._checked(room)
        for _ in range(_TRIES):
            plan, made, head = self._planned(checked, room, stem, form)
            with tempfile.TemporaryDirectory(prefix=".netcase-", dir=_made(folder)) as new:
                paths = self._packed(plan, head, made, Path(new), form)
                largest = max(path.stat().st_size for path in paths)
                if not self._limit or largest <= self._limit:
                    return self._placed(paths, folder, made, checked)
            room -= max(largest - self._limit, room // 20)
            checked = self._checked(room)
        raise RefusedError(
            f"the bundle cannot be made as small as the {self._limit:,} bytes that the vendor takes: "
            "raise largest_upload in the inventory"
        )

    # ------------------------------------------------------------ what goes in

    def _planned(
        self, checked: Sequence[Checked], room: int, stem: str, form: Form
    ) -> tuple[Plan, dict[str, Any], dict[str, bytes]]:
        """The manifest names the archives, and they hold it: its size is reckoned from one that names as many."""
        members = [member for each in checked for member in each.members]
        texts = self._texts()
        draft = self._manifest(checked, {m.name: "x" * 60 for m in members}, members, ["x" * 60] * 9)
        blank = self._head(draft, texts)
        plan = bundle.plan([_member(name, content) for name, content in blank.items()], members, room, self._rule)
        names = bundle.archive_names(stem, form, len(plan.archives))
        where = {m.name: archive for archive, held in zip(names, plan.archives, strict=True) for m in held}
        made = self._manifest(checked, where, plan.left_out, names)
        return plan, made, self._head(made, texts)

    def _manifest(
        self, checked: Sequence[Checked], where: Mapping[str, str], left_out: Sequence[Member], names: Sequence[str]
    ) -> dict[str, Any]:
        return bundle.document(
            self._gathered.stated,
            self._gathered.rows,
            checked,
            where,
            left_out,
            netcase=version(),
            archives=names,
            limit=self._limit,
        )

    def _head(self, made: Mapping[str, Any], texts: Mapping[str, bytes]) -> dict[str, bytes]:
        body = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
        return {
            bundle.MANIFEST: self._clean(body),
            bundle.MANIFEST_TEXT: self._clean(bundle.text(made)),
            **texts,
        }

    def _texts(self) -> dict[str, bytes]:
        stated = self._gathered.stated
        words = {f"statement.{lang}.txt": statements.words(stated, lang) for lang in locale.LANGUAGES}
        every = {**words, bundle.TIMELINE: statements.timeline(stated, "en")}
        return {name: self._clean(text) for name, text in every.items()}

    def _clean(self, text: str) -> bytes:
        """What people wrote may hold a secret, too."""
        return Scrubber(self._secrets).block(text).encode("utf-8", "replace")

    def _checked(self, room: int) -> list[Checked]:
        found = []
        paths = bundle.paths(self._gathered.rows)
        for number, (row, path) in enumerate(zip(self._gathered.rows, paths, strict=True)):
            found.append(self._check(number, row, path, room))
        return found

    def _check(self, number: int, row: Evidence, path: str | None, room: int) -> Checked:
        if path is None:
            return Checked(missing=row.detail or f"there is no file: {row.state}")
        source = self._files.path(row.sha256)
        clean = self._work / f"{number}"
        if not clean.exists():
            try:
                struck, whole = _scrubbed(source, clean, row.sha256, self._secrets)
            except FileNotFoundError:
                return Checked(missing="the file is missing in the store")
            if not whole:
                clean.unlink()
                return Checked(missing="the file in the store is damaged: it is not what was collected")
            self._struck[number] = struck
        encoded = row.topic == MAIL  # whatever it says may stand in it in base64, and links that customers answer by
        if (encoded or _is_binary(clean)) and not self._attachments:
            return Checked(missing="no text: it cannot be gone over for secrets; --attachments puts it in")
        return Checked(members=tuple(self._cut(path, clean, number, room)), struck=self._struck.get(number, 0))

    def _cut(self, name: str, file: Path, number: int, room: int) -> Iterator[Member]:
        """The file, or pieces of it that fit."""
        whole = _of_file(name, file, number)
        most = room * 4 // 5 - bundle.OVERHEAD
        if not room or self._rule is TooLarge.LEAVE_OUT or whole.packed <= most:
            self._at[whole.name] = file
            yield whole
            return
        if most < CHUNK // 64:
            raise RefusedError(f"the vendor takes {self._limit:,} bytes, too few to cut {name} into pieces")
        share = max(CHUNK // 64, whole.bytes * most // (whole.packed * 2))
        pieces = self._pieces(file, whole, share)
        while max(piece.packed for piece in pieces) > most and share > CHUNK // 64:  # not all of it packs alike
            share = max(CHUNK // 64, share // 2)
            pieces = self._pieces(file, whole, share)
        yield from pieces

    def _pieces(self, file: Path, whole: Member, share: int) -> list[Member]:
        found = []
        for count, piece in enumerate(_pieces(file, share, self._work), 1):
            part = _of_file(whole.name, piece, whole.row)
            found.append(bundle.cut(whole, count, part.bytes, part.packed, part.sha256))
            self._at[found[-1].name] = piece
        return found

    # ------------------------------------------------------------ packing

    def _packed(
        self, plan: Plan, head: Mapping[str, bytes], made: Mapping[str, Any], folder: Path, form: Form
    ) -> list[Path]:
        names = [str(name) for name in made["archives"]]
        done = []
        for name, members in zip(names, plan.archives, strict=True):
            path = folder / name
            with _archive(path, form) as put:
                for member in members:
                    if member.name in head:
                        put(member.name, head[member.name], None)
                    else:
                        put(member.name, b"", self._at[member.name])
            done.append(path)
        return done

    def _placed(
        self, paths: Sequence[Path], folder: Path, made: Mapping[str, Any], checked: Sequence[Checked]
    ) -> Bundle:
        final = []
        for path in paths:
            try:
                path.replace(folder / path.name)
            except OSError as error:
                raise StoreError(f"{folder / path.name} cannot be written: {error.strerror}") from error
            final.append(folder / path.name)
        listed: list[dict[str, Any]] = made["files"]
        out = {str(f["name"] or f"{f['device']} {f['command']}"): str(f["missing"]) for f in listed if f["missing"]}
        broken = tuple(
            f"{row.device} {row.command}".strip()
            for row, each in zip(self._gathered.rows, checked, strict=True)
            if row.sha256 and each.missing.startswith("the file")
        )
        return Bundle(
            archives=tuple(final),
            bytes=sum(path.stat().st_size for path in final),
            files=sum(bool(each["archives"]) for each in listed),
            left_out=out,
            damaged=broken,
            secrets_again=sum(each.struck for each in checked),
            manifest=made,
        )


def _form_of(name: str, form: Form) -> Form:
    return next((each for each in Form if name.endswith(f".{each}")), form)


def _stem_of(name: str) -> str:
    for form in Form:
        name = name.removesuffix(f".{form}")
    return name


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be made: {error.strerror}; choose another with -o") from error
    return folder


def _scrubbed(source: Path, target: Path, sha256: str, secrets: Sequence[str]) -> tuple[int, bool]:
    """(secrets that were still in it, whether it is what was collected); octets that are no UTF-8 stay as they are."""
    scrubber, digest = Scrubber(secrets), hashlib.sha256()
    with source.open("rb") as old, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        head = old.read(CHUNK)
        binary = b"\0" in head
        while head:
            digest.update(head)
            rest = b"" if binary else old.readline(CHUNK)  # whole lines
            digest.update(rest)
            block = head + rest
            if not binary:
                block = scrubber.block(block.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            new.write(block)
            head = old.read(CHUNK)
    return scrubber.count, digest.hexdigest() == sha256


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" in file.read(CHUNK)


def _member(name: str, content: bytes) -> Member:
    return Member(name=name, bytes=len(content), packed=len(zlib.compress(content, LEVEL)))


def _of_file(name: str, file: Path, row: int) -> Member:
    packer, digest, size, packed = zlib.compressobj(LEVEL), hashlib.sha256(), 0, 0
    with file.open("rb") as opened:
        while block := opened.read(CHUNK):
            digest.update(block)
            size += len(block)
            packed += len(packer.compress(block))
    packed += len(packer.flush())
    return Member(name=name, bytes=size, packed=packed, sha256=digest.hexdigest(), row=row)


def _pieces(file: Path, share: int, work: Path) -> Iterator[Path]:
    """Cut after a line where there is one."""
    with file.open("rb") as opened:
        number = 0
        while block := opened.read(share):
            number += 1
            piece = work / f"{file.name}.{number}"
            piece.write_bytes(block + opened.readline(share // 8))
            yield piece


@contextlib.contextmanager
def _archive(path: Path, form: Form) -> Iterator["_Put"]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        if form is Form.ZIP:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                yield _Zip(archive)
        else:
            with (
                gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=file, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
            ):
                yield _Tar(tar)


class _Put(Protocol):
    def __call__(self, name: str, content: bytes, source: Path | None) -> None: ...


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def __call__(self, name: str, content: bytes, source: Path | None) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
        info.file_size = source.stat().st_size if source else len(content)
        with self._archive.open(info, "w") as into:
            if source is None:
                into.write(content)
            else:
                with source.open("rb") as file:
                    _copy(file, into)


class _Tar:
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def __call__(self, name: str, content: bytes, source: Path | None) -> None:
        info = tarfile.TarInfo(name)
        info.mode, info.mtime = 0o600, 0
        info.size = source.stat().st_size if source else len(content)
        with source.open("rb") if source else io.BytesIO(content) as file:
            self._archive.addfile(info, file)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while block := source.read(CHUNK):
        target.write(block)
