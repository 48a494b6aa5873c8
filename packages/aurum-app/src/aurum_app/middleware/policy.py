"""What the principal may do: judged before the cache, so that nothing kept can leak."""

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage
from aurum_core.errors import ForbiddenError


class PolicyCheck(Stage):
    """Refuses a principal whose roles the route's policy does not admit."""

    def enter(self, call: Call) -> None:
        """Compare roles."""
        entry = call.entry
        if entry is not None and not entry.house and not entry.policy.admits(call.principal):
            raise ForbiddenError
