"""Adapters: one package per driver, and only what differs from engine to engine."""
