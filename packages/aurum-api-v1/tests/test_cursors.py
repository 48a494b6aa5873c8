"""Signed cursors of today, unsigned ones of earlier releases, and what neither may be."""

import base64
import json
from datetime import timedelta

import pytest

from aurum_core.settings import ApiSettings, AurumSettings


def old(value: object) -> str:
    """Return a token as earlier releases wrote it."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def key(label: str, month: str | None, **extra: object) -> dict[str, object]:
    """Return an old keyset."""
    return {
        "curve_key": "aa",
        "tenor_label": label,
        "contract_month": month,
        "asof_date": "2026-03-03",
        "price_type": "MID",
        **extra,
    }


def labels(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["tenor_label"] for row in answer.json()["data"]]


def detail(answer) -> object:
    assert answer.status_code == 400, answer.text
    return answer.json()["detail"]


def test_an_old_keyset_is_the_row_before_the_page(bench):
    answer = bench.get("/v1/curves", limit=2, cursor=old(key("2026-05", "2026-05-01")))
    assert labels(answer) == ["2026-06", "2026-07"]
    meta = answer.json()["meta"]
    assert meta["offset"] is None
    assert "." in meta["next_cursor"], "the way on is signed"
    on = bench.get("/v1/curves", limit=2, cursor=meta["next_cursor"])
    assert labels(on) == ["2026-Q3", "2026-08"]


@pytest.mark.parametrize("name", ["cursor", "since_cursor"])
def test_an_old_keyset_without_price_type_or_label_still_finds_its_row(bench, name):
    bare = {"curve_key": "aa", "contract_month": "2026-05-01"}
    assert labels(bench.get("/v1/curves", limit=1, **{name: old(bare)})) == ["2026-06"]
    quoted = old(key("2026-Q3", None))
    assert labels(bench.get("/v1/curves", limit=1, **{name: quoted})) == ["2026-08"]


def test_an_old_token_goes_back(bench):
    back = old({"before": key("2026-06", "2026-06-01")})
    for name in ("prev_cursor", "cursor"):
        answer = bench.get("/v1/curves", limit=2, **{name: back})
        assert labels(answer) == ["2026-04", "2026-05"]
        assert answer.json()["meta"]["next_cursor"]
        assert answer.json()["meta"]["prev_cursor"] is None
    plain = old(key("2026-06", "2026-06-01"))
    assert labels(bench.get("/v1/curves", limit=1, prev_cursor=plain)) == ["2026-05"]


def test_old_offsets_are_read_everywhere(bench):
    at = old({"offset": 2})
    answer = bench.get("/v1/curves", limit=1, cursor=at)
    assert labels(answer) == ["2026-06"]
    assert answer.json()["meta"]["offset"] == 2
    days = {"asof_a": "2026-03-02", "asof_b": "2026-03-03", "iso": "PJM"}
    assert labels(bench.get("/v1/curves/diff", limit=1, cursor=at, **days)) == ["2026-06"]
    assert bench.get("/v1/curves/strips", type="QUARTER", cursor=at).status_code == 200


def test_an_old_diff_keyset_is_read(bench):
    days = {"asof_a": "2026-03-02", "asof_b": "2026-03-03", "iso": "PJM"}
    at = old({"curve_key": "aa", "tenor_label": "2026-05", "contract_month": "2026-05-01"})
    assert labels(bench.get("/v1/curves/diff", limit=1, cursor=at, **days)) == ["2026-06"]


def test_precedence_is_prev_then_cursor_then_since_then_offset(bench):
    first = old(key("2026-05", "2026-05-01"))
    second = old(key("2026-08", "2026-08-01"))
    back = old({"before": key("2026-10", "2026-10-01")})
    everything = {"prev_cursor": back, "cursor": first, "since_cursor": second, "offset": 1}
    wanted = ["2026-09", "2026-06", "2026-09", "2026-05"]
    for label in wanted:
        assert labels(bench.get("/v1/curves", limit=1, **everything)) == [label]
        everything.pop(next(iter(everything)))


BROKEN = [
    "x",
    "!!!",
    "é",
    "a.b",
    "a.b.c.d",
    ".",
    "..",
    "9" * 5000,
    "a." * 3000,
    old([]),
    old("text"),
    old({}),
    old({"offset": -1}),
    old({"offset": "1"}),
    old({"offset": True}),
    old({"offset": 1.5}),
    old({"curve_key": 1}),
    old({"curve_key": "aa", "contract_month": 5}),
    old({"curve_key": "aa", "contract_month": "2026-99-01"}),
    old({"before": "aa"}),
    old({"before": {}}),
    old({"before": {"curve_key": "aa", "asof_date": "soon"}}),
    base64.urlsafe_b64encode(b"[" * 600).decode(),
]


@pytest.mark.parametrize("token", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("name", ["cursor", "since_cursor", "prev_cursor"])
def test_broken_cursors_are_invalid(bench, token, name):
    answer = bench.get("/v1/curves", **{name: token})
    assert detail(answer) in (
        "Invalid cursor",
        "Cursor filters do not match current query parameters",
    )


def test_an_old_offset_over_the_most_breaks_a_rule(bench):
    answer = bench.get("/v1/curves", cursor=old({"offset": 100_001}))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "cursor"]


def test_a_forged_cursor_is_invalid_and_one_of_other_filters_says_so(bench):
    token = bench.get("/v1/curves", limit=2, iso="PJM").json()["meta"]["next_cursor"]
    assert bench.get("/v1/curves", limit=5, iso="PJM", cursor=token).status_code == 200
    foreign = bench.get("/v1/curves", limit=2, iso="ERCOT", cursor=token)
    assert detail(foreign) == "Cursor filters do not match current query parameters"
    forged = ("A" if token[0] != "A" else "B") + token[1:]
    assert detail(bench.get("/v1/curves", iso="PJM", cursor=forged)) == "Invalid cursor"
    other = bench.get("/v1/curves/strips", iso="PJM", type="QUARTER", cursor=token)
    assert other.status_code == 400


def test_an_expired_cursor_is_400_on_v1(bench):
    token = bench.get("/v1/curves", limit=2).json()["meta"]["next_cursor"]
    bench.clock.instant += timedelta(seconds=7201)
    assert detail(bench.get("/v1/curves", limit=2, cursor=token)) == "Cursor has expired"


class TestWithoutOldCursors:
    @pytest.fixture
    def settings(self) -> AurumSettings:
        return AurumSettings(api=ApiSettings(v1_accept_legacy_cursors=False))

    def test_old_cursors_are_invalid(self, bench):
        for token in (old({"offset": 1}), old(key("2026-05", "2026-05-01"))):
            assert detail(bench.get("/v1/curves", cursor=token)) == "Invalid cursor"
