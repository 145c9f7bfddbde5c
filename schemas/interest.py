"""Interest: the rate, and how days become a part of a year.

A rate is a percentage of a year, of a month, or a reference rate plus points. Numbers of law are in
`jurisdictions/`; here is only their shape.
"""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from schemas.base import Frozen
from schemas.customer import Identifier
from schemas.money import Exact

DayCount = Literal["ACT/365", "ACT/ACT", "ACT/360", "30E/360", "30/360"]
"""ACT/365 keeps 365 in leap years; ACT/ACT divides each day by the days of the year it lies in."""

Compounding = Literal["none", "yearly", "monthly"]
Rounding = Literal["HALF_UP", "HALF_EVEN", "DOWN"]
Percent = Annotated[Exact, Field(ge=0, le=1000)]


class Fixed(Frozen):
    """A rate that somebody agreed: percent a year, a month, or for each month that has begun."""

    percent: Percent
    per: Literal["year", "month", "started_month"] = "year"

    @property
    def yearly(self) -> Decimal:
        """The percentage of a whole year."""
        return self.percent * (1 if self.per == "year" else 12)


class Reference(Frozen):
    """Points above a multiple of a reference rate; it floats by half-year or is fixed at first.

    `round_up_to` raises the sum to the next multiple, e.g. half a point. A sum below zero is zero.
    """

    table: Identifier
    times: Annotated[Exact, Field(gt=0)] = Decimal(1)
    add: Exact = Decimal(0)
    fixing: Literal["half_year", "first_day"] = "half_year"
    round_up_to: Annotated[Exact, Field(gt=0)] | None = None


_WRITTEN = re.compile(r"(\d+(?:\.\d+)?) ?(?:%|% (?:a|per) (year|month)|% per (started month))?")


def _parse_rate(value: object) -> object:
    if value == "statutory" or isinstance(value, dict | Fixed | Reference):
        return value
    if isinstance(value, float):  # which is refused as what it is, not as a text
        return Fixed.model_validate({"percent": value})
    if isinstance(value, bool) or not (match := _WRITTEN.fullmatch(str(value))):
        raise ValueError(
            f'{value!r} is not a rate; write "12" (percent a year), "1.5% per month", '
            '"1.5% per started month", statutory, or {table: ecb_mro, add: "8"}'
        )
    number, whole, started = match.groups()
    return Fixed(percent=Decimal(number), per="started_month" if started else whole or "year")


Rate = Annotated[Fixed | Reference, BeforeValidator(_parse_rate)]
PolicyRate = Annotated[Fixed | Reference | Literal["statutory"], BeforeValidator(_parse_rate)]


class InterestRule(Frozen):
    """Interest as a policy states it; what it leaves open the charge pack says, else the default.

    The default is ACT/365, simple, rounded half up. Money that arrives within `grace_days` of the
    due date bears no interest; afterwards interest counts from the day after the due date
    (`retroactive`) or from the end of the grace (`shift`). `max_rate` is a ceiling in percent a
    year.
    """

    rate: PolicyRate
    daycount: DayCount | None = None
    compounding: Compounding | None = None
    rounding: Rounding | None = None
    grace_days: int = Field(default=0, ge=0, le=365)
    grace_mode: Literal["retroactive", "shift"] = "retroactive"
    max_rate: Percent | None = None
