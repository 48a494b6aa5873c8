"""Invalidations within one process: where there is no other, everybody is told."""

import asyncio

from aurum_dao.ports.invalidation import EVERYTHING, Message, Receive


class MemoryInvalidation:
    """Hands messages to the listeners of this process at once; for one event loop."""

    __slots__ = ("_receivers",)

    def __init__(self) -> None:
        self._receivers: list[Receive] = []

    async def publish(self, message: Message) -> None:
        """Send to all who listen now."""
        for receive in tuple(self._receivers):
            receive(message)

    async def listen(self, receive: Receive) -> None:
        """Hand over messages until cancelled; the first is EVERYTHING."""
        self._receivers.append(receive)
        try:
            receive(EVERYTHING)
            await asyncio.Event().wait()
        finally:
            self._receivers.remove(receive)
