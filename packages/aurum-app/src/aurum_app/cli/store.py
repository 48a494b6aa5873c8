"""The embedded data directory, made ready: writable, with a key that signs cursors."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aurum_app.cli.environment import with_section

if TYPE_CHECKING:
    from aurum_core.settings import AurumSettings

KEY_FILE: Final = "cursor.key"
KEY_BYTES: Final = 32
PRIVATE: Final = 0o600


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


def signing_key(data_dir: Path) -> str:
    """Return the directory's cursor key; the first caller makes it, readable by its owner only."""
    path = data_dir / KEY_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    key = secrets.token_urlsafe(KEY_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
    return key


def with_cursor_key(settings: "AurumSettings") -> "AurumSettings":
    """Return the settings with a signing key: their own, else the data directory's."""
    from pydantic import SecretStr

    if settings.cursors.keys:
        return settings
    key = signing_key(settings.storage.data_dir)
    return with_section(settings, "cursors", keys=(SecretStr(key),))
