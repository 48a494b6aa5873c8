"""Development-only test support: launchers, watches, hostile input. Not published."""
