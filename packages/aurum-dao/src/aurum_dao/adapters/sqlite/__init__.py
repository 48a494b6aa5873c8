"""SQLite: the operational tables of the embedded profile."""
