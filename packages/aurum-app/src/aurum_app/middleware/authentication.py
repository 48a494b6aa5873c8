"""Who asks. Mode `none` only: everyone is the principal with every role."""

from aurum_app.middleware.stage import Stage
from aurum_app.surfaces import CompositionError
from aurum_core.settings import AuthSettings


class Authentication(Stage):
    """Sets the principal of the call; in mode `none` it is the one that a call begins with."""

    def __init__(self, auth: AuthSettings) -> None:
        if auth.mode not in {None, "none"}:
            raise CompositionError(f"AURUM_AUTH_MODE={auth.mode} is not available yet; use none")
