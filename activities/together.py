"""Messages about several invoices of a customer gather, and go out as one.

All of it happens in the transaction that claims the effect, after its last look, with the
customer's contact desk locked. An effect waits for company once; whoever comes back first, when
the time has come, brings about all that wait and may go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from activities.last_look import last_look, put_off
from activities.prints import prints_of
from dunning.together import leading
from schemas.effects import ChannelReceipt, Effect, Planned
from schemas.invoice import OpenInvoice
from schemas.steps import CONTACTS
from store import bundles, gatherings
from store.debtors import due_days
from store.effect_ledger import Claim
from store.gatherings import Member, Waiting

COMPANY = "goes out together with what is due about other invoices of the customer"


@dataclass(frozen=True)
class Bundle:
    """Effects that go out as one message: that of the `lead`, under its key."""

    lead: Member
    members: tuple[Member, ...]

    @classmethod
    def of(cls, members: tuple[Member, ...]) -> "Bundle":
        """Return the bundle of these members; the same ones always make the same message."""
        order = leading(tuple(one.order for one in members))
        lead = next(one for one in members if one.order.invoice == order.invoice)
        return cls(Member(order, lead.planned), members)


def gather(tx: Connection, order: Effect, planned: Planned) -> Bundle | ChannelReceipt | None:
    """Let an effect wait for others (a receipt), or go with them (a bundle), or by itself (None).

    Others that were overtaken by news are left out, and decided anew by their own cases.
    """
    if order.together is None or planned.do not in CONTACTS:
        return None
    if not gatherings.has_company(tx, order):
        return None
    own = Member(order, planned)
    there = gatherings.waiting(tx, order, planned)
    goes_at = _goes_at(tx, own, order.together, there)
    if goes_at is None:
        return _go(tx, own, there)
    gatherings.join(tx, own, goes_at)
    return put_off(planned, goes_at.astimezone(order.at.tzinfo), COMPANY)


def _goes_at(
    tx: Connection, own: Member, span: timedelta, there: tuple[Waiting, ...]
) -> datetime | None:
    """Return until when to wait; None when it is time, or the law leaves no room to wait."""
    now = own.order.at
    if there:
        time_has_come = any(one.goes_at <= now for one in there)
        return None if time_has_come else min(one.goes_at for one in there)
    return now + span if _is_allowed(tx, own, now + span) else None


def _go(tx: Connection, own: Member, there: tuple[Waiting, ...]) -> Bundle | None:
    others = [one for one in there if one.member.planned.key != own.planned.key]
    may_go = [_may_go(tx, one, own.order.at) for one in others]
    going = [_of_today(one.member, own) for one, may in zip(others, may_go, strict=True) if may]
    left = [one.member for one, may in zip(others, may_go, strict=True) if not may]
    gatherings.leave(tx, *(one.planned.key for one in (left if going else [*left, own])))
    if not going:
        return None
    members = (own, *going)
    for one in members:  # as it goes out now, so that it can be told again
        gatherings.join(tx, one, own.order.at)
    return Bundle.of(members)


def _of_today(one: Member, own: Member) -> Member:
    today = {"at": own.order.at, "today": own.order.today}
    return Member(one.order.model_copy(update=today), one.planned)


def _may_go(tx: Connection, one: Waiting, at: datetime) -> bool:
    return not one.is_news_since and _is_allowed(tx, one.member, at)


def _is_allowed(tx: Connection, one: Member, at: datetime) -> bool:
    return last_look(tx, one.order.model_copy(update={"at": at}), one.planned) is None


def resumed(tx: Connection, key: str, order: Effect) -> Bundle:
    """Return the bundle that was claimed under a key and is not settled yet, as it was then."""
    journal = {"journal": order.journal}  # what of it is not booked belongs into the account
    return Bundle.of(
        tuple(
            Member(one.order.model_copy(update=journal), one.planned)
            if one.order.invoice == order.invoice
            else one
            for one in bundles.members_of(tx, key)
        )
    )


def claim_all(tx: Connection, claimed: Claim, bundle: Bundle, content: str) -> Claim:
    """Claim the others of a bundle along with the one that is claimed."""
    others = [
        (one, prints_of(one.order, one.planned, content))
        for one in bundle.members
        if one.planned.key != claimed.key
    ]
    return bundles.claim_with(tx, claimed, bundle.lead.planned.key, others)


def statement(tx: Connection, bundle: Bundle) -> tuple[OpenInvoice, ...]:
    """Return what is asked for about each invoice, in minor units, the longest due first."""
    order = bundle.lead.order
    due = due_days(tx, order.creditor, [one.order.invoice for one in bundle.members])
    lines = (
        OpenInvoice(one.order.invoice, due[one.order.invoice], one.order.open_minor)
        for one in bundle.members
    )
    return tuple(sorted(lines, key=lambda line: (line.due_on, line.invoice)))
