"""The terms that hold for one case: the policy's rule, and what the packs of its place add to it.

Where they differ the one that protects the debtor more wins: the longer grace, the longer time to
make up for a missed instalment, the smaller number of instalments.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from dunning.once import once
from schemas.case import Case
from schemas.charging import Sums
from schemas.jurisdiction import PlanLimits
from schemas.money import to_minor

MAX = 1_000
"""Beyond every limit there is."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers a plan of this case is judged by; days are calendar days, sums minor units."""

    grace_days: int
    consecutive: int
    total: int
    late_days: int
    cure_days: int
    instalments: int
    months: int
    slack_least: int
    slack_percent: int
    """In hundredths of a percent."""

    def slack(self, minor: int) -> int:
        """Return by how much an instalment may fall short and still count as paid."""
        return max(self.slack_least, minor * self.slack_percent // 10_000)


@once()
def terms(case: Case) -> Terms:
    """Return the terms that hold for plans of this case."""
    rule, is_consumer = case.policy.plan, case.customer.kind == "consumer"
    cure_days = rule.consumer_cure_days if is_consumer else rule.cure_days
    limits = _limits(case)
    parts = [limit.consumer if is_consumer else limit.business for limit in limits]
    by_law = [limit.missed_to_default for limit in limits]
    missed = rule.missed_to_default
    return Terms(
        grace_days=max(rule.grace_days, *(limit.grace_days for limit in limits), 0),
        consecutive=max(missed.consecutive, *(one.consecutive for one in by_law), 0),
        total=max(missed.total, *(one.total for one in by_law), 0),
        late_days=rule.late_days_to_default,
        cure_days=max(cure_days, *(limit.cure_days for limit in limits), 0),
        instalments=min(_by_policy(case), *(part.max_instalments for part in parts), MAX),
        months=min(rule.months_at_most, *(part.max_months or MAX for part in parts), MAX),
        slack_least=_least(rule.tolerance, case.currency),
        slack_percent=int(rule.tolerance_percent * 100),
    )


def _limits(case: Case) -> tuple[PlanLimits, ...]:
    packs = case.rules.packs if case.rules else ()
    return tuple(pack.plan for pack in packs if pack.plan is not None)


def _by_policy(case: Case) -> int:
    rule, customer = case.policy.plan, case.customer
    if customer.kind != "consumer":
        return rule.instalments_at_most
    elsewhere = rule.consumer_instalments.get("*", rule.instalments_at_most)
    there = rule.consumer_instalments.get(customer.country or "*", elsewhere)
    return min(there, rule.instalments_at_most)


def _least(sums: Sums, currency: str) -> int:
    value = sums.get(currency, sums.get("*"))
    return 0 if value is None else _minor(value, currency)


@lru_cache(maxsize=256)
def _minor(value: Decimal, currency: str) -> int:
    return to_minor(value, currency)
