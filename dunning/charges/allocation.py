"""Sharing one payment among the invoices of a debtor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """An invoice with what is open of it, in minor units of the payment's currency."""

    invoice: str
    due_on: date
    open_minor: int


@dataclass(frozen=True, slots=True)
class Shares:
    """What each invoice gets, and what is left over: the debtor's credit, or money to clarify."""

    by_invoice: dict[str, int]
    left: int


def allocate_between(
    claims: Iterable[OpenClaim], money: int, reference: str | None = None, *, today: date
) -> Shares:
    """Return how a payment is shared among invoices.

    The invoice the debtor names comes first (BGB 366(1), BW 6:43, CC 1342-10); without a name
    what is due before what is not, the oldest due date first, ties by the invoice's number. A name
    that fits no claim leaves all of the money to clarify: the debtor meant something else.
    """
    known = sorted(claims, key=lambda one: (one.due_on >= today, one.due_on, one.invoice))
    if reference is not None:
        if not any(one.invoice == reference for one in known):
            return Shares({}, money)
        known.sort(key=lambda one: one.invoice != reference)
    shares: dict[str, int] = {}
    for claim in known:
        part = min(max(claim.open_minor, 0), money)
        money -= part
        if part:
            shares[claim.invoice] = part
    return Shares(shares, money)
