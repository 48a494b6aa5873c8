"""The innermost stage: the handler, called once for all that want the same."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial

from aurum_app.call import Call, Reply
from aurum_app.middleware.stage import Stage
from aurum_app.replies.coding import Codings
from aurum_app.replies.epoch import EpochSource
from aurum_app.replies.finishing import Finishing
from aurum_app.replies.flights import Flights
from aurum_app.replies.representation import OK, Representation
from aurum_app.replies.store import ReplyStore
from aurum_app.route import answer_of
from aurum_app.wanted import Wanted
from aurum_core.answers import Answer, StreamAnswer
from aurum_core.errors import DeadlineError, UnavailableError


@dataclass(slots=True)
class Once:
    """A stream that shared work ended in: only the first who waits for it may have it."""

    stream: StreamAnswer | None


class Handler(Stage):
    """Calls the handler, keeps what may be kept, finishes the rest."""

    def __init__(
        self,
        *,
        store: ReplyStore,
        finishing: Finishing,
        epochs: EpochSource,
        codings: Codings,
        keep: bool,
    ) -> None:
        self._store = store
        self._finishing = finishing
        self._epochs = epochs
        self._codings = codings
        self._keep = keep
        self._flights = Flights()

    def enter(self, call: Call) -> Awaitable[Reply]:
        """Wait for the handler: the own call of it, or the one under way for the same request."""
        return self._alone(call) if call.wanted is None else self._shared(call, call.wanted)

    async def _shared(self, call: Call, wanted: Wanted) -> Reply:
        flight = (wanted.key, wanted.epoch.text)
        call.cache = "joined" if self._flights.is_running(flight) else "miss"
        try:
            made = await self._flights.share(flight, call, partial(self._make, call, wanted))
        except (UnavailableError, DeadlineError):
            reply = self._stale(call, wanted)
            if reply is None:
                raise
            return reply
        coding = self._codings.of(call.headers)
        if isinstance(made, Representation):
            return made.reply(call, coding)
        if isinstance(made, Answer):
            return self._finishing.finish(call, made, coding)
        stream, made.stream = made.stream, None
        return await self._alone(call) if stream is None else self._finishing.stream(stream, coding)

    async def _make(self, call: Call, wanted: Wanted) -> Representation | Answer | Once:
        """Call the handler and keep what can be kept, before anybody is told."""
        answer = await answer_of(call, wanted.epoch.pins)
        if isinstance(answer, StreamAnswer):
            return Once(answer)
        if answer.status != OK:
            return answer
        shown, lifetime = self._finishing.represent(answer, wanted)
        if self._keep:
            self._store.keep(wanted.key, shown, wanted.epoch.text, lifetime)
        return shown

    async def _alone(self, call: Call) -> Reply:
        pins = None
        if not call.route.house:
            pins = self._epochs.current(call.scope.get("state")).pins
        answer = await self._flights.alone(call, partial(answer_of, call, pins))
        coding = self._codings.of(call.headers)
        if isinstance(answer, StreamAnswer):
            return self._finishing.stream(answer, coding)
        return self._finishing.finish(call, answer, coding)

    def _stale(self, call: Call, wanted: Wanted) -> Reply | None:
        """Return the last good answer while its source is down, unless the client refuses that."""
        now = time.monotonic()
        kept = self._store.stale(wanted.key, now)
        if kept is None or b"no-cache" in call.headers.get(b"cache-control", b"").lower():
            return None
        call.cache = "stale"
        return self._finishing.stale(call, kept, now)
