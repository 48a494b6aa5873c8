"""What would stop a start, known before anything is opened."""

from aurum_app.availability import composition_problems, store_problems
from aurum_app.factory import SURFACES
from aurum_core.settings import AurumSettings, SettingsError, check_settings


def start_problems(settings: AurumSettings) -> list[str]:
    """Return a line for each thing to change: broken rules, then what is not available yet."""
    lines: list[str] = []
    try:
        check_settings(settings)
    except SettingsError as error:
        lines.extend(error.problems)
    return [*lines, *composition_problems(settings, SURFACES), *store_problems(settings)]
