"""Keep Markdown true: links and anchors lead somewhere, drawn trees exist, Python examples run.

A fenced block marked `tree` draws folders; the first word of each line must exist where it is
drawn, below the file's own folder or the folder named after the mark (`tree packages/aurum-core`).
A `python` block runs in a fresh interpreter, in an empty folder; one marked `python no-run` is
only parsed.
"""

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.workspace import ROOT

SKIPPED = frozenset({".venv", ".nox", ".cache", ".bootstrap", ".git", "dist", "node_modules"})
FENCE = re.compile(r"^( *)(```+)([^\n`]*)\n(.*?)^ *\2 *$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
BRANCH = re.compile(r"^((?:[│|]?\s{2,4}|[├└][─-]+ ?|[│ ])*)(\S+)")
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """Something untrue in a document."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    line: int
    mark: str
    text: str


def documents(root: Path = ROOT) -> list[Path]:
    """Every Markdown file that belongs to the repository."""
    return [
        path
        for path in sorted(root.rglob("*.md"))
        if not SKIPPED & set(path.relative_to(root).parts)
    ]


def blocks_of(text: str) -> Iterator[Block]:
    """Fenced blocks with the line they start in, unindented."""
    for match in FENCE.finditer(text):
        indent = len(match.group(1))
        body = "\n".join(line[indent:] for line in match.group(4).splitlines())
        yield Block(text.count("\n", 0, match.start()) + 1, match.group(3).strip(), body)


def without_code(text: str) -> str:
    """Blank out code, keeping the lines, so that only prose is searched for links."""
    blank = FENCE.sub(lambda found: "\n" * found.group().count("\n"), text)
    return re.sub(r"`[^`\n]*`", "", blank)


def anchors_of(text: str) -> set[str]:
    """Anchors that headings get: lower case, spaces to hyphens, punctuation dropped."""
    headings = HEADING.findall(FENCE.sub("", text))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def check_links(file: Path, text: str) -> Iterator[Fault]:
    """Relative links lead to files, anchors to headings. Addresses elsewhere are not followed."""
    prose = without_code(text)
    for match in LINK.finditer(prose):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        line = prose.count("\n", 0, match.start()) + 1
        place = (file.parent / target) if target else file
        if not place.exists():
            yield Fault(file, line, f"leads nowhere: {match.group(1)}")
        elif anchor and place.suffix == ".md" and anchor not in anchors_of(place.read_text()):
            yield Fault(file, line, f"no heading for #{anchor} in {place.name}")


def check_tree(file: Path, block: Block) -> Iterator[Fault]:
    """Every path of a drawn tree exists."""
    _, _, below = block.mark.partition(" ")
    root = ROOT / below if below else file.parent
    open_folders: list[tuple[int, Path]] = []
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        match = BRANCH.match(line)
        if not match or not line.strip(" │|"):
            continue
        depth, name = len(match.group(1)), match.group(2)
        while open_folders and open_folders[-1][0] >= depth:
            open_folders.pop()
        path = (open_folders[-1][1] if open_folders else root) / name
        if not path.exists():
            yield Fault(file, number, f"drawn but absent: {path.relative_to(ROOT)}")
        open_folders.append((depth, path))


def check_python(file: Path, block: Block) -> Iterator[Fault]:
    """A Python example runs as it stands."""
    try:
        ast.parse(block.text)
    except SyntaxError as error:
        yield Fault(file, block.line, f"does not parse: {error.msg}")
        return
    if "no-run" in block.mark:
        return
    with tempfile.TemporaryDirectory(prefix="aurum-docs-") as place:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block.text],
            cwd=place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        yield Fault(file, block.line, f"the example fails: {last[0]}")


def check_document(file: Path) -> Iterator[Fault]:
    """Every fault of one document."""
    text = file.read_text(encoding="utf-8")
    yield from check_links(file, text)
    for block in blocks_of(text):
        language = block.mark.split(" ")[0]
        if language == "tree":
            yield from check_tree(file, block)
        elif language == "python":
            yield from check_python(file, block)


def main() -> int:
    """Check every document and say how much was looked at."""
    files = documents()
    faults = [fault for file in files for fault in check_document(file)]
    for fault in faults:
        print(fault)
    print(f"{len(files)} documents, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
