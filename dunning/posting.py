"""What a charging step posts: the lines of a fee, or of interest, or why there is none."""

from datetime import datetime

from dunning.charges.fees import fee
from dunning.charges.interest import interest_lines
from dunning.charges.rates import Missing
from dunning.holds import accrual_pauses
from schemas.case import Case
from schemas.charging import Charge
from schemas.steps import Step


def charges_of(case: Case, step: Step, do: str, key: str, at: datetime) -> tuple[Charge, ...] | str:
    """Return the lines a fee or interest step posts now, or the reason why it posts none."""
    if do == "interest" and step.charge is not None:
        lines = interest_lines(case, step.charge, at, key, accrual_pauses(case))
        return lines.reason if isinstance(lines, Missing) else lines
    posted = fee(case, step, key, at)
    return posted if isinstance(posted, str) else (posted,)
