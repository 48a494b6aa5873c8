"""The HTML pages: plain templates, every value escaped, no script or style inside."""

from collections.abc import Sequence
from html import escape
from re import sub
from string import Template
from typing import Final

from aurum_app.documents.assets import read_template
from aurum_app.documents.explanations import Explanation

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Swagger UI styles through the object model, so that no inline style needs to be allowed."""


def reference_page(title: str, surface: str, surfaces: Sequence[str]) -> str:
    """Return the interactive reference of one surface, with a switch to the others."""
    links = "".join(_switch(name, current=name == surface) for name in surfaces)
    return _page("reference.html", title=title, document=f"/{surface}/openapi.json", links=links)


def errors_page(title: str, explanations: Sequence[Explanation]) -> str:
    """Return the page that problem types point into: an anchor for every slug."""
    index = "".join(
        f'<li><a href="#{escape(row.slug)}">{escape(row.slug)}</a> {row.status}</li>'
        for row in explanations
    )
    return _page(
        "errors.html", title=title, index=index, sections="".join(map(_section, explanations))
    )


def migration_page(title: str) -> str:
    """Return how to move from v1 to v2."""
    return _page("migration.html", title=title)


def _page(template: str, *, title: str, **parts: str) -> str:
    return Template(read_template(template)).substitute(title=escape(title), **parts)


def _switch(name: str, *, current: bool) -> str:
    mark = ' aria-current="page"' if current else ""
    return f'<a href="/docs?surface={escape(name)}"{mark}>{escape(name)}</a>'


def _section(row: Explanation) -> str:
    return (
        f'<section id="{escape(row.slug)}"><h2>{escape(row.title)}</h2>'
        f"<p><code>{escape(row.slug)}</code> &middot; status {row.status}</p>"
        f"<p>{_coded(row.meaning)}</p><p><strong>What to do.</strong> "
        f"{_coded(row.remedy)}</p></section>"
    )


def _coded(text: str) -> str:
    """Escape a text; what stands in backticks becomes code."""
    return sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
