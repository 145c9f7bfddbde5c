"""What a message is about, from the order that asks for it and from who owes what."""

from datetime import date, timedelta
from typing import Final

from dunning.plans.schedule import due_days, split
from schemas.customer import Customer
from schemas.effects import Effect
from schemas.invoice import Invoice
from wording.facts import ChargeLine, Facts, Instalment, Plan

OFFERED: Final = 3
"""How many monthly instalments an offer has: few enough to be no regulated credit anywhere."""


def facts_of(customer: Customer, invoice: Invoice, order: Effect, key: str) -> Facts:
    """Return the facts of one message; `reference` is what the debtor quotes to us.

    Raises InputRefusedError when the order asks for more than its lines explain.
    """
    today = order.today or order.at.date()
    pay_until = order.pay_until or today
    owed = [one for one in order.charges if one.posting != "notice_only"]
    announced = [one for one in order.charges if one.posting == "notice_only"]
    return Facts(
        customer_name=customer.name,
        customer_address=_address(customer),
        language=customer.language,
        business=customer.kind in {"business", "public_body"},
        invoice=invoice.id,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=order.currency,
        original_minor=invoice.amount.minor,
        paid_minor=order.paid_minor,
        charges=tuple(ChargeLine(one.kind, one.minor, one.on) for one in owed),
        open_minor=order.open_minor,
        days_overdue=(today - invoice.due_on).days,
        tone=order.tone,
        today=today,
        pay_until=pay_until,
        reference=key.split(":")[1],
        announced_minor=sum(one.minor for one in announced),
        plan=_offer(order.open_minor, pay_until),
        # what is announced for after the last day to pay begins on the next
        effective_on=pay_until + timedelta(days=1),
    )


def _offer(minor: int, first: date) -> Plan:
    """Return the plan a message may offer: equal monthly instalments from the last day to pay."""
    parts = OFFERED if minor >= OFFERED else 1
    days, sums = due_days(first, parts), split(max(minor, 1), parts)
    return Plan(tuple(map(Instalment, days, sums)))


def _address(customer: Customer) -> str | None:
    town = " ".join(part for part in (customer.postal_code, customer.city) if part)
    return "\n".join(part for part in (customer.address, town) if part) or None
