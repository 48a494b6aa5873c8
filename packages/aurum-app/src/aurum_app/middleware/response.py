"""The innermost stage: kept answers, shared work, conditional reads, the handler behind them."""

import time
from collections.abc import Awaitable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Final

from aurum_app.call import Call, Reply
from aurum_app.middleware.stage import Stage
from aurum_app.replies.coding import Coding, choose_coding
from aurum_app.replies.epoch import Epoch, EpochSource
from aurum_app.replies.finishing import Finishing
from aurum_app.replies.flights import Flights
from aurum_app.replies.representation import Representation
from aurum_app.replies.store import ReplyStore
from aurum_app.route import answer_of
from aurum_core.answers import Answer, StreamAnswer
from aurum_core.auth import CacheFamily
from aurum_core.errors import DeadlineError, UnavailableError

READS: Final = frozenset({"GET", "HEAD"})
PLAIN_ACCEPTS: Final = frozenset({b"*/*", b"application/json", b"application/json, */*"})
"""Values of `Accept` that every route answers alike: with its default."""
MAX_KNOWN_CODINGS: Final = 256


@dataclass(slots=True)
class Stream:
    """A stream that shared work ended in: only the first who waits for it may have it."""

    answer: StreamAnswer | None


class Response(Stage):
    """Answers from the store, from work under way, or by calling the handler."""

    def __init__(
        self, *, store: ReplyStore, finishing: Finishing, cursor_ttl: int, enabled: bool
    ) -> None:
        self.store = store
        self._finishing = finishing
        self._flights = Flights()
        self._epochs = EpochSource(cursor_ttl)
        self._enabled = enabled
        self._codings: dict[bytes, Coding] = {}

    def enter(self, call: Call) -> Awaitable[None] | None:
        """Reply at once from the store or from a matching tag, else wait for the handler."""
        family = call.route.policy.cache
        if family is None or call.method not in READS:
            return self._uncached(call)
        epoch = self._epochs.current(call.scope.get("state") or {})
        accept = call.headers.get(b"accept", b"")
        if accept in PLAIN_ACCEPTS:
            accept = b""
        key = (call.path, call.scope["query_string"], accept, call.principal.tenant)
        kept = self.store.fresh(key, epoch.text, call.started)
        if kept is None:
            return self._missed(call, family, epoch, key)
        call.cache = "hit"
        shown = kept.shown
        size = shown.size
        call.reply = shown.reply(call, self.coding(call))
        if shown.size != size:
            self.store.resize(key, kept)
        return None

    def coding(self, call: Call) -> Coding:
        """Return the coding for the client; headers seen before are not parsed again."""
        given = call.headers.get(b"accept-encoding", b"")
        coding = self._codings.get(given)
        if coding is None:
            coding = choose_coding(given)
            if len(self._codings) < MAX_KNOWN_CODINGS:
                self._codings[given] = coding
        return coding

    def _missed(
        self, call: Call, family: CacheFamily, epoch: Epoch, key: tuple[str, bytes, bytes, str]
    ) -> Awaitable[None] | None:
        if b"if-none-match" in call.headers:
            tag = self._finishing.tag_of(key, epoch)
            call.reply = self._finishing.unchanged(call, tag, family, self.coding(call))
            if call.reply is not None:
                call.cache = "unchanged"
                return None
        return self._shared(call, family, epoch, key)

    async def _shared(
        self, call: Call, family: CacheFamily, epoch: Epoch, key: tuple[str, bytes, bytes, str]
    ) -> None:
        flight = (key, epoch.text)
        call.cache = "joined" if self._flights.is_running(flight) else "miss"
        try:
            made = await self._flights.share(
                flight, call, partial(self._make, call, family, epoch, key)
            )
        except (UnavailableError, DeadlineError):
            call.reply = self._stale(call, key)
            if call.reply is None:
                raise
            return
        if isinstance(made, Representation):
            call.reply = made.reply(call, self.coding(call))
        elif isinstance(made, Answer):
            call.reply = self._finishing.finish(call, made, self.coding(call))
        elif (stream := made.answer) is not None:
            made.answer = None
            call.reply = self._finishing.stream(stream, self.coding(call))
        else:
            await self._uncached(call)

    async def _make(
        self, call: Call, family: CacheFamily, epoch: Epoch, key: tuple[str, bytes, bytes, str]
    ) -> Representation | Answer | Stream:
        """Call the handler and keep what can be kept, before anybody is told."""
        answer = await answer_of(call, call.route, epoch.pins)
        if isinstance(answer, StreamAnswer):
            return Stream(answer)
        if answer.status != 200:
            return answer
        tag = answer.tag or self._finishing.tag_of(key, epoch)
        shown, lifetime = self._finishing.represent(answer, tag, family)
        if self._enabled:
            self.store.keep(
                key, shown, epoch=epoch.text, local=lifetime.local, stale=lifetime.stale
            )
        return shown

    async def _uncached(self, call: Call) -> None:
        entry, pins = call.route, None
        if not entry.house:
            pins = self._epochs.current(call.scope.get("state") or {}).pins
        answer = await self._flights.alone(call, partial(answer_of, call, entry, pins))
        if isinstance(answer, StreamAnswer):
            call.reply = self._finishing.stream(answer, self.coding(call))
        else:
            call.reply = self._finishing.finish(call, answer, self.coding(call))

    def _stale(self, call: Call, key: Hashable) -> Reply | None:
        """Return the last good answer while its source is down, unless the client refuses that."""
        now = time.monotonic()
        kept = self.store.stale(key, now)
        if kept is None or b"no-cache" in call.headers.get(b"cache-control", b"").lower():
            return None
        call.cache = "stale"
        return self._finishing.stale(call, kept, now)
