"""Settings: plain frozen values, importable with pydantic alone.

`AurumSettings()` reads nothing. The environment is read in one place, `aurum_core.settings.env`
(extra `aurum-core[settings]`), which this module never imports.
"""

from aurum_core.settings.api import ApiSettings
from aurum_core.settings.audit import AuditSettings
from aurum_core.settings.auth import AuthMode, AuthSettings
from aurum_core.settings.cache import CacheSettings
from aurum_core.settings.check import check_settings, is_loopback
from aurum_core.settings.cursors import CursorSettings
from aurum_core.settings.describe import SettingRow, describe_settings
from aurum_core.settings.errors import SettingsError
from aurum_core.settings.fields import iter_env_names
from aurum_core.settings.flags import FlagSettings
from aurum_core.settings.jobs import JobSettings
from aurum_core.settings.limits import LimitSettings, RouteRate, TenantRate
from aurum_core.settings.log import LogSettings
from aurum_core.settings.postgres import PostgresSettings
from aurum_core.settings.redis import RedisSettings
from aurum_core.settings.root import AurumSettings
from aurum_core.settings.storage import StorageSettings
from aurum_core.settings.telemetry import TelemetrySettings
from aurum_core.settings.trino import TrinoSettings

__all__ = [
    "ApiSettings",
    "AuditSettings",
    "AurumSettings",
    "AuthMode",
    "AuthSettings",
    "CacheSettings",
    "CursorSettings",
    "FlagSettings",
    "JobSettings",
    "LimitSettings",
    "LogSettings",
    "PostgresSettings",
    "RedisSettings",
    "RouteRate",
    "SettingRow",
    "SettingsError",
    "StorageSettings",
    "TelemetrySettings",
    "TenantRate",
    "TrinoSettings",
    "check_settings",
    "describe_settings",
    "is_loopback",
    "iter_env_names",
]
