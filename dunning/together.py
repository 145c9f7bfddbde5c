"""Which messages about several invoices of a customer may go out as one, and which of them leads.

The message at the highest level leads: its template, its tone and its words are those that the
customer reads, and the others are named in its statement of open invoices.
"""

from datetime import date, timedelta
from typing import Final

from schemas.effects import Effect
from schemas.policy import Policy
from schemas.steps import Step

DEMANDS: Final = ("pre_due", "statement", "reminder", "default_notice", "final_notice")
"""Messages that ask for what is open, the mildest first: a later one says what an earlier one does.

Any other has a matter of its own (a card, a suspension, a plan, an agency) that would go unsaid.
"""


def waits_for_others(policy: Policy, step: Step) -> timedelta | None:
    """Return how long a step of the policy waits for other invoices; None if it goes by itself."""
    is_demand = step.message_type in DEMANDS
    return policy.together if is_demand and policy.together else None


def level_of(policy: Policy, step: Step) -> int:
    """Return the place of a step among the policy's contacts, from 0."""
    return sum(turn.is_contact for turn in policy.turns[: policy.index(step)])


def leading(orders: tuple[Effect, ...]) -> Effect:
    """Return the order whose message all of them go out in.

    It is the severest kind of message, then the highest level; of equals the invoice that is
    longest overdue, then the first by id. It gives everybody the latest of all last days to pay.
    """
    first = min(orders, key=lambda one: (*_rank(one), -one.days_overdue, one.invoice))
    days: list[date] = [one.pay_until for one in orders if one.pay_until is not None]
    return first.model_copy(update={"pay_until": max(days, default=None)})


def _rank(order: Effect) -> tuple[int, int]:
    message = order.message or ""
    return -(DEMANDS.index(message) if message in DEMANDS else -1), -order.level
