"""Telling other processes what their own memory must forget."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from aurum_dao.ports.cache import Scope, check_domain


@dataclass(frozen=True, slots=True)
class Invalidation:
    """Forget a domain, of one scope or of all, or in a scope one name only."""

    domain: str
    scope: Scope | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        check_domain(self.domain)
        if self.name is not None and self.scope is None:
            raise ValueError("a name is known in a scope only")


@dataclass(frozen=True, slots=True)
class EverythingInvalid:
    """Forget everything: messages may have been missed, or one was not understood."""


EVERYTHING: Final = EverythingInvalid()
Message = Invalidation | EverythingInvalid
Receive = Callable[[Message], None]


class InvalidationBus(Protocol):
    """Carries invalidations to every listening process, the sender's own included."""

    async def publish(self, message: Message) -> None:
        """Send to all who listen now.

        Raises:
            UnavailableError: nobody can be reached.
        """
        ...

    async def listen(self, receive: Receive) -> None:
        """Hand over messages until cancelled; `receive` is quick and does not raise.

        The first message, and the first after every gap, is EVERYTHING: what was sent before is
        not known.
        """
        ...
