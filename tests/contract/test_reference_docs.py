"""What the docs list is what the code has; `python -m tools.reference_docs` writes it anew."""

import re

from aurum_core.settings.fields import iter_fields
from tools.reference_docs import (
    CONFIGURE,
    ERRORS,
    is_in_use,
    render_configure,
    render_errors,
)
from tools.workspace import ROOT

BY_SURFACE = {"AURUM_API_V1_ROUTERS", "AURUM_API_V2_ROUTERS"}
"""Read by a name that is put together."""


def test_every_setting_is_in_the_docs_as_it_is() -> None:
    text = CONFIGURE.read_text(encoding="utf-8")
    assert text == render_configure(text)


def test_every_error_is_in_the_docs_as_it_is() -> None:
    assert ERRORS.read_text(encoding="utf-8") == render_errors()


def test_setting_that_no_code_reads_is_marked() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for path in ROOT.glob("packages/*/src/**/*.py")
        if "settings" not in path.parts
    ]
    words = set(re.findall(r"[a-z_0-9]+", "\n".join(sources)))
    unread = {field.env_name for field in iter_fields() if field.path[-1] not in words}
    assert [name for name in sorted(unread - BY_SURFACE) if is_in_use(name)] == []
