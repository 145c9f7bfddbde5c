"""Where a debtor is: the time zones an address and a phone number point to, and the holidays.

Numbers move with people and states have two clocks, so the answer is every zone that anything
points to; the contact rules then allow only what is allowed in each of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

import phonenumbers
from holidays import country_holidays, list_supported_countries
from phonenumbers import PhoneNumberType, timezone
from pydantic import Field

from library.documents import read_model
from schemas.base import Frozen
from schemas.customer import Country, Customer, CustomerFacts, TimeZone
from schemas.jurisdiction import Pack, ZoneSource

ZONES: Final = Path(__file__).resolve().parent.parent / "jurisdictions" / "places" / "zones.yaml"
_PLACED: Final = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
"""Numbers that belong to a place; a toll-free or internet number belongs to none."""


class ZoneTable(Frozen):
    """Zones by country, by state, and by ZIP prefix in states with more than one.

    `else` is what holds for a state or prefix that is not listed.
    """

    schema_: Literal["zones/1"] = Field(alias="schema")
    version: str
    verified_on: date | None
    countries: dict[Country, TimeZone]
    states: dict[Country, dict[str, tuple[TimeZone, ...]]]
    zips: dict[str, dict[str, tuple[TimeZone, ...]]]


@cache
def zone_table() -> ZoneTable:
    """Return the bundled table."""
    return read_model(ZONES, ZoneTable, "the zone table is a mapping")


def zones_of(
    customer: CustomerFacts,
    sources: Sequence[ZoneSource] = ("postal_address", "phone_prefix", "account"),
) -> tuple[str, ...]:
    """Return every zone that address, phone number or account point to; none if nothing does.

    Zones whose clocks agree over the coming years count once.
    """
    found = dict.fromkeys(customer.zones)
    if "account" in sources and customer.time_zone:
        found[customer.time_zone] = None
    if "postal_address" in sources:
        found |= dict.fromkeys(_by_address(customer))
    if "phone_prefix" in sources and isinstance(customer, Customer) and customer.phone:
        found |= dict.fromkeys(_by_phone(customer.phone, customer.country))
    return _distinct(tuple(found))


def state_of(customer: CustomerFacts) -> str | None:
    """Return the subdivision without its country: `CA` for `US-CA`."""
    return customer.subdivision and customer.subdivision.removeprefix(f"{customer.country}-")


def calendar_of(pack: Pack, customer: CustomerFacts) -> str:
    """Return the holiday calendar a pack means for a debtor, e.g. `DE-BE`; `none` if unknown."""
    named = pack.match.country
    country = customer.country if named in {None, "*"} else named
    if pack.holidays is None or country is None or country not in _supported():
        return "none"
    state = state_of(customer) if country == customer.country else None
    if pack.holidays.calendar == "national" or state not in _supported()[country]:
        return country
    return f"{country}-{state}"


@lru_cache(maxsize=256)
def days_off(calendar: str, years: range) -> tuple[date, ...]:
    """Return the holidays of a calendar in those years, in order."""
    country, _, state = calendar.partition("-")
    return tuple(sorted(country_holidays(country, subdiv=state or None, years=years)))


@cache
def _supported() -> Mapping[str, Sequence[str]]:
    return list_supported_countries(include_aliases=True)


def _by_address(customer: CustomerFacts) -> Iterator[str]:
    table, country, state = zone_table(), customer.country or "", state_of(customer) or ""
    if country in table.countries:
        yield table.countries[country]
    code = customer.postal_code if isinstance(customer, Customer) else None
    prefixes = table.zips.get(state) if country == "US" and code else None
    if prefixes and code:
        yield from prefixes.get(code.strip()[:3], prefixes["else"])
    else:
        states = table.states.get(country, {})
        yield from states.get(state, states.get("else", ()))


def _by_phone(phone: str, country: str | None) -> tuple[str, ...]:
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return ()
    if phonenumbers.number_type(number) not in _PLACED:
        return ()
    zones = tuple(map(str, timezone.time_zones_for_number(number)))
    return () if "Etc/Unknown" in zones else zones


@lru_cache(maxsize=4096)
def _distinct(zones: tuple[str, ...]) -> tuple[str, ...]:
    clocks: dict[tuple[object, ...], str] = {}
    for name in zones:
        clocks.setdefault(_clock(name), name)
    return tuple(clocks.values())


@lru_cache(maxsize=512)
def _clock(name: str) -> tuple[object, ...]:
    """Return what tells one clock from another: its offsets, week by week, for ten years."""
    start, zone = datetime(2020, 1, 1, 12, tzinfo=UTC), ZoneInfo(name)
    return tuple((start + timedelta(weeks=w)).astimezone(zone).utcoffset() for w in range(520))
