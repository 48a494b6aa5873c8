"""What commands say and how they fail: rich for people, one line for what was to be expected."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

FAILED = 1
MISUSED = 2
FILE_WIDTH = 200
"""Columns where nobody's window sets them: enough that no table is cut."""


def out() -> "Console":
    """Return the console of results: plain text where it is not a terminal."""
    return _console(stderr=False)


def said() -> "Console":
    """Return the console of what a program is not to read: not stdout where that is piped on."""
    return out() if sys.stdout.isatty() else err()


def err() -> "Console":
    """Return the console of warnings, progress and failures."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    console = Console(stderr=stderr, soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = FILE_WIDTH
    return console


def warn(line: str) -> None:
    """Write one warning."""
    err().print(f"[yellow]warning[/] {plain(line)}")


def fail(*lines: str, code: int = FAILED) -> NoReturn:
    """Say in a line each what is wrong, and leave."""
    console = err()
    for line in lines:
        console.print(f"[red]aurum:[/] {plain(line)}")
    raise typer.Exit(code)


def plain(text: str) -> str:
    """Return text that rich prints as it is: brackets in it are no markup."""
    from rich.markup import escape

    return escape(text)


@contextmanager
def expected_failures() -> Iterator[None]:
    """Turn what an operator can mend into one line and a status; the rest stays a traceback."""
    from aurum_app.server import BindError
    from aurum_app.surfaces import CompositionError
    from aurum_core.errors import AurumError
    from aurum_core.settings import SettingsError

    try:
        yield
    except SettingsError as error:
        fail(*error.problems, code=MISUSED)
    except CompositionError as error:
        fail(str(error), code=MISUSED)
    except AurumError as error:
        fail(error.detail)
    except BindError as error:
        fail(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}")
    except KeyboardInterrupt:
        fail("stopped", code=130)
