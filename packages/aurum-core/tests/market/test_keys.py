"""Identity of a curve: the key's test vector, aliases, slugs; names of LMP series."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.market.errors import IdentityError, UnknownMarketError
from aurum_core.market.keys import (
    ASSET_CLASSES,
    ISOS,
    LMP_MARKETS,
    PRICE_TYPES,
    SETTLEMENT_MARKETS,
    CurveIdentity,
    canonical_identity,
    canonical_iso,
    canonical_market,
    curve_key_of,
    expected_interval_minutes,
    legacy_market_of,
    lmp_market,
    slug_of,
)

NORTH = CurveIdentity("power", "ERCOT", location="HB_NORTH", market="DA", block="PEAK")


def test_vector_of_the_key():
    text = "power|ercot||hb_north|day_ahead||5x16|"
    assert curve_key_of(NORTH) == hashlib.sha256(text.encode()).hexdigest()
    assert curve_key_of(NORTH) == (
        "3c9c4fece98796e09eafc2ca66f81b091c227c821cffa67f29731d9ce8f06820"
    )


@pytest.mark.parametrize(
    "other",
    [
        replace(NORTH, block="5x16"),
        replace(NORTH, market="Day-Ahead"),
        replace(NORTH, location="  hb_north "),
        replace(NORTH, asset_class="POWER", iso="ercot", region="", product="  "),
    ],
)
def test_spellings_of_one_identity_share_key_and_slug(other):
    assert curve_key_of(other) == curve_key_of(NORTH)
    assert slug_of(other) == slug_of(NORTH) == "power-ercot-hb-north-da-5x16"


def test_every_part_makes_another_curve():
    others = [replace(NORTH, **{name: "x"}) for name in CurveIdentity.__slots__]
    assert len({curve_key_of(row) for row in (NORTH, *others)}) == 9
    assert len({slug_of(row) for row in (NORTH, *others)}) == 9


def test_inner_blanks_are_one_and_hyphens_of_an_iso_none():
    one = CurveIdentity("power", "ISO-NE", location="Mass   Hub", block="7x24")
    other = CurveIdentity("power", "isone", location="mass hub", block="ALL")
    assert curve_key_of(one) == curve_key_of(other)


def test_peak_of_the_west_is_six_days():
    west = CurveIdentity("power", "CAISO", location="SP15", market="DA", block="PEAK")
    assert canonical_identity(west).block == "6x16"
    assert slug_of(west) == "power-caiso-sp15-da-6x16"
    assert canonical_identity(replace(west, block="WKND_HOL_16")).block == "1x16H"


def test_a_separator_in_a_part_is_refused():
    with pytest.raises(IdentityError):
        curve_key_of(CurveIdentity("power", location="a|b"))


def test_slugs_keep_apart_what_reads_alike():
    spaced, hyphened = replace(NORTH, location="HB NORTH"), replace(NORTH, location="HB-NORTH")
    region = replace(NORTH, region="HB", location="NORTH")
    slugs = {slug_of(row) for row in (NORTH, spaced, hyphened, region)}
    assert len(slugs) == 4
    assert all(slug.startswith("power-ercot-hb-north-da-5x16") for slug in slugs)


PART = st.none() | st.text("abAB_- 19é|x", max_size=6).filter(lambda text: "|" not in text)
WORDS = st.sampled_from(
    ["da", "rt", "5x16", "hb", "north", "HB_NORTH", "hb north", "5", "x16", "", None]
)
IDENTITIES = st.builds(
    CurveIdentity,
    st.sampled_from([*ASSET_CLASSES, None, "x"]),
    st.sampled_from([*ISOS, None, "x"]),
    PART | WORDS,
    PART | WORDS,
    st.sampled_from(["DA", "RT", "REAL_TIME_5_MIN", "x", None]),
    PART | WORDS,
    st.sampled_from(["PEAK", "7x8", "OFFPEAK", "x", None]),
    PART | WORDS,
)


@given(one=IDENTITIES, other=IDENTITIES)
def test_slugs_are_one_to_one_with_keys(one, other):
    assert (slug_of(one) == slug_of(other)) == (curve_key_of(one) == curve_key_of(other))


@given(identity=IDENTITIES)
def test_a_slug_is_never_a_key_or_a_route_word(identity):
    slug = slug_of(identity)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", slug)
    assert len(slug) < 120
    canon = canonical_identity(identity)
    assert canonical_identity(canon) == canon
    assert (slug_of(canon), curve_key_of(canon)) == (slug, curve_key_of(identity))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("ISO-NE", "ISONE"),
        ("iso ne", "ISONE"),
        ("neiso", "ISONE"),
        ("caiso", "CAISO"),
        ("X-1", "X1"),
    ],
)
def test_iso_spellings(text, iso):
    assert canonical_iso(text) == iso


@pytest.mark.parametrize(
    ("text", "market"),
    [
        ("da", "DAY_AHEAD"),
        ("Day Ahead", "DAY_AHEAD"),
        ("DAY_AHEAD_HOURLY", "DAY_AHEAD"),
        ("rt", "REAL_TIME"),
        ("FMM", "REAL_TIME_15_MIN"),
        ("forward  curve", "FORWARD CURVE"),
        ("", ""),
    ],
)
def test_markets_of_curves(text, market):
    assert canonical_market(text) == market


@pytest.mark.parametrize(
    ("text", "iso", "market"),
    [
        ("DA", None, "DAY_AHEAD_HOURLY"),
        ("day_ahead", "PJM", "DAY_AHEAD_HOURLY"),
        ("RT", "ERCOT", "REAL_TIME_15_MIN"),
        ("REAL_TIME", "CAISO", "REAL_TIME_5_MIN"),
        ("fmm", "CAISO", "REAL_TIME_15_MIN"),
        ("RT", "ISO-NE", "REAL_TIME_5_MIN"),
        ("real-time", "AESO", "REAL_TIME_HOURLY"),
        ("DA_EX_ANTE", "MISO", "DAY_AHEAD_HOURLY_EX_ANTE"),
        ("RT_EX_POST", "MISO", "REAL_TIME_5_MIN"),
        ("HASP", None, "HASP"),
    ],
)
def test_lmp_markets(text, iso, market):
    assert lmp_market(text, iso) == market


@pytest.mark.parametrize(
    ("text", "iso"), [("RT", None), ("RT", "NORDPOOL"), ("INTRADAY", "PJM"), ("", "PJM")]
)
def test_unknown_lmp_markets_are_refused(text, iso):
    with pytest.raises(UnknownMarketError):
        lmp_market(text, iso)


def test_canonical_lmp_markets_are_fixed_points_with_a_grid():
    for market in LMP_MARKETS:
        assert lmp_market(market) == market
        assert expected_interval_minutes(market) in {5, 15, 60}
    with pytest.raises(UnknownMarketError):
        expected_interval_minutes("DA")


def test_v1_keeps_its_two_words():
    for iso, series in SETTLEMENT_MARKETS.items():
        assert legacy_market_of("DAY_AHEAD_HOURLY", iso) == "DAY_AHEAD"
        assert legacy_market_of(series, iso) == "REAL_TIME"
    assert legacy_market_of("REAL_TIME_15_MIN", "CAISO") == "REAL_TIME_15_MIN"


def test_closed_sets():
    assert len(set(ASSET_CLASSES)) == 13
    assert len(set(PRICE_TYPES)) == 8
    assert not any(
        "-" in name for name in (*ASSET_CLASSES, *ISOS)
    )  # or slugs could not be read back


def test_importing_the_package_is_cheap():
    """Market vocabulary pulls in no pydantic, web framework or driver."""
    code = (
        "import sys, aurum_core.market; "
        "from aurum_core.market import keys, time, calendars, tenors, units; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "{'pydantic', 'fastapi', 'numpy', 'pyarrow', 'sqlalchemy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
