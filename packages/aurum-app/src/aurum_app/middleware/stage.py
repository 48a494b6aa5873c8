"""What a piece of middleware is: a stage of one flattened chain."""

from collections.abc import Awaitable

from aurum_app.call import Call, Reply

Outcome = Reply | Awaitable[Reply | None] | None
"""What a way in ends with: a reply at once, one to wait for, or none: the next stage goes on."""


class Stage:
    """A stage of the chain; a subclass overrides the hooks that it needs, the others cost nothing.

    Hooks are synchronous, so that a kept answer goes through the whole chain without a coroutine of
    any stage; `enter` returns an awaitable only where it has to wait.
    """

    def enter(self, call: Call) -> Outcome:  # noqa: ARG002 - a hook
        """Look at the request on its way in; returning a reply or raising ends the way."""
        return None

    def recover(self, call: Call, failure: Exception) -> Reply | None:  # noqa: ARG002 - a hook
        """Return the reply for what was raised on the way in, None to leave it to others."""
        return None

    def leave(self, call: Call, reply: Reply) -> None:
        """Look at the reply on its way out, errors included; headers go into `call.extra`."""

    def close(self, call: Call) -> None:
        """Take note after the last byte, or after the way broke: status and seconds are known."""

    def start(self) -> None:
        """Begin with the application's lifespan."""

    def stop(self) -> None:
        """End with the application's lifespan."""
