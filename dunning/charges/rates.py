"""Which rate holds on which day: a rate, its ceilings, and the tables they are read from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from schemas.interest import Fixed, Reference
from schemas.rates import RateTable, half_year


@dataclass(frozen=True, slots=True)
class Missing:
    """A rate that is needed and not known: the charge stops until somebody fills the table."""

    table: str
    day: date

    @property
    def reason(self) -> str:
        """What to fill, in a sentence for the operator."""
        return (
            f"the rate table {self.table} has no rate for the half-year from "
            f"{half_year(self.day)}; add it to jurisdictions/rates/{self.table}.yaml"
        )


class MissingRateError(Exception):
    """A rate is needed that no table has; it never leaves the rules."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing.reason)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Rates:
    """The rate of each day, in percent a year: `rate`, lifted by floors, held down by ceilings.

    `first_day` is the day interest begins; a reference that is fixed takes its rate of that day.
    """

    rate: Fixed | Reference
    first_day: date
    tables: Sequence[RateTable]
    ceilings: tuple[Fixed | Reference, ...] = ()
    floors: tuple[Fixed | Reference, ...] = ()

    @property
    def floats(self) -> bool:
        """Whether the rate may change with the half-year."""
        return any(
            isinstance(rate, Reference) and rate.fixing == "half_year"
            for rate in (self.rate, *self.ceilings, *self.floors)
        )

    def on(self, day: date) -> Decimal:
        """Return the rate of a day; raises MissingRateError when a table does not know it."""
        least = max(self._percent(rate, day) for rate in (self.rate, *self.floors))
        return min((least, *(self._percent(rate, day) for rate in self.ceilings)))

    def _percent(self, rate: Fixed | Reference, day: date) -> Decimal:
        if isinstance(rate, Fixed):
            return rate.yearly
        asked = self.first_day if rate.fixing == "first_day" else day
        return percent_on(rate, asked, self.tables)


def percent_on(rate: Reference, day: date, tables: Sequence[RateTable]) -> Decimal:
    """Return a reference rate with its points; raises MissingRateError when it is not known.

    A negative reference stays negative; the sum is never below zero (house rule R3).
    """
    table = next((table for table in tables if table.id == rate.table), None)
    base = None if table is None else table.percent_on(day)
    if base is None:
        raise MissingRateError(Missing(rate.table, day))
    percent = base * rate.times + rate.add
    if rate.round_up_to is not None:
        steps = (percent / rate.round_up_to).to_integral_value(rounding=ROUND_CEILING)
        percent = steps * rate.round_up_to
    return max(percent, Decimal(0))
