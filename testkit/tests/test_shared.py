"""The design folder is found by variable or upwards, and its absence is a skip with a reason."""

from pathlib import Path

import pytest

from aurum_testkit.shared import require_shared, shared_dir


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AURUM_TEST_SHARED", raising=False)
    (tmp_path / "deep" / "clone").mkdir(parents=True)
    (tmp_path / "shared" / "golden").mkdir(parents=True)
    return tmp_path


def test_it_is_found_looking_upwards(place: Path):
    assert shared_dir(place / "deep" / "clone") == place / "shared"


def test_the_variable_wins_even_when_it_is_wrong(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AURUM_TEST_SHARED", str(place / "elsewhere"))
    assert shared_dir(place / "deep") is None
    with pytest.raises(pytest.skip.Exception, match="AURUM_TEST_SHARED"):
        require_shared()


def test_a_missing_part_is_named(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AURUM_TEST_SHARED", str(place / "shared"))
    assert require_shared("golden") == place / "shared" / "golden"
    with pytest.raises(pytest.skip.Exception, match=r"data/rows\.csv"):
        require_shared("data", "rows.csv")
