"""The one error that settings raise."""

from collections.abc import Iterable


class SettingsError(ValueError):
    """One or more settings are wrong; `problems` holds one clear line for each, without secrets."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
