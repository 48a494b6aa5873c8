"""One read of v2: what the request brought, and the answer it becomes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from aurum_api_v2.links import link_headers, page_links, self_link
from aurum_api_v2.negotiation import format_of
from aurum_api_v2.params import refused
from aurum_api_v2.responses import AnswerResponse
from aurum_api_v2.rows import narrowed, projected
from aurum_core.answers import Answer, StreamAnswer
from aurum_core.cursors import Pins
from aurum_core.demo import SYNTHETIC, is_demo
from aurum_core.market.errors import MissingParameterError, UnitError
from aurum_core.market.time import end_of_day_new_york
from aurum_core.rows import fields_of
from aurum_services.container import Services
from aurum_services.conversion import PriceColumns, convert_rows
from aurum_services.encoding import encode_page, envelope, json_of
from aurum_services.exports import open_export
from aurum_services.formats import CSV, EXPORTS, FORMATS, JSON, Format
from aurum_services.paging import Listing, PageRequest, page_scope
from aurum_services.queries import AsOf, Pin

PAST_ASOF_SECONDS = 3600
SHAPE_ONLY = frozenset({"cursor", "limit", "format", "fields", "tz", "unit"})
"""Parameters that shape a page but do not change which rows a walk meets."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request with its services and the pins it began with."""

    request: Request
    params: Any

    @property
    def services(self) -> Services:
        """Return the services of the app."""
        return self.request.state.services  # type: ignore[no-any-return]  # typed at the lifespan

    @property
    def pins(self) -> Pins:
        """Return what the request was pinned to when it came in."""
        return self.request.state.pins  # type: ignore[no-any-return]  # typed at the edge

    @property
    def today(self) -> date:
        """Return the business date in New York that the request began on."""
        return self.pins.today or self.services.pins().today  # type: ignore[return-value]

    def pin(self, asof: date | None = None) -> Pin:
        """Return the pin of the read; `asof` is the knowledge date of facts without a curve date.

        Raises:
            RuleError: `data_version` has not been committed yet.
        """
        wanted, newest = self.params.data_version, self.pins.data_version
        if wanted is not None and wanted > newest:
            raise refused("data_version", "not_committed", f"is newer than the newest, {newest}")
        known_at = self.params.known_at
        if asof is not None:
            end = end_of_day_new_york(asof)
            known_at = end if known_at is None else min(known_at, end)
        version = newest if wanted is None else wanted
        return Pin(
            data_version=version, known_at=known_at, tenant=self.request.state.principal.tenant
        )

    def asof(self) -> AsOf:
        """Return the as-of selection.

        Raises:
            RuleError: a date and a range of dates at once, an empty range, a policy without a date.
        """
        p = self.params
        if p.asof is not None and (p.asof_start or p.asof_end):
            raise refused("asof", "exclusive", "cannot stand beside asof_start or asof_end")
        if p.asof is None and p.asof_policy != "exact":
            raise refused("asof_policy", "needs_asof", "needs asof")
        if p.asof_start and p.asof_end and p.asof_end <= p.asof_start:
            raise refused("asof_end", "range", "must be after asof_start: ranges are half-open")
        return AsOf(
            today=self.today, day=p.asof, policy=p.asof_policy, start=p.asof_start, end=p.asof_end
        )

    def row_type(
        self, row_type: type[msgspec.Struct], default: tuple[str, ...] = ()
    ) -> type[msgspec.Struct]:
        """Return the row type with the fields asked for. Raises RuleError."""
        return narrowed(row_type, self.params.fields, default)

    def priced_row_type(
        self,
        row_type: type[msgspec.Struct],
        default: tuple[str, ...],
        columns: PriceColumns,
    ) -> type[msgspec.Struct]:
        """Return the row type with the fields asked for and those that `unit=` has to read."""
        wanted: tuple[str, ...] = self.params.fields
        if wanted and self.params.unit is not None:
            wanted = (*wanted, *columns.needed)
        return narrowed(row_type, wanted, default)

    def page(self, limit: int | None = None) -> PageRequest:
        """Return the page that was asked for, its cursors bound to path, filters and tenant."""
        pairs = parse_qsl(self.request.url.query, keep_blank_values=True)
        filters: dict[str, str] = {}
        for name, value in pairs:
            if name not in SHAPE_ONLY:
                filters[name] = f"{filters[name]},{value}" if name in filters else value
        tenant = self.request.state.principal.tenant
        return PageRequest(
            limit=limit or self.params.limit,
            scope=page_scope("v2", self.request.url.path, filters, tenant),
            token=self.params.cursor,
        )

    def format(self) -> Format:
        """Return the page format. Raises NotAcceptableError."""
        accept = self.request.headers.get("accept")
        return format_of(self.params.format, accept, FORMATS, JSON)

    def answer(
        self,
        listing: Listing[Any],
        row_type: type[msgspec.Struct],
        name: str,
        *,
        details: dict[str, Any] | None = None,
        prices: PriceColumns | None = None,
    ) -> AnswerResponse:
        """Return the page as an answer; computed values become rows of the type.

        With `prices` the route takes `unit=`: prices are converted and `meta.details` says how.
        """
        rows = projected(listing.rows, row_type)
        if prices is not None and self.params.unit is not None:
            details = {**(details or {}), **self._converted(rows, prices)}
        links = page_links(self.request, after=listing.next_cursor, before=listing.prev_cursor)
        meta = {
            "limit": self.params.limit,
            "returned": len(rows),
            "asof": listing.page.asof or self._asof_of(rows, row_type),
            "data_version": listing.pins.data_version,
            "source": _one_source(rows, row_type),
            "stale": False,
            **({"details": details} if details else {}),
        }
        fmt = self.format()
        zone = getattr(self.params, "tz", None)
        body = encode_page(fmt, rows, row_type, meta=meta, links=links, zone=zone)
        headers = [("X-Aurum-Data-Version", str(listing.pins.data_version)), *link_headers(links)]
        if not fmt.enveloped:
            headers += _file_headers(name, fmt)
            if listing.next_cursor:
                headers.append(("X-Next-Cursor", listing.next_cursor))
        return self._finish(body, fmt, tuple(headers))

    def _asof_of(self, rows: Sequence[Any], row_type: type) -> date | None:
        """Return the date that all rows share; of facts without one, the date of knowledge."""
        if any(field.name == "asof_date" for field in fields_of(row_type)):
            found: date | None = _shared(rows, "asof_date")
            return found
        asked: date | None = getattr(self.params, "asof", None)
        return asked

    def _converted(self, rows: Sequence[Any], prices: PriceColumns) -> dict[str, Any]:
        try:
            used = convert_rows(rows, self.params.unit, prices)
        except MissingParameterError as error:
            message = f"needs {error.parameter}: convert one by one at /v2/metadata/units/convert"
            raise refused("unit", error.rule, message) from error
        except UnitError as error:
            raise refused("unit", error.rule, "cannot be reached from the rows' unit") from error
        return {"unit": self.params.unit, "conversions": [asdict(one) for one in used]}

    def single(self, data: Any, *, details: dict[str, Any] | None = None) -> AnswerResponse:  # noqa: ANN401 - anything msgspec knows
        """Return one object, or a small list in one piece, in the JSON envelope."""
        version = self.pins.data_version
        meta = {
            "limit": None,
            "returned": len(data) if isinstance(data, list) else 1,
            "asof": None,
            "data_version": version,
            "source": None,
            "stale": False,
            **({"details": details} if details else {}),
        }
        links = {"self": self_link(self.request), "next": None, "prev": None}
        body = envelope(json_of(data), meta, links)
        return self._finish(body, JSON, (("X-Aurum-Data-Version", str(version)),))

    async def export(
        self, batches: AsyncIterator[Any], row_type: type, name: str, pin: Pin
    ) -> AnswerResponse:
        """Return every row as a streamed document; the first batch has been read."""
        accept = self.request.headers.get("accept")
        fmt = format_of(self.params.format, accept, EXPORTS, CSV)
        chunks = await open_export(fmt, row_type, batches, self.params.tz)
        headers = (("X-Aurum-Data-Version", str(pin.data_version)), *_file_headers(name, fmt))
        return AnswerResponse(
            StreamAnswer(chunks=chunks, media_type=_media_type(fmt), headers=headers)
        )

    def _finish(
        self, body: bytes, fmt: Format, headers: tuple[tuple[str, str], ...]
    ) -> AnswerResponse:
        asof = getattr(self.params, "asof", None)
        pinned = getattr(self.params, "data_version", None) is not None
        past = asof is not None and asof < self.today
        return AnswerResponse(
            Answer(
                body=body,
                media_type=_media_type(fmt),
                headers=headers,
                max_age=PAST_ASOF_SECONDS if past else None,
                immutable=asof is not None and pinned,
            )
        )


def _media_type(fmt: Format) -> str:
    return "text/csv; charset=utf-8" if fmt is CSV else fmt.media_type


def _file_headers(name: str, fmt: Format) -> list[tuple[str, str]]:
    return [("Content-Disposition", f'attachment; filename="{name}.{fmt.extension}"')]


def _one_source(rows: Sequence[Any], row_type: type) -> str | None:
    """Return the source of every row; averages of demo places are as synthetic as their prices."""
    names = {field.name for field in fields_of(row_type)}
    if "source" in names:
        source: str | None = _shared(rows, "source")
        return source
    if rows and "location" in names and all(is_demo(row.location) for row in rows):
        return SYNTHETIC
    return None


def _shared(rows: Sequence[Any], name: str) -> Any:  # noqa: ANN401 - a value of the rows
    """Return the value of a field that all rows have, None when they differ or there are none."""
    values = {getattr(row, name) for row in rows}
    return values.pop() if len(values) == 1 else None
