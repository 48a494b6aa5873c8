"""Data access of the Aurum API: ports, warehouse readers and writers, adapters."""
