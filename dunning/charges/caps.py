"""Ceilings on all charges of a case together, in percent of the invoice's amount."""

from collections.abc import Iterable
from decimal import Decimal

from schemas.case import Case
from schemas.charging import Charge, ChargeRule, Law, Sums
from schemas.money import to_minor


def threshold(sums: Sums, currency: str) -> int | None:
    """Return the sum a policy states for that currency (`*` for any other), None when silent."""
    value = sums.get(currency, sums.get("*"))
    return None if value is None else to_minor(value, currency)


def cap(rule: ChargeRule, law: Law | None) -> Decimal | None:
    """Return the lower of the policy's cap and the law's, in percent of the invoice's amount."""
    caps = (rule.cap, law.total_cap if law else None)
    return min((one for one in caps if one is not None), default=None)


def room(case: Case, percent: Decimal | None, charges: Iterable[Charge]) -> int | None:
    """Return what the cap leaves beside those charges, in minor units; None without a cap."""
    if percent is None:
        return None
    most = to_minor(case.invoice.amount.amount * percent / 100, case.currency)
    return max(most - sum(one.minor for one in charges if one.posting != "notice_only"), 0)
