"""The routers of v1, one per domain."""
