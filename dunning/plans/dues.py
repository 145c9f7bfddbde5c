"""What is owed at a moment, less what an ended plan has left on its own days."""

from dataclasses import replace
from datetime import datetime

from dunning.charges.balance import Balance, balance
from dunning.plans.state import not_yet_due
from schemas.case import Case


def owed_at(case: Case, now: datetime) -> Balance:
    """Return the balance; what a plan that was not kept leaves for later days is not asked for."""
    later = not_yet_due(case, now)
    return replace(balance(case), later=later) if later else balance(case)
