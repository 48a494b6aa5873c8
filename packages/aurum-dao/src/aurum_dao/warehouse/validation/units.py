"""Rules of currencies and of the units that prices are per."""

from aurum_core.market.errors import UnknownUnitError
from aurum_core.market.measures import parse_unit
from aurum_core.market.price_units import CURRENCIES, parse_units


def currency_of(text: str) -> str:
    """Return the code of a currency.

    Raises:
        UnknownUnitError: energy is not priced in it, or it is none.
    """
    code = text.upper()
    if code not in CURRENCIES:
        raise UnknownUnitError(f"Unknown currency {text!r}", name=text)
    return code


def energy_unit_of(text: str, currency: str) -> str:
    """Return the unit of energy that a price is per: `MWh`, also of `$/MWh` and `USD/MWh`.

    Raises:
        UnknownUnitError: it is no unit of energy, or of another currency.
    """
    parsed = parse_units(text)
    if parsed.per_unit is None or parsed.scale != 1 or not _is_energy(parsed.per_unit):
        raise UnknownUnitError(f"{text!r} is not the unit of a price per energy", name=text)
    if parsed.currency not in {None, currency}:
        raise UnknownUnitError(f"{text!r} is not in {currency}", name=text)
    return parsed.per_unit


def _is_energy(unit: str) -> bool:
    return parse_unit(unit).dimension == "energy"
