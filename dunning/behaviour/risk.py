"""The risk score: a sum of parts, each with its points and the figure they come from."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from dunning.behaviour.exact import decimal, half_up
from dunning.behaviour.measures import STANDARD, measure
from schemas.behaviour import (
    Exposure,
    Measures,
    PaymentHistory,
    Risk,
    RiskBand,
    RiskPart,
    RiskTable,
    RiskWeight,
    SegmentRules,
)

TABLE = RiskTable()


def risk(
    history: PaymentHistory,
    as_of: date,
    rules: SegmentRules = STANDARD,
    table: RiskTable = TABLE,
) -> Risk:
    """Return the customer's score by what was known on the evening of `as_of`."""
    return score(measure(history, as_of, rules), rules, table)


def score(seen: Measures, rules: SegmentRules = STANDARD, table: RiskTable = TABLE) -> Risk:
    """Return the score of measures: 0 to 100, exactly the sum of its parts' points.

    While there is too little history to judge a habit, `thin-history` stands for it: a stranger is
    neither safe nor suspect.
    """
    known = seen.paid >= rules.enough_payments
    parts = (*(_habit(seen, table) if known else [_thin(seen, table)]), *_present(seen, table))
    total = sum(part.points for part in parts)
    return Risk(score=total, band=_band(total, table), parts=parts)


def _habit(seen: Measures, table: RiskTable) -> Iterator[RiskPart]:
    share = Fraction(100 * seen.late, seen.recent)
    why = f"{seen.late} of the last {seen.recent} payments late"
    yield _part("late-share", share, table.late_share, why)
    average = Fraction(seen.days_late, seen.recent)
    yield _part("days-late", average, table.days_late, f"{decimal(average, 1)} days on average")
    yield _trend(seen, table)


def _trend(seen: Measures, table: RiskTable) -> RiskPart:
    if seen.trend is None:
        return RiskPart(name="trend", points=0, why="too few payments to compare")
    change = Fraction(seen.trend, seen.trend_over)
    than = f"{decimal(abs(change), 1)} days {'later' if change > 0 else 'earlier'} than"
    why = (
        f"the last {seen.trend_over} payments came {than if change else 'as late as'} those before"
    )
    return _part("trend", change, table.trend, why)


def _thin(seen: Measures, table: RiskTable) -> RiskPart:
    why = f"{seen.paid} invoices paid so far: too few to judge a habit"
    return RiskPart(name="thin-history", points=table.thin_history, why=why)


def _present(seen: Measures, table: RiskTable) -> Iterator[RiskPart]:
    broken = Fraction(seen.broken_promises)
    yield _part("promises", broken, table.promises, f"promises broken of late: {broken}")
    oldest = Fraction(seen.oldest_overdue)
    why = f"oldest open invoice {oldest} days past due" if oldest else "nothing past due"
    yield _part("overdue", oldest, table.overdue, why)
    yield _exposure(seen, table)


def _exposure(seen: Measures, table: RiskTable) -> RiskPart:
    """Judge by the currency that weighs most; sums of two currencies are never added."""
    known = [one for one in seen.exposure if one.recent]
    if not known:
        why = (
            "open, with no payment in that currency to compare" if seen.exposure else "nothing open"
        )
        return RiskPart(name="exposure", points=0, why=why)
    worst = max(known, key=_times)
    why = (
        f"{worst.open.text} {worst.open.currency} open, {decimal(_times(worst), 1)} usual invoices"
    )
    return _part("exposure", _times(worst), table.exposure, why)


def _times(one: Exposure) -> Fraction:
    return Fraction(one.open.minor * one.recent, one.recent_minor)


def _part(name: str, value: Fraction, weight: RiskWeight, why: str) -> RiskPart:
    return RiskPart(name=name, points=_points(value, weight), why=why)


def _points(value: Fraction, weight: RiskWeight) -> int:
    if value <= weight.zero_at:
        return 0
    if value >= weight.full_at:
        return weight.points
    return half_up(weight.points * (value - weight.zero_at) / (weight.full_at - weight.zero_at))


def _band(total: int, table: RiskTable) -> RiskBand:
    if total >= table.high_from:
        return "high"
    return "medium" if total >= table.medium_from else "low"
