"""The segment a customer is in, by rules that anyone can recompute from the measures.

The first rule that holds wins: `first-time`, `habitual-late`, `strong-history`, else `ordinary`.
"""

from datetime import date
from fractions import Fraction

from dunning.behaviour.exact import decimal
from dunning.behaviour.measures import STANDARD, measure
from schemas.behaviour import Measures, PaymentHistory, SegmentRules, Standing


def segment(history: PaymentHistory, as_of: date, rules: SegmentRules = STANDARD) -> Standing:
    """Return the customer's segment by what was known on the evening of `as_of`, with reasons."""
    return place(measure(history, as_of, rules), rules)


def place(seen: Measures, rules: SegmentRules = STANDARD) -> Standing:
    """Return the segment that measures belong to; `rules` are those they were measured by."""
    if seen.paid < rules.enough_payments:
        reason = f"{seen.paid} invoices paid so far, fewer than {rules.enough_payments}"
        return Standing(segment="first-time", reasons=(reason,))
    if reasons := _habitual(seen, rules):
        return Standing(segment="habitual-late", reasons=reasons)
    if obstacles := _obstacles(seen, rules):
        return Standing(segment="ordinary", reasons=obstacles)
    return Standing(
        segment="strong-history", reasons=(_lateness(seen), f"{seen.paid} invoices paid so far")
    )


def _habitual(seen: Measures, rules: SegmentRules) -> tuple[str, ...]:
    often = 100 * seen.late >= rules.habitual_late_percent * seen.recent
    long = seen.days_late >= rules.habitual_days_late * seen.recent
    promises = seen.broken_promises >= rules.habitual_promises
    found = [_lateness(seen)] if often and long else []
    return (*found, _promises(seen)) if promises else tuple(found)


def _obstacles(seen: Measures, rules: SegmentRules) -> tuple[str, ...]:
    """Say what keeps a customer from a strong history; nothing when they have one."""
    checks = {
        f"{seen.paid} invoices paid so far, fewer than {rules.strong_payments}": (
            seen.paid < rules.strong_payments
        ),
        _lateness(seen): 100 * seen.late > rules.strong_late_percent * seen.recent,
        _promises(seen): seen.broken_promises > 0,
        f"an invoice is open {seen.oldest_overdue} days after its due date": (
            seen.oldest_overdue > rules.strong_days_overdue
        ),
    }
    return tuple(reason for reason, holds in checks.items() if holds)


def _lateness(seen: Measures) -> str:
    average = decimal(Fraction(seen.days_late, seen.recent), 1)
    return f"{seen.late} of the last {seen.recent} payments late, {average} days on average"


def _promises(seen: Measures) -> str:
    return f"promises broken of late: {seen.broken_promises}"
