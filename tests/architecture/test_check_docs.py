"""The checker of documents sees dead links, drawn ghosts and broken examples."""

from pathlib import Path

import pytest

from tools import check_docs


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(check_docs, "ROOT", tmp_path)
    (tmp_path / "there" / "deep").mkdir(parents=True)
    (tmp_path / "there" / "notes.md").write_text("# One heading, two\n")

    def check(text: str) -> list[str]:
        file = tmp_path / "README.md"
        file.write_text(text)
        return [str(fault) for fault in check_docs.check_document(file)]

    return check


@pytest.mark.parametrize(
    "text",
    [
        "[a](there/notes.md) [b](there/notes.md#one-heading-two) [c](https://example.org/x)",
        "# Top\n[up](#top)",
        "`[no](link)`",
        "```\n[no](link)\n```",
        "```tree\nthere\n  deep\n```",
        "```tree\nthere/\n├── deep  a folder\n└── notes.md\n```",
        "```python\nassert 1 + 1 == 2\n```",
        "```python no-run\nimport nowhere\n```",
    ],
)
def test_true_documents_pass(messages, text: str):
    assert messages(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n[a](nowhere.md)", "README.md:2: leads nowhere: nowhere.md"),
        ("[a](there/notes.md#two)", "README.md:1: no heading for #two in notes.md"),
        ("```tree\nthere\n  ghost\n```", "README.md:3: drawn but absent: there/ghost"),
        (
            "```tree\nthere/\n├── deep\n└── ghost  gone\n```",
            "README.md:4: drawn but absent: there/ghost",
        ),
        (
            "```python\n1 / 0\n```",
            "README.md:1: the example fails: ZeroDivisionError: division by zero",
        ),
        ("```python no-run\n1 +\n```", "README.md:1: does not parse: invalid syntax"),
    ],
)
def test_untrue_documents_do_not(messages, text: str, message: str):
    assert messages(text) == [message]
