"""All settings of one application as one frozen value."""

from typing import Annotated, Literal

from pydantic import Field

from aurum_core.settings.api import ApiSettings
from aurum_core.settings.audit import AuditSettings
from aurum_core.settings.auth import AuthSettings
from aurum_core.settings.base import AnyCase, Section
from aurum_core.settings.cache import CacheSettings
from aurum_core.settings.cursors import CursorSettings
from aurum_core.settings.flags import FlagSettings
from aurum_core.settings.jobs import JobSettings
from aurum_core.settings.limits import LimitSettings
from aurum_core.settings.log import LogSettings
from aurum_core.settings.postgres import PostgresSettings
from aurum_core.settings.redis import RedisSettings
from aurum_core.settings.storage import StorageSettings
from aurum_core.settings.telemetry import TelemetrySettings
from aurum_core.settings.trino import TrinoSettings


class AurumSettings(Section):
    """Every toggle, lifetime and limit; reads no environment (`settings.env` does, once)."""

    environment: Annotated[Literal["development", "test", "staging", "production"], AnyCase] = (
        Field("development", description="Where this runs; production refuses unsafe settings.")
    )
    log: LogSettings = LogSettings()
    api: ApiSettings = ApiSettings()
    cursors: CursorSettings = CursorSettings()
    cache: CacheSettings = CacheSettings()
    storage: StorageSettings = StorageSettings()
    trino: TrinoSettings = TrinoSettings()
    redis: RedisSettings = RedisSettings()
    postgres: PostgresSettings = PostgresSettings()
    auth: AuthSettings = AuthSettings()
    limits: LimitSettings = LimitSettings()
    flags: FlagSettings = FlagSettings()
    jobs: JobSettings = JobSettings()
    audit: AuditSettings = AuditSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
