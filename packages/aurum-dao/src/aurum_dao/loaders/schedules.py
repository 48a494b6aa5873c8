"""When publishers make things known, for files that do not say: estimates, and marked as such."""

from datetime import date, datetime, time, timedelta, tzinfo

from aurum_core.clock import NEW_YORK

DAY_AHEAD_RESULTS = time(13, 30)  # ERCOT, ISO-NE, PJM and MISO post by 13:30 of the day before
SETTLEMENT_FINAL = time(18, 0)  # New York


def day_ahead_published(operating_date: date, zone: tzinfo) -> datetime:
    """Return when the day-ahead prices of an operating day are due."""
    return datetime.combine(operating_date - timedelta(days=1), DAY_AHEAD_RESULTS, zone)


def settlement_published(asof: date) -> datetime:
    """Return when the settlements of a trading day are final."""
    return datetime.combine(asof, SETTLEMENT_FINAL, NEW_YORK)
