"""What the principal may do: judged before the cache, so that nothing kept can leak."""

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage
from aurum_core.errors import ForbiddenError


class PolicyCheck(Stage):
    """Refuses a principal whose roles the route's policy does not admit."""

    def enter(self, call: Call) -> None:
        """Compare roles."""
        policy = call.route.policy
        if policy.roles.isdisjoint(call.principal.roles) and not policy.admits(call.principal):
            raise ForbiddenError
