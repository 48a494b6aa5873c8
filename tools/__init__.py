"""Checks and release steps of the workspace; imported by the noxfile and the architecture tests."""
