"""How each kind of debtor behaves, day by day, and how the case must end because of it.

A deed falls so many case days after the one before it, the first after the invoice's due date; one
that names a step also waits until that step is in the case's timeline. So a slow machine plays the
same story more slowly. Amounts are taken from the case's own view when the deed is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from demo.ledger.script import Behaviour
from schemas.case import CaseView, Outcome
from schemas.money import Amount

Fields = dict[str, Any]


@dataclass(frozen=True)
class Occasion:
    """What a deed may look at: the case as it stands, and the case's present day."""

    seen: CaseView
    today: date

    def share(self, percent: int) -> Fields:
        """Return so many percent of what is open, as an amount."""
        currency = self.seen.balance.currency
        whole = Amount.model_validate({"amount": self.seen.balance.total, "currency": currency})
        return Amount.of(whole.minor * percent // 100, currency).model_dump()


@dataclass(frozen=True)
class Deed:
    """One thing a debtor (or the creditor's staff) does: a signal, its fields, and when.

    One that `settles` is done again while something is open, say a fee posted in the meantime.
    """

    days: int
    signal: str
    fields: Callable[[Occasion], Fields]
    after_step: str | None = None
    name: str = ""
    settles: bool = False


@dataclass(frozen=True)
class Part:
    """A debtor's part in the demo: the deeds, and what must come of them."""

    deeds: tuple[Deed, ...]
    outcome: Outcome
    with_steps: frozenset[str] = frozenset()
    without_steps: frozenset[str] = frozenset()


WHOLE = 100


def _pays(days: int, percent: int = WHOLE, after_step: str | None = None) -> Deed:
    return Deed(
        days,
        "payment_received",
        lambda on: {"amount": on.share(percent)},
        after_step,
        settles=percent == WHOLE,
    )


def _plan(on: Occasion) -> Fields:
    """Make a plan of three parts; the last one takes what does not divide."""
    currency = on.seen.balance.currency
    whole = Amount.model_validate({"amount": on.seen.balance.total, "currency": currency}).minor
    part = whole // 3
    sums = (part, part, whole - 2 * part)
    return {
        "instalments": [
            {
                "due_on": (on.today + timedelta(days=PLAN_DAYS[number])).isoformat(),
                "amount": Amount.of(minor, currency).model_dump(),
            }
            for number, minor in enumerate(sums)
        ]
    }


PLAN_DAYS = (5, 9, 13)
"""On which days after its acceptance the parts of a plan are due."""

_REMINDED = frozenset({"reminder-1"})
_CHASED = frozenset({"reminder-1", "reminder-2", "call", "final-notice", "handoff"})
_DISPUTE = Deed(
    2, "dispute_opened", lambda _: {"reason": "goods arrived damaged"}, "reminder-1", "dispute"
)
# after the reminder that names the fee, so that the plan covers everything that is open
_PLAN = Deed(9, "plan_accepted", _plan, "reminder-2", "plan")


def _resolves(days: int, result: str) -> Deed:
    return Deed(days, "dispute_resolved", lambda _: {"dispute": "dispute", "result": result})


PARTS: dict[Behaviour, Part] = {
    "pays_early": Part(
        (_pays(2, after_step="reminder-1"),), "paid", _REMINDED, _CHASED - _REMINDED
    ),
    "pays_after_call": Part(
        (_pays(15, after_step="call"),),
        "paid",
        frozenset({"reminder-1", "reminder-2", "call"}),
        frozenset({"final-notice", "handoff"}),
    ),
    "pays_in_parts": Part(
        (_pays(3, 40, "reminder-1"), _pays(5, after_step="reminder-2")),
        "paid",
        frozenset({"reminder-1", "reminder-2"}),
        frozenset({"call", "final-notice", "handoff"}),
    ),
    "disputes_upheld": Part(
        (_DISPUTE, _resolves(5, "upheld")), "credited", _REMINDED, _CHASED - _REMINDED
    ),
    "disputes_rejected_then_pays": Part(
        (_DISPUTE, _resolves(3, "rejected"), _pays(4, after_step="reminder-2")),
        "paid",
        frozenset({"reminder-1", "reminder-2"}),
        frozenset({"call", "final-notice", "handoff"}),
    ),
    "plan_kept": Part(
        (_PLAN, _pays(2, 34), _pays(3, 51), _pays(3)),
        "paid",
        frozenset({"reminder-1", "reminder-2"}),
        frozenset({"call", "final-notice", "handoff"}),
    ),
    "plan_broken": Part((_PLAN, _pays(2, 34)), "handed_off", _CHASED),
    "never_reacts": Part((), "handed_off", _CHASED),
}
"""The demo's cast."""
