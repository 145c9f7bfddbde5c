"""Money at the border: a decimal string with its currency, exact to the minor unit.

Inside the rules money is an integer of minor units (cents, yen, fils); `Amount` is how it comes in
and goes out. No float becomes an amount: whoever reads JSON or YAML keeps decimals as their text.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, model_validator

from schemas.base import Frozen
from schemas.currencies import EXPONENTS

MAX_TEXT = 28
"""How long a number may be: Decimal computes exactly with as many digits, and rounds beyond."""

MAX_MINOR = 10**17
"""The largest amount taken, in minor units: beyond it a typing mistake is likelier than a debt."""


def known_currency(code: str) -> str:
    """Return the ISO 4217 code, or raise ValueError for one that is not a currency."""
    if code not in EXPONENTS:
        raise ValueError(f"{code!r} is not an ISO 4217 currency code, e.g. EUR")
    return code


Currency = Annotated[str, AfterValidator(known_currency)]


def _exact(value: object) -> Decimal:
    if isinstance(value, float):
        raise ValueError("a float is not exact: write the amount as text or Decimal")  # noqa: TRY004
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError('an amount is a decimal string such as "123.45"')  # noqa: TRY004
    text = str(value).strip()
    if len(text) > MAX_TEXT:
        raise ValueError(f"{text[:40]!r}... has more digits than any sum of money")
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", text, re.ASCII):
        raise ValueError(f'{text[:40]!r} is not a plain decimal number such as "123.45"')
    return Decimal(text)


Exact = Annotated[Decimal, BeforeValidator(_exact), PlainSerializer(lambda d: f"{d:f}", str)]
"""A finite decimal written plainly: no exponent, no thousands separator, no NaN."""


class Amount(Frozen):
    """An exact sum of one currency, e.g. `{"amount": "123.45", "currency": "EUR"}`.

    Raises ValueError (as a validation error) for a float, an unknown currency, too many decimals
    or a sum beyond `MAX_MINOR`.
    """

    amount: Exact
    currency: Currency

    @model_validator(mode="before")
    @classmethod
    def _is_an_object(cls, value: object) -> object:
        if isinstance(value, Mapping | Amount):
            return value
        raise ValueError('money is written {"amount": "123.45", "currency": "EUR"}')

    @model_validator(mode="after")
    def _fits_the_currency(self) -> Self:
        digits = EXPONENTS[self.currency]
        minor = self.amount.scaleb(digits)
        if minor != minor.to_integral_value():
            raise ValueError(f"{self.currency} has {digits} decimals, got {self.amount}")
        if abs(minor) > MAX_MINOR:
            raise ValueError("the amount is too large to be true")
        return self

    @cached_property
    def minor(self) -> int:
        """The sum in minor units of its currency; kept, because every balance asks for it."""
        return int(self.amount.scaleb(EXPONENTS[self.currency]))

    @classmethod
    def of(cls, minor: int, currency: str) -> Self:
        """Make the amount of so many minor units, with the currency's own number of decimals."""
        digits = EXPONENTS[currency]
        return cls(amount=Decimal(minor).scaleb(-digits), currency=currency)

    @property
    def text(self) -> str:
        """The bare number with the currency's own number of decimals, e.g. `1000.00`."""
        return plain(self.minor, self.currency)


def positive(amount: Amount) -> Amount:
    """Return the amount, or raise ValueError when it is zero or less."""
    if amount.minor <= 0:
        raise ValueError(f"the amount must be above zero, got {amount.text}")
    return amount


PositiveAmount = Annotated[Amount, AfterValidator(positive)]


@lru_cache(maxsize=1_024)
def to_minor(value: Decimal, currency: str) -> int:
    """Return a decimal as whole minor units, half up: `to_minor(Decimal("0.5"), "JPY") == 1`."""
    return int(value.scaleb(EXPONENTS[currency]).to_integral_value(rounding=ROUND_HALF_UP))


def plain(minor: int, currency: str) -> str:
    """Write minor units as a decimal string: `plain(100000, "EUR") == "1000.00"`."""
    return f"{Decimal(minor).scaleb(-EXPONENTS[currency]):f}"
