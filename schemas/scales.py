"""Sums that the law sets by the size of a debt, each with its source."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Frozen
from schemas.currencies import EXPONENTS
from schemas.interest import Percent
from schemas.money import Currency, Exact, to_minor

Basis = Literal["law", "regulator", "case", "convention"]
Sum = Annotated[Exact, Field(ge=0)]


class Source(Frozen):
    """Where a rule comes from; `verified_on` None means that nobody has looked it up yet."""

    basis: Basis
    cite: str = Field(min_length=1)
    verified_on: date | None = None
    valid_from: date | None = None


class Band(Frozen):
    """Debts up to a sum (`upto`, inclusive) or less than it (`below`), or all that are larger.

    The charge is `fixed` plus `percent` of what the debt exceeds `over` by.
    """

    upto: Sum | None = None
    below: Sum | None = None
    fixed: Sum = Decimal(0)
    percent: Percent = Decimal(0)
    over: Sum = Decimal(0)

    @model_validator(mode="after")
    def _has_one_end(self) -> Self:
        if self.upto is not None and self.below is not None:
            raise ValueError("a band ends with `upto` or `below`, not both")
        return self

    @property
    def end(self) -> Decimal | None:
        """The sum at which the band ends, None for the last."""
        return self.upto if self.below is None else self.below

    def holds(self, debt: Decimal) -> bool:
        """Whether a debt falls within the band, given that it is in none before."""
        return (
            self.below > debt if self.below is not None else self.upto is None or debt <= self.upto
        )


class Scale(Source):
    """A sum by the size of the debt, in one currency, rounded half up once.

    `per` says whether each invoice bears its own sum or the invoices of one letter are added first;
    `grosses_up` that a creditor who cannot reclaim VAT may add it; `credits_costs` that the sum
    counts towards the creditor's recovery costs (BGB 288(5)).
    """

    currency: Currency
    bands: tuple[Band, ...] = Field(min_length=1)
    min: Sum | None = None
    max: Sum | None = None
    per: Literal["invoice", "letter"] = "invoice"
    grosses_up: bool = False
    credits_costs: bool = False

    @model_validator(mode="after")
    def _covers_every_debt(self) -> Self:
        ends = [band.end for band in self.bands]
        if ends[-1] is not None or None in ends[:-1]:
            raise ValueError("bands: every band but the last has an end, and the last has none")
        rising = [end for end in ends if end is not None]
        if rising != sorted(set(rising)):
            raise ValueError("bands: their ends must rise")
        return self

    def minor(self, debt_minor: int, vat: Decimal | None = None) -> int:
        """Return the sum for a debt, both in minor units; `vat` is the percentage added on top."""
        debt = Decimal(debt_minor).scaleb(-EXPONENTS[self.currency])
        band = next(band for band in self.bands if band.holds(debt))
        value = band.fixed + (debt - band.over) * band.percent / 100
        value = max(value, self.min) if self.min is not None else value
        value = min(value, self.max) if self.max is not None else value
        return to_minor(value * (100 + (vat or 0)) / 100, self.currency)
