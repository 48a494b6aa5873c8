"""The committed documents are what the code says; `aurum openapi` writes them anew."""

import json
from pathlib import Path

import pytest

from aurum_app.factory import create_app
from aurum_app.openapi import generator_of, render_document
from aurum_core.settings import AurumSettings

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("surface", ["v1", "v2"])
def test_committed_document_is_current(surface: str) -> None:
    committed = (REFERENCE / f"openapi-{surface}.json").read_text(encoding="utf-8")
    document = generator_of(create_app(AurumSettings())).document(surface)
    assert json.loads(committed) == document, (
        f"run: aurum openapi --surface {surface} --out docs/reference/openapi-{surface}.json"
    )
    assert committed == render_document(document)
