"""The Aurum API composed: factory, middleware, health, command line."""
