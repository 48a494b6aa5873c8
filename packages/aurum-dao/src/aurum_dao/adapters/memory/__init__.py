"""An in-memory warehouse in plain Python: slow, and easy to see to be right."""
