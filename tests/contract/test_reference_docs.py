"""What the docs list is what the code has; `python -m tools.reference_docs` writes it anew."""

from tools.reference_docs import CONFIGURE, ERRORS, render_configure, render_errors


def test_every_setting_is_in_the_docs_as_it_is() -> None:
    text = CONFIGURE.read_text(encoding="utf-8")
    assert text == render_configure(text)


def test_every_error_is_in_the_docs_as_it_is() -> None:
    assert ERRORS.read_text(encoding="utf-8") == render_errors()
