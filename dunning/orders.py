"""Turning a move into the order an activity gets: ids, amounts and moments, no names."""

from datetime import datetime, timedelta
from typing import TypedDict

from dunning.calendar import days_overdue, local_day
from dunning.charges.balance import balance
from dunning.messages import message_of
from dunning.moves import Act
from dunning.schedule import pay_until
from dunning.stops import standing_flags
from dunning.together import level_of, waits_for_others
from schemas.case import Case
from schemas.effects import Effect, EndedCase
from schemas.steps import Step


def order(case: Case, act: Act, now: datetime) -> Effect:
    """Return the order for a step; it also carries the journal, so one transaction books both."""
    message = message_of(case, act.step)
    return Effect(
        creditor=case.creditor,
        invoice=case.invoice.id,
        customer=case.customer.id,
        episode=case.episode,
        at=now,
        journal=case.journal,
        step=act.step.id,
        planned=act.planned,
        template=act.step.script if act.verb == "call" else act.step.template,
        tone=act.step.tone,
        **_terms(case, act, now),
        agency=act.step.agency,
        currency=case.currency,
        open_minor=act.amount_due,
        paid_minor=balance(case).paid,
        charges=act.charges if act.verb == "charge" else case.charges,
        pay_until=(message and message.pay_by) or pay_until(case, act.step, now),
        today=local_day(case, now),
    )


class _Terms(TypedDict, total=False):
    message: str
    packs: tuple[str, ...]
    flags: tuple[str, ...]
    days_overdue: int
    together: timedelta | None
    level: int


def _terms(case: Case, act: Act, now: datetime) -> _Terms:
    """Return what the contact rules are asked with at the last moment; nothing for other steps."""
    if not act.step.is_contact:
        return {}
    return {
        "message": act.step.message_type,
        "packs": tuple(pack.id for pack in case.rules.packs) if case.rules else (),
        "flags": tuple(sorted(standing_flags(case, now))),
        "days_overdue": days_overdue(case, now),
        **_company(case, act.step),
    }


def _company(case: Case, step: Step) -> _Terms:
    # a message of an agreement asks for something else than what is open
    if case.policy.step(step.id) is None:
        return {}
    together = waits_for_others(case.policy, step)
    return {"together": together, "level": level_of(case.policy, step)} if together else {}


def booking(case: Case, now: datetime, view: str | None = None) -> Effect:
    """Return the order to book the journal and, when the case has ended, how, and what it leaves.

    It also says what the case knows of reference rates: the receipt brings those that are newer.
    """
    return Effect(
        creditor=case.creditor,
        invoice=case.invoice.id,
        customer=case.customer.id,
        episode=case.episode,
        at=now,
        journal=case.journal,
        outcome=case.closed.outcome if case.closed else None,
        view=view,
        state=_left_behind(case) if case.closed else None,
        rates={table.id: table.last for table in case.rules.rates} if case.rules else {},
    )


def _left_behind(case: Case) -> EndedCase:
    law = None if case.rules is None else tuple(pack.id for pack in case.rules.packs)
    # only what still holds the next episode up; the trail has the rest, and every text
    unread = tuple(
        one.model_copy(update={"raw": "", "reason": one.reason[:200]})
        for one in case.rejected
        if one.name == "payment_received"
    )
    rest = {"rules": None, "journal": (), "rejected": unread, "rejected_more": 0}
    return EndedCase(case=case.model_copy(update=rest), law=law)
