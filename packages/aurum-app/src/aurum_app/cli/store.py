"""The embedded data directory, made ready: writable, with a key that signs cursors."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Final

from aurum_app.cli.environment import with_section
from aurum_app.cli.terminal import warn

if TYPE_CHECKING:
    from aurum_core.settings import AurumSettings

KEY_FILE: Final = "cursor.key"
KEY_BYTES: Final = 32
LEAST_CHARS: Final = 32
"""What a power failure or a hand left shorter is no key: who guesses it forges cursors."""
POINTER: Final = "CURRENT"
"""The file that names the snapshot to read; with it there is something to serve."""


def is_embedded(settings: "AurumSettings") -> bool:
    """Tell whether the warehouse is a directory of this machine."""
    return settings.storage.warehouse == "duckdb"


def is_new(data_dir: Path) -> bool:
    """Tell whether nothing was ever stored there: no directory, or an empty one."""
    return not data_dir.is_dir() or not any(data_dir.iterdir())


def prepare(data_dir: Path) -> None:
    """Make the directory and prove that it can be written to.

    Raises:
        OSError: it cannot; the error names the directory.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    probe = data_dir / f".writable-{os.getpid()}"
    try:
        probe.write_bytes(b"")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(data_dir)) from None
    probe.unlink()


def is_readable(data_dir: Path) -> bool:
    """Tell whether there is a snapshot to serve, without writing anything."""
    return (data_dir / POINTER).is_file()


def signing_key(data_dir: Path) -> str:
    """Return the directory's cursor key; the first caller makes it, readable by its owner only.

    A file that holds less than a whole key is replaced, with a warning. The key is complete on
    disk before it has its name, and of several processes at once one makes it.

    Raises:
        OSError: there is no key and none can be written.
    """
    path = data_dir / KEY_FILE
    if key := _key_in(path):
        return key
    with _locked(data_dir):
        if key := _key_in(path):
            return key
        if path.exists():
            warn(f"{path} held no whole key and is replaced: cursors given out before are refused")
        return _write_key(path)


def _key_in(path: Path) -> str | None:
    try:
        key = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return key if len(key) >= LEAST_CHARS else None


def _write_key(path: Path) -> str:
    key = secrets.token_urlsafe(KEY_BYTES)
    descriptor, name = mkstemp(prefix=f".{KEY_FILE}-", dir=path.parent)  # 0600, as the key stays
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return key


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Hold the directory against other processes that make a key, and sync it at the end."""
    import fcntl

    descriptor = os.open(data_dir, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def with_cursor_key(settings: "AurumSettings") -> "AurumSettings":
    """Return the settings with a signing key: their own, else the data directory's."""
    from pydantic import SecretStr

    if settings.cursors.keys:
        return settings
    key = signing_key(settings.storage.data_dir)
    return with_section(settings, "cursors", keys=(SecretStr(key),))
