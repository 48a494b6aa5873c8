"""A blocking call in a scanned module is refused on a loop and nowhere else."""

import asyncio
import sys
from pathlib import Path

import pytest
from blockbuster import BlockingError

from aurum_testkit.blocking import no_blocking

SLEEPER = """
import time

async def sleep():
    time.sleep(0.001)

async def late_import():
    import planted_late
    return planted_late
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "planted_sleeper.py").write_text(SLEEPER)
    (tmp_path / "planted_late.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    import planted_sleeper

    yield planted_sleeper
    for name in ("planted_sleeper", "planted_late"):
        sys.modules.pop(name, None)


def test_a_blocking_call_on_the_loop_is_refused(planted):
    with no_blocking("planted_sleeper"), pytest.raises(BlockingError):
        asyncio.run(planted.sleep())


def test_a_late_import_is_let_through(planted):
    with no_blocking("planted_sleeper"):
        assert asyncio.run(planted.late_import()).__name__ == "planted_late"


def test_other_modules_are_not_scanned(planted):
    with no_blocking("aurum_core"):
        asyncio.run(planted.sleep())


def test_the_fixture_guards_our_code(no_blocking: None):
    import aurum_testkit  # the guard is on: nothing of ours blocks here

    assert aurum_testkit
