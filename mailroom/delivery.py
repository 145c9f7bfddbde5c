"""Delivering an event: kept first, then handed to its case, whatever state that is in.

| The case | What becomes of the event |
| --- | --- |
| runs | it is signalled; the case books it |
| has ended, and the event opens it again | the next episode begins with it |
| has ended, and it changes nothing | it is booked, and kept for a next episode |
| is not open yet, or Temporal does not answer | it waits, and is applied or delivered later |
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Connection, Engine
from temporalio.client import Client
from temporalio.service import RPCError

from dunning.apply import happened
from dunning.clock import case_time
from dunning.reopening import next_episode, reopens
from library.cases import resumed
from mailroom.opening import open_with_arrivals
from schemas.case import Case
from schemas.errors import DunningError, InputRefusedError, RefusedByRulesError
from schemas.signals import AnyEvent, ContactOutcome, sums
from store import arrivals, bad_addresses, case_book
from store.debtors import currency_of, read_debt
from temporal.cases import tell

log = logging.getLogger("dunning.mailroom")

OVERDUE: Final = timedelta(minutes=1)
"""How long an event that was handed over may take to be booked."""
AT_ONCE: Final = 1000
"""How many events are handed over again in one go."""


class Delivery(StrEnum):
    """What became of an event that was delivered."""

    SIGNALLED = "signalled"
    REOPENED = "reopened"
    BOOKED = "booked"
    WAITING = "waiting"


class UnknownInvoiceError(RefusedByRulesError):
    """The books hold no such invoice, so nothing can be known of its case."""


async def deliver(
    client: Client, engine: Engine, creditor: str, invoice: str, event: AnyEvent, task_queue: str
) -> Delivery:
    """Keep an event and hand it on; raises as `keep` does."""

    def kept() -> None:
        with engine.begin() as tx:
            keep(tx, creditor, invoice, event)

    await asyncio.to_thread(kept)
    return await hand_on(client, engine, creditor, invoice, event, task_queue)


def keep(tx: Connection, creditor: str, invoice: str, event: AnyEvent) -> None:
    """Keep an event until its case has booked it, and mark the address that it says is no use.

    Raises UnknownInvoiceError for an invoice that is not in the books, and InputRefusedError for
    an amount in another currency than the invoice's.
    """
    currency = currency_of(tx, creditor, invoice)
    if currency is None:
        raise UnknownInvoiceError(
            f"invoice {invoice!r} of creditor {creditor!r} is not in the books; "
            "import it with `dunning import`"
        )
    if wrong := [sum_.currency for sum_ in sums(event) if sum_.currency != currency]:
        raise InputRefusedError(f"amount: it is in {wrong[0]}, the invoice is in {currency}")
    is_new = arrivals.arrive(tx, creditor, invoice, event)
    if is_new and isinstance(event, ContactOutcome):
        bad_addresses.mark(tx, event.effect, event.result)


async def hand_on(
    client: Client, engine: Engine, creditor: str, invoice: str, event: AnyEvent, task_queue: str
) -> Delivery:
    """Hand an event that is kept to its case.

    Doing it again does no harm. While Temporal does not answer, the event waits.
    """
    try:
        if await tell(client, creditor, invoice, event):
            return Delivery.SIGNALLED
        found = await asyncio.to_thread(_after_the_end, engine, creditor, invoice, event)
        if isinstance(found, Delivery):
            return found
        if await open_with_arrivals(client, engine, found, task_queue):
            return Delivery.REOPENED
        is_told = await tell(client, creditor, invoice, event)  # somebody else has just opened it
    except RPCError as error:
        log.warning("%s for %s waits: Temporal says %s", event.type, invoice, error.message)
        return Delivery.WAITING
    return Delivery.SIGNALLED if is_told else Delivery.WAITING


def _after_the_end(engine: Engine, creditor: str, invoice: str, event: AnyEvent) -> Delivery | Case:
    """Book an event for a case that runs no more, or enter and return the episode that it opens.

    The episode is entered before it runs: whoever comes with another event in between finds it
    and starts it as well, so that only one start counts and neither event is lost.
    """
    with engine.begin() as tx:
        left = case_book.left_behind(tx, creditor, invoice)
        if left is None:
            return Delivery.WAITING
        now = case_time(left.ended.case.clock, datetime.now(UTC))
        case = resumed(left.ended, read_debt(tx, creditor, invoice).customer, now.date())
        if left.is_followed or reopens(case, event):
            again = next_episode(case, event, now)
            case_book.opened(tx, again)
            return again
        case_book.heard(tx, happened(case, event, now))
    return Delivery.BOOKED


async def deliver_again(client: Client, engine: Engine, creditor: str, task_queue: str) -> int:
    """Hand on what cases should have taken in by now and did not; returns how many there were."""

    def read() -> list[arrivals.Waiting]:
        with engine.begin() as tx:
            return arrivals.waiting(tx, creditor, OVERDUE, AT_ONCE)

    late = await asyncio.to_thread(read)
    for one in late:
        try:
            became = await hand_on(client, engine, creditor, one.invoice, one.event, task_queue)
        except (DunningError, ValidationError):  # one that cannot be helped stops no other
            log.exception("%s for %s cannot be handed on", one.event.type, one.invoice)
        else:
            log.info("%s for %s, handed on again: %s", one.event.type, one.invoice, became)
    return len(late)
