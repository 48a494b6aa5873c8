"""Who asks. Mode `none` only: everyone is the principal with every role."""

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage
from aurum_app.surfaces import CompositionError
from aurum_core.auth import ANYONE
from aurum_core.settings import AuthSettings


class Authentication(Stage):
    """Sets the principal of the call. House routes are open and are not looked at."""

    def __init__(self, auth: AuthSettings) -> None:
        if auth.mode not in {None, "none"}:
            raise CompositionError(f"AURUM_AUTH_MODE={auth.mode} is not available yet; use none")

    def enter(self, call: Call) -> None:
        """Let everyone be anyone."""
        call.principal = ANYONE
