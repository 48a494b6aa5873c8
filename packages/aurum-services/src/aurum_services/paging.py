"""Pages over pinned reads: tokens in, windows down, tokens out."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aurum_core.clock import Clock
from aurum_core.cursors import Cursor, CursorSigner, Pins, scope_of
from aurum_dao.ports.paging import Key, Page, Pin, Window

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """What a client asked of a paged read.

    `scope` is what cursors are bound to (see `scope_of`). `after`, `before` and `offset` come from
    v1's old tokens only; a signed `token` beats them.
    """

    limit: int
    scope: str
    token: str | None = None
    after: Key | None = None
    before: Key | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """One page as a surface serves it: the page, what it is pinned to, tokens of its neighbours."""

    page: Page[R]
    pins: Pins
    next_cursor: str | None = None
    prev_cursor: str | None = None

    @property
    def rows(self) -> list[R]:
        """Return the rows of the page."""
        return self.page.rows


class Pager:
    """Opens a request into pins and a window, closes a page into a listing."""

    __slots__ = ("_clock", "_signer")

    def __init__(self, signer: CursorSigner, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock

    def open(self, request: PageRequest, pins: Pins) -> tuple[Pins, Window]:
        """Return what the read is pinned to and its window; a cursor's own pins win.

        Raises:
            CursorInvalidError: forged, or of another request.
            CursorExpiredError: past its end.
        """
        if request.token is None:
            return pins, Window(
                limit=request.limit,
                after=request.after,
                before=request.before,
                offset=request.offset,
            )
        cursor = self._signer.verify(request.token, scope=request.scope, now=self._clock.now())
        if cursor.direction == "after":
            return cursor.pins, Window(limit=request.limit, after=cursor.key)
        return cursor.pins, Window(limit=request.limit, before=cursor.key)

    def close(self, request: PageRequest, pins: Pins, page: Page[R]) -> Listing[R]:
        """Return the listing with the tokens of the neighbouring pages."""
        later = self._token(request, pins, page.last_key, "after") if page.has_next else None
        earlier = (
            self._token(request, pins, page.first_key, "before") if page.has_previous else None
        )
        return Listing(page, pins, later, earlier)

    def _token(
        self, request: PageRequest, pins: Pins, key: Key | None, direction: str
    ) -> str | None:
        if key is None:
            return None
        cursor = Cursor(pins, "after" if direction == "after" else "before", key)
        return self._signer.sign(cursor, scope=request.scope, now=self._clock.now())


def page_scope(surface: str, route: str, filters: Mapping[str, str], tenant: str) -> str:
    """Return the scope of a paged route; its template implies the order."""
    return scope_of(surface, route, "default", filters, tenant)


def pinned(pin: Pin) -> Pins:
    """Return the pins of a read that starts now."""
    return Pins(pin.data_version, known_at=pin.known_at)


def page_with(page: Page[Any], rows: list[R]) -> Page[R]:
    """Return the page with rows that were made of its own, one for one or in order."""
    return Page(rows, page.first_key, page.last_key, page.has_next, page.has_previous, page.asof)


def window_of(items: Sequence[R], key_of: Callable[[R], Key], window: Window) -> Page[R]:
    """Return the window of an ordered list that was computed whole; its keys must not be null."""
    keys: list[Any] = [key_of(item) for item in items]
    if window.before is not None:
        end = bisect_left(keys, window.before)
        start = max(0, end - window.limit)
    else:
        start = window.offset if window.after is None else bisect_right(keys, window.after)
        end = min(len(items), start + window.limit)
    rows = list(items[start:end])
    if not rows:
        return Page(rows, has_previous=start > 0 and window.offset == 0)
    return Page(rows, keys[start], keys[end - 1], end < len(items), start > 0)
