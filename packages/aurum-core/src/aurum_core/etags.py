"""Strong entity tags and the comparison of `If-None-Match`."""

import hashlib
import re

_TAG = re.compile(r'\s*(?:W/)?(?:"([\x21\x23-\x7e\x80-\xff]*)"|([^\s",]+))\s*(?:,|$)')


def etag_of(*parts: str) -> str:
    """Return the quoted strong tag of the parts: the query, the pinned data, the representation."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f'"{digest[:32]}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Tell whether the header matches the tag.

    Lists, weak tags and `*` are read; so are v1's old unquoted tags. The comparison is the weak one
    that RFC 9110 asks for here.
    """
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    bare = etag.strip('"')
    return any(bare in (m.group(1), m.group(2)) for m in _TAG.finditer(if_none_match))
