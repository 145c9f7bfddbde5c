"""What is open of a customer by the books and the cases; loaded only by commands that need both."""

import asyncio
from datetime import date
from decimal import Decimal

from dunning.charges.allocation import OpenClaim
from schemas.behaviour import PastInvoice
from schemas.errors import RefusedByRulesError
from schemas.money import to_minor
from settings import settings
from starter.status import read_status
from store import engine as books
from store.histories import payment_histories
from temporal.connect import connect
from temporal.plugin import DunningPlugin


async def live_items(
    creditor: str, customer: str, currency: str, today: date
) -> tuple[OpenClaim, ...]:
    """Return what is open by the customer's cases, and the unsettled invoices that have none.

    Charges of a case are part of what is open of its invoice. Raises ServiceUnreachableError when
    the books or Temporal do not answer.
    """
    engine = books.connect(settings().database_url, 1)
    books.check(engine)
    with engine.connect() as tx:
        past = payment_histories(tx, creditor, {customer})[customer].invoices
    client = await connect(plugins=[DunningPlugin()])

    async def claim(invoice: PastInvoice) -> OpenClaim:
        try:
            seen = await read_status(client, creditor, invoice.id)
        except RefusedByRulesError:  # it has no case: nobody has asked for it yet
            return OpenClaim(invoice.id, invoice.due_on, invoice.minor)
        total = to_minor(Decimal(seen.balance.total), currency)
        return OpenClaim(invoice.id, invoice.due_on, total)

    unsettled = [one for one in past if one.currency == currency and not _was_paid(one, today)]
    return tuple(await asyncio.gather(*map(claim, unsettled)))


def _was_paid(invoice: PastInvoice, today: date) -> bool:
    return invoice.paid_on is not None and invoice.paid_on <= today
