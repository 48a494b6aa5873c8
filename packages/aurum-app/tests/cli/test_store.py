"""The key that signs cursors, and what is written to a data directory before anything is served."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aurum_app.cli.store import signing_key


@pytest.mark.parametrize("left", [b"", b"\n", b"short\n", b"\xff" * 40])
def test_file_without_a_whole_key_is_replaced(
    tmp_path: Path, left: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cursor.key"
    path.write_bytes(left)
    path.chmod(0o644)
    key = signing_key(tmp_path)
    assert len(key) >= 32
    assert path.read_text().strip() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) in capsys.readouterr().err.replace("\n", "")
    assert [found.name for found in tmp_path.iterdir()] == ["cursor.key"]


def test_whole_key_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cursor.key").write_text("k" * 32 + "\n")
    assert signing_key(tmp_path) == "k" * 32


@pytest.mark.parametrize("left", [None, b""])
def test_processes_that_start_together_share_one_key(tmp_path: Path, left: bytes | None) -> None:
    if left is not None:
        (tmp_path / "cursor.key").write_bytes(left)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: signing_key(tmp_path), range(8)))
    assert len(keys) == 1


def test_key_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        signing_key(tmp_path)
    assert list(tmp_path.iterdir()) == []
