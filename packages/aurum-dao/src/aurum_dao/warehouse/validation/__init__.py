"""Checking a load before it is staged: canonical types, derived columns, rules, duplicates.

Everything is vectorised over Arrow; Python sees distinct values and refused rows only.
"""

from aurum_dao.warehouse.validation.check import Checked, Stamp, check_dataset, check_reference

__all__ = ["Checked", "Stamp", "check_dataset", "check_reference"]
