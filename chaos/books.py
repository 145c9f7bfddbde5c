"""What the chaos run reads in the books; a PostgreSQL that is down is asked again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from chaos.cast import CREDITOR
from store.tables import audit, cases, charges, effects, outbox

T = TypeVar("T")

AGAIN_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Standing:
    """How the cases stand: which were opened, which have ended, what was charged to each."""

    opened: frozenset[str]
    ended: frozenset[str]
    charged: dict[str, int]


async def ask(engine: Engine, question: Callable[[Connection], T]) -> T:
    """Ask the books until they answer."""
    while True:
        try:
            return await asyncio.to_thread(_ask, engine, question)
        except SQLAlchemyError:
            await asyncio.sleep(AGAIN_SECONDS)


def _ask(engine: Engine, question: Callable[[Connection], T]) -> T:
    with engine.connect() as tx:
        return question(tx)


def standing(tx: Connection) -> Standing:
    """Read how all cases stand."""
    found = tx.execute(
        select(cases.c.invoice, func.bool_and(cases.c.outcome.is_not(None)))
        .where(cases.c.creditor == CREDITOR)
        .group_by(cases.c.invoice)
    ).tuples()
    ended = dict(found.all())
    sums = tx.execute(
        select(charges.c.invoice, func.sum(charges.c.amount_minor))
        .where(charges.c.creditor == CREDITOR)
        .group_by(charges.c.invoice)
    ).tuples()
    return Standing(
        opened=frozenset(ended),
        ended=frozenset(invoice for invoice, has_ended in ended.items() if has_ended),
        charged={invoice: int(minor) for invoice, minor in sums},
    )


def waiting(tx: Connection) -> int:
    """Count the events that have not left yet."""
    query = select(func.count()).where(outbox.c.delivered_at.is_(None))
    return tx.execute(query.where(outbox.c.creditor == CREDITOR)).scalar_one()


def unknown(tx: Connection) -> list[tuple[str, str, str]]:
    """Read which effects are unknown and nobody has said a word about.

    Each by its key, its invoice, and the key of the message it went out in.
    """
    word = audit.c.detail["effect"].astext
    heard = select(word).where(word.is_not(None))
    sent_as = func.coalesce(effects.c.bundle, effects.c.key)
    query = select(effects.c.key, effects.c.invoice, sent_as).where(
        effects.c.creditor == CREDITOR,
        effects.c.state == "unknown",
        effects.c.key.not_in(heard),
    )
    return list(tx.execute(query.order_by(effects.c.key)).tuples())
