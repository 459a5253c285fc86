"""A disk that is really full: a file system of two megabytes, mounted where only the test sees it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOUNT = 'mount -t tmpfs -o size=2m tmpfs "$1" && exec "$2" -c "$3" "$1"'


def on_a_small_disk(tmp_path: Path, program: str) -> list[str]:
    """What the program prints, a line each; its argument is the folder on the small disk."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare is not installed (Debian package util-linux)")
    allowed = subprocess.run([unshare, "-rm", "true"], capture_output=True, text=True, check=False)
    if allowed.returncode:
        pytest.skip(f"a mount namespace is not allowed here: {allowed.stderr.strip()}")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = [unshare, "-rm", "sh", "-c", MOUNT, "sh", str(folder), sys.executable, program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


STORE = """
import sys, json
from datetime import UTC, datetime
from pathlib import Path
from agent.errors import StoreError
from agent.storage.engine import open_store

folder = Path(sys.argv[1])
store = open_store(f"sqlite:///{folder}/netcase.db")
now = datetime(2026, 3, 1, tzinfo=UTC)
kept = 0
try:
    for number in range(10_000):
        noise = "".join(chr(33 + (number * 7919 + n * n * 31) % 90) for n in range(3000))
        with store.begin() as tx:
            tx.save_document("daily", str(number), now, {"noise": noise})
        kept += 1
except StoreError as error:
    print(error)
with store.read() as tx:
    print(json.dumps([kept, len(tx.documents("daily", 10_000))]))
(folder / "netcase.db-wal").stat()
store.close()
"""

EVIDENCE = """
import sys
from pathlib import Path
from agent.errors import StoreError
from agent.storage.evidence import FileEvidence

folder = Path(sys.argv[1])
path = folder / "show-tech.txt"
path.write_bytes(b"x" * 1_500_000)
try:
    FileEvidence(folder / "evidence").put(path)
except StoreError as error:
    print(error)
print(path.stat().st_size, [each.name for each in (folder / "evidence").iterdir()])
"""


@pytest.mark.system
def test_a_full_disk_is_told_in_a_sentence_and_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    sentence, counts = on_a_small_disk(tmp_path, STORE)
    assert sentence.startswith("There is no room left for the database ")
    kept, found = json.loads(counts)
    assert kept == found > 0


@pytest.mark.system
def test_a_full_disk_leaves_evidence_where_it_was(tmp_path: Path) -> None:
    sentence, left = on_a_small_disk(tmp_path, EVIDENCE)
    assert "No space left on device" in sentence
    assert left == "1500000 []"
