"""What a policy says about payment plans and promises to pay: limits, grace, and when they end."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Frozen
from schemas.charging import Sums
from schemas.customer import Country, Identifier
from schemas.inbound import Day
from schemas.money import Amount, Exact
from schemas.signals import Instalment

Days = Annotated[int, Field(ge=0, le=365)]


class MissedToDefault(Frozen):
    """How many missed instalments end a plan: so many in a row, or so many in all."""

    consecutive: int = Field(default=2, ge=1, le=60)
    total: int = Field(default=3, ge=1, le=60)


class OfferRule(Frozen):
    """What an offer looks like when the debtor names no wish of his own.

    So many equal monthly instalments, fewer where one would fall below `smallest` or the law lets
    fewer pass; it can be accepted for `valid_days` days.
    """

    instalments: int = Field(default=3, ge=1, le=60)
    valid_days: int = Field(default=14, ge=0, le=90)
    smallest: Sums = {}


class PlanRule(Frozen):
    """Which payment plans are taken, and when one that is not kept ends.

    An instalment is missed once `grace_days` after its day are over; the plan ends by
    `missed_to_default`, or when an instalment is later than `late_days_to_default` beyond its
    grace, but never before the days to make up for it that the cure notice names are over. One
    that falls short by no more than the larger of `tolerance` and `tolerance_percent` counts as
    paid.
    `accelerate`: at the end of a plan that was not kept all of its rest is due at once, unless the
    plan itself says otherwise. `remind` are the days of its own reminders, counted from an
    instalment's day. `consumer_instalments` names the limit of a country, `*` of every other one;
    contact packs may set a lower one.
    """

    grace_days: int = Field(default=5, ge=0, le=60)
    missed_to_default: MissedToDefault = MissedToDefault()
    late_days_to_default: Days = 30
    cure_days: Days = 10
    consumer_cure_days: Days = 14
    tolerance: Sums = {"*": Decimal("1.00")}
    tolerance_percent: Annotated[Exact, Field(ge=0, le=10)] = Decimal(1)
    interest: Literal["suspended", "accrues", "waived_on_completion"] = "suspended"
    accelerate: bool = True
    remind: Annotated[tuple[Annotated[int, Field(ge=-30, le=30)], ...], Field(max_length=6)] = (
        -3,
        0,
        1,
    )
    first_within_days: int = Field(default=30, ge=0, le=365)
    months_at_most: int = Field(default=12, ge=1, le=120)
    instalments_at_most: int = Field(default=12, ge=1, le=60)
    consumer_instalments: dict[Country | Literal["*"], Annotated[int, Field(ge=1, le=60)]] = {
        "US": 4,
        "*": 12,
    }
    offer: OfferRule = OfferRule()


class Offer(Frozen):
    """A plan the debtor may accept up to the day `valid_until` of the debtor's calendar.

    `instalments`, `terms` and `accelerate` are those of the `plan_accepted` that accepts it;
    `terms` is the offer's name, by which the acceptance is held against it. It is free of charge.
    """

    invoice: Identifier
    terms: str
    valid_until: Day
    total: Amount
    instalments: tuple[Instalment, ...]
    accelerate: bool


class PromiseRule(Frozen):
    """When a promise to pay is broken, and how many broken ones are too many.

    A promise is broken when unpaid so many business days after its day. After `at_most` broken
    ones a further promise is noted and does not hold. `remind_days_before` 0 sends no reminder.
    """

    grace_business_days: int = Field(default=2, ge=0, le=30)
    at_most: int = Field(default=3, ge=1, le=60)
    remind_days_before: int = Field(default=1, ge=0, le=30)
