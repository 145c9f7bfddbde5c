"""Turning a move into the order an activity gets: ids, amounts and moments, no names."""

from datetime import datetime

from dunning.calendar import local_day
from dunning.charges.balance import balance
from dunning.decide import Act
from dunning.schedule import pay_until
from schemas.case import Case
from schemas.effects import Effect


def order(case: Case, act: Act, now: datetime) -> Effect:
    """Return the order for a step; it also carries the journal, so one transaction books both."""
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
        agency=act.step.agency,
        currency=case.currency,
        open_minor=act.amount_due,
        paid_minor=balance(case).paid,
        charges=case.charges if act.charge is None else (act.charge,),
        pay_until=pay_until(case, act.step, now),
        today=local_day(case, now),
    )


def booking(case: Case, now: datetime, view: str | None = None) -> Effect:
    """Return the order to book the journal and, when the case has ended, its outcome and view."""
    return Effect(
        creditor=case.creditor,
        invoice=case.invoice.id,
        customer=case.customer.id,
        episode=case.episode,
        at=now,
        journal=case.journal,
        outcome=case.closed.outcome if case.closed else None,
        view=view,
    )
