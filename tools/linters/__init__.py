"""Rules of the house that neither ruff nor import-linter can express, one small function each.

`python -m tools.linters` reads every source tree and exits 1 when a rule is broken.
"""

from tools.linters.rules import Fault, check_source

__all__ = ["Fault", "check_source"]
