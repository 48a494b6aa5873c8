"""The name of every setting: `AURUM_<SECTION>_<FIELD>`, derived from the models."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from aurum_core.settings.base import Section
from aurum_core.settings.root import AurumSettings


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting: its environment name and its place in `AurumSettings`."""

    env_name: str
    path: tuple[str, ...]
    info: FieldInfo


def iter_fields() -> Iterator[SettingField]:
    """Yield every setting in the order of the models."""
    for name, info in AurumSettings.model_fields.items():
        if isinstance(info.default, Section):
            yield from _section_fields(name, type(info.default))
        else:
            yield SettingField(f"AURUM_{name.upper()}", (name,), info)


def iter_env_names() -> Iterator[str]:
    """Yield the environment name of every setting, in the order of the models."""
    return (field.env_name for field in iter_fields())


def _section_fields(section: str, model: type[Section]) -> Iterator[SettingField]:
    prefix = "CURSOR" if section == "cursors" else section.upper()  # as deployments spell it
    for name, info in model.model_fields.items():
        yield SettingField(f"AURUM_{prefix}_{name.upper()}", (section, name), info)
