"""The embedded warehouse on disk: immutable snapshots and the pointer that names the newest.

```
<directory>/CURRENT                {"snapshot": "warehouse-7.duckdb", "load_seq": 7, …}
<directory>/warehouse-7.duckdb     never written again once CURRENT has named it
<directory>/LOCK                   held by the one loader
```

Replacing CURRENT is the commit point of a load. A reader reads CURRENT, then attaches the file it
names; a file that has gone by then means that CURRENT is newer: read it again.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from aurum_core.errors import LoadError

POINTER = "CURRENT"
LOCK = "LOCK"
KEEP_SNAPSHOTS = 2
KEEP_SECONDS = 60.0
SIGN_TRIES, SIGN_SECONDS = 50, 0.01
_HOLDER = re.compile(r"process (\d+) since ")
_NAME = re.compile(r"warehouse-(\d+)\.duckdb")


@dataclass(frozen=True, slots=True)
class Current:
    """What CURRENT says: the snapshot's file name, the load it came with, and when."""

    snapshot: str
    load_seq: int
    ingested_at: str | None = None

    def path(self, directory: Path) -> Path:
        """Return the snapshot's file."""
        return directory / self.snapshot


def read_current(directory: Path) -> Current | None:
    """Return what CURRENT names, None where nothing was ever loaded.

    Raises:
        LoadError: the pointer cannot be read.
    """
    try:
        raw = json.loads((directory / POINTER).read_bytes())
        return Current(str(raw["snapshot"]), int(raw["load_seq"]), raw.get("ingested_at"))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise LoadError(f"{directory / POINTER} is not a pointer to a snapshot.") from None


def snapshot_path(directory: Path, load_seq: int) -> Path:
    """Return the file that a load writes."""
    return directory / f"warehouse-{load_seq}.duckdb"


def publish(directory: Path, current: Current) -> None:
    """Point CURRENT at a sealed snapshot: after this call the load has happened."""
    temporary = directory / f"{POINTER}.tmp"
    with temporary.open("wb") as file:
        file.write(json.dumps(asdict(current)).encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(directory / POINTER)
    sync_directory(directory)


def seal(path: Path) -> None:
    """Bring a finished snapshot to the disk.

    Raises:
        LoadError: a write-ahead log is left, so the file alone is not the snapshot.
    """
    if path.with_name(path.name + ".wal").exists():
        raise LoadError(f"{path.name} was not checkpointed.")
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Bring a directory's names to the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def loader_lock(directory: Path) -> Iterator[None]:
    """Hold the one loader's lock; the system frees it when the process dies, however it dies.

    Raises:
        LoadError: another loader holds it; its process id is named.
    """
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _take(descriptor):
            holder = _holder(descriptor) or "holder unknown"
            raise LoadError(
                f"Another load is open in {directory} ({holder}): "
                "one load at a time, try again when it has ended."
            )
        _sign(descriptor)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Take the lock if it is free; where another has just taken it, wait until that one signs."""
    import fcntl

    for _ in range(SIGN_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if _is_alive(_holder(descriptor)):
                return False
            time.sleep(SIGN_SECONDS)
        else:
            return True
    return False


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 200, 0).decode(errors="replace").strip()


def _is_alive(holder: str) -> bool:
    """Tell whether it is a process; a killed loader's name stays until the next one signs."""
    found = _HOLDER.match(holder)
    if found is None:
        return False
    try:
        os.kill(int(found[1]), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's
        return True
    return True


def _sign(descriptor: int) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()} since {since}".encode(), 0)


def discard(path: Path) -> None:
    """Delete a snapshot's file and whatever the engine left beside it."""
    for name in (path.name, f"{path.name}.wal"):
        path.with_name(name).unlink(missing_ok=True)
    shutil.rmtree(path.with_name(f"{path.name}.tmp"), ignore_errors=True)


def remove_orphans(directory: Path, current: Current | None) -> None:
    """Delete what loads left that never committed; only under the lock."""
    newest = current.load_seq if current else 0
    for seq, path in _snapshots(directory):
        if seq > newest:
            discard(path)
    for path in directory.glob("warehouse-*.duckdb.wal"):
        path.unlink(missing_ok=True)
    (directory / f"{POINTER}.tmp").unlink(missing_ok=True)


def remove_superseded(
    directory: Path, *, keep: int = KEEP_SNAPSHOTS, seconds: float = KEEP_SECONDS
) -> None:
    """Delete snapshots that nobody can be about to attach; only under the lock.

    The newest `keep` stay, and each that was current within the last `seconds`: a reader attaches
    within moments of reading CURRENT, and one that has the file open goes on reading it.
    """
    current = read_current(directory)
    snapshots = [
        (seq, path)
        for seq, path in sorted(_snapshots(directory))
        if current is not None and seq <= current.load_seq
    ]
    now = time.time()
    for (_, path), (_, successor) in list(pairwise(snapshots))[: max(0, len(snapshots) - keep)]:
        try:
            if now - successor.stat().st_mtime > seconds:
                discard(path)
        except OSError:  # open elsewhere on a system that locks open files: the next load's turn
            continue


def _snapshots(directory: Path) -> Iterator[tuple[int, Path]]:
    for path in directory.glob("warehouse-*.duckdb"):
        if match := _NAME.fullmatch(path.name):
            yield int(match[1]), path
