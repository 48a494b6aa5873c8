"""Exports: any number of rows as one document, streamed with flat memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aurum_core.rows import fields_of
from aurum_services.formats import Format

if TYPE_CHECKING:
    import pyarrow as pa

    from aurum_services.columnar import Writer


async def open_export(
    fmt: Format,
    row_type: type,
    batches: AsyncIterator["pa.RecordBatch"],
    zone: ZoneInfo | None = None,
) -> AsyncIterator[bytes]:
    """Return the chunks of the document; the first batch has been read when this returns.

    Until then a failing query is an error like any other. Later the iterator raises, and whoever
    sends it must abort. Closing the iterator closes the read.
    """
    from aurum_services import columnar

    writer = columnar.open_writer(fmt, fields_of(row_type), zone)
    first = await anext(batches, None)
    return _chunks(writer, first, batches)


async def _chunks(
    writer: "Writer", batch: "pa.RecordBatch | None", batches: AsyncIterator["pa.RecordBatch"]
) -> AsyncIterator[bytes]:
    try:
        head = writer.head()
        if head:
            yield head
        while batch is not None:
            yield await asyncio.to_thread(writer.chunk, batch)
            batch = await anext(batches, None)
        tail = writer.tail()
        if tail:
            yield tail
    finally:
        close = getattr(batches, "aclose", None)
        if close is not None:
            await close()
