"""The arithmetic of rate limits: one number per key, the instant at which its burst is whole."""

from aurum_dao.ports.rate_limits import RateDecision

TOLERANCE = 1e-6
"""Seconds by which sums of floats may be off; a request more or less in days."""


def decide(
    whole_at: float, now: float, *, rate: float, burst: int, cost: int
) -> tuple[RateDecision, float]:
    """Return the decision and the new instant; `whole_at` in the past is a whole burst.

    An instant further ahead than the burst lasts is one of a clock that went back, or of a limit
    that was lowered; it counts as an empty burst.
    """
    if rate <= 0 or burst < 1 or cost < 1:
        raise ValueError("rate, burst and cost are positive")
    span = burst / rate
    debt = min(max(whole_at - now, 0.0), span)
    asked = debt + min(cost, burst) / rate
    allowed = asked <= span + TOLERANCE
    debt = asked if allowed else debt
    return RateDecision(
        allowed=allowed,
        limit=burst,
        remaining=max(0, int((span - debt) * rate + TOLERANCE * rate)),
        retry_after=0.0 if allowed else asked - span,
        reset=debt,
    ), now + debt
