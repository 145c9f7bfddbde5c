"""What waits to go out together: effects of one customer, channel and currency.

Whoever reads or changes a gathering has the customer's contact desk locked. An effect waits here
until it is claimed, with the order it was decided by; once claimed, what it was part of can be told
again, word for word, from here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from schemas.effects import Effect, Planned
from store.tables import audit, cases, effects, gatherings, invoices

LATEST: Final = timedelta(days=3)
"""How long after its hour an effect may still go out with others: a weekend's quiet hours."""


@dataclass(frozen=True)
class Member:
    """One effect of a gathering, and the order it was decided by."""

    order: Effect
    planned: Planned


@dataclass(frozen=True)
class Waiting:
    """A member that has not gone out; `goes_at` (case time) is when its gathering does.

    `is_news_since` says that its case ended or took something in after it joined.
    """

    member: Member
    goes_at: datetime
    is_news_since: bool


def has_company(tx: Connection, order: Effect) -> bool:
    """Return whether the customer has another open case in the currency."""
    query = (
        select(cases.c.invoice)
        .join(
            invoices,
            (invoices.c.creditor == cases.c.creditor) & (invoices.c.id == cases.c.invoice),
        )
        .where(cases.c.creditor == order.creditor, cases.c.closed_at.is_(None))
        .where(invoices.c.customer == order.customer, invoices.c.currency == order.currency)
        .where(cases.c.invoice != order.invoice)
    )
    return tx.execute(query.limit(1)).first() is not None


def join(tx: Connection, member: Member, goes_at: datetime) -> None:
    """Let an effect wait; one that waits already is renewed."""
    order, planned = member.order, member.planned
    carried = {"journal": (), "state": None, "view": None, "planned": (planned,)}
    values = {
        "goes_at": goes_at,
        "body": order.model_copy(update=carried).model_dump(mode="json", exclude_defaults=True),
        "joined_at": func.now(),
    }
    row = {
        "key": planned.key,
        "creditor": order.creditor,
        "invoice": order.invoice,
        "customer": order.customer,
        "channel": planned.do,
        "currency": order.currency,
    }
    entered = insert(gatherings).values(row | values)
    tx.execute(entered.on_conflict_do_update(index_elements=["key"], set_=values))


def leave(tx: Connection, *keys: str) -> None:
    """Let effects wait no more."""
    if keys:
        tx.execute(delete(gatherings).where(gatherings.c.key.in_(keys)))


def waiting(tx: Connection, order: Effect, planned: Planned) -> tuple[Waiting, ...]:
    """Return what waits beside an effect, itself included, and was not brought about, by key.

    Others that have not gone out within `LATEST` of their hour are forgotten, and those of another
    step of the invoice: their cases had something else to do.
    """
    missed = gatherings.c.goes_at <= order.at - LATEST
    is_over = or_(missed, gatherings.c.invoice == order.invoice)
    forgotten = and_(gatherings.c.key != planned.key, is_over, ~_in_state("attempting"))
    tx.execute(delete(gatherings).where(*_beside(order, planned), forgotten))
    begun = _in_state("attempting", "done", "refused", "unknown")
    query = (
        select(gatherings, or_(_has_news(), ~_is_open()).label("is_news_since"))
        .where(*_beside(order, planned), ~begun)
        .order_by(gatherings.c.key)
    )
    return tuple(
        Waiting(member_of(row.body), row.goes_at, row.is_news_since) for row in tx.execute(query)
    )


def member_of(body: dict[str, object]) -> Member:
    """Return a member as it is kept."""
    order = Effect.model_validate(body)
    (planned,) = order.planned
    return Member(order, planned)


def _beside(order: Effect, planned: Planned) -> tuple[ColumnElement[bool], ...]:
    return (
        gatherings.c.creditor == order.creditor,
        gatherings.c.customer == order.customer,
        gatherings.c.channel == planned.do,
        gatherings.c.currency == order.currency,
    )


def _in_state(*states: str) -> ColumnElement[bool]:
    return exists().where(effects.c.key == gatherings.c.key, effects.c.state.in_(states))


def _has_news() -> ColumnElement[bool]:
    return exists().where(
        audit.c.creditor == gatherings.c.creditor,
        audit.c.invoice == gatherings.c.invoice,
        audit.c.kind.in_(("event", "rejected")),
        audit.c.booked_at > gatherings.c.joined_at,
    )


def _is_open() -> ColumnElement[bool]:
    return exists().where(
        cases.c.creditor == gatherings.c.creditor,
        cases.c.invoice == gatherings.c.invoice,
        cases.c.closed_at.is_(None),
    )
