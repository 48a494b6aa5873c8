"""Many at once on few cores: a small desk waits its turn and is not turned away."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import pytest
from starlette.testclient import TestClient

from aurum_app.factory import create_app
from aurum_core.settings import AurumSettings

PATHS = [
    f"/v2/iso/lmp/daily?iso={('PJM', 'ERCOT', 'CAISO')[n % 3]}&limit={970 + n}" for n in range(30)
]
Narrow = Callable[[float | None], AbstractContextManager[TestClient]]


@pytest.fixture
def narrow(demo_settings: AurumSettings) -> Narrow:
    """The demo set behind one thread, as on a core that others keep busy."""

    @contextmanager
    def open_client(wait):
        storage = demo_settings.storage.model_copy(update={"duckdb_workers": 1})
        limits = demo_settings.limits.model_copy(update={"queue_wait_seconds": wait})
        settings = demo_settings.model_copy(update={"storage": storage, "limits": limits})
        with TestClient(create_app(settings)) as client:
            yield client

    return open_client


def all_at_once(client):
    with ThreadPoolExecutor(len(PATHS)) as pool:
        return list(pool.map(client.get, PATHS))


def test_thirty_uncached_reads_at_once_are_all_answered(narrow):
    with narrow(None) as client:
        assert Counter(answer.status_code for answer in all_at_once(client)) == {200: 30}


def test_who_is_turned_away_is_told_that_we_are_busy_and_not_down(narrow):
    with narrow(0.0) as client:
        refused = [answer for answer in all_at_once(client) if answer.status_code != 200]
    assert refused
    for answer in refused:
        problem = answer.json()
        assert answer.status_code == 503
        assert problem["type"] == "/docs/errors#overloaded"
        assert problem["detail"] == "The warehouse is too busy: no free slot in time."
        assert int(answer.headers["retry-after"]) >= 1
