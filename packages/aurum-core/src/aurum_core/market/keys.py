"""Identity of a curve (its key and slug) and the canonical names of ISOs and markets."""

import hashlib
import re
import unicodedata
from dataclasses import astuple, dataclass
from types import MappingProxyType
from typing import Final

from aurum_core.market.blocks import BLOCKS, block_code
from aurum_core.market.errors import IdentityError, UnknownBlockError, UnknownMarketError

ASSET_CLASSES: Final = (
    "power",
    "renewable",
    "gas",
    "oil",
    "coal",
    "carbon",
    "rec",
    "capacity",
    "ancillary",
    "storage",
    "fx",
    "rate",
    "other",
)
PRICE_TYPES: Final = ("MID", "BID", "ASK", "LAST", "SETTLE", "INDEX", "STRIP", "CUSTOM")
DEFAULT_PRICE_TYPES: Final = ("MID", "SETTLE", "LAST")
"""What a reader falls back through when no price type is asked for, best first."""

ISOS: Final = ("PJM", "NYISO", "ISONE", "MISO", "ERCOT", "SPP", "CAISO", "WECC", "IESO", "AESO")
ISO_ALIASES: Final = MappingProxyType(
    {
        "NEISO": "ISONE",
        "ISONEWENGLAND": "ISONE",
        "NEPOOL": "ISONE",
        "NEWYORKISO": "NYISO",
        "PJMISO": "PJM",
        "MIDCONTINENTISO": "MISO",
        "SWPP": "SPP",
        "CALIFORNIAISO": "CAISO",
        "CALISO": "CAISO",
    }
)
WESTERN: Final = frozenset({"CAISO", "WECC"})
"""Where PEAK is 6x16, not 5x16."""

INTERVAL_MINUTES: Final = MappingProxyType(
    {
        "DAY_AHEAD_HOURLY": 60,
        "REAL_TIME_5_MIN": 5,
        "REAL_TIME_15_MIN": 15,
        "REAL_TIME_HOURLY": 60,
        "REAL_TIME_SCED": 5,  # nominal: ERCOT runs SCED at least every five minutes, off the grid
        "HASP": 15,
    }
)
EX_ANTE: Final = "_EX_ANTE"
EX_POST: Final = "_EX_POST"
LMP_MARKETS: Final = (*INTERVAL_MINUTES, *(name + EX_ANTE for name in INTERVAL_MINUTES))

# The series on which real-time energy settles, as the markets stand today.
SETTLEMENT_MARKETS: Final = MappingProxyType(
    {
        "PJM": "REAL_TIME_5_MIN",  # five-minute settlement since 2018-04-01 (FERC Order 825)
        "NYISO": "REAL_TIME_5_MIN",  # RTD prices; five-minute before Order 825 already
        "ISONE": "REAL_TIME_5_MIN",  # since 2017-03-01
        "MISO": "REAL_TIME_5_MIN",  # ex post, since 2018-07-01
        "SPP": "REAL_TIME_5_MIN",  # RTBM, since the Integrated Marketplace (2014)
        "CAISO": "REAL_TIME_5_MIN",  # RTD; the fifteen-minute market (FMM) is REAL_TIME_15_MIN
        "ERCOT": "REAL_TIME_15_MIN",  # settlement point prices
        "IESO": "REAL_TIME_5_MIN",  # since the renewed market of 2025-05-01
        "AESO": "REAL_TIME_HOURLY",  # the hourly pool price
    }
)

_DAY_AHEAD_WORDS = frozenset({"DA", "DAM", "DAY_AHEAD", "DAYAHEAD", "DAY_AHEAD_HOURLY"})
_REAL_TIME_WORDS = frozenset({"RT", "RTM", "REAL_TIME", "REALTIME"})
_LMP_ALIASES = MappingProxyType(
    {
        "FMM": "REAL_TIME_15_MIN",
        "RTPD": "REAL_TIME_15_MIN",
        "RTD": "REAL_TIME_5_MIN",
        "SCED": "REAL_TIME_SCED",
    }
)
_SLUG_MARKETS = MappingProxyType(
    {
        "DAY_AHEAD": "da",
        "REAL_TIME": "rt",
        "REAL_TIME_5_MIN": "rt5",
        "REAL_TIME_15_MIN": "rt15",
        "REAL_TIME_HOURLY": "rt60",
        "REAL_TIME_SCED": "sced",
        "HASP": "hasp",
    }
)
_PLAIN_LOCATION = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_SLUG_LENGTH: Final = 96
_SUFFIX_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class CurveIdentity:
    """What makes a curve one curve; price type, currency, unit, tenor and source are not part."""

    asset_class: str | None = None
    iso: str | None = None
    region: str | None = None
    location: str | None = None
    market: str | None = None
    product: str | None = None
    block: str | None = None
    spark_location: str | None = None


def canonical_iso(text: str) -> str:
    """Return the code of an ISO: ``ISO-NE``, ``iso ne`` and ``ISONE`` are all ISONE.

    A name that is not known comes back in upper case without blanks, hyphens, dots or underscores.
    """
    compact = re.sub(r"[\s_.\-]+", "", text).upper()
    return ISO_ALIASES.get(compact, compact)


