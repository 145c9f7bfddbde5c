"""Turning a move into the order an activity gets: ids, amounts and moments, no names."""

from datetime import datetime

from dunning.calendar import local_day
from dunning.charges.balance import balance
from dunning.messages import message_of
from dunning.moves import Act
from dunning.schedule import pay_until
from schemas.case import Case
from schemas.effects import Effect


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
        agency=act.step.agency,
        currency=case.currency,
        open_minor=act.amount_due,
        paid_minor=balance(case).paid,
        charges=act.charges if act.verb == "charge" else case.charges,
        pay_until=(message and message.pay_by) or pay_until(case, act.step, now),
        today=local_day(case, now),
    )


def booking(case: Case, now: datetime, view: str | None = None) -> Effect:
    """Return the order to book the journal and, when the case has ended, its outcome and view.

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
        rates={table.id: table.last for table in case.rules.rates} if case.rules else {},
    )
