"""The application for other servers: `uvicorn --factory aurum_app.asgi:create`.

Nothing is made when this module is imported. Such a server brings its own limits: what
`aurum serve` guards on the connection (timers, caps, draining) is then that server's to guard.
"""

from fastapi import FastAPI

from aurum_app.factory import create_app
from aurum_core.settings import SettingsError, check_settings
from aurum_core.settings.env import load_settings


def create() -> FastAPI:
    """Return the application of this process's environment.

    Who can connect is not known here, so the mode of authentication must be spelled out.

    Raises:
        SettingsError: a setting is wrong, or AURUM_AUTH_MODE is not set.
    """
    settings = load_settings().settings
    check_settings(settings)
    if settings.auth.mode is None:
        raise SettingsError(["AURUM_AUTH_MODE must be set: none, api-key, oidc or forwarded"])
    return create_app(settings)
