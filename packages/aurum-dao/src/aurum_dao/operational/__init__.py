"""Operational tables on SQLAlchemy Core: the same on SQLite and PostgreSQL."""
