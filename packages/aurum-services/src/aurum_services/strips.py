"""Strips of a forward curve: their price is the sum of their months, weighted as the curve says.

P = Σ h·P / Σ h over the months of the strip and, for built blocks, its base blocks. A strip with
a missing or an already delivering month has no price and names the month.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from aurum_core.errors import RuleError, Violation
from aurum_core.market.calendars import MarketCalendar, base_blocks_of, block_hours, calendar_named
from aurum_core.market.errors import UnknownBlockError, UnknownCalendarError
from aurum_core.market.months import add_months, month_start
from aurum_core.market.strips import STRIPS, Strip, strips_between
from aurum_dao.ports.curves import CurveDetail, CurveQuery, CurveReader, MonthPrice
from aurum_services.numbers import ratio

MOST_CURVES = 500
BUILT_BLOCKS = ("OFFPEAK", "7x24")


@dataclass(frozen=True, slots=True, kw_only=True)
class StripRequest:
    """Strips of the curves of a query; `blocks` may name OFFPEAK or 7x24, built where not traded.

    `codes` are strip codes (`Q1` … `CAL`, `JF`, `GAS_WINTER` …).
    """

    query: CurveQuery
    codes: tuple[str, ...] = ("Q1", "Q2", "Q3", "Q4", "CAL")
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StripPrice:
    """One strip of one curve on one as-of date.

    `weight` is the total of the weights: hours, days or a count, as `weighting` says. `built_from`
    names the curves it was built from where the block has no curve of its own. Without a value
    `reason` says why: `missing_months`, `delivered_months`, `mixed_units` (its months are not in
    one currency and unit) or `no_block_hours` (the curve's calendar does not know its block).
    """

    curve: CurveDetail
    block: str | None
    source: str
    asof_date: date
    price_type: str | None
    strip: Strip
    value: Decimal | None
    weighting: str
    weight: Decimal
    missing_months: tuple[date, ...]
    delivered_months: tuple[date, ...]
    built_from: tuple[str, ...]
    currency: str | None
    per_unit: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Leg:
    """The months of one curve that goes into a strip, and their weights as they were asked for."""

    detail: CurveDetail
    months: Mapping[date, MonthPrice]
    weights: dict[date, Decimal | None] = field(default_factory=dict)

    def weight(self, month: date) -> Decimal | None:
        """Return what a month counts, None where it cannot be told; several strips share one."""
        if month not in self.weights:
            self.weights[month] = weight_of(self.detail, month)
        return self.weights[month]


async def build_strips(reader: CurveReader, request: StripRequest) -> list[StripPrice]:
    """Return the strips by curve_key, delivery_start, code.

    Raises:
        RuleError: more than 500 curves match.
    """
    query = request.query
    if set(request.blocks) & set(BUILT_BLOCKS):
        query = replace(query, where=replace(query.where, block=()))
    months = await reader.list_months(query)
    by_curve: dict[str, dict[date, MonthPrice]] = defaultdict(dict)
    for month in months:
        by_curve[month.curve_key][month.delivery_start] = month
    if len(by_curve) > MOST_CURVES:
        message = f"at most {MOST_CURVES} curves may match; {len(by_curve)} do"
        raise RuleError([Violation("query", "curve_key", "too_many_curves", message)])
    details = await reader.list_details(sorted(by_curve), pin=query.pin)
    legs = {key: _Leg(details[key], by_curve[key]) for key in sorted(by_curve) if key in details}
    return await asyncio.to_thread(_all_strips, legs, request)


def _all_strips(legs: Mapping[str, _Leg], request: StripRequest) -> list[StripPrice]:
    """Return the strips of the legs; about a millisecond a curve, so not on the loop."""
    found: list[StripPrice] = []
    for curve_legs, block in _wanted(legs, request.blocks):
        found += _strips(curve_legs, block, request.codes)
    return sorted(found, key=strip_key)


def strip_key(strip: StripPrice) -> tuple[str, str, date, str]:
    """Return what strips are ordered by: curve_key, block, delivery_start, code."""
    code = strip.strip.definition.code
    return strip.curve.curve_key, strip.block or "", strip.strip.delivery_start, code


def _wanted(
    legs: Mapping[str, _Leg], blocks: Sequence[str]
) -> Iterable[tuple[tuple[_Leg, ...], str | None]]:
    """Yield the legs of each strip curve: one curve, or the base blocks of a built one."""
    if not blocks:
        yield from (((leg,), leg.detail.block) for leg in legs.values())
        return
    families: dict[tuple[str | None, ...], dict[str | None, _Leg]] = defaultdict(dict)
    for leg in legs.values():
        families[_family(leg.detail)][leg.detail.block] = leg
    for family in families.values():
        for block in blocks:
            if block in family:
                yield (family[block],), block
            elif block in BUILT_BLOCKS and (built := _base_legs(family, block)):
                yield built, block


def _family(detail: CurveDetail) -> tuple[str | None, ...]:
    d = detail
    return (d.asset_class, d.iso, d.region, d.location, d.market, d.product, d.spark_location)


def _base_legs(family: Mapping[str | None, _Leg], block: str) -> tuple[_Leg, ...]:
    calendar = _calendar(next(iter(family.values())).detail)
    if calendar is None:
        return ()
    bases = base_blocks_of(calendar, block)
    return tuple(family[base] for base in bases) if all(b in family for b in bases) else ()


def _strips(legs: tuple[_Leg, ...], block: str | None, codes: Sequence[str]) -> list[StripPrice]:
    lead = legs[0]
    if not all(leg.months for leg in legs):
        return []
    newest = max(m.asof_date for leg in legs for m in leg.months.values())
    first = min(min(leg.months) for leg in legs)
    last = max(max(leg.months) for leg in legs)
    known = [code for code in codes if code in STRIPS]
    some = next(iter(lead.months.values()))
    types = {m.price_type for leg in legs for m in leg.months.values()}
    found = []
    for strip in strips_between(first, last, known):
        price = _price(legs, strip, newest)
        found.append(
            StripPrice(
                lead.detail,
                block,
                some.source,
                newest,
                next(iter(types)) if len(types) == 1 else None,
                strip,
                price.value,
                lead.detail.weighting,
                price.weight,
                price.missing,
                price.delivered,
                tuple(leg.detail.slug for leg in legs) if len(legs) > 1 else (),
                price.currency,
                price.per_unit,
                price.reason,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Price:
    value: Decimal | None
    weight: Decimal
    missing: tuple[date, ...]
    delivered: tuple[date, ...]
    currency: str | None
    per_unit: str | None
    reason: str | None


def _price(legs: tuple[_Leg, ...], strip: Strip, asof: date) -> _Price:
    weighted, total = Decimal(0), Decimal(0)
    missing: set[date] = set()
    units: set[tuple[str, str]] = set()
    weightless = False
    for leg in legs:
        for month in strip.months:
            weight = leg.weight(month)
            price = leg.months.get(month)
            weightless = weightless or weight is None
            total += weight or 0
            if price is None or price.value is None or price.asof_date != asof:
                missing.add(month)
            else:
                units.add((price.currency, price.per_unit))
                weighted += (weight or 0) * price.value
    delivered = tuple(month for month in strip.months if month <= month_start(asof))
    reasons = {
        "no_block_hours": weightless,
        "delivered_months": delivered,
        "missing_months": missing,
        "mixed_units": len(units) > 1,
    }
    reason = next((name for name, holds in reasons.items() if holds), None)
    currency, per_unit = units.pop() if len(units) == 1 else (None, None)
    value = None if reason else ratio(weighted, total)
    return _Price(value, total, tuple(sorted(missing)), delivered, currency, per_unit, reason)


def weight_of(detail: CurveDetail, month: date) -> Decimal | None:
    """Return what a month counts in a strip: hours of the block, days, or 1.

    None where the curve weighs by hours and has no calendar, or one that does not know its block.
    """
    if detail.weighting == "none":
        return Decimal(1)
    end = add_months(month, 1)
    if detail.weighting == "days":
        return Decimal((end - month).days)
    calendar = _calendar(detail)
    if calendar is None or detail.block is None:
        return None
    try:
        return Decimal(block_hours(calendar, detail.block, month, end))
    except UnknownBlockError:
        return None


def _calendar(detail: CurveDetail) -> MarketCalendar | None:
    try:
        return calendar_named(detail.calendar or "")
    except UnknownCalendarError:
        return None
