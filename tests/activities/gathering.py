"""Orders about several invoices of one debtor, and what the books say of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, func, insert, select, update

from activities.case_activities import CaseActivities
from activities.together import COMPANY
from schemas.effects import ChannelReceipt, Effect, Planned
from store.effect_ledger import FRESH
from store.tables import cases, effects, gatherings
from tests.activities.build import NOW, Debtor, effects_of, order

MONDAY = NOW + timedelta(days=1)
WINDOW = timedelta(minutes=30)
LATER = MONDAY + WINDOW
Several = Callable[[int], list[int]]
"""Gives the debtor so many invoices with open cases; returns their numbers."""


def open_case(engine: Engine, creditor: str, invoice: str) -> None:
    """Enter the case of an invoice, as whoever opens it does."""
    row = {"creditor": creditor, "invoice": invoice, "episode": 1, "opened_at": NOW}
    with engine.begin() as tx:
        tx.execute(insert(cases).values(row | {"policy": "test", "policy_hash": "0"}))


def key_of(creditor: str, invoice: str, do: str = "email") -> str:
    """Name the effect of an invoice's step."""
    return f"{creditor}:{invoice}:1:step-1:{do}"


def step(creditor: str, number: int, do: str = "email", **changes: Any) -> Effect:  # noqa: ANN401 - an order's fields
    """Order a reminder about the invoice of that number, worth as many hundreds of euros."""
    invoice = f"INV-{number}"
    given = {
        "invoice": invoice,
        "planned": (Planned(do=do, key=key_of(creditor, invoice, do)),),
        "at": MONDAY,
        "packs": ("default",),
        "message": "reminder",
        "days_overdue": 2,
        "together": WINDOW,
        "open_minor": number * 10_000,
    }
    return order(creditor, do, **given | changes)


def only(activities: CaseActivities, ordered: Effect) -> ChannelReceipt:
    """Carry out a step on one channel; returns what became of it."""
    (one,) = activities.send(ordered).receipts
    return one


def wait_together(
    activities: CaseActivities,
    debtor: Debtor,
    numbers: list[int],
    **how: Any,  # noqa: ANN401 - an order's fields
) -> None:
    """Let these invoices' steps join a gathering."""
    for number in numbers:
        told = only(activities, step(debtor.creditor, number, **how))
        assert (told.result, told.until, told.reason) == ("deferred", LATER, COMPANY)


def age(engine: Engine, creditor: str) -> None:
    """Let every claim be as old as one that nobody can be at work on."""
    aged = update(effects).where(effects.c.creditor == creditor)
    with engine.begin() as tx:
        tx.execute(aged.values(claimed_at=func.now() - FRESH - timedelta(seconds=1)))


def states(engine: Engine, creditor: str) -> list[str]:
    """Return the states of every effect."""
    return [row["state"] for row in effects_of(engine, creditor)]


def waiting(engine: Engine, creditor: str) -> list[str]:
    """Return the invoices that wait to go out with others."""
    query = select(gatherings.c.invoice).where(gatherings.c.creditor == creditor)
    with engine.connect() as tx:
        return sorted(tx.execute(query).scalars())
