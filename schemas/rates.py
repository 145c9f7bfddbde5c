"""Reference rates as dated tables (`reference-rates/1`).

A rate serves exactly one half-year. A half-year that is not in the table has no known rate: the one
before it is never carried on.
"""

from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Frozen
from schemas.customer import Identifier
from schemas.money import Exact

_JULY = 7


def half_year(day: date) -> date:
    """Return the first day of that day's half-year: 1 January or 1 July."""
    return date(day.year, _JULY if day.month >= _JULY else 1, 1)


class HalfYearRate(Frozen):
    """The percentage that serves the half-year beginning `on`.

    `verified_on` is the day somebody read it at its source, None for one from memory.
    """

    on: date
    percent: Exact
    verified_on: date | None = None

    @model_validator(mode="after")
    def _begins_a_half_year(self) -> Self:
        if self.on != half_year(self.on):
            raise ValueError(f"on: a half-year begins on 1 January or 1 July, got {self.on}")
        return self


class RateTable(Frozen):
    """One reference rate over time; `source` says where its numbers are published."""

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal["reference-rates/1"] = Field(default="reference-rates/1", alias="schema")
    id: Identifier
    name: str
    source: str
    rates: tuple[HalfYearRate, ...] = ()

    @model_validator(mode="after")
    def _rises(self) -> Self:
        days = [rate.on for rate in self.rates]
        for earlier, later in pairwise(days):
            if later <= earlier:
                raise ValueError(f"rates: {later} must come after {earlier}, each half-year once")
        return self

    @property
    def last(self) -> date | None:
        """The last half-year that is known."""
        return self.rates[-1].on if self.rates else None

    @cached_property
    def _percents(self) -> dict[date, Decimal]:
        return {rate.on: rate.percent for rate in self.rates}

    def percent_on(self, day: date) -> Decimal | None:
        """Return the rate that serves that day's half-year, None when the table lacks it."""
        return self._percents.get(half_year(day))
