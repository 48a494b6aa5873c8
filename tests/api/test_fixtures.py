"""The composed app over the demo set, for every folder below `tests`.

The data is loaded once per run through the writer that an ingestion team would use. Everything is
imported inside the fixtures: the root's conftest loads this module for every run, also of a package
alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from aurum_core.settings import AurumSettings


@pytest.fixture(scope="session")
def demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory that holds the demo set as of today."""
    from aurum_app.resources import open_writer
    from aurum_core.clock import SystemClock, business_date
    from aurum_core.settings import AurumSettings, StorageSettings
    from aurum_dao.loaders.demo import load_demo

    folder = tmp_path_factory.mktemp("demo")
    with open_writer(AurumSettings(storage=StorageSettings(data_dir=folder))) as writer:
        load_demo(writer, business_date(SystemClock()))
    return folder


@pytest.fixture(scope="session")
def demo_settings(demo_dir: Path) -> "AurumSettings":
    """Return the settings of an embedded app over the demo set; its cursors outlive the process."""
    from pydantic import SecretStr

    from aurum_core.settings import AurumSettings, CursorSettings, StorageSettings

    return AurumSettings(
        storage=StorageSettings(data_dir=demo_dir, duckdb_workers=2, duckdb_threads=1),
        cursors=CursorSettings(keys=(SecretStr("k" * 32),)),
    )


@pytest.fixture(scope="session")
def app(demo_settings: "AurumSettings") -> "FastAPI":
    """Return the composed app; its lifespan runs where `client` is used."""
    from aurum_app.factory import create_app

    return create_app(demo_settings)


@pytest.fixture(scope="session")
def client(app: "FastAPI") -> "Iterator[TestClient]":
    """Return a client of the running app."""
    from starlette.testclient import TestClient

    with TestClient(app) as running:
        yield running
