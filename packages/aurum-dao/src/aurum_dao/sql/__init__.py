"""Portable SQL: a small builder, keyset predicates. Values are always bound, names are closed."""
