"""Write the parts of the docs that the code knows best: every setting, every error.

`python -m tools.reference_docs` rewrites them; a test compares them with what is committed.
"""

import sys
from itertools import groupby
from types import MappingProxyType
from typing import Final

from aurum_app.documents.explanations import explanations
from aurum_core.settings import AurumSettings, SettingRow, describe_settings
from tools.workspace import ROOT

CONFIGURE = ROOT / "docs" / "how-to" / "configure.md"
ERRORS = ROOT / "docs" / "reference" / "errors.md"
BEGIN = "<!-- settings: written by tools/reference_docs.py -->"
END = "<!-- end of settings -->"
NOT_YET: Final = (
    "AURUM_API_V1_EIA_SERIES_MAX_LIMIT",
    "AURUM_API_V1_SCENARIO_",
    "AURUM_AUDIT_",
    "AURUM_AUTH_",
    "AURUM_CACHE_DROUGHT_",
    "AURUM_CACHE_EIA_",
    "AURUM_CACHE_EXTERNAL_",
    "AURUM_CACHE_NAMESPACE",
    "AURUM_CACHE_NEGATIVE_",
    "AURUM_CACHE_SCENARIO_",
    "AURUM_CACHE_STALE_DROUGHT_",
    "AURUM_CACHE_STALE_EIA_",
    "AURUM_CACHE_STALE_EXTERNAL_",
    "AURUM_CACHE_STALE_LMP_HISTORY_",
    "AURUM_CACHE_STALE_VALUATION_",
    "AURUM_CACHE_TTL_",
    "AURUM_FLAGS_",
    "AURUM_JOBS_",
    "AURUM_LIMITS_",
    "AURUM_REDIS_",
    "AURUM_STORAGE_CACHE",
    "AURUM_STORAGE_DEMO",
    "AURUM_TRINO_",
)
"""Names, or how they begin, of settings that are read and checked but change nothing so far. The
change that puts one to use takes it out."""
IN_USE: Final = frozenset(
    {
        "AURUM_AUTH_MODE",
        "AURUM_LIMITS_BURST",
        "AURUM_LIMITS_ENABLED",
        "AURUM_LIMITS_QUEUE_WAIT_SECONDS",
        "AURUM_LIMITS_RATE_PER_SECOND",
        "AURUM_LIMITS_ROUTE_OVERRIDES",
    }
)
"""What is in use in spite of how it begins."""
NOTES: Final = MappingProxyType(
    {
        "AURUM_AUTH_MODE": "Only `none` is available yet: every other mode stops the start.",
        "AURUM_LIMITS_BURST": "So far shown in headers, never enforced.",
        "AURUM_LIMITS_ENABLED": "Not available yet: true stops the start.",
        "AURUM_LIMITS_RATE_PER_SECOND": "So far shown in headers, never enforced.",
        "AURUM_LIMITS_ROUTE_OVERRIDES": "So far shown in headers, never enforced.",
        "AURUM_STORAGE_OPERATIONAL": "So far it holds the ledger of loads.",
        "AURUM_STORAGE_WAREHOUSE": "Not available yet: trino stops the start.",
    }
)
"""What else is true of a setting today."""

ERRORS_HEAD = """# Errors

On v2 every error is `application/problem+json` (RFC 9457):

```json
{
  "type": "/docs/errors#invalid-input",
  "title": "The request breaks a rule",
  "status": 422,
  "detail": "limit: must be at most 1000",
  "instance": "/v2/iso/lmp",
  "request_id": "5f0c9be1",
  "errors": [{"parameter": "limit", "rule": "less_than_equal", "message": "must be at most 1000"}]
}
```

`type` leads to the same text on the running service. `detail` is one sentence and never repeats
what the client sent. `request_id` is also in the header `X-Request-Id` and in every log line of the
request. v1 answers `{"detail": …}` with the same statuses. 400 means that the request cannot be
parsed at all, 422 that it can but breaks a rule. A method that the path does not have is 405; a
word that is no method of HTTP (`FOO /v2/iso/lmp`) does not get past the parser and is 400.
"""


def render_settings() -> str:
    """Return the table of settings, a section each."""
    rows = describe_settings(AurumSettings())
    parts = [
        f"### {section}\n\n| variable | default | what it is for |\n|---|---|---|\n{_lines(group)}"
        for section, group in ((s, list(g)) for s, g in groupby(rows, _section))
    ]
    return "\n".join(parts)


def render_configure(text: str) -> str:
    """Return the page with its table of settings written anew."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{render_settings()}\n{END}{tail}"


def render_errors() -> str:
    """Return the page of errors."""
    sections = [
        f"\n## {row.slug}\n\n{row.status}, “{row.title}”. {row.meaning}\n\n{row.remedy}\n"
        for row in explanations()
    ]
    return ERRORS_HEAD + "".join(sections)


def main() -> int:
    """Write both pages."""
    text = CONFIGURE.read_text(encoding="utf-8")
    CONFIGURE.write_text(render_configure(text), encoding="utf-8")
    ERRORS.write_text(render_errors(), encoding="utf-8")
    return 0


def _section(row: SettingRow) -> str:
    return row.name.split("_")[1].lower()


def _lines(rows: list[SettingRow]) -> str:
    return "".join(
        f"| `{row.name}` | {_code(row.default)} | {_cell(row.description)}{_standing(row.name)} |\n"
        for row in rows
    )


def is_in_use(name: str) -> bool:
    """Tell whether a setting changes anything in this release."""
    return name in IN_USE or not name.startswith(NOT_YET)


def _standing(name: str) -> str:
    note = NOTES.get(name, "") if is_in_use(name) else "*Not in use yet.*"
    return f" {note}" if note else ""


def _code(text: str) -> str:
    return f"`{text}`" if text else "unset"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
