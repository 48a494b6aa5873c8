"""Cursors of v1: signed ones of today, and the unsigned ones that earlier releases gave out.

Today's is the services' signed cursor and behind it a mark of the filters,
`payload.mac.mark`: the mark is what tells a cursor of other filters from a broken one.

An old one is base64url JSON: the key of the last row (`curve_key`, `tenor_label`, `contract_month`,
`asof_date`, `price_type`), that key under `before` for the page before it, or `{"offset": n}`.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from starlette.requests import Request

from aurum_api_v1.deps import services_of, tenant_of
from aurum_api_v1.errors import EXPIRED_CURSOR, INVALID_CURSOR, OTHER_FILTERS
from aurum_api_v1.params import MOST_OFFSET, CurveListParams, PageParams
from aurum_core.errors import (
    CursorExpiredError,
    CursorInvalidError,
    MalformedInputError,
    RuleError,
    Violation,
)
from aurum_core.market.errors import TenorError
from aurum_core.market.tenors import delivery_of
from aurum_services.paging import Listing, PageRequest, page_scope
from aurum_services.queries import Key

LONGEST: Final = 2048


@dataclass(frozen=True, slots=True)
class Edge:
    """What stands for the parts of a key that an old cursor does not name."""

    text: str
    day: date


AFTER: Final = Edge("\U0010ffff", date.max)
BEFORE: Final = Edge("", date.min)


@dataclass(frozen=True, slots=True)
class OldKey:
    """The row that an old cursor names; `tenor_type` and the delivery follow from its label."""

    curve_key: str
    delivery_start: date | None
    delivery_end: date | None
    tenor_type: str
    asof_date: date | None
    price_type: str | None


KeyOf = Callable[[OldKey, Edge], Key]


def observation_key(old: OldKey, edge: Edge) -> Key:
    """Return the place after, or before, an old key's row in the order of observations.

    What an old key does not name is taken as the last, or the first, there can be.
    """
    return (
        old.curve_key,
        old.delivery_start,
        old.tenor_type,
        old.price_type or edge.text,
        old.asof_date or edge.day,
        old.delivery_end or edge.day,
        edge.text,
    )


def diff_key(old: OldKey, edge: Edge) -> Key:
    """Return the place after, or before, an old key's row in the order of differences."""
    return (
        old.curve_key,
        old.delivery_start,
        old.tenor_type,
        old.price_type or edge.text,
        old.delivery_end or edge.day,
        edge.text,
    )


def page_of(
    request: Request, params: PageParams, *, key_of: KeyOf | None, limit: int
) -> PageRequest:
    """Return the page that the parameters ask for: prev_cursor > cursor > since_cursor > offset.

    `key_of` places old keyset cursors; a route without it reads signed and offset ones only.

    Raises:
        MalformedInputError: the cursor is broken, or of other filters.
        RuleError: the offset of an old cursor is too large.
    """
    scope = page_scope("v1", request.url.path, params.filters(), tenant_of(request))
    page = PageRequest(limit=limit, scope=scope)
    back = params.prev_cursor if isinstance(params, CurveListParams) else None
    token = back or params.token()
    if not token:
        return replace(page, offset=params.offset or 0)
    if "." in token:
        return replace(page, token=_signed_part(token, params))
    if not services_of(request).settings.api.v1_accept_legacy_cursors:
        raise MalformedInputError(INVALID_CURSOR)
    return _old_page(page, _decoded(token), key_of, back=bool(back))


def neighbours(listing: Listing[Any], params: PageParams) -> tuple[str | None, str | None]:
    """Return the next and the previous cursor as v1 gives them out."""
    mark = _mark(params)
    both = (listing.next_cursor, listing.prev_cursor)
    after, before = (token and f"{token}.{mark}" for token in both)
    return after, before


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the pager refuses into v1's errors: 400 with the contract's text."""
    try:
        yield
    except CursorExpiredError as error:
        raise MalformedInputError(EXPIRED_CURSOR) from error
    except CursorInvalidError as error:
        raise MalformedInputError(INVALID_CURSOR) from error


def _signed_part(token: str, params: PageParams) -> str:
    signed, _, mark = token.rpartition(".")
    if "." not in signed or len(token) > LONGEST:
        raise MalformedInputError(INVALID_CURSOR)
    if mark != _mark(params):
        raise MalformedInputError(OTHER_FILTERS)
    return signed


def _mark(params: PageParams) -> str:
    text = json.dumps(sorted(params.filters().items()))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _old_page(
    page: PageRequest, old: Mapping[str, Any], key_of: KeyOf | None, *, back: bool
) -> PageRequest:
    if "offset" in old:
        return replace(page, offset=_offset(old["offset"]))
    before = old.get("before")
    if key_of is None:
        raise MalformedInputError(INVALID_CURSOR)
    if before is None and not back:
        return replace(page, after=key_of(_old_key(old), AFTER))
    return replace(page, before=key_of(_old_key(before or old), BEFORE))


def _decoded(token: str) -> Mapping[str, Any]:
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        found = json.loads(text)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise MalformedInputError(INVALID_CURSOR) from error
    if not isinstance(found, dict):
        raise MalformedInputError(INVALID_CURSOR)
    return found


def _offset(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedInputError(INVALID_CURSOR)
    if value > MOST_OFFSET:
        message = f"its offset is more than {MOST_OFFSET}"
        raise RuleError([Violation("query", "cursor", "less_than_equal", message)])
    return value


def _old_key(fields: object) -> OldKey:
    if not isinstance(fields, dict) or not isinstance(fields.get("curve_key"), str):
        raise MalformedInputError(INVALID_CURSOR)
    month, label = _date_in(fields, "contract_month"), _text_in(fields, "tenor_label")
    kind, start, end = _delivery(label, month)
    return OldKey(
        fields["curve_key"],
        start,
        end,
        kind,
        _date_in(fields, "asof_date"),
        _text_in(fields, "price_type"),
    )


def _delivery(label: str | None, month: date | None) -> tuple[str, date | None, date | None]:
    """Return tenor type, first and last day of a label; without one it is a month."""
    text = label or (f"{month:%Y-%m}" if month else "")
    for kind in ("MONTHLY", "QUARTER", "CALENDAR", "SEASON"):
        try:
            start, end = delivery_of(kind, text)
        except TenorError:
            continue
        return kind, month or start, end
    return "MONTHLY", month, None


def _date_in(fields: Mapping[str, object], name: str) -> date | None:
    text = _text_in(fields, name)
    try:
        return None if text is None else date.fromisoformat(text[:10])
    except ValueError as error:
        raise MalformedInputError(INVALID_CURSOR) from error


def _text_in(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise MalformedInputError(INVALID_CURSOR)
    return value
