"""The one reader of the environment; needs the extra `aurum-core[settings]`."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
)

from aurum_core.settings.errors import SettingsError
from aurum_core.settings.fields import iter_env_names, iter_fields
from aurum_core.settings.reading import Reading, read_names
from aurum_core.settings.root import AurumSettings


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings, what to tell the operator, and where each value that was set came from."""

    settings: AurumSettings
    warnings: tuple[str, ...]
    origins: Mapping[str, str]


class NamedSource(PydanticBaseSettingsSource):
    """The values of one `Reading`, nested as `AurumSettings` is."""

    def __init__(self, settings_cls: type[BaseSettings], reading: Reading) -> None:
        super().__init__(settings_cls)
        self._nested = _nest(reading.values)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the base class's signature
        """Give all values at once: there is one field, the settings."""
        return self._nested, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Give what there is to merge into the layers above."""
        return {"settings": self._nested}


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    env_file: Path | None = None,
) -> LoadedSettings:
    """Read the settings: `overrides` beat the environment, which beats `env_file`, then defaults.

    `overrides` is nested by section (`{"api": {"port": 0}}`); `environ` stands in for the
    process's own environment. Rules across fields are left to `check_settings`.

    Raises:
        SettingsError: a value breaks a rule; one line for each variable, never its value.
    """
    variables = os.environ if environ is None else environ  # noqa: TID251 - the one place
    readings = [read_names(variables, _known(), "environment")]
    if env_file is not None:
        readings.append(read_names(_read_file(env_file), _known(), str(env_file)))
    if problems := [line for reading in readings for line in reading.problems]:
        raise SettingsError(problems)
    chosen = dict(overrides or {})
    try:
        settings = _merge(readings, chosen)
    except ValidationError as error:
        raise SettingsError(_lines(error, readings, _paths(chosen))) from None
    warnings = [line for reading in readings for line in reading.warnings]
    warnings.extend(_unused_servers(settings))
    origins = dict(_origins(readings, _paths(chosen)))
    return LoadedSettings(settings, tuple(dict.fromkeys(warnings)), MappingProxyType(origins))


def _known() -> tuple[str, ...]:
    return tuple(iter_env_names())


def _read_file(path: Path) -> Mapping[str, str | None]:
    if not path.is_file():
        raise SettingsError([f"{path}: there is no such file of settings"])
    return DotEnvSettingsSource(BaseSettings, env_file=path, case_sensitive=True).env_vars


def _merge(readings: list[Reading], overrides: dict[str, Any]) -> AurumSettings:
    class Layers(BaseSettings):
        settings: AurumSettings

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced by ours
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced by ours
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not used
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, *(NamedSource(settings_cls, reading) for reading in readings)

    return Layers.model_validate({"settings": overrides}).settings


def _nest(values: Mapping[str, str]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for field in iter_fields():
        if field.env_name in values:
            *sections, name = field.path
            target = nested
            for section in sections:
                target = target.setdefault(section, {})
            target[name] = values[field.env_name]
    return nested


def _paths(overrides: Mapping[str, Any]) -> set[tuple[str, ...]]:
    paths: set[tuple[str, ...]] = set()
    for name, value in overrides.items():
        inner = value if isinstance(value, Mapping) else getattr(value, "model_fields_set", ())
        paths |= {(name, field) for field in inner} or {(name,)}
    return paths


def _lines(
    error: ValidationError, readings: list[Reading], overridden: set[tuple[str, ...]]
) -> list[str]:
    names = {field.path: field.env_name for field in iter_fields()}
    lines: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path = tuple(str(part) for part in detail["loc"][1:])
        path = path[:2] if path[:2] in names else path[:1] if path[:1] in names else path
        subject = ".".join(path)
        if path in names and path not in overridden:
            subject = _spelling(names[path], readings)
        lines.setdefault(subject, f"{subject}: {detail['msg'].removeprefix('Value error, ')}")
    return list(lines.values())


def _spelling(name: str, readings: list[Reading]) -> str:
    spelled = next((r.spelled[name] for r in readings if name in r.spelled), name)
    return name if spelled == name else f"{spelled} (now {name})"


def _origins(
    readings: list[Reading], overridden: set[tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    for field in iter_fields():
        name = field.env_name
        reading = next((r for r in readings if name in r.spelled), None)
        if field.path in overridden:
            yield name, "override"
        elif reading is not None:
            old = reading.spelled[name]
            yield name, reading.label if old == name else f"{reading.label} as {old}"


def _unused_servers(settings: AurumSettings) -> list[str]:
    """Say when an address is given that the chosen engines never use: no silent fallback."""
    storage, lines = settings.storage, []
    if settings.postgres.dsn and storage.operational != "postgres":
        lines.append("AURUM_POSTGRES_DSN is not used: AURUM_STORAGE_OPERATIONAL is not postgres")
    if settings.redis.url and storage.cache != "redis":
        lines.append("AURUM_REDIS_URL is not used: AURUM_STORAGE_CACHE is not redis")
    if settings.trino.host and storage.warehouse != "trino":
        lines.append("AURUM_TRINO_HOST is not used: AURUM_STORAGE_WAREHOUSE is not trino")
    return lines
