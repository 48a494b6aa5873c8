"""Where the design folder with golden answers and real data lies, if it does."""

import os
from pathlib import Path

import pytest

VARIABLE = "AURUM_TEST_SHARED"


def shared_dir(start: Path | None = None) -> Path | None:
    """Return the folder that AURUM_TEST_SHARED names, else the nearest `shared` looking upwards."""
    named = os.environ.get(VARIABLE)
    here = (start or Path.cwd()).resolve()
    places = [Path(named)] if named else [up / "shared" for up in (here, *here.parents)]
    return next((one for one in places if (one / "golden").is_dir()), None)


def require_shared(*parts: str) -> Path:
    """Return a path in the design folder; skip the test, saying why, where it is absent."""
    folder = shared_dir()
    if folder is None:
        pytest.skip(f"no `shared` folder: set {VARIABLE}, or put it beside the clone")
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the `shared` folder has no {'/'.join(parts)}")
    return path
