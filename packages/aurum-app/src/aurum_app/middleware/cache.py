"""Kept answers and matching tags: what can be replied before anything is asked."""

from typing import Final

from aurum_app.call import Call, Reply
from aurum_app.middleware.stage import Stage
from aurum_app.replies.coding import Codings
from aurum_app.replies.epoch import EpochSource
from aurum_app.replies.finishing import Finishing
from aurum_app.replies.store import ReplyStore
from aurum_app.wanted import Wanted

READS: Final = frozenset({"GET", "HEAD"})
PLAIN_ACCEPTS: Final = frozenset({b"application/json", b"application/json, */*"})
"""Values of `Accept` that get the default of a route that speaks JSON, as `*/*` does."""


class Cache(Stage):
    """Replies from the store, or 304 to a tag of what would be answered now."""

    def __init__(
        self, *, store: ReplyStore, finishing: Finishing, epochs: EpochSource, codings: Codings
    ) -> None:
        self._store = store
        self._finishing = finishing
        self._epochs = epochs
        self._codings = codings

    def enter(self, call: Call) -> Reply | None:
        """Reply at once, or note what is wanted and let the call go on."""
        entry = call.route
        family = entry.policy.cache
        if family is None or call.method not in READS:
            return None
        epoch = self._epochs.current(call.scope.get("state"))
        headers = call.headers
        accept = headers.get(b"accept", b"")
        if accept == b"*/*" or (accept in PLAIN_ACCEPTS and entry.json):
            accept = b""
        key = (call.path, call.scope["query_string"], accept, call.principal.tenant)
        kept = self._store.fresh(key, epoch.text, call.started)
        if kept is not None:
            call.cache = "hit"
            return self._store.shown(key, kept, call, self._codings.of(headers))
        call.wanted = wanted = Wanted(key, family, epoch)
        if b"if-none-match" in headers:
            reply = self._finishing.unchanged(call, wanted, self._codings.of(headers))
            if reply is not None:
                call.cache = "unchanged"
            return reply
        return None
