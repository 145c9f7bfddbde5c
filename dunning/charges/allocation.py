"""Sharing one payment among the invoices of a debtor, with the reason for each share.

Sums are minor units of the payment's currency. Nothing is guessed: money whose purpose does not
read as an open invoice is left to clarify.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.money import plain

Why = Literal["as the debtor split it", "the debtor names it", "oldest overdue", "not due yet"]


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """An invoice with what is open of it, in minor units of the payment's currency."""

    invoice: str
    due_on: date
    open_minor: int


@dataclass(frozen=True, slots=True)
class Share:
    """What an invoice gets of a payment, in minor units, and why."""

    invoice: str
    minor: int
    why: Why


@dataclass(frozen=True, slots=True)
class Shares:
    """What the invoices get, first named or oldest first; `left` is to clarify, or a credit."""

    shares: tuple[Share, ...]
    left: int


def allocate_between(
    claims: Iterable[OpenClaim], money: int, reference: str | None = None, *, today: date
) -> Shares:
    """Return how a payment is shared among invoices.

    What the debtor's reference names comes first, in its order (BGB 366(1), BW 6:43, CC 1342-10);
    then what is overdue before what is not, the oldest due date first, ties by the invoice's
    number. A reference that names no open invoice leaves all of the money to clarify: the debtor
    meant something else.
    """
    known = sorted(claims, key=lambda one: (one.due_on >= today, one.due_on, one.invoice))
    named = named_in(reference, [one.invoice for one in known]) if reference else ()
    if reference and not named:
        return Shares((), money)
    known.sort(key=lambda one: named.index(one.invoice) if one.invoice in named else len(named))
    shares: list[Share] = []
    for claim in known:
        part = min(max(claim.open_minor, 0), money)
        money -= part
        if part:
            shares.append(Share(claim.invoice, part, _why(claim, named, today)))
    return Shares(tuple(shares), money)


def _why(claim: OpenClaim, named: Sequence[str], today: date) -> Why:
    if claim.invoice in named:
        return "the debtor names it"
    return "oldest overdue" if claim.due_on < today else "not due yet"


def named_in(reference: str, invoices: Iterable[str]) -> tuple[str, ...]:
    """Return the invoices that a text names, in its order.

    A number counts when it stands by itself, in whatever case: `INV-1` is not named by `INV-10`,
    `INV-1-A` or `2026/INV-1`.
    """
    found = {}
    for invoice in invoices:
        alone = rf"(?<![\w/-])(?<!\w\.){re.escape(invoice)}(?![\w/-]|\.\w)"
        if (match := re.search(alone, reference, re.IGNORECASE)) is not None:
            found[invoice] = match.start()
    return tuple(sorted(found, key=lambda invoice: (found[invoice], -len(invoice), invoice)))


def allocate_as_told(
    claims: Iterable[OpenClaim], money: int, split: Mapping[str, int], currency: str
) -> Shares:
    """Return the shares a debtor wrote down himself; what he left out is left to clarify.

    Raises ValueError, in one sentence, for an invoice that is not open, a share that is not above
    zero or more than is open, and shares that add up to more than the payment.
    """
    open_ = {one.invoice: one.open_minor for one in claims}
    for invoice, minor in split.items():
        if invoice not in open_:
            known = ", ".join(sorted(open_)) or "none"
            raise ValueError(f"invoice {invoice} is not open; open are {known}")
        if not 0 < minor <= open_[invoice]:
            most = plain(open_[invoice], currency)
            raise ValueError(
                f"invoice {invoice} cannot get {plain(minor, currency)}, {most} {currency} are open"
            )
    if (told := sum(split.values())) > money:
        raise ValueError(
            f"the shares add up to {plain(told, currency)}, "
            f"the payment is {plain(money, currency)} {currency}"
        )
    shares = (Share(name, minor, "as the debtor split it") for name, minor in split.items())
    return Shares(tuple(shares), money - told)
