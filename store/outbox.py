"""The outbox: what the billing system must learn, written in the transaction that made it true.

Every event is kept, whether or not a receiver is configured: who writes one does not know who will
deliver it, and a process started without the setting would lose events without a word. Events of a
case leave in the order in which they were written; one that is not delivered holds back those after
it, and no other case's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from schemas.outgoing import Outgoing
from store.tables import outbox

LEASE: Final = timedelta(minutes=1)
"""How long an event is a deliverer's own; after that another may try it."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
LONGEST_FAULT: Final = 300

_waits: Final = outbox.c.delivered_at.is_(None)


@dataclass(frozen=True)
class Due:
    """An event to deliver now; `attempt` counts from 1 and says whose turn it is."""

    number: int
    id: str
    body: dict[str, Any]
    attempt: int


def put(tx: Connection, events: Iterable[Outgoing]) -> None:
    """Add events in this order; one that was added before is left as it is."""
    rows = [
        {
            "id": event.id,
            "creditor": event.creditor,
            "invoice": event.invoice,
            "episode": event.episode,
            "type": (body := event.model_dump(mode="json"))["type"],
            "body": body,
        }
        for event in events
    ]
    if rows:
        tx.execute(insert(outbox).values(rows).on_conflict_do_nothing())


def due(tx: Connection, limit: int, lease: timedelta = LEASE) -> list[Due]:
    """Take the first waiting event of up to `limit` cases, those that have waited longest first.

    They are ours for `lease`, once the transaction is committed; nobody else gets them meanwhile.
    """
    earlier = outbox.alias()
    held_back = exists().where(
        earlier.c.creditor == outbox.c.creditor,
        earlier.c.invoice == outbox.c.invoice,
        earlier.c.number < outbox.c.number,
        earlier.c.delivered_at.is_(None),
    )
    ready = (
        select(outbox.c.number)
        .where(_waits, outbox.c.next_try_at <= func.now(), ~held_back)
        .order_by(outbox.c.next_try_at, outbox.c.number)
        .limit(limit)
        .with_for_update(skip_locked=True, of=outbox)
        .cte("ready")
    )
    taken = (
        update(outbox)
        .where(outbox.c.number == ready.c.number)
        .values(attempts=outbox.c.attempts + 1, next_try_at=func.now() + lease)
        .returning(outbox.c.number, outbox.c.id, outbox.c.body, outbox.c.attempts)
    )
    return [Due(*row) for row in sorted(tx.execute(taken), key=_by_number)]


def _by_number(row: Row[Any]) -> int:
    return int(row.number)


def delivered(tx: Connection, number: int) -> None:
    """Write down that the receiver has an event; whoever brought it there."""
    changes = {"delivered_at": func.now(), "fault": None}
    tx.execute(update(outbox).where(outbox.c.number == number, _waits).values(changes))


def failed(tx: Connection, one: Due, fault: str) -> None:
    """Write down why an event was not taken, and try it again later.

    The pause doubles from five seconds to an hour and is shortened by up to half, so that
    deliverers do not knock all at once. An attempt whose turn has passed to another says nothing.
    """
    again = func.now() + pause(one.attempt) * uniform(0.5, 1)  # noqa: S311 - spread, not secrecy
    tx.execute(
        update(outbox)
        .where(outbox.c.number == one.number, outbox.c.attempts == one.attempt, _waits)
        .values(next_try_at=again, fault=fault[:LONGEST_FAULT])
    )


def returned(tx: Connection, untried: Iterable[Due]) -> None:
    """Give back what was taken and not tried, so that another may take it at once."""
    for one in untried:
        tx.execute(
            update(outbox)
            .where(outbox.c.number == one.number, outbox.c.attempts == one.attempt, _waits)
            .values(attempts=one.attempt - 1, next_try_at=func.now())
        )


def pause(attempt: int) -> timedelta:
    """Return the longest pause after so many attempts."""
    doublings = min(attempt - 1, 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


@dataclass(frozen=True)
class Chosen:
    """Which events of a creditor: of one invoice, written at or after, or before a moment."""

    creditor: str
    invoice: str | None = None
    since: datetime | None = None
    before: datetime | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """The condition in SQL."""
        parts = [outbox.c.creditor == self.creditor]
        if self.invoice is not None:
            parts.append(outbox.c.invoice == self.invoice)
        if self.since is not None:
            parts.append(outbox.c.made_at >= self.since)
        if self.before is not None:
            parts.append(outbox.c.made_at < self.before)
        return and_(*parts)


def replay(tx: Connection, chosen: Chosen) -> int:
    """Send the chosen events again: the delivered ones anew, the waiting ones at once.

    Returns how many; their ids stay the same.
    """
    changes = {"delivered_at": None, "attempts": 0, "next_try_at": func.now(), "fault": None}
    return tx.execute(update(outbox).where(chosen.condition).values(changes)).rowcount


def purge(tx: Connection, chosen: Chosen, *, waiting: bool = False) -> int:
    """Forget the chosen events that were delivered, with `waiting` the others too.

    Returns how many; what was never delivered is then never told.
    """
    gone = chosen.condition if waiting else and_(chosen.condition, ~_waits)
    return tx.execute(delete(outbox).where(gone)).rowcount


@dataclass(frozen=True)
class Waiting:
    """How the outbox stands: events by state, and since when the oldest waits."""

    waiting: int
    failing: int
    delivered: int
    oldest_at: datetime | None


def waiting(tx: Connection) -> Waiting:
    """Count the events of all creditors."""
    failing = and_(_waits, outbox.c.fault.is_not(None))
    query = select(
        func.count().filter(_waits),
        func.count().filter(failing),
        func.count().filter(~_waits),
        func.min(outbox.c.made_at).filter(_waits),
    )
    return Waiting(*tx.execute(query.select_from(outbox)).one())


def failing(tx: Connection, limit: int) -> list[Row[Any]]:
    """Return the events that were tried in vain, the oldest first."""
    query = select(outbox).where(_waits, outbox.c.fault.is_not(None))
    return list(tx.execute(query.order_by(outbox.c.number).limit(limit)))
