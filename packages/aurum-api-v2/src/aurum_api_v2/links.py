"""Links of a page, in the body and as `Link` headers: the URL itself with another cursor."""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request


def self_link(request: Request) -> str:
    """Return path and query as they were asked for."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def page_links(request: Request, *, after: str | None, before: str | None) -> dict[str, str | None]:
    """Return `self`, `next` and `prev`; null where there is no such page."""
    return {
        "self": self_link(request),
        "next": _with_cursor(request, after),
        "prev": _with_cursor(request, before),
    }


def link_headers(links: dict[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Return the `Link` header (RFC 8288) of the neighbours, if there are any."""
    parts = [f'<{url}>; rel="{rel}"' for rel, url in links.items() if url and rel != "self"]
    return (("Link", ", ".join(parts)),) if parts else ()


def _with_cursor(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"
