"""Ports: what the floors above may ask of data access, and the frozen values they ask with."""
