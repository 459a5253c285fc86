"""Evidence files on disk."""

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.storage.evidence import FileEvidence


@pytest.fixture
def files(tmp_path: Path) -> FileEvidence:
    return FileEvidence(tmp_path / "evidence")


def written(tmp_path: Path, content: bytes, name: str = "show-log.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def everything(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "evidence").rglob("*") if path.is_file())


def test_a_file_is_moved_in_under_its_hash(files: FileEvidence, tmp_path: Path) -> None:
    content = b"show version\r\n" * 100_000
    path = written(tmp_path, content)
    sha256, size = files.put(path)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert size == len(content)
    assert files.path(sha256).read_bytes() == content
    assert not path.exists()
    assert everything(tmp_path) == [files.path(sha256)], "nothing else is left behind"


def test_the_same_bytes_are_kept_once(files: FileEvidence, tmp_path: Path) -> None:
    first = files.put(written(tmp_path, b"same", "a"))
    number = files.path(first[0]).stat().st_ino
    assert files.put(written(tmp_path, b"same", "b")) == first
    assert files.path(first[0]).stat().st_ino == number
    assert len(everything(tmp_path)) == 1
    assert not (tmp_path / "b").exists()


def test_an_empty_file_is_evidence_too(files: FileEvidence, tmp_path: Path) -> None:
    sha256, size = files.put(written(tmp_path, b""))
    assert size == 0
    assert files.path(sha256).is_file()


def test_only_their_owner_may_read_them(files: FileEvidence, tmp_path: Path) -> None:
    path = written(tmp_path, b"secret")
    path.chmod(0o666)
    sha256, _ = files.put(path)
    kept = files.path(sha256)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (kept.parent, kept.parent.parent)] == [0o700] * 2


def test_a_file_that_was_cut_short_is_replaced(files: FileEvidence, tmp_path: Path) -> None:
    sha256, _ = files.put(written(tmp_path, b"whole"))
    files.path(sha256).write_bytes(b"wh")
    files.put(written(tmp_path, b"whole"))
    assert files.path(sha256).read_bytes() == b"whole"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 65])
def test_what_is_no_hash_leads_nowhere(files: FileEvidence, name: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        files.path(name)


def test_a_link_is_not_followed(files: FileEvidence, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(written(tmp_path, b"elsewhere"))
    with pytest.raises(StoreError, match="cannot be kept"):
        files.put(link)
    assert everything(tmp_path) == []


def test_a_place_that_cannot_be_used_is_told_and_the_file_stays(tmp_path: Path) -> None:
    path = written(tmp_path, b"kept")
    with pytest.raises(StoreError, match=r"show-log\.txt cannot be kept in .*nowhere/evidence \(No such file"):
        FileEvidence(tmp_path / "nowhere" / "evidence").put(path)
    assert path.read_bytes() == b"kept"


def test_many_threads_may_put_the_same_bytes_at_once(files: FileEvidence, tmp_path: Path) -> None:
    paths = [written(tmp_path, b"same" * (n % 3), f"f{n}") for n in range(60)]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(files.put, paths))
    assert len(found) == 3
    assert everything(tmp_path) == sorted(files.path(sha256) for sha256, _ in found)
