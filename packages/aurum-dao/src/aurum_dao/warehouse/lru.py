"""A small cache for what a reader resolved, bounded by weight: the least recently used goes."""

from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class LruCache(Generic[V]):
    """Holds values up to a total weight; for one event loop."""

    __slots__ = ("_entries", "_weight", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._entries: dict[Hashable, tuple[V, int]] = {}
        self._weight = 0

    def find(self, key: Hashable) -> V | None:
        """Return a value and make it the most recent, None where there is none."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return None
        self._entries[key] = entry
        return entry[0]

    def put(self, key: Hashable, value: V, weight: int = 1) -> None:
        """Keep a value; one heavier than the whole cache is not kept."""
        if weight > self.capacity:
            return
        _, replaced = self._entries.pop(key, (None, 0))
        self._entries[key] = (value, weight)
        self._weight += weight - replaced
        while self._weight > self.capacity:
            _, freed = self._entries.pop(next(iter(self._entries)))
            self._weight -= freed
