"""Charges: the rule a policy states, the law a pack states, and the line that was posted."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    model_validator,
)

from schemas.base import Frozen
from schemas.money import Amount, Currency, Exact


def _sums_fit(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    for currency, value in sums.items():
        if value < 0:
            raise ValueError(f"{currency}: the sum must not be below zero, got {value}")
        if currency != "*":
            Amount(amount=value, currency=currency)
    return sums


Sums = Annotated[dict[Currency | Literal["*"], Exact], AfterValidator(_sums_fit)]
"""Amounts by currency; `*` stands for every other currency."""


def _parse_cap(value: object) -> object:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)% of principal", str(value))
    if match:
        return Decimal(match[1])
    if isinstance(value, Decimal):
        return value
    raise ValueError(f'{value!r} is not a cap; write "10% of principal"')


Cap = Annotated[
    Decimal, BeforeValidator(_parse_cap), PlainSerializer(lambda p: f"{p}% of principal", str)
]


class ChargeRule(Frozen):
    """A fee: a flat sum per currency, its ground, and a cap on all charges of the case."""

    flat: Sums
    ground: str = Field(min_length=1)
    cap: Cap | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if free := sorted(currency for currency, value in self.flat.items() if not value):
            raise ValueError(f"flat.{free[0]}: a fee is above zero")
        return self


class Charge(Frozen):
    """A charge that was posted, with the inputs it was computed from; amounts in minor units."""

    key: str
    kind: Literal["fee", "interest", "statutory"]
    on: date
    at: AwareDatetime
    minor: int = Field(gt=0)
    ground: str
    inputs: dict[str, str] = {}


class ChargePack(Frozen):
    """What the law of one place lets a creditor charge (`statutory-charges/1`)."""

    id: str
    version: str