def canonical_market(text: str) -> str:
    """Return a curve's market: DAY_AHEAD, REAL_TIME, a named series, else the upper-cased text."""
    word = _word(text)
    if word in _DAY_AHEAD_WORDS:
        return "DAY_AHEAD"
    if word in _REAL_TIME_WORDS:
        return "REAL_TIME"
    series = _LMP_ALIASES.get(word, word)
    return series if series in INTERVAL_MINUTES else _clean(text).upper()


def canonical_identity(identity: CurveIdentity) -> CurveIdentity:
    """Return the identity as it is stored: codes canonical, texts trimmed, empty as None.

    PEAK becomes 6x16 where the ISO trades western hours. A block that is no code is kept as text.
    Raises IdentityError when a part holds ``|``, the separator of the key.
    """
    parts = [_clean(part or "") for part in astuple(identity)]
    for part in parts:
        if "|" in part:
            raise IdentityError("A curve's identity may not hold '|'", name=part)
    asset_class, iso, region, location, market, product, block, spark = parts
    iso = canonical_iso(iso)
    codes = (
        asset_class.lower(),
        iso,
        region,
        location,
        canonical_market(market),
        product,
        _block_or_text(block, western=iso in WESTERN),
        spark,
    )
    return CurveIdentity(*(code or None for code in codes))


def curve_key_of(identity: CurveIdentity) -> str:
    """Return the SHA-256 (64 hex) of the eight canonical parts, lower-cased and joined by ``|``.

    Test vector: power, ERCOT, location HB_NORTH, market DA, block PEAK hashes
    ``power|ercot||hb_north|day_ahead||5x16|``. Raises IdentityError.
    """
    parts = (part or "" for part in astuple(canonical_identity(identity)))
    return hashlib.sha256("|".join(parts).lower().encode()).hexdigest()


def slug_of(identity: CurveIdentity) -> str:
    """Return a readable name of [a-z0-9-], one for each key: ``power-ercot-hb-north-da-5x16``.

    An identity of asset class, known ISO, simple location, known market and block can be read back
    from its words and needs no more; any other ends in ten digits of its key. Either form has a
    hyphen, so it is neither a 64-hex key nor a reserved route segment.
    """
    canon = canonical_identity(identity)
    words = _slug_words(canon)
    if _reads_back(canon) and len(words) <= _SLUG_LENGTH:
        return words
    stem = words[:_SLUG_LENGTH].strip("-") or "curve"
    return f"{stem}-{curve_key_of(canon)[:_SUFFIX_LENGTH]}"


def lmp_market(text: str, iso: str | None = None) -> str:
    """Return the canonical LMP series of a word: DA, DAY_AHEAD, RT, REAL_TIME, FMM or a full name.

    RT and REAL_TIME mean the ISO's settlement series and need it. ``_EX_ANTE`` stays a series of
    its own, ``_EX_POST`` is the plain one. Raises UnknownMarketError.
    """
    word = _word(text).removesuffix(EX_POST)
    suffix = EX_ANTE if word.endswith(EX_ANTE) else ""
    base = word.removesuffix(EX_ANTE)
    if base in _DAY_AHEAD_WORDS:
        return f"DAY_AHEAD_HOURLY{suffix}"
    if base in _REAL_TIME_WORDS:
        return settlement_market_of(iso or "") + suffix
    base = _LMP_ALIASES.get(base, base)
    if base not in INTERVAL_MINUTES:
        raise UnknownMarketError(f"Unknown LMP market {text!r}", name=text)
    return base + suffix


def settlement_market_of(iso: str) -> str:
    """Return the series on which an ISO's real-time energy settles. Raises UnknownMarketError."""
    series = SETTLEMENT_MARKETS.get(canonical_iso(iso))
    if series is None:
        raise UnknownMarketError(f"No settlement series is known for ISO {iso!r}", name=iso)
    return series


def legacy_market_of(market: str, iso: str) -> str:
    """Return the word of v1 for a canonical series: DAY_AHEAD, REAL_TIME, else its own name."""
    if market == "DAY_AHEAD_HOURLY":
        return "DAY_AHEAD"
    return "REAL_TIME" if SETTLEMENT_MARKETS.get(canonical_iso(iso)) == market else market


def expected_interval_minutes(market: str) -> int:
    """Return the grid of a canonical LMP series in minutes. Raises UnknownMarketError."""
    minutes = INTERVAL_MINUTES.get(market.removesuffix(EX_ANTE))
    if minutes is None:
        raise UnknownMarketError(f"Unknown LMP market {market!r}", name=market)
    return minutes


def _clean(text: str) -> str:
    return " ".join(text.split())


def _word(text: str) -> str:
    return "_".join(text.replace("-", " ").replace("_", " ").upper().split())


def _block_or_text(text: str, *, western: bool) -> str:
    try:
        return block_code(text, western=western) if text else ""
    except UnknownBlockError:
        return text


def _slug_words(canon: CurveIdentity) -> str:
    parts = [part or "" for part in astuple(canon)]
    parts[4] = _SLUG_MARKETS.get(parts[4], parts[4])
    plain = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))


def _reads_back(canon: CurveIdentity) -> bool:
    return (
        canon.asset_class in ASSET_CLASSES
        and canon.iso in ISOS
        and canon.market in _SLUG_MARKETS
        and canon.block in BLOCKS
        and canon.region is canon.product is canon.spark_location is None
        and _PLAIN_LOCATION.fullmatch((canon.location or "").lower()) is not None
    )
