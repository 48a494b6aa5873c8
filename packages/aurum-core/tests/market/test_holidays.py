"""Holiday rules against QuantLib and against the exchanges' own lists."""

import csv
import warnings
from datetime import date, timedelta
from pathlib import Path

import pytest

from aurum_core.market.errors import UnknownCalendarError
from aurum_core.market.holidays import (
    good_friday,
    holidays_of,
    is_nerc_holiday,
    is_trading_day,
    nerc_holidays,
    next_trading_day,
    previous_trading_day,
)


@pytest.fixture(scope="module")
def quantlib():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SWIG's types lack __module__ and warn about it
        return pytest.importorskip("QuantLib", reason="QuantLib is an oracle of the dev group only")


def _weekday_holidays(quantlib, market):
    start, end = quantlib.Date(1, 1, 2000), quantlib.Date(31, 12, 2050)
    calendar = quantlib.UnitedStates(market)
    return {
        date(d.year(), d.month(), d.dayOfMonth()) for d in calendar.holidayList(start, end, False)
    }


def test_nerc_agrees_with_quantlib(quantlib):
    rule = {day for year in range(2000, 2051) for day in nerc_holidays(year)}
    assert {day for day in rule if day.weekday() < 5} == _weekday_holidays(
        quantlib, quantlib.UnitedStates.NERC
    )
    assert all(len(nerc_holidays(year)) == 6 for year in range(2000, 2051))


def test_bank_holidays_agree_with_quantlib(quantlib):
    """QuantLib's FederalReserve keeps Juneteenth from 2022, we from 2021: a Saturday either way."""
    rule = {day for year in range(2000, 2051) for day in holidays_of("US_BANK", year)}
    assert {day for day in rule if day.weekday() < 5} == _weekday_holidays(
        quantlib, quantlib.UnitedStates.FederalReserve
    )


def test_nerc_holidays_of_the_golden(golden):
    for year, days in golden("g1_strips.json")["holidays"].items():
        assert sorted(day.isoformat() for day in nerc_holidays(int(year))) == days


def test_sunday_moves_to_monday_and_saturday_stays():
    assert is_nerc_holiday(date(2027, 7, 5))
    assert not is_nerc_holiday(date(2027, 7, 4))
    assert is_nerc_holiday(date(2026, 7, 4))
    assert not is_nerc_holiday(date(2026, 7, 3))


def test_good_friday_of_known_years():
    assert [good_friday(year).isoformat() for year in (2000, 2008, 2024, 2025, 2038)] == [
        "2000-04-21",
        "2008-03-21",
        "2024-03-29",
        "2025-04-18",
        "2038-04-23",
    ]


@pytest.fixture(scope="module")
def listed(shared: Path) -> dict[str, set[date]]:
    lists: dict[str, set[date]] = {}
    with (shared / "data" / "futures_ng_cl" / "exchange_holidays.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            lists.setdefault(row["key"], set()).add(date.fromisoformat(row["value"]))
    return lists


def _rule(name: str, since: date) -> set[date]:
    days = {day for year in range(2009, 2026) for day in holidays_of(name, year)}
    return {day for day in days if day >= since}


def test_nymex_rule_against_the_list(listed):
    """The rule has every listed day, and more only where the list is short:

    - 2011-01-01 and 2022-01-01 fall on Saturday and close nothing;
    - 2015-04-03, Good Friday, stands twice under `ice` instead of once under `nymex`;
    - Juneteenth is listed from 2024 only; the exchange has kept it, without a settlement, since 2022.
    """
    rule = _rule("NYMEX", min(listed["nymex"]))
    assert listed["nymex"] <= rule
    assert {day.isoformat() for day in rule - listed["nymex"]} == {
        "2011-01-01",
        "2022-01-01",
        "2015-04-03",
        "2022-06-20",
        "2023-06-19",
    }


def test_ice_europe_rule_is_the_list(listed):
    """The list's `ice` is London (Brent, gasoil): three holidays, a Saturday's kept on Friday."""
    assert _rule("ICE_EUROPE", min(listed["ice"])) == listed["ice"]


def test_ice_differs_from_the_london_list(listed):
    """ICE here is its North American energy: NYMEX's holidays, so no 31 December for a Saturday."""
    rule = _rule("ICE", min(listed["ice"]))
    assert {day.isoformat() for day in listed["ice"] - rule} == {"2010-12-31", "2021-12-31"}


@pytest.mark.parametrize("name", ["NYMEX", "ICE"])
@pytest.mark.parametrize("day", ["2025-04-18", "2025-06-19", "2026-07-03", "2027-06-18"])
def test_good_friday_and_juneteenth_do_not_trade(name, day):
    assert not is_trading_day(date.fromisoformat(day), name)


def test_banks_work_on_good_friday_and_on_the_friday_before():
    assert is_trading_day(date(2025, 4, 18), "US_BANK")
    assert is_trading_day(date(2026, 7, 3), "US_BANK")
    assert not is_trading_day(date(2026, 7, 3), "FEDERAL")


def test_a_federal_new_year_on_saturday_is_kept_the_year_before():
    assert date(2021, 12, 31) in holidays_of("FEDERAL", 2021)
    assert date(2022, 1, 1) not in holidays_of("FEDERAL", 2022)


def test_steps_between_trading_days():
    assert next_trading_day(date(2025, 4, 17), "nymex") == date(2025, 4, 21)
    assert previous_trading_day(date(2025, 4, 21), "ICE") == date(2025, 4, 17)
    day = date(2025, 1, 1)
    for _ in range(60):
        following = next_trading_day(day, "NYMEX")
        assert is_trading_day(following, "NYMEX")
        assert following - day <= timedelta(days=4)
        day = following


def test_unknown_set_is_refused():
    with pytest.raises(UnknownCalendarError):
        is_trading_day(date(2025, 1, 4), "LSE")


def test_the_last_year_of_dates_has_holidays():
    assert date(9999, 12, 25) in nerc_holidays(9999)
