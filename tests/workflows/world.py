"""A stand-in for everything outside a case: it takes every order, and does what a test tells it."""

from collections.abc import Awaitable, Callable
from typing import Any, get_args

from temporalio import activity

from schemas.effects import ChannelReceipt, Effect, Receipt, Verb

Doing = Callable[[Effect], Awaitable[Receipt]]


async def done(order: Effect) -> Receipt:
    """Succeed in everything that is asked for."""
    return Receipt(
        receipts=tuple(
            ChannelReceipt(do=one.do, key=one.key, result="done") for one in order.planned
        )
    )


class World:
    """What the outside was asked for, and how it answers for an invoice and a step or verb."""

    def __init__(self) -> None:
        self.orders: list[Effect] = []
        self.doings: dict[tuple[str, str], Doing] = {}

    @property
    def activities(self) -> list[Callable[..., Any]]:
        """Every activity a case can ask for."""
        return [self._activity(verb) for verb in get_args(Verb)]

    def _activity(self, verb: str) -> Callable[..., Any]:
        @activity.defn(name=verb)
        async def act(order: Effect) -> Receipt:
            self.orders.append(order)
            doing = self.doings.get((order.invoice, order.step or verb), done)
            return await doing(order)

        return act

    def of(self, invoice: str) -> list[Effect]:
        """Return what was asked for about an invoice, in order."""
        return [order for order in self.orders if order.invoice == invoice]

    def keys(self, invoice: str) -> list[str]:
        """Return the effect keys that were asked for about an invoice, in order."""
        return [one.key for order in self.of(invoice) for one in order.planned]

    def booked(self, invoice: str) -> list[str]:
        """Return the ids of the journal entries that reached the books, each once."""
        return list(dict.fromkeys(one.id for order in self.of(invoice) for one in order.journal))
