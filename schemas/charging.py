"""Charges: the rule a policy states, the law a pack states, and the line that was posted."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from schemas.base import Frozen
from schemas.customer import Country, DebtorKind, Identifier
from schemas.interest import (
    Compounding,
    DayCount,
    InterestRule,
    Percent,
    Rate,
    Rounding,
)
from schemas.money import Amount, Currency, Exact
from schemas.scales import Scale, Source

OUTSIDE_SCOPE = "outside-scope"
"""Late interest and compensation are damages, outside VAT (CJEU C-222/81)."""


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
Base = Literal["original", "open_principal", "overdue_principal"]
StatutorySum = Literal["lump_sum", "collection_costs"]
Posting = Literal["on_issue", "on_payment", "notice_only"]


class ChargeRule(Frozen):
    """A charge: one of `flat`, `percent`, `statutory` or `interest`, with its ground and limits.

    `flat` is a sum per currency; `percent` a share `of` the invoice's original amount, the open
    principal (default) or what of it is undisputed (`overdue_principal`); `statutory` a sum the
    charge pack sets; `cap` limits all charges of the case together; below `min_charge` it is
    waived. `posting` says when it is owed: once posted, only if the debtor pays it, or never (a
    notice of what may come). `gross_up` is the VAT percentage of a creditor who cannot reclaim it.
    """

    flat: Sums = {}
    percent: Annotated[Percent, Field(gt=0)] | None = None
    of: Base | None = None
    statutory: StatutorySum | None = None
    interest: InterestRule | None = None
    min: Sums = {}
    max: Sums = {}
    ground: str = ""
    cap: Cap | None = None
    min_charge: Sums = {}
    once_per: Literal["step", "invoice"] = "step"
    posting: Posting = "on_issue"
    tax_code: str = Field(default=OUTSIDE_SCOPE, min_length=1)
    gross_up: Percent | None = None

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> Self:
        named = [
            name for name in ("flat", "percent", "statutory", "interest") if self._states(name)
        ]
        if len(named) != 1:
            raise ValueError(
                "a charge states exactly one of flat, percent, statutory and interest, "
                f"got {' and '.join(named) or 'none'}"
            )
        if free := sorted(currency for currency, value in self.flat.items() if not value):
            raise ValueError(f"flat.{free[0]}: a fee is above zero")
        return self

    def _states(self, name: str) -> bool:
        return getattr(self, name) not in ({}, None)

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.of is not None and self.percent is None:
            raise ValueError("of: only a percent is taken of something")
        if (self.min or self.max) and self.percent is None:
            raise ValueError("min and max: only a percent has them")
        for currency, least in self.min.items():
            if least > self.max.get(currency, least):
                raise ValueError(f"min.{currency}: must not be above max.{currency}")
        if self.gross_up is not None and self.statutory is None:
            raise ValueError("gross_up: only a statutory sum is grossed up")
        if not self.ground and not self.is_statutory:
            raise ValueError("ground: name the clause of the contract that agrees the charge")
        return self

    @property
    def is_statutory(self) -> bool:
        """Whether the law, not a contract, is the ground of the charge."""
        by_law = self.interest is not None and self.interest.rate == "statutory"
        return by_law or self.statutory is not None


class Charge(Frozen):
    """A line that was posted, with the inputs it was computed from; amounts in minor units.

    `on` is the debtor's day it counts for (interest: the last day it covers), `at` the moment it
    was posted. A line below zero corrects the line that its input `corrects` names.
    """

    key: str
    kind: Literal["fee", "interest", "statutory"]
    on: date
    at: AwareDatetime
    minor: int
    ground: str
    inputs: dict[str, str] = {}
    posting: Posting = "on_issue"
    tax_code: str = OUTSIDE_SCOPE

    @model_validator(mode="after")
    def _says_what_it_corrects(self) -> Self:
        if self.minor == 0 or (self.minor < 0 and "corrects" not in self.inputs):
            raise ValueError("minor: a charge is above zero, or names the line it corrects")
        return self


class StatutoryInterest(Source):
    """Interest that the law grants without any contract."""

    rate: Rate
    daycount: DayCount = "ACT/365"
    compounding: Compounding = "none"
    rounding: Rounding = "HALF_UP"


class RateLimit(Source):
    """The highest, or the lowest, rate that a contract may agree."""

    rate: Rate


class Needed(Source):
    """A message in writing that must have gone out before a charge, and the free days it gives.

    `messages` are types of message, any of them will do; `*` is any about the overdue debt. The
    free days begin on the day after sending or receipt, or on the third working day after posting;
    `post_days` is how long a letter is assumed to travel. An email is received when it is sent.
    """

    messages: tuple[str, ...] = Field(min_length=1)
    free_days: int = Field(default=0, ge=0, le=90)
    post_days: int = Field(default=0, ge=0, le=10)
    post_third_working_day: bool = False


What = Literal["interest", "contract_interest", "lump_sum", "collection_costs", "fee"]


class Law(Frozen):
    """What may be charged to some kinds of debtor.

    `denies` names the rule that forbids a charge. `subdivision_rates` holds the highest rate of
    each state, in percent a year, where a contract's rate needs one; a state without one blocks
    the charge. `total_cap` limits all charges together, in percent of the invoice's amount.
    `sources` says where a rule comes from that does not say so itself, by its path.
    """

    debtors: tuple[DebtorKind, ...] = Field(min_length=1)
    interest: StatutoryInterest | None = None
    interest_needs: Needed | None = None
    max_rate: RateLimit | None = None
    min_rate: RateLimit | None = None
    subdivision_rates: dict[str, Percent] | None = None
    lump_sum: Scale | None = None
    collection_costs: Scale | None = None
    costs_need: Needed | None = None
    fee_ceiling: Scale | None = None
    fee_needs: Needed | None = None
    fee_once_per: Literal["step", "invoice"] = "step"
    total_cap: Percent | None = None
    denies: dict[What, Source] = {}
    sources: dict[str, Source] = {}

    @model_validator(mode="after")
    def _says_where_each_states_rate_stands(self) -> Self:
        for state in self.subdivision_rates or ():
            if (path := f"subdivision_rates.{state}") not in self.sources:
                raise ValueError(f"{path}: say under `sources`, as {path}, where the rate stands")
        return self

    def on(self, day: date) -> Self:
        """Return what of it is in force on a day; a rule without `valid_from` always is."""
        ahead = {
            name: None
            for name in type(self).model_fields
            if isinstance(rule := getattr(self, name), Source) and not _has_begun(rule, day)
        }
        denies = {what: source for what, source in self.denies.items() if _has_begun(source, day)}
        if not ahead and denies == self.denies:
            return self
        return self.model_copy(update=ahead | {"denies": denies})


def _has_begun(rule: Source, day: date) -> bool:
    return rule.valid_from is None or rule.valid_from <= day


class ChargePack(Frozen):
    """What the law of one place lets a creditor charge (`statutory-charges/1`).

    `allocation` is the order in which a payment settles: costs, interest, principal (`cip`) or
    principal first (`pic`). `country` None is the pack for every place without its own.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal["statutory-charges/1"] = Field(default="statutory-charges/1", alias="schema")
    id: Identifier
    version: str
    country: Country | None = None
    allocation: Literal["cip", "pic"] = "cip"
    laws: tuple[Law, ...] = Field(min_length=1)
    sources: dict[str, Source] = {}

    @model_validator(mode="after")
    def _one_law_each(self) -> Self:
        kinds = [kind for law in self.laws for kind in law.debtors]
        if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
            raise ValueError(f"laws: {twice[0]} appears in two laws")
        return self

    def law(self, debtor: DebtorKind) -> Law | None:
        """Return what may be charged to that kind of debtor, None when the pack is silent."""
        return next((law for law in self.laws if debtor in law.debtors), None)
