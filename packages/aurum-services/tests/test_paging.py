"""A walk over signed cursors meets every row once, and a foreign token opens nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.clock import FixedClock
from aurum_core.cursors import CursorSigner, Pins
from aurum_core.errors import CursorExpiredError, CursorInvalidError
from aurum_services.paging import Pager, PageRequest, page_scope, window_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = (b"k" * 32, b"old" * 11)


def pager(keys=KEYS, now=NOW) -> Pager:
    return Pager(CursorSigner(keys, ttl_seconds=3600), FixedClock(now))


def ask(token=None, limit=3, **filters) -> PageRequest:
    scope = page_scope("v2", "/v2/x", {"iso": "PJM", **filters}, "default")
    return PageRequest(limit=limit, scope=scope, token=token)


@given(st.sets(st.integers(0, 10_000), max_size=40), st.integers(1, 12))
def test_pages_forward_and_back_are_the_whole_set(numbers, limit):
    items = sorted(numbers)
    pages = pager()
    pins = Pins(7, today=date(2026, 3, 1))

    def page(token):
        request = ask(token, limit)
        got, window = pages.open(request, pins)
        assert got == pins
        return pages.close(request, got, window_of(items, lambda n: (n,), window))

    listing = page(None)
    walked = list(listing.rows)
    while listing.next_cursor:
        listing = page(listing.next_cursor)
        walked += listing.rows
    assert walked == items
    back = list(listing.rows)
    while listing.prev_cursor:
        listing = page(listing.prev_cursor)
        back = listing.rows + back
    assert back == items


def token() -> str:
    request = ask()
    pins, window = pager().open(request, Pins(7))
    listing = pager().close(request, pins, window_of([1, 2, 3, 4], lambda n: (n,), window))
    assert listing.next_cursor
    return listing.next_cursor


def test_a_token_of_other_filters_is_refused():
    with pytest.raises(CursorInvalidError):
        pager().open(ask(token(), iso="ERCOT"), Pins(7))


def test_every_changed_character_is_refused():
    genuine = token()
    for at, letter in enumerate(genuine):
        for other in {"A", "z", "9", ".", "=", "é"} - {letter}:
            with pytest.raises(CursorInvalidError):
                pager().open(ask(genuine[:at] + other + genuine[at + 1 :]), Pins(7))
    for cut in range(len(genuine)):
        with pytest.raises(CursorInvalidError):
            pager().open(ask(genuine[:cut] or "."), Pins(7))


def test_a_token_expires_between_one_and_two_lifetimes():
    genuine = token()
    pager(now=NOW + timedelta(seconds=3599)).open(ask(genuine), Pins(7))
    with pytest.raises(CursorExpiredError):
        pager(now=NOW + timedelta(seconds=7201)).open(ask(genuine), Pins(7))


def test_keys_rotate():
    old = token()
    rotated = (b"new" * 11, *KEYS)
    pager(rotated).open(ask(old), Pins(7))
    with pytest.raises(CursorInvalidError):
        pager((b"new" * 11,)).open(ask(old), Pins(7))


def test_a_cursor_keeps_the_pins_of_its_walk():
    request = ask(token())
    pins, window = pager().open(request, Pins(99))
    assert pins.data_version == 7
    assert window.after == (3,)
