"""Finished successes: what a handler hands to the edge.

The edge (middleware of the app) turns an answer into a response: it adds the entity tag, freshness,
`Vary`, coding and the headers of the surface, answers `HEAD` and 304, and keeps cacheable ones.
Handlers therefore never write those headers.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeteredBody:
    """A JSON body that names its own request: `before "<request id>" ,"query_time_ms":<n> after`.

    `before` ends where the request id's JSON string begins, `after` starts behind the number:
    the cached bytes of the data stay as they are while `meta` is written anew.
    """

    before: bytes
    after: bytes

    def render(self, request_id: str, elapsed_ms: int) -> bytes:
        """Return the whole body; the request id is plain (`[A-Za-z0-9._-]`), no escape needed."""
        return b'%b"%b","query_time_ms":%d%b' % (
            self.before,
            request_id.encode(),
            elapsed_ms,
            self.after,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One finished success.

    `headers` are those of the content (`Content-Disposition`, `Link`, `X-Next-Cursor` …).
    `max_age` overrides the cache family's TTL in seconds; `immutable` says that the URL pins as-of
    and data version both. `tag` is the handler's own entity tag where the default one (URL, pinned
    data version, media type) does not describe the content, as for single stored objects.
    """

    body: bytes | MeteredBody
    media_type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    max_age: int | None = None
    immutable: bool = False
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAnswer:
    """A success whose body is made while it is sent: exports.

    The first chunk has been made when the answer exists, so a failing query is still a problem.
    When the iterator fails later the connection is aborted, never a short file that looks whole.
    """

    chunks: AsyncIterator[bytes]
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()
