"""`If-None-Match` as clients write it, old v1 ones included."""

import pytest

from aurum_core.etags import etag_of, matches

TAG = etag_of("/v2/curves", "7", "json")


@pytest.mark.parametrize(
    "header",
    [TAG, f"W/{TAG}", f'"other", {TAG}', f'"a","b" , W/{TAG}', "*", " * ", TAG.strip('"')],
)
def test_these_match(header):
    assert matches(header, TAG)


@pytest.mark.parametrize(
    "header", [None, "", '"other"', f'"x{TAG[1:]}', f"{TAG[:-2]}", 'W/"', '"', "no tag", ",,,"]
)
def test_these_do_not(header):
    assert not matches(header, TAG)


def test_parts_cannot_run_into_each_other():
    assert etag_of("ab", "c") != etag_of("a", "bc")


def test_a_hostile_header_is_read_in_linear_time():
    assert not matches('"' * 50_000, TAG)
    assert not matches("W/" * 50_000, TAG)
