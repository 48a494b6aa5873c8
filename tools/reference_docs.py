"""Write the parts of the docs that the code knows best: every setting, every error.

`python -m tools.reference_docs` rewrites them; a test compares them with what is committed.
"""

import sys
from itertools import groupby

from aurum_app.documents.explanations import explanations
from aurum_core.settings import AurumSettings, SettingRow, describe_settings
from tools.workspace import ROOT

CONFIGURE = ROOT / "docs" / "how-to" / "configure.md"
ERRORS = ROOT / "docs" / "reference" / "errors.md"
BEGIN = "<!-- settings: written by tools/reference_docs.py -->"
END = "<!-- end of settings -->"

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
parsed at all, 422 that it can but breaks a rule.
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
        f"| `{row.name}` | {_code(row.default)} | {_cell(row.description)} |\n" for row in rows
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else "unset"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
