"""Content codings: zstd, then gzip, both fast ones; chosen by the client's `Accept-Encoding`."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Literal, Protocol

import zstandard
from isal import igzip, isal_zlib

Coding = Literal["identity", "zstd", "gzip"]
ZSTD_LEVEL: Final = 1
GZIP_LEVEL: Final = 1
GZIP_WINDOW: Final = 31
MAX_KNOWN: Final = 256
EVENTS: Final = "text/event-stream"
COMPRESSIBLE: Final = (
    "text/",
    "application/json",
    "application/x-ndjson",
    "application/problem+json",
    "application/vnd.aurum.columns+json",
    "application/javascript",
    "application/yaml",
    "image/svg+xml",
)


class Codings:
    """Chooses codings; a header seen before is not parsed again."""

    def __init__(self) -> None:
        self._known: dict[bytes, Coding] = {}

    def of(self, headers: Mapping[bytes, bytes]) -> Coding:
        """Return the coding for a client's request headers."""
        given = headers.get(b"accept-encoding", b"")
        coding = self._known.get(given)
        if coding is None:
            coding = choose_coding(given)
            if len(self._known) < MAX_KNOWN:
                self._known[given] = coding
        return coding


class Compressor(Protocol):
    """What both libraries' streaming objects offer."""

    def compress(self, data: bytes, /) -> bytes:
        """Return what can be sent so far."""
        ...

    def flush(self) -> bytes:
        """Return the end."""
        ...


def choose_coding(accept_encoding: bytes) -> Coding:
    """Return the best coding that the client takes; the order of preference is ours."""
    if not accept_encoding:
        return "identity"
    text = accept_encoding.decode("latin-1").lower()
    weights = dict(_weight(part) for part in text.split(","))
    for coding in ("zstd", "gzip"):
        if weights.get(coding, weights.get("*", 0.0)) > 0:
            return "zstd" if coding == "zstd" else "gzip"
    return "identity"


def is_compressible(media_type: str) -> bool:
    """Tell whether compressing bytes of this type is worth it; events are sent as they come."""
    return media_type.startswith(COMPRESSIBLE) and not media_type.startswith(EVENTS)


def compress(coding: Coding, body: bytes) -> bytes:
    """Return the body in the coding; the same body always gives the same bytes."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(ZSTD_LEVEL).compress(body)
    if coding == "gzip":
        return igzip.compress(body, GZIP_LEVEL, mtime=0)
    return body


async def compress_stream(coding: Coding, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Compress a stream chunk by chunk; closing it closes the source."""
    compressor = _compressor(coding)
    try:
        async for chunk in chunks:
            if data := compressor.compress(chunk):
                yield data
        yield compressor.flush()
    finally:
        close: Any = getattr(chunks, "aclose", None)
        if close is not None:
            await close()


def _compressor(coding: Coding) -> Compressor:
    if coding == "zstd":
        return zstandard.ZstdCompressor(ZSTD_LEVEL).compressobj()
    made: Compressor = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, GZIP_WINDOW)
    return made


def _weight(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name.strip(), float(value)
            except ValueError:
                return name.strip(), 0.0
    return name.strip(), 1.0
