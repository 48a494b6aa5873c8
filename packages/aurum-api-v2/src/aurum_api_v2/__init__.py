"""The v2 surface of the Aurum API."""
