"""One finished answer as it is shown: its headers, its tag per coding, its coded variants."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aurum_app.call import Call, Reply
from aurum_app.headers import encode_headers, secured
from aurum_app.replies.coding import Coding, compress, is_compressible
from aurum_core.answers import Answer, MeteredBody
from aurum_core.etags import matches

SUFFIXES: Final[Mapping[Coding, str]] = MappingProxyType(
    {"identity": "", "zstd": "-zstd", "gzip": "-gzip"}
)
OK: Final = 200
BODILESS: Final = frozenset({204, 304})


@dataclass(slots=True)
class Variant:
    """An answer in one coding: ready replies for 200 and 304."""

    coding: Coding
    tag: bytes
    found: Reply
    unchanged: Reply


class Representation:
    """An answer with everything that its replies share.

    `tag` is the quoted tag of the plain bytes, None for an answer without one; `conditional` says
    that `If-None-Match` applies (reads). A metered body is written and compressed for every
    request, all others are compressed once per coding. `size` counts all bodies held.
    """

    __slots__ = ("_common", "_conditional", "_tag", "_variants", "answer", "size")

    def __init__(
        self,
        answer: Answer,
        *,
        tag: str | None,
        control: str,
        vary: bytes,
        min_bytes: int,
        conditional: bool = True,
    ) -> None:
        self.answer = answer
        self._tag = tag
        self._conditional = conditional and answer.status == OK and tag is not None
        self._common = [(b"vary", vary)]
        if not any(name.lower() == "cache-control" for name, _ in answer.headers):
            self._common.append((b"cache-control", control.encode()))
        self._variants: dict[Coding, Variant] = {}
        body = answer.body
        self.size = len(body) if isinstance(body, bytes) else len(body.before) + len(body.after)
        if self.size < min_bytes or not is_compressible(answer.media_type):
            self._variants = dict.fromkeys(SUFFIXES, self._variant("identity"))

    def reply(self, call: Call, coding: Coding) -> Reply:
        """Return the reply to a call: 304 when the client has these bytes already."""
        variant = self._variants.get(coding)
        if variant is None:
            variant = self._variants[coding] = self._variant(coding)
        if self._conditional:
            given = call.headers.get(b"if-none-match")
            if given is not None and (given == variant.tag or _matches(given, variant.tag)):
                return variant.unchanged
        body = self.answer.body
        return variant.found if isinstance(body, bytes) else _metered(call, body, variant)

    def _variant(self, coding: Coding) -> Variant:
        answer, body = self.answer, self.answer.body
        tag = b"" if self._tag is None else coded_tag(self._tag, coding)
        common = [*self._common, (b"etag", tag)] if tag else self._common
        headers = encode_headers(answer.headers)
        if answer.status not in BODILESS:
            headers.append((b"content-type", answer.media_type.encode("latin-1")))
        if coding != "identity":
            headers.append((b"content-encoding", coding.encode()))
        plain = b""
        if isinstance(body, bytes):
            plain = compress(coding, body)
            self.size += len(plain) if coding != "identity" else 0
            if answer.status not in BODILESS:
                headers.append((b"content-length", str(len(plain)).encode()))
        found = Reply(answer.status, secured(headers + common), plain)
        return Variant(coding, tag, found, Reply(304, secured(common)))


def coded_tag(tag: str, coding: Coding) -> bytes:
    """Return the tag of the bytes in a coding: the plain one's with the coding behind it."""
    return f'"{tag.strip(chr(34))}{SUFFIXES[coding]}"'.encode("latin-1")


def plain_tags(if_match: bytes) -> bytes:
    """Return the header with every tag as that of the plain bytes, which writers know."""
    for suffix in SUFFIXES.values():
        if suffix:
            if_match = if_match.replace(f'{suffix}"'.encode(), b'"')
    return if_match


def _matches(given: bytes, tag: bytes) -> bool:
    return matches(given.decode("latin-1"), tag.decode("latin-1"))


def _metered(call: Call, body: MeteredBody, variant: Variant) -> Reply:
    whole = compress(variant.coding, body.render(call.request_id, call.elapsed_ms()))
    length = (b"content-length", str(len(whole)).encode())
    found = variant.found
    return Reply(found.status, [*found.headers, length], whole)
