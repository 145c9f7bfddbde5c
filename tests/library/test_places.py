"""Where a debtor is, by address and by phone."""

from typing import Any

import pytest

from library.jurisdictions import shipped
from library.places import calendar_of, days_off, zone_table, zones_of
from schemas.customer import Customer

EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"


def debtor(**fields: Any) -> Customer:  # noqa: ANN401 - fields of a customer
    return Customer.model_validate({"id": "C-1", **fields})


@pytest.mark.parametrize(
    ("customer", "zones"),
    [
        pytest.param({"phone": "+12085551234"}, {"America/Boise", PACIFIC}, id="T7"),
        pytest.param({"phone": "+12125551234"}, {EASTERN}, id="T8"),
        pytest.param({"phone": "+18005551234"}, set(), id="toll-free"),
        pytest.param({"phone": "no number"}, set(), id="unreadable"),
        pytest.param({"phone": "+447700900123"}, set(), id="a number nobody has"),
        pytest.param({"phone": "+447911123456"}, {"Europe/Guernsey"}, id="four islands, one clock"),
        pytest.param({}, set(), id="nothing known"),
        pytest.param({"country": "US"}, set(), id="a country with many clocks"),
        pytest.param({"country": "DE"}, {"Europe/Berlin"}, id="a country with one"),
        pytest.param({"country": "NO"}, {"Europe/Oslo"}, id="Norway, not false"),
        pytest.param({"country": "US", "subdivision": "US-NY"}, {EASTERN}, id="a state"),
        pytest.param({"country": "US", "subdivision": "TN"}, {EASTERN, CENTRAL}, id="split state"),
        pytest.param(
            {"country": "US", "subdivision": "TN", "postal_code": "37402"},
            {EASTERN},
            id="split state, ZIP in one part",
        ),
        pytest.param(
            {"country": "US", "subdivision": "TN", "postal_code": "38103-1234"},
            {CENTRAL},
            id="split state, other ZIP",
        ),
        pytest.param(
            {"country": "US", "subdivision": "TN", "postal_code": "37301"},
            {EASTERN, CENTRAL},
            id="ZIP prefix in both parts",
        ),
        pytest.param(
            {"country": "US", "subdivision": "TX", "phone": "+12125551234"},
            {EASTERN, CENTRAL, "America/Denver"},
            id="number and address differ",
        ),
        pytest.param(
            {"time_zone": "Europe/Paris", "country": "DE"},
            {"Europe/Paris"},
            id="zones whose clocks agree count once",
        ),
        pytest.param(
            {"zones": ["Asia/Tokyo"], "country": "GB"},
            {"Asia/Tokyo", "Europe/London"},
            id="zones found before are kept",
        ),
        pytest.param({"country": "ES"}, {"Europe/Madrid", "Atlantic/Canary"}, id="Spain"),
    ],
)
def test_zones_are_all_that_anything_points_to(customer: dict[str, Any], zones: set[str]) -> None:
    assert set(zones_of(debtor(**customer))) == zones


def test_only_the_sources_asked_for_are_used() -> None:
    moved = debtor(country="DE", phone="+12125551234", time_zone="Asia/Tokyo")
    assert zones_of(moved, ["postal_address"]) == ("Europe/Berlin",)
    assert zones_of(moved, ["phone_prefix"]) == (EASTERN,)
    assert zones_of(moved, ["account"]) == ("Asia/Tokyo",)


def test_every_split_state_has_a_zone_for_the_zips_not_listed() -> None:
    table = zone_table()
    split = {state for state, zones in table.states["US"].items() if len(zones) > 1}
    assert set(table.zips) == split
    for state, prefixes in table.zips.items():
        assert prefixes["else"]
        for zones in prefixes.values():
            assert set(zones) <= set(table.states["US"][state])


@pytest.mark.parametrize(
    ("pack", "customer", "calendar"),
    [
        ("de", {"country": "DE", "subdivision": "BY"}, "DE-BY"),
        ("de", {"country": "DE", "subdivision": "XX"}, "DE"),
        ("de", {"country": "DE"}, "DE"),
        ("de", {"country": "US", "subdivision": "CA"}, "DE"),
        ("us", {"country": "US", "subdivision": "CA"}, "US"),
        ("default", {"country": "JP"}, "JP"),
        ("default", {}, "none"),
        ("us-nyc", {"country": "US"}, "none"),
    ],
)
def test_a_calendar_is_that_of_the_packs_country(
    pack: str, customer: dict[str, str], calendar: str
) -> None:
    assert calendar_of(shipped()[pack], debtor(**customer)) == calendar


def test_observed_days_are_off_too() -> None:
    days = [str(day) for day in days_off("GB-ENG", range(2026, 2027))]
    assert "2026-12-28" in days
    assert days == sorted(days)
