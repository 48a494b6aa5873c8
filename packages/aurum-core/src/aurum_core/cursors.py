"""Signed keyset cursors: a place in an ordered read, bound to the read it belongs to.

A token is `base64url(payload).base64url(HMAC-SHA256(key, scope, payload))`. The payload is compact
JSON `[expiry, pins, direction, key]`; the scope (surface, route, sort, filters, tenant) is signed
but not sent: the request brings it again, and a different one does not verify.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from aurum_core.errors import CursorExpiredError, CursorInvalidError

KeyValue = str | int | bool | date | datetime | Decimal | None
Direction = Literal["after", "before"]
MAX_TOKEN = 1024
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Pins:
    """What every page of one walk shares: the resolved as-of, the knowledge time, the data."""

    data_version: int
    asof: date | None = None
    known_at: datetime | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an ordered read: the rows after, or before, `key`."""

    pins: Pins
    direction: Direction
    key: tuple[KeyValue, ...]


class CursorSigner:
    """Signs with the first key, verifies with any: old keys stay valid while rotated out."""

    __slots__ = ("_keys", "ttl_seconds")

    def __init__(self, keys: Sequence[bytes], *, ttl_seconds: int = 86_400) -> None:
        if not keys:
            raise ValueError("a cursor signer needs at least one key")
        self._keys = tuple(keys)
        self.ttl_seconds = ttl_seconds

    def expiry_of(self, now: datetime) -> int:
        """Return the epoch second at which a cursor of now ends.

        Rounded up to whole lifetimes: pages of one period carry the same token, so that their
        entity tags agree.
        """
        ttl = self.ttl_seconds
        return (int(now.timestamp()) // ttl + 2) * ttl

    def sign(self, cursor: Cursor, *, scope: str, now: datetime) -> str:
        """Return the token of the cursor for that scope."""
        pins = cursor.pins
        body = [
            self.expiry_of(now),
            [pins.data_version, *(_encode(v) for v in (pins.asof, pins.known_at, pins.today))],
            cursor.direction[0],
            [_encode(v) for v in cursor.key],
        ]
        payload = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        return f"{_b64(payload)}.{_b64(_mac(self._keys[0], scope, payload))}"

    def verify(self, token: str, *, scope: str, now: datetime) -> Cursor:
        """Return the cursor of a token.

        Raises:
            CursorInvalidError: forged, broken, or of another scope.
            CursorExpiredError: genuine, but past its end.
        """
        payload = self._payload(token, scope)
        try:
            expiry, pins, direction, key = json.loads(payload)
            version, *dates = pins
            cursor = Cursor(
                Pins(version, *(_decode(v) for v in dates)),  # type: ignore[arg-type]  # as signed
                "after" if direction == "a" else "before",
                tuple(_decode(v) for v in key),
            )
        except (ValueError, TypeError) as error:
            raise CursorInvalidError from error
        if expiry < now.timestamp():
            raise CursorExpiredError
        return cursor

    def _payload(self, token: str, scope: str) -> bytes:
        if len(token) > MAX_TOKEN or not token.isascii():
            raise CursorInvalidError
        body, _, mac = token.partition(".")
        try:
            payload, given = _unb64(body), _unb64(mac)
        except (binascii.Error, ValueError) as error:
            raise CursorInvalidError from error
        if f"{_b64(payload)}.{_b64(given)}" != token:  # one token has one spelling
            raise CursorInvalidError
        if not any(hmac.compare_digest(_mac(k, scope, payload), given) for k in self._keys):
            raise CursorInvalidError
        return payload


def scope_of(
    surface: str, route: str, sort: str, filters: Mapping[str, str], tenant: str = ""
) -> str:
    """Return the canonical text of what a cursor is bound to; names are sorted, values exact."""
    return json.dumps(
        [surface, route, sort, sorted(filters.items()), tenant], separators=(",", ":")
    )


def _mac(key: bytes, scope: str, payload: bytes) -> bytes:
    message = scope.encode("utf-8", "surrogatepass") + b"\x00" + payload
    return hmac.digest(key, message, hashlib.sha256)[:_MAC_BYTES]


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _encode(value: KeyValue) -> object:
    match value:
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case Decimal():
            return {"n": str(value)}
        case _:
            return value


def _decode(value: object) -> KeyValue:
    match value:
        case {"t": str(text)}:
            return datetime.fromisoformat(text)
        case {"d": str(text)}:
            return date.fromisoformat(text)
        case {"n": str(text)}:
            return Decimal(text)
        case str() | bool() | int() | None:
            return value
        case _:
            raise ValueError("unknown key value")
