"""Finished answers kept in process: least recently used ones leave when bytes run out."""

import random
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from aurum_app.call import Call, Reply
from aurum_app.replies.coding import Coding
from aurum_app.replies.freshness import Lifetime
from aurum_app.replies.representation import Representation
from aurum_core.settings import CacheSettings

OVERHEAD_BYTES = 1_024
"""What an entry costs beside its bodies: key, headers, objects."""


@dataclass(slots=True)
class Kept:
    """An answer with the epoch it belongs to and when it stops being fresh, and being good."""

    shown: Representation
    epoch: str
    made: float
    expires: float
    good_until: float
    size: int = 0


class ReplyStore:
    """The kept answers of one app by request; a newer epoch takes the older one's place."""

    def __init__(self, settings: CacheSettings) -> None:
        self._settings = settings
        self._entries: OrderedDict[Hashable, Kept] = OrderedDict()
        self._random = random.Random()  # noqa: S311 - spreads expiry, guards nothing
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def fresh(self, key: Hashable, epoch: str, now: float) -> Kept | None:
        """Return the answer of that epoch while it is fresh."""
        kept = self._entries.get(key)
        if kept is None or kept.epoch != epoch or now >= kept.expires:
            return None
        self._entries.move_to_end(key)
        return kept

    def stale(self, key: Hashable, now: float) -> Kept | None:
        """Return the last answer of any epoch while it is good enough for an outage."""
        kept = self._entries.get(key)
        return kept if kept is not None and now < kept.good_until else None

    def keep(self, key: Hashable, shown: Representation, epoch: str, lifetime: Lifetime) -> None:
        """Keep an answer for about its local lifetime, and longer for outages."""
        size = shown.size + OVERHEAD_BYTES
        if lifetime.local <= 0 or size > min(
            self._settings.max_entry_bytes, self._settings.local_max_bytes
        ):
            return
        now = time.monotonic()
        jitter = self._settings.ttl_jitter_ratio
        expires = now + lifetime.local * (1 + self._random.uniform(-jitter, jitter))
        good = expires + (lifetime.stale if self._settings.serve_stale else 0)
        self.drop(key)
        self._entries[key] = Kept(shown, epoch, now, expires, good, size)
        self.bytes += size
        self._trim()

    def shown(self, key: Hashable, kept: Kept, call: Call, coding: Coding) -> Reply:
        """Return the reply from a kept answer; a coded variant that it adds is counted."""
        shown = kept.shown
        size = shown.size
        reply = shown.reply(call, coding)
        if shown.size != size and self._entries.get(key) is kept:
            self.bytes += shown.size - size
            kept.size += shown.size - size
            self._trim()
        return reply

    def drop(self, key: Hashable) -> None:
        """Forget one answer."""
        if (kept := self._entries.pop(key, None)) is not None:
            self.bytes -= kept.size

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.bytes = 0

    def _trim(self) -> None:
        while self.bytes > self._settings.local_max_bytes and self._entries:
            _, kept = self._entries.popitem(last=False)
            self.bytes -= kept.size
