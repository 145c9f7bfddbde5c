"""The name of an offered plan: it says what was offered, and until when it can be accepted.

An offer is no fact of the case, so nothing keeps it. Its name does: `offer-<last day>-<digest>`,
the digest taken over invoice, last day and instalments. An acceptance that carries the name in its
`terms` is held against it. This guards against mistakes, not against forgery: what a plan must be
is checked without it as well.
"""

import re
from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from dunning.calendar import local_day
from schemas.case import Case
from schemas.signals import Instalment, PlanAccepted

_NAME = re.compile(r"\boffer-(\d{4}-\d{2}-\d{2})-\w+")


def offer_name(case: Case, instalments: Sequence[Instalment], valid_until: date) -> str:
    """Return the name of an offer that can be accepted up to a day of the debtor's calendar."""
    parts = (f"{one.due_on} {one.amount.minor} {one.amount.currency}" for one in instalments)
    said = "\n".join((case.creditor, case.invoice.id, str(valid_until), *parts))
    return f"offer-{valid_until}-{sha256(said.encode()).hexdigest()[:16]}"


def not_as_offered(case: Case, plan: PlanAccepted) -> str | None:
    """Return why a plan is not the offer that its `terms` name; None when it is, or names none."""
    named = _NAME.search(plan.terms or "")
    if named is None:
        return None
    try:
        valid_until = date.fromisoformat(named[1])
    except ValueError:
        return f"its terms name {named[0]}, which ends on no day there is"
    if offer_name(case, plan.instalments, valid_until) != named[0]:
        return f"its instalments are not those of {named[0]}, which its terms name"
    accepted_on = local_day(case, plan.at)
    if accepted_on > valid_until:
        return f"the offer ended on {valid_until}, it was accepted on {accepted_on}"
    return None
