"""Reports on disk: whole or not at all."""

import os
import tempfile
from pathlib import Path

from agent.errors import UnavailableError


def write(path: Path, text: str) -> Path:
    """Write beside the place and move it there, so that nobody ever reads half a report. Raises UnavailableError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            unfinished = Path(file.name)
            try:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                unfinished.chmod(0o644)
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise UnavailableError(f"cannot write {path}: {error.strerror}; free space or name another folder") from error
    return path
