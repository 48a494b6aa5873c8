"""`format=` beats `Accept`; `Accept` is read by quality."""

import pytest

from aurum_api_v2.negotiation import format_of
from aurum_core.errors import NotAcceptableError
from aurum_services.formats import ARROW, COLUMNS, CSV, EXPORTS, FORMATS, JSON, NDJSON, PARQUET


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/*", CSV),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("application/x-ndjson, application/json;q=0.5", NDJSON),
        ("text/csv;q=0.1, application/vnd.apache.parquet", PARQUET),
        ("application/vnd.aurum.columns+json", COLUMNS),
        ("text/html, application/vnd.apache.arrow.stream;q=0.2", ARROW),
        ("application/json;q=0, text/csv", CSV),
        ("application/json;q=x, */*;q=0.1", JSON),
    ],
)
def test_accept(accept, wanted):
    assert format_of(None, accept, FORMATS, JSON) is wanted


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/csv;q=0", "nonsense", ";;;,,,"])
def test_nothing_acceptable_is_refused(accept):
    with pytest.raises(NotAcceptableError) as refused:
        format_of(None, accept, FORMATS, JSON)
    assert "application/json" in refused.value.detail


def test_the_name_wins():
    assert format_of("arrow", "text/csv", FORMATS, JSON) is ARROW


def test_json_is_no_export():
    with pytest.raises(NotAcceptableError):
        format_of(None, "application/json", EXPORTS, CSV)
    assert format_of(None, "*/*", EXPORTS, CSV) is CSV
