"""What came through a door of ours, kept before its case hears of it, so that nothing gets lost.

A case has taken an event in when its journal has booked it to the audit trail, in whichever
episode. Until then the event waits here: for a case that is not open yet, for the last look before
an effect, or for whoever hands it over again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from schemas.signals import EVENT, AnyEvent
from store.tables import arrivals, audit, cases


@dataclass(frozen=True)
class Waiting:
    """An event that its case has not taken in yet."""

    invoice: str
    event: AnyEvent


def arrive(tx: Connection, creditor: str, invoice: str, event: AnyEvent) -> bool:
    """Keep an event; False when one of that id came before, which then stays as it is."""
    row = {
        "creditor": creditor,
        "invoice": invoice,
        "id": event.id,
        "type": event.type,
        "body": event.model_dump(mode="json", exclude_none=True),
    }
    made = insert(arrivals).values(row).on_conflict_do_nothing().returning(arrivals.c.id)
    return tx.execute(made).first() is not None


def unknown_to(
    tx: Connection, creditor: str, invoice: str, known: Collection[str] = ()
) -> list[AnyEvent]:
    """Return the events that no episode of the case has booked, by the moment they happened.

    `known` are ids of events that the case has and has yet to book.
    """
    query = select(arrivals.c.body).where(
        arrivals.c.creditor == creditor, arrivals.c.invoice == invoice, _untaken(), ~_booked()
    )
    events = map(EVENT.validate_python, tx.execute(query).scalars())
    return sorted((one for one in events if one.id not in known), key=lambda one: (one.at, one.id))


def waiting(tx: Connection, creditor: str, older_than: timedelta, limit: int) -> list[Waiting]:
    """Return events that a case in the books should have taken in by now, oldest first.

    Marks those that are in the trail, so that nobody looks at them again.
    """
    mine = arrivals.c.creditor == creditor
    tx.execute(update(arrivals).where(mine, _untaken(), _booked()).values(taken_at=func.now()))
    has_case = exists().where(
        cases.c.creditor == arrivals.c.creditor, cases.c.invoice == arrivals.c.invoice
    )
    query = (
        select(arrivals.c.invoice, arrivals.c.body)
        .where(mine, _untaken(), has_case, arrivals.c.received_at < func.now() - older_than)
        .order_by(arrivals.c.received_at, arrivals.c.id)
        .limit(limit)
    )
    return [Waiting(row.invoice, EVENT.validate_python(row.body)) for row in tx.execute(query)]


def _untaken() -> ColumnElement[bool]:
    return arrivals.c.taken_at.is_(None)


def _booked() -> ColumnElement[bool]:
    """Say that the journal's line of the event is in the trail (`dunning/apply.py` names it)."""
    case = func.concat_ws(":", audit.c.creditor, audit.c.invoice, audit.c.episode)
    return exists().where(
        audit.c.creditor == arrivals.c.creditor,
        audit.c.invoice == arrivals.c.invoice,
        audit.c.kind == "event",
        audit.c.entry == func.concat_ws(":", case, "event", arrivals.c.id),
    )
