"""How a cached value lies in Redis: nothing is believed that does not prove what it is.

```
magic 4 | version 1 | key hash 16 | created 8 | fresh until 8 | kept until 8 | crc 4 | payload
```

Instants are microseconds since 1970, big-endian. The hash is of scope, domain and name, so that an
entry of another tenant is refused wherever it lies. The CRC is of all before it and the payload.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from aurum_dao.ports.cache import CacheKey, Scope, TenantScope

MAGIC: Final = b"AuCv"
VERSION: Final = 1
FIELDS: Final = struct.Struct(">4sB16sqqq")
CRC: Final = struct.Struct(">I")
HEADER_BYTES: Final = FIELDS.size + CRC.size
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class PoisonedValueError(Exception):
    """What lies at the key is not what we put there; `reason` is one of a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A value with its instants."""

    payload: bytes
    created: datetime
    fresh_until: datetime
    kept_until: datetime


def scope_tag(scope: Scope) -> str:
    """Return the scope as it stands in keys: `p`, or `t` and a hash of the tenant."""
    if isinstance(scope, TenantScope):
        return "t" + hashlib.blake2b(scope.tenant.encode(), digest_size=12).hexdigest()
    return "p"


def hash_of(key: CacheKey) -> bytes:
    """Return 16 bytes that no other scope, domain and name have."""
    tenant = key.scope.tenant if isinstance(key.scope, TenantScope) else ""
    parts = (type(key.scope).__name__, tenant, key.domain, key.name)
    digest = hashlib.blake2b(digest_size=16)
    for part in (one.encode("utf-8", "surrogatepass") for one in parts):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def encode_value(key: CacheKey, value: StoredValue) -> bytes:
    """Return the bytes to store."""
    instants = (value.created, value.fresh_until, value.kept_until)
    fields = FIELDS.pack(MAGIC, VERSION, hash_of(key), *map(_microseconds, instants))
    return fields + CRC.pack(zlib.crc32(value.payload, zlib.crc32(fields))) + value.payload


def decode_value(key: CacheKey, data: bytes) -> StoredValue:
    """Return the value that was stored under this key.

    Raises:
        PoisonedValueError: it was not, or not so.
    """
    if len(data) < HEADER_BYTES:
        raise PoisonedValueError("short")
    magic, version, name, *instants = FIELDS.unpack_from(data)
    if magic != MAGIC:
        raise PoisonedValueError("magic")
    if version != VERSION:
        raise PoisonedValueError("version")
    payload = data[HEADER_BYTES:]
    (crc,) = CRC.unpack_from(data, FIELDS.size)
    if crc != zlib.crc32(payload, zlib.crc32(data[: FIELDS.size])):
        raise PoisonedValueError("checksum")
    if name != hash_of(key):
        raise PoisonedValueError("key")
    try:
        created, fresh_until, kept_until = (EPOCH + MICROSECOND * one for one in instants)
    except OverflowError:
        raise PoisonedValueError("instant") from None
    return StoredValue(payload, created, fresh_until, kept_until)


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND
