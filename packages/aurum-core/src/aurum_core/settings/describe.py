"""Settings as a table for people: secrets hidden, values as the environment would spell them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import Final

from pydantic import SecretStr

from aurum_core.settings.fields import iter_fields
from aurum_core.settings.root import AurumSettings

HIDDEN: Final = "********"
_NO_ORIGINS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting; `value` and `default` are text without secrets, empty when unset."""

    name: str
    value: str
    default: str
    source: str
    description: str


def describe_settings(
    settings: AurumSettings, origins: Mapping[str, str] = _NO_ORIGINS
) -> list[SettingRow]:
    """List every setting in the order of the models.

    `source` is the origin of `LoadedSettings.origins` where given, else `default` or `set`.
    """
    return [_row(settings, field.env_name, field.path, origins) for field in iter_fields()]


def _row(
    settings: AurumSettings, name: str, path: tuple[str, ...], origins: Mapping[str, str]
) -> SettingRow:
    *_, field = path
    owner = reduce(getattr, path[:-1], settings)
    info = type(owner).model_fields[field]
    value = getattr(owner, field)
    standing = "default" if value == info.default else "set"
    return SettingRow(
        name=name,
        value=_text(value),
        default=_text(info.default),
        source=origins.get(name, standing),
        description=info.description or "",
    )


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case SecretStr():
            return HIDDEN if value.get_secret_value() else ""
        case bool():
            return str(value).lower()
        case tuple():
            return _without_credentials(",".join(_text(item) for item in value))
        case _:
            return _without_credentials(str(value))


def _without_credentials(text: str) -> str:
    """Hide what may be a secret in a URL: all behind the scheme with a user in it, else the query.

    A password may hold `/`, `?`, `,` and `@` unescaped, so no parser is trusted to find its end;
    one slash is enough, a URL given as a path has lost the other.
    """
    scheme, mark, rest = text.partition(":/")
    if not mark:
        return text
    if "@" in rest:
        return f"{scheme}://{HIDDEN}"
    address, query, _ = text.partition("?")
    return f"{address}?{HIDDEN}" if query else text
