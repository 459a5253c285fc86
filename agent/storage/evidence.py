"""Evidence on disk by content hash: the same bytes are kept once, as `ROOT/ab/abcdef…`, for their owner only."""

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from agent.errors import StoreError

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileEvidence:
    """Implements `ports.EvidenceFiles`. `root` is made when it is missing; its parent must be there."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, path: Path) -> tuple[str, int]:
        """Move the file in; returns (sha256 in hex, bytes). Durable when it returns.

        The file is copied to a name of its own, synced, and renamed: whoever looks finds it whole or not at all.
        Raises StoreError, and then the file stays where it was.
        """
        try:
            sha256, size = self._copy(path)
            path.unlink()
        except OSError as error:
            raise StoreError(self._sentence(path, error)) from error
        return sha256, size

    def path(self, sha256: str) -> Path:
        """Where the file of that hash lies. Raises ValueError for what is no hash, so that none leads elsewhere."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("that is no SHA-256 in hex")
        return self._root / sha256[:2] / sha256

    def _copy(self, path: Path) -> tuple[str, int]:
        self._make(self._root)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self._root)  # 0600
        new = Path(name)
        try:
            with os.fdopen(handle, "wb") as target, _open(path) as source:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
            with new.open("rb") as written:
                sha256 = hashlib.file_digest(written, "sha256").hexdigest()
            size = new.stat().st_size
            self._place(new, self.path(sha256), size)
        finally:
            new.unlink(missing_ok=True)
        return sha256, size

    def _place(self, new: Path, final: Path, size: int) -> None:
        self._make(final.parent)
        if not (final.is_file() and final.stat().st_size == size):
            new.rename(final)
        _sync(final.parent)  # in either case: another may have renamed it and not synced yet

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync(folder.parent)

    def _sentence(self, path: Path, error: OSError) -> str:
        return (
            f"The evidence {path.name} cannot be kept in {self._root} ({error.strerror or error}): "
            "check that there is room on the disk and that netcase may write there"
        )


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
