"""How customers pay: what is known of one, and what the rules of behaviour make of it.

Days are days of the debtor's calendar. *Days late* are days after the due date; paying early counts
as 0 where lateness is judged, and as a negative number where a day is predicted.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Frozen
from schemas.money import Amount

SegmentName = Literal["first-time", "strong-history", "habitual-late", "ordinary"]
RiskBand = Literal["low", "medium", "high"]
Answer = Literal["expected", "due-date", "customer-median"]

Count = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(ge=0, le=100)]
AtLeastOne = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class PastInvoice:
    """One invoice of a customer's past; `minor` is its full sum in minor units of its currency.

    `paid_on` is the day it was paid in full, None while it is open. Small on purpose: a replay
    holds one for every invoice of a ledger.
    """

    id: str
    issued_on: date
    due_on: date
    minor: int
    currency: str
    paid_on: date | None = None

    @property
    def known_paid_on(self) -> date | None:
        """The first day it can be known as paid: one paid in advance is known by its issue."""
        return max(self.paid_on, self.issued_on) if self.paid_on else None


@dataclass(frozen=True, slots=True)
class PaymentHistory:
    """All invoices of one customer in any order, and the day each broken promise was broken on.

    Raises ValueError when an invoice id is there twice.
    """

    invoices: tuple[PastInvoice, ...] = ()
    broken_promises: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        ids = [one.id for one in self.invoices]
        if len(set(ids)) < len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise ValueError(f"invoice {twice} is in the history twice; each may be there once")


class SegmentRules(Frozen):
    """The thresholds of the segments; all are conventions of ours, every bound is inclusive."""

    recent: AtLeastOne = 12
    """How many of the latest payments are judged: older habits are forgiven."""
    trend_over: AtLeastOne = 4
    """The latest so many payments are held against as many before them."""
    promise_days: AtLeastOne = 365
    """For so many days a broken promise counts."""
    enough_payments: AtLeastOne = 3
    """With fewer payments a customer is `first-time`."""
    habitual_late_percent: Percent = 50
    """`habitual-late`: at least this share of the recent payments came late ..."""
    habitual_days_late: Count = 3
    """... and they came on average at least so many days late."""
    habitual_promises: AtLeastOne = 2
    """Or so many promises were broken."""
    strong_payments: AtLeastOne = 6
    """`strong-history`: at least so many payments ..."""
    strong_late_percent: Percent = 10
    """... at most this share of the recent ones late, no promise broken ..."""
    strong_days_overdue: Count = 5
    """... and nothing open for more than so many days after its due date."""


class RiskWeight(Frozen):
    """One part of the score: points rise evenly from `zero_at` to `full_at`, and stay there."""

    points: Percent
    zero_at: Count = 0
    full_at: AtLeastOne

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.full_at <= self.zero_at:
            raise ValueError(f"full_at {self.full_at} must be above zero_at {self.zero_at}")
        return self


class RiskTable(Frozen):
    """The weights of the risk score and the bounds of its bands; conventions of ours.

    Raises ValueError (as a validation error) when a score could pass 100 or the bands overlap.
    """

    late_share: RiskWeight = RiskWeight(points=30, full_at=100)
    """Percent of the recent payments that came late."""
    days_late: RiskWeight = RiskWeight(points=20, full_at=15)
    """Average days late of the recent payments."""
    trend: RiskWeight = RiskWeight(points=10, full_at=10)
    """By how many days the latest payments came later than those before."""
    promises: RiskWeight = RiskWeight(points=15, full_at=2)
    """Broken promises that still count."""
    overdue: RiskWeight = RiskWeight(points=15, full_at=60)
    """Days the oldest open invoice is past its due date."""
    exposure: RiskWeight = RiskWeight(points=10, zero_at=1, full_at=5)
    """How many usual invoices the open sum makes, in the currency where it is most."""
    thin_history: Percent = 30
    """Stands for the first three parts while there is too little history to judge a habit."""
    medium_from: Percent = 15
    """Low enough that a customer in the segment `habitual-late` is never a low risk."""
    high_from: Percent = 45

    @model_validator(mode="after")
    def _fits_the_scale(self) -> Self:
        habit = self.late_share.points + self.days_late.points + self.trend.points
        rest = self.promises.points + self.overdue.points + self.exposure.points
        if max(habit, self.thin_history) + rest > 100:  # noqa: PLR2004 - the scale's end
            raise ValueError("the points of the parts must not sum to more than 100")
        if self.high_from <= self.medium_from:
            raise ValueError("high_from must be above medium_from")
        return self


class Exposure(Frozen):
    """What is open in one currency, beside the recent payments in it."""

    open: Amount
    recent: Count
    recent_minor: Count
    """The sum of those recent invoices, in minor units."""


class Measures(Frozen):
    """What a history amounts to on the evening of `as_of`; whole numbers, hence exact."""

    as_of: date
    paid: Count
    """Invoices paid so far."""
    recent: Count
    """How many of them are judged: the latest ones."""
    late: Count
    """How many of the recent ones were paid after their due date."""
    days_late: Count
    """Their days late, summed; paying early counts as 0."""
    trend: int | None
    """Days late of the latest `trend_over` payments minus those before; None when too few."""
    trend_over: AtLeastOne
    broken_promises: Count
    overdue: Count
    """Invoices that are open past their due date."""
    oldest_overdue: Count
    """By how many days the oldest of them is past its due date."""
    exposure: tuple[Exposure, ...]
    """One line for each currency in which something is open, by code; never added up."""


class Standing(Frozen):
    """The segment a customer is in, and the rules and figures that put them there."""

    segment: SegmentName
    reasons: tuple[str, ...]


class RiskPart(Frozen):
    """One part of a score."""

    name: str
    points: Count
    why: str


class Risk(Frozen):
    """How likely trouble is, 0 to 100; the points of the parts sum to the score exactly."""

    score: Percent
    band: RiskBand
    parts: tuple[RiskPart, ...]


class Expected(Frozen):
    """The day an open invoice is expected to be paid on, and where the day comes from."""

    on: date
    days_late: int
    """Days after the due date; negative when it is expected before."""
    own_payments: Count
    """How many of the customer's own payments speak."""
    own_median: int | None
    """Their median, in days after the due date."""
    others_median: int | None
    """The median of all customers, open invoices allowed for; None when nothing is known yet."""


class AnswerErrors(Frozen):
    """How far one way to answer was off; days are whole, shares are of all answers."""

    answer: Answer
    mean_days: Decimal
    median_days: int
    within_3_days: Decimal
    within_7_days: Decimal


class Replay(Frozen):
    """How well payment days were predicted, asked at the same moment of every invoice."""

    answers: Count
    still_open: Count
    """Invoices without a payment to hold the answer against."""
    errors: tuple[AnswerErrors, ...]


class Outturn(Frozen):
    """What became of the invoices of customers who were judged alike on the eve of issue."""

    judged: str
    paid: Count
    late: Count
    days_late: Count


class OpenInvoice(Frozen):
    """One open invoice with the day it is expected to be paid on."""

    invoice: str
    due_on: date
    expected: Expected


class CustomerBehaviour(Frozen):
    """One customer as the rules see them; open invoices by due date, then id."""

    customer: str
    standing: Standing
    risk: Risk
    measures: Measures
    open: tuple[OpenInvoice, ...]
