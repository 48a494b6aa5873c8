"""Market time, blocks, units, tenors and curve identity: pure values that every surface agrees on.

Import the module you need (``from aurum_core.market import tenors``); this package imports nothing,
so that it costs nothing.
"""
