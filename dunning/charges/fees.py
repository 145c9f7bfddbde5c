"""Fees that a policy adds: flat sums within a cap, posted on a step of the policy."""

from datetime import datetime

from dunning.calendar import local_day
from schemas.case import Case
from schemas.charging import Charge, ChargeRule, Sums
from schemas.money import MAX_MINOR, to_minor
from schemas.policy import Step


def threshold(sums: Sums, currency: str) -> int | None:
    """Return the sum a policy states for that currency (`*` for any other), None when silent."""
    value = sums.get(currency, sums.get("*"))
    return None if value is None else to_minor(value, currency)


def fee(case: Case, step: Step, key: str, at: datetime) -> Charge | str:
    """Return the fee a step would post now, or the reason why there is none.

    A missing amount for the currency stops the charge; the cap counts all charges of the case
    against the principal of the invoice.
    """
    rule = step.charge
    if rule is None:
        return "the step names no charge"
    flat = threshold(rule.flat, case.currency)
    if flat is None:
        return missing_rate(case)
    minor = min(flat, _room(case, rule))
    if minor <= 0:
        return "the cap on charges is reached"
    return Charge(
        key=key,
        kind="fee",
        on=local_day(case, at),
        at=at,
        minor=minor,
        ground=rule.ground,
        inputs={"flat": str(flat), "cap": f"{rule.cap}%" if rule.cap is not None else "none"},
    )


def missing_rate(case: Case) -> str:
    """Return the reason of a fee stopped because the policy knows no sum in the currency."""
    return f"the policy states no fee in {case.currency}"


def _room(case: Case, rule: ChargeRule) -> int:
    if rule.cap is None:
        return MAX_MINOR
    most = to_minor(case.invoice.amount.amount * rule.cap / 100, case.currency)
    return most - sum(charge.minor for charge in case.charges)
