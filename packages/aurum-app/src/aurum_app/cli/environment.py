"""Settings for a command: the environment, under what the command line says."""

from pathlib import Path
from typing import Any

from aurum_app.cli.terminal import warn
from aurum_core.settings import AurumSettings
from aurum_core.settings.env import LoadedSettings, load_settings

Overrides = dict[str, dict[str, Any]]


def read_environment(
    data_dir: Path | None = None, overrides: Overrides | None = None, *, quiet: bool = False
) -> LoadedSettings:
    """Return the settings of a command and where they came from; warnings are written unless quiet.

    Raises:
        SettingsError: a value breaks a rule.
    """
    chosen = {section: dict(values) for section, values in (overrides or {}).items()}
    if data_dir is not None:
        chosen.setdefault("storage", {})["data_dir"] = data_dir
    loaded = load_settings(overrides=chosen)
    for line in () if quiet else loaded.warnings:
        warn(line)
    return loaded


def with_section(settings: AurumSettings, section: str, **changes: object) -> AurumSettings:
    """Return the settings with fields of one section changed."""
    changed = getattr(settings, section).model_copy(update=changes)
    return settings.model_copy(update={section: changed})
