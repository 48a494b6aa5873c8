"""Finishing an answer: which tag, freshness and headers it gets."""

import hashlib
from typing import Final

from aurum_app.call import Call, Reply
from aurum_app.headers import encode_headers, secured
from aurum_app.replies.coding import Coding, compress_stream, is_compressible
from aurum_app.replies.freshness import Freshness, Lifetime
from aurum_app.replies.representation import OK, Representation, coded_tag
from aurum_app.replies.store import Kept
from aurum_app.wanted import Wanted
from aurum_core.answers import Answer, MeteredBody, StreamAnswer
from aurum_core.auth import RouteClass
from aurum_core.etags import etag_of, matches
from aurum_core.settings import AurumSettings

READS: Final = frozenset({"GET", "HEAD"})
FRESH: Final = b'"stale":false'
STALE: Final = b'"stale":true'


class Finishing:
    """Turns answers into representations and replies as one app's settings want them."""

    def __init__(self, settings: AurumSettings) -> None:
        self._freshness = Freshness(settings)
        self._min_bytes = settings.api.compress_min_bytes
        self.vary = vary_of(settings).encode()

    def tag_of(self, wanted: Wanted) -> str:
        """Return the tag of what is wanted: known before any query."""
        path, query, accept, tenant = wanted.key
        texts = path, query.decode("latin-1"), accept.decode("latin-1"), tenant, wanted.epoch.text
        return etag_of(*(text.encode("utf-8", "replace").decode() for text in texts))

    def represent(self, answer: Answer, wanted: Wanted) -> tuple[Representation, Lifetime]:
        """Return a cacheable answer as it is shown, and its lifetime."""
        lifetime = self._freshness.of(wanted.family, answer)
        control = self._freshness.control(lifetime.max_age, immutable=answer.immutable)
        return self._shown(answer, answer.tag or self.tag_of(wanted), control), lifetime

    def unchanged(self, call: Call, wanted: Wanted, coding: Coding) -> Reply | None:
        """Return 304 when the client holds what is wanted, without asking for it.

        `*` does not count: whether there is an answer at all is not known yet.
        """
        given = call.headers[b"if-none-match"].decode("latin-1")
        tag = coded_tag(self.tag_of(wanted), coding)
        if given.strip() == "*" or not matches(given, tag.decode("latin-1")):
            return None
        control = self._freshness.control(self._freshness.of(wanted.family).max_age)
        headers = [(b"vary", self.vary), (b"cache-control", control.encode()), (b"etag", tag)]
        return Reply(304, secured(headers))

    def finish(self, call: Call, answer: Answer, coding: Coding) -> Reply:
        """Return the reply for an answer that is not kept."""
        entry = call.entry
        reading = call.method in READS and answer.status == OK
        control = "no-store"
        if reading and entry is not None:
            control = self._control_of(answer, house=entry.house, route=entry.policy.route_class)
        tag = answer.tag
        if tag is None and reading and control != "no-store":
            tag = _hash_of(answer)
        return self._shown(answer, tag, control, conditional=reading).reply(call, coding)

    def stream(self, answer: StreamAnswer, coding: Coding) -> Reply:
        """Return the reply that streams an answer, compressed where that helps."""
        headers = encode_headers(answer.headers)
        headers += [
            (b"content-type", answer.media_type.encode("latin-1")),
            (b"cache-control", b"no-store"),
            (b"vary", self.vary),
        ]
        if coding == "identity" or not is_compressible(answer.media_type):
            return Reply(OK, secured(headers), stream=answer.chunks)
        headers.append((b"content-encoding", coding.encode()))
        return Reply(OK, secured(headers), stream=compress_stream(coding, answer.chunks))

    def stale(self, call: Call, kept: Kept, now: float) -> Reply:
        """Return a kept answer that is past its time, and say so (RFC 9211)."""
        answer = kept.shown.answer
        body = answer.body
        if isinstance(body, bytes) and answer.media_type.endswith("json"):
            before, found, after = body.rpartition(FRESH)
            body = before + STALE + after if found else body
        ttl = int(kept.expires - now) if now >= kept.expires else 0
        marks = (
            ("Age", str(int(now - kept.made))),
            ("Cache-Status", f"aurum; hit; ttl={ttl}; detail=stale-if-error"),
        )
        shown = Answer(body=body, media_type=answer.media_type, headers=(*answer.headers, *marks))
        return self._shown(shown, None, "no-cache").reply(call, "identity")

    def _control_of(self, answer: Answer, *, house: bool, route: RouteClass) -> str:
        if not house:
            return "private, no-cache"
        if answer.max_age is not None:
            return f"public, max-age={answer.max_age}"
        return "no-store" if route is RouteClass.HEALTH else "no-cache"

    def _shown(
        self, answer: Answer, tag: str | None, control: str, *, conditional: bool = True
    ) -> Representation:
        return Representation(
            answer,
            tag=tag,
            control=control,
            vary=self.vary,
            min_bytes=self._min_bytes,
            conditional=conditional,
        )


def vary_of(settings: AurumSettings) -> str:
    """Return what representations depend on: negotiation, and the credential of the mode."""
    auth = settings.auth
    credentials = {
        "api-key": auth.api_key_header,
        "oidc": "Authorization",
        "forwarded": auth.forwarded_claims_header,
    }
    names = ["Accept", "Accept-Encoding"]
    if (credential := credentials.get(auth.mode or "none")) is not None:
        names.append(credential)
    if settings.api.cors_origins:
        names.append("Origin")
    return ", ".join(names)


def _hash_of(answer: Answer) -> str:
    body = answer.body
    digest = hashlib.sha256(answer.media_type.encode())
    if isinstance(body, MeteredBody):
        digest.update(body.before)
        digest.update(body.after)
    else:
        digest.update(body)
    return f'"{digest.hexdigest()[:32]}"'
