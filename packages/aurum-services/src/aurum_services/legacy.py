"""What v1 alone asks of the curve service: strips as they were quoted.

v1 served the QUARTER, SEASON and CALENDAR contracts that somebody quoted. Those still win; beside
them stand the strips that follow from a curve's months.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol, TypeVar

from aurum_core.cursors import Pins
from aurum_core.errors import RuleError, Violation
from aurum_dao.ports.curves import CurveQuery
from aurum_services.curves import CurveService
from aurum_services.paging import Listing, Pager, PageRequest, window_of
from aurum_services.strips import StripPrice, StripRequest

MOST_STRIPS = 20_000
GAS = "gas"


class QuotedStrip(Protocol):
    """What a quoted strip's row type must read."""

    curve_key: str
    asof_date: date
    tenor_label: str
    delivery_start: date
    delivery_end: date


Q = TypeVar("Q", bound=QuotedStrip)


async def list_quoted_strips(
    service: CurveService,
    pager: Pager,
    request: StripRequest,
    row_type: type[Q],
    page: PageRequest,
) -> Listing[Q | StripPrice]:
    """Return a page of quoted and computed strips of one tenor type, quoted before computed.

    A curve's strips are of one as-of date, the newest that it has either kind on; a computed strip
    is left out where its curve has a quoted one of that label. Ordered by curve_key,
    delivery_start, tenor_label, delivery_end.

    Raises:
        RuleError: more than 20,000 strips match.
    """
    query = request.query
    today = query.asof.today
    pins, window = pager.open(page, Pins(query.pin.data_version, today=today))
    query = _pinned(query, pins)
    whole = PageRequest(limit=MOST_STRIPS, scope="")
    quoted = await service.list_observations(query, row_type, whole)
    months = replace(query, tenor_type=())
    computed = await service.list_strips(replace(request, query=months), whole)
    if quoted.page.has_next or computed.page.has_next:
        message = f"at most {MOST_STRIPS} strips may match"
        raise RuleError([Violation("query", "curve_key", "too_many_strips", message)])
    strips = sorted(_merged(quoted.rows, computed.rows), key=_place)
    return pager.close(page, pins, window_of(strips, _place, window))


def _pinned(query: CurveQuery, pins: Pins) -> CurveQuery:
    pin = replace(query.pin, data_version=pins.data_version, known_at=pins.known_at)
    return replace(query, pin=pin, asof=replace(query.asof, today=pins.today or query.asof.today))


def _merged(quoted: Sequence[Q], computed: Sequence[StripPrice]) -> Iterator[Q | StripPrice]:
    """Yield the strips of each curve's newest date: quoted ones, and computed ones beside them."""
    newest: dict[str, date] = {}
    for key, asof in (*map(_dated, quoted), *map(_dated, computed)):
        newest[key] = max(asof, newest.get(key, asof))
    taken = set()
    for row in quoted:
        if row.asof_date == newest[row.curve_key]:
            taken.add((row.curve_key, row.tenor_label))
            yield row
    for strip in computed:
        key = strip.curve.curve_key
        current = strip.asof_date == newest[key] and (key, strip.strip.label) not in taken
        if current and _is_of_market(strip):
            yield strip


def _dated(strip: Any) -> tuple[str, date]:  # noqa: ANN401 - a quoted row or a computed strip
    return _place(strip)[0], strip.asof_date


def _is_of_market(strip: StripPrice) -> bool:
    """Tell whether the curve's market means this strip by its label: a gas summer is Apr-Oct."""
    code = strip.strip.definition.code
    if code in {"SUMMER", "GAS_SUMMER"}:
        return (code == "GAS_SUMMER") == (strip.curve.asset_class == GAS)
    return True


def _place(strip: Any) -> tuple[str, date, str, date]:  # noqa: ANN401 - a quoted row or a computed strip
    if isinstance(strip, StripPrice):
        s = strip.strip
        return strip.curve.curve_key, s.delivery_start, s.label, s.delivery_end
    return strip.curve_key, strip.delivery_start, strip.tenor_label, strip.delivery_end
