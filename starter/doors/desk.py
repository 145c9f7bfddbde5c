"""What every door shares: turning away, which is counted, and taking in, which is kept at once."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web
from pydantic import ValidationError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from mailroom.delivery import Delivery, UnknownInvoiceError, hand_on, keep
from schemas.errors import DunningError, InputRefusedError
from schemas.signals import AnyEvent, ContactOutcome
from store import effect_ledger, refusals

log = logging.getLogger("dunning.doors")

T = TypeVar("T")
KEY_PARTS = 5

STATUS: dict[refusals.Reason, type[web.HTTPError]] = {
    "malformed": web.HTTPBadRequest,
    "wrong signature": web.HTTPForbidden,
    "unknown": web.HTTPNotFound,
}


@dataclass(frozen=True)
class Desk:
    """Takes in what a door has found to be genuine, and counts what it has not."""

    client: Client
    engine: Engine
    task_queue: str

    async def refused(self, door: str, reason: refusals.Reason, words: str) -> web.HTTPError:
        """Count a refusal and return the answer to raise; the words go to the sender."""
        log.warning("%s: refused, %s", door, reason)
        try:
            await self._within(lambda tx: refusals.count(tx, door, reason))
        except web.HTTPServiceUnavailable:
            log.warning("%s: the refusal is not counted", door)
        return STATUS[reason](text=f"{words}\n")

    async def take(self, door: str, creditor: str, invoice: str, event: AnyEvent) -> Delivery:
        """Keep an event and hand it to its case; raises the answer to one that is refused."""
        try:
            await self._within(lambda tx: keep(tx, creditor, invoice, event))
        except UnknownInvoiceError:
            raise await self.refused(door, "unknown", "there is no such invoice") from None
        except InputRefusedError as error:
            raise await self.refused(door, "malformed", str(error)) from None
        return await self._handed_on(creditor, invoice, event)

    async def witness(
        self, door: str, provider: str, reference: str | None, event: ContactOutcome
    ) -> Delivery:
        """Take in a provider's report on an effect: the ledger is settled, then the case is told.

        Raises the answer to a report on an effect that is not in the ledger.
        """
        parts = event.effect.split(":")
        if len(parts) != KEY_PARTS or not all(parts):
            raise await self.refused(door, "malformed", "key is not an effect key")
        creditor = parts[0]

        def settled(tx: Connection) -> list[ContactOutcome]:
            keys = effect_ledger.witnessed(tx, event.effect, provider, reference, event.result)
            told = [event.model_copy(update={"effect": key}) for key in keys]
            for one in told:
                keep(tx, creditor, _invoice(one), one)
            return told

        try:
            told = await self._within(settled)
        except UnknownInvoiceError:
            told = []
        if not told:
            raise await self.refused(door, "unknown", "there is no such effect")
        # a report on one message is about every invoice that went out in it
        became = {one.effect: await self._handed_on(creditor, _invoice(one), one) for one in told}
        return became[event.effect]

    async def _handed_on(self, creditor: str, invoice: str, event: AnyEvent) -> Delivery:
        """Hand on what is kept: a fault on the way is ours, and the sender need not know of it."""
        try:
            return await hand_on(
                self.client, self.engine, creditor, invoice, event, self.task_queue
            )
        except (DunningError, SQLAlchemyError, ValidationError):
            log.exception("%s for %s is kept and cannot be handed on", event.type, invoice)
            return Delivery.WAITING

    async def _within(self, work: Callable[[Connection], T]) -> T:
        def transaction() -> T:
            with self.engine.begin() as tx:
                return work(tx)

        try:
            return await asyncio.to_thread(transaction)
        except SQLAlchemyError as error:
            raise _try_again(error) from error


def _invoice(event: ContactOutcome) -> str:
    return event.effect.split(":")[1]


def _try_again(error: SQLAlchemyError) -> web.HTTPServiceUnavailable:
    log.warning("the books do not answer: %s", type(error).__name__)
    return web.HTTPServiceUnavailable(text="try again\n")
