"""The measures of a payment history: counts and sums, from which every judgement follows."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from dunning.behaviour.record import Record, late_by
from schemas.behaviour import Exposure, Measures, PastInvoice, PaymentHistory, SegmentRules
from schemas.money import Amount

STANDARD = SegmentRules()


def measure(history: PaymentHistory, as_of: date, rules: SegmentRules = STANDARD) -> Measures:
    """Measure a history by what was known on the evening of `as_of`."""
    return measure_record(Record.of(history, as_of, memory(rules)), as_of, rules)


def memory(rules: SegmentRules) -> int:
    """Return how many payments a record must remember to be measured by these rules."""
    return max(rules.recent, 2 * rules.trend_over)


def measure_record(record: Record, as_of: date, rules: SegmentRules = STANDARD) -> Measures:
    """Measure a record that has taken in everything up to the evening of `as_of`."""
    recent = tuple(record.latest)[-rules.recent :]
    days = [_days_late(one) for one in record.latest]
    judged = days[-rules.recent :]
    overdue = [(as_of - one.due_on).days for one in record.open.values() if one.due_on < as_of]
    since = as_of - timedelta(days=rules.promise_days)
    return Measures(
        as_of=as_of,
        paid=record.paid,
        recent=len(judged),
        late=sum(late > 0 for late in judged),
        days_late=sum(judged),
        trend=_trend(days, rules.trend_over),
        trend_over=rules.trend_over,
        broken_promises=sum(day > since for day in record.broken_promises),
        overdue=len(overdue),
        oldest_overdue=max(overdue, default=0),
        exposure=tuple(_exposure(record.open.values(), recent)),
    )


def _days_late(invoice: PastInvoice) -> int:
    return max(late_by(invoice), 0)


def _trend(days: Sequence[int], over: int) -> int | None:
    """Compare sums of equal length, which is to compare averages without a division."""
    if len(days) < 2 * over:
        return None
    return sum(days[-over:]) - sum(days[-2 * over : -over])


def _exposure(owed: Iterable[PastInvoice], recent: Sequence[PastInvoice]) -> Iterable[Exposure]:
    sums: dict[str, int] = {}
    for one in owed:
        sums[one.currency] = sums.get(one.currency, 0) + one.minor
    for currency, minor in sorted(sums.items()):
        alike = [one.minor for one in recent if one.currency == currency]
        yield Exposure(open=Amount.of(minor, currency), recent=len(alike), recent_minor=sum(alike))
