"""The sections: frozen, strict about names, light to import, and with the promised defaults."""

import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

import aurum_core.settings as face
from aurum_core.settings import ApiSettings, AurumSettings, PostgresSettings, StorageSettings
from aurum_core.settings.fields import iter_fields

ALONE = """
import builtins, os, socket, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pydantic_settings", "dotenv"}:
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
import pydantic
class NoEnvironment(dict):  # pydantic itself asks for its own names
    def _refuse(self, name="AURUM", default=None):
        assert not name.startswith("AURUM"), "the environment was read"
        return default
    __getitem__ = get = __iter__ = items = keys = _refuse
os.environ = NoEnvironment()
import aurum_core.settings as settings
for name in settings.__all__:
    getattr(settings, name)
value = settings.AurumSettings()
settings.check_settings(value)
settings.describe_settings(value)
extra = {n.partition(".")[0] for n in sys.modules} & {"pydantic_settings", "fastapi", "asyncio"}
assert not extra, extra
try:
    import aurum_core.settings.env
except ImportError:
    print("alone")
"""


def test_sections_import_with_pydantic_alone_and_read_no_environment():
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("alone", "")


def test_settings_are_frozen_and_hashable():
    settings = AurumSettings()
    with pytest.raises(ValidationError):
        settings.api.port = 1
    assert hash(settings) == hash(AurumSettings())
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_two_settings_share_nothing_that_changes():
    one = AurumSettings(storage=StorageSettings(data_dir=Path("one")))
    assert AurumSettings().storage.data_dir == Path("aurum-data")
    assert one.storage.data_dir == Path("one")


def test_unknown_field_is_refused_and_its_value_not_shown():
    with pytest.raises(ValidationError) as caught:
        ApiSettings.model_validate({"port": "c4n4ry", "prot": "c4n4ry"})
    assert "c4n4ry" not in str(caught.value)


def test_secret_is_not_in_repr():
    settings = PostgresSettings.model_validate({"dsn": "postgresql://u:c4n4ry@h/d"})
    assert "c4n4ry" not in repr(settings)
    assert settings.dsn.get_secret_value().endswith("c4n4ry@h/d")


def test_every_default_meets_its_own_bounds():
    settings = AurumSettings()
    for name in AurumSettings.model_fields:
        section = getattr(settings, name)
        if isinstance(section, BaseModel):
            assert type(section).model_validate(section.model_dump()) == section


def test_every_field_has_a_description():
    assert not [field.env_name for field in iter_fields() if not field.info.description]


def test_every_duration_and_size_has_its_unit_in_the_name():
    units = ("_seconds", "_bytes", "_ratio", "_per_second", "_at")
    words = ("timeout", "ttl", "delay", "interval", "stale_", "lease", "refresh", "poll", "backoff")
    for field in iter_fields():
        name = field.path[-1]
        if any(word in name for word in words) and name != "serve_stale":
            assert name.endswith(units), name


def test_promised_defaults():
    s = AurumSettings()
    assert s.environment == "development"
    assert (s.api.host, s.api.port, s.api.enable_v1) == ("127.0.0.1", 8000, True)
    assert (s.api.v1_deprecated_at, s.api.v1_sunset_at) == (date(2026, 1, 1), date(2027, 12, 31))
    assert (s.api.v1_curve_max_limit, s.api.v1_eia_series_max_limit) == (500, 1000)
    assert (s.api.request_timeout_seconds, s.api.metadata_timeout_seconds) == (10, 2)
    assert (s.api.max_body_bytes, s.api.max_url_bytes, s.api.max_header_bytes) == (
        1_048_576, 8_192, 16_384,
    )  # fmt: skip
    assert (s.cache.curve_ttl_seconds, s.cache.lmp_ttl_seconds) == (120, 60)
    assert (s.cache.metadata_ttl_seconds, s.cache.past_asof_ttl_seconds) == (300, 3600)
    assert s.cache.local_max_bytes == 64 * 1024**2
    assert (s.limits.rate_per_second, s.limits.burst, s.limits.enabled) == (10, 20, None)
    assert (s.storage.warehouse, s.storage.operational, s.storage.cache) == (
        "duckdb", "sqlite", "memory",
    )  # fmt: skip
    assert s.auth.mode is None
    assert (s.jobs.lease_seconds, s.jobs.heartbeat_seconds, s.jobs.max_attempts) == (30, 10, 5)
    assert (s.telemetry.metrics_enabled, s.telemetry.metrics_path) == (True, "/metrics")


def test_public_face_is_complete():
    assert sorted(face.__all__) == face.__all__
    assert all(hasattr(face, name) for name in face.__all__)
