"""Making an offer: a plan that would fit, whenever the debtor accepts it until its last day.

Pure, and no fact of the case: what takes effect is the acceptance (`plan_accepted`).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dunning.calendar import local_day, local_moment
from dunning.charges.balance import balance
from dunning.charges.caps import threshold
from dunning.plans.acceptance import check_plan
from dunning.plans.naming import offer_name
from dunning.plans.schedule import MONTHLY, Rhythm, propose
from dunning.plans.terms import terms
from schemas.case import Case
from schemas.money import Amount
from schemas.plans import Offer
from schemas.signals import Instalment, PlanAccepted


@dataclass(frozen=True, slots=True)
class Wish:
    """What the debtor would like; None, and a rhythm of months, is what the policy offers."""

    instalments: int | None = None
    first: date | None = None
    down: Amount | None = None
    rhythm: Rhythm = MONTHLY


AS_THE_POLICY_SAYS = Wish()


def make_offer(case: Case, now: datetime, wish: Wish = AS_THE_POLICY_SAYS) -> Offer:
    """Return an offer that divides what is asked for now, and its last day.

    Equal instalments, what does not divide in the last one. Days are the debtor's. It can be
    accepted for the policy's days, but not beyond its first instalment. Raises ValueError, in one
    sentence, when nothing is open or the wish lies outside the policy or the law.
    """
    due = balance(case, now).due
    if due <= 0:
        raise ValueError("nothing is open that a plan could divide")
    today, rule = local_day(case, now), case.policy.plan
    valid_until = today + timedelta(days=min(rule.offer.valid_days, rule.first_within_days))
    first = valid_until if wish.first is None else wish.first
    least = threshold(rule.offer.smallest, case.currency) or 1
    count = wish.instalments or _count(case, due, least, wish.down)
    total = Amount.of(due, case.currency)
    parts = propose(total, count, first, wish.rhythm, down=wish.down, least=least)
    valid_until = min(valid_until, parts[0].due_on)
    _must_fit(case, parts, now, valid_until)
    return Offer(
        invoice=case.invoice.id,
        terms=offer_name(case, parts, valid_until),
        valid_until=valid_until,
        total=total,
        instalments=parts,
        accelerate=rule.accelerate,
    )


def _count(case: Case, due: int, least: int, down: Amount | None) -> int:
    """Return how many equal instalments the policy offers, so that none is too small."""
    allowed = terms(case).instalments - (down is not None)
    rest = due - (down.minor if down else 0)
    return max(min(case.policy.plan.offer.instalments, allowed, rest // least), 1)


def _must_fit(case: Case, parts: tuple[Instalment, ...], now: datetime, valid_until: date) -> None:
    """Ask about the first and the last moment of acceptance: what fits at both fits between."""
    for at in (now, max(now, local_moment(case, valid_until, time(0)))):
        wrong = check_plan(case, PlanAccepted(id="offer", at=at, instalments=parts))
        if wrong is not None:
            raise ValueError(wrong)
