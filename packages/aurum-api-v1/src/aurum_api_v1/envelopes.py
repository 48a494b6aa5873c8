"""The envelope of v1 around rows, and rows as CSV.

`meta` always has every field. Its first two are of the single request, the rest belongs to the
content: the edge writes the former around the cached bytes of the latter.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from aurum_api_v1.responses import AnswerResponse
from aurum_core.answers import Answer, MeteredBody
from aurum_core.demo import SYNTHETIC
from aurum_services.encoding import encode_page, json_of
from aurum_services.formats import CSV

CSV_MEDIA_TYPE: Final = "text/csv; charset=utf-8"
_BEFORE: Final = b'{"meta":{"request_id":'
Headers = tuple[tuple[str, str], ...]


class PageMeta(msgspec.Struct, kw_only=True):
    """The members of `meta` that belong to the content."""

    next_cursor: str | None = None
    prev_cursor: str | None = None
    has_more: bool = False
    count: int
    total: int | None = None
    offset: int | None = None
    limit: int | None = None


def documented(model: Any, *, csv: bool = False) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401 - a model
    """Return what the OpenAPI document says of an answer; nothing is validated by it."""
    answer: dict[str, Any] = {"model": model}
    if csv:
        answer["content"] = {"text/csv": {"schema": {"type": "string"}}}
    return {200: answer}


def whole_meta(count: int) -> PageMeta:
    """Return the meta of a list that comes in one piece."""
    return PageMeta(count=count, total=count)


def envelope(data: bytes, meta: PageMeta, extra: bytes = b"") -> MeteredBody:
    """Return the body around encoded data; `extra` holds further members, a comma before each."""
    members = json_of(meta)[1:]
    return MeteredBody(_BEFORE, b',%b,"data":%b%b}' % (members, data, extra))


def json_answer(
    data: Any,  # noqa: ANN401 - anything msgspec knows
    meta: PageMeta,
    *,
    extra: bytes = b"",
    synthetic: bool = False,
    max_age: int | None = None,
) -> AnswerResponse:
    """Return data in the envelope."""
    body = envelope(json_of(data), meta, extra)
    return AnswerResponse(Answer(body=body, headers=marked(synthetic=synthetic), max_age=max_age))


def rows_answer(
    fmt: str,
    rows: Sequence[Any],
    row_type: type,
    meta: PageMeta,
    *,
    filename: str,
    synthetic: bool = False,
    max_age: int | None = None,
) -> AnswerResponse:
    """Return rows as JSON in the envelope, or as a CSV file with its cursors in headers."""
    if fmt == "json":
        return json_answer(rows, meta, synthetic=synthetic, max_age=max_age)
    headers = [("Content-Disposition", f'attachment; filename="{filename}"')]
    if meta.next_cursor:
        headers.append(("X-Next-Cursor", meta.next_cursor))
    if meta.prev_cursor:
        headers.append(("X-Prev-Cursor", meta.prev_cursor))
    body = encode_page(CSV, rows, row_type, meta={}, links={})
    return AnswerResponse(
        Answer(
            body=body,
            media_type=CSV_MEDIA_TYPE,
            headers=(*headers, *marked(synthetic=synthetic)),
            max_age=max_age,
        )
    )


def marked(*, synthetic: bool) -> Headers:
    """Return the header that marks answers with rows of the demo set."""
    return (("X-Aurum-Source", SYNTHETIC),) if synthetic else ()
