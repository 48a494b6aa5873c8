"""Creating an app touches nothing outside of it; two apps share nothing."""

import subprocess
import sys
from textwrap import dedent

from aurum_core.settings import ApiSettings, AurumSettings

AUDITED = dedent(
    """
    import os, sys
    from aurum_core.settings import AurumSettings, CursorSettings
    import aurum_app.factory, aurum_api_v1, aurum_api_v2
    import email.message, encodings.idna

    class Env(type(os.environ)):
        def __getitem__(self, key):
            seen.append(("env", key))
            return super().__getitem__(key)

    seen = []
    def hook(event, args):
        outside = event.startswith(("socket.", "subprocess.", "os.", "shutil.", "tempfile."))
        if event == "open" and not str(args[0]).endswith((".py", ".pyc")):
            seen.append((event, str(args[0])))
        elif outside and event not in {"os.listdir", "os.scandir"}:
            seen.append((event, str(args)))
    sys.addaudithook(hook)
    os.environ.__class__ = Env
    app = aurum_app.factory.create_app(AurumSettings())
    os.environ.__class__ = Env.__mro__[1]
    theirs = ("FASTAPI_OTEL_", "OTEL_", "PYDANTIC_")  # what the libraries ask for by themselves
    print([s for s in seen if not (s[0] == "env" and s[1].startswith(theirs))])
    """
)
LIGHT = dedent(
    """
    import sys
    import aurum_app.factory
    heavy = ("duckdb", "pyarrow", "opentelemetry.sdk", "trino", "redis", "sqlalchemy", "psycopg",
             "pandas", "polars", "numpy", "rich", "typer", "structlog", "aurum_dao.adapters")
    print(sorted(name for name in heavy if name in sys.modules))
    """
)


def printed(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_create_app_reads_no_environment_and_opens_nothing():
    assert printed(AUDITED) == "[]"


def test_importing_the_factory_loads_no_driver():
    assert printed(LIGHT) == "[]"


def test_two_apps_in_one_process_share_nothing(start):
    one = start()
    two = start(AurumSettings(api=ApiSettings(enable_v1=False, title="Other")))
    one.client.get("/v2/things")
    assert two.services.calls == 0
    two.client.get("/v2/things")
    assert (one.services.calls, two.services.calls) == (1, 1)
    assert one.client.get("/v1/things").status_code == 200
    assert two.client.get("/v1/things").status_code == 410
    assert two.client.get("/").json()["name"] == "Other"
    assert 'surface="v1"' in one.client.get("/metrics").text
    assert 'route="/v1/things"' not in two.client.get("/metrics").text
