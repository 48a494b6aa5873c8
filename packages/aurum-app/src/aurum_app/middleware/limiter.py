"""How often: the headers of rate limiting, and the limiter without limit behind them."""

from collections.abc import Mapping

from aurum_app.call import Call
from aurum_app.dispatch import RouteTable
from aurum_app.headers import RawHeaders
from aurum_app.middleware.stage import Stage
from aurum_core.settings import AurumSettings


class Limiter(Stage):
    """Lets everything pass and says what the limit would be; a whole quota is always left."""

    def __init__(self, settings: AurumSettings, table: RouteTable) -> None:
        self._headers = _headers_by_route(settings, table)

    def enter(self, call: Call) -> None:
        """Add the headers to whatever is answered from here on: not to 404, health, documents."""
        entry = call.entry
        if entry is not None and not entry.house:
            call.extra += self._headers[entry.template]


def _headers_by_route(settings: AurumSettings, table: RouteTable) -> Mapping[str, RawHeaders]:
    limits = settings.limits
    overrides = {o.route: (o.rate_per_second, o.burst) for o in limits.route_overrides}
    default = limits.rate_per_second, limits.burst
    templates = {entry.template for entry in table.entries()}
    return {t: rate_headers(*overrides.get(t, default)) for t in templates}


def rate_headers(rate: float, burst: int, *, remaining: int | None = None) -> RawHeaders:
    """Return the five headers: the IETF draft's two, and the three that older clients read.

    The window is the time in which an empty bucket fills up again.
    """
    left = burst if remaining is None else remaining
    window = max(1, round(burst / rate))
    reset = max(0, round((burst - left) / rate))
    return [
        (b"ratelimit-policy", f'"default";q={burst};w={window}'.encode()),
        (b"ratelimit", f'"default";r={left};t={reset}'.encode()),
        (b"x-ratelimit-limit", str(burst).encode()),
        (b"x-ratelimit-remaining", str(left).encode()),
        (b"x-ratelimit-reset", str(reset).encode()),
    ]
