"""Holds the books against what really arrived and what was really told."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Table, select

from chaos.arrived import Arrived
from chaos.billing import Told
from chaos.cast import CREDITOR, Debtor
from chaos.report import Unknown
from schemas.case import CaseView
from schemas.money import Amount
from schemas.policy import Policy
from store.tables import audit, cases, charges, effects, outbox

IN_THE_BOOKS: Final = frozenset({"fee", "interest"})


@dataclass(frozen=True)
class Books:
    """Everything the books say about the run's cases."""

    effects: tuple[RowMapping, ...]
    charges: tuple[RowMapping, ...]
    audit: tuple[RowMapping, ...]
    cases: tuple[RowMapping, ...]
    outbox: tuple[RowMapping, ...]

    @property
    def views(self) -> dict[str, CaseView]:
        """The last view of each case that has ended, by invoice."""
        return {
            row["invoice"]: CaseView.model_validate(row["view"])
            for row in self.cases
            if row["view"]
        }


def read_books(tx: Connection) -> Books:
    """Read the books."""
    return Books(*(_rows(tx, table) for table in (effects, charges, audit, cases, outbox)))


def _rows(tx: Connection, table: Table) -> tuple[RowMapping, ...]:
    return tuple(tx.execute(select(table).where(table.c.creditor == CREDITOR)).mappings())


def duplicates(arrived: Arrived) -> Iterator[str]:
    """Yield every effect that arrived more than once."""
    for key, times in (arrived.contacts + arrived.documents).items():
        if times > 1:
            yield f"{key} arrived {times} times"


def unknowns(books: Books, arrived: Arrived) -> Iterator[Unknown]:
    """Yield every effect whose outcome was unknown at some time, and what it is now."""
    doubted = {row["entry"] for row in books.audit if row["detail"].get("result") == "unknown"}
    settled = {
        row["detail"]["effect"]: f"{row['detail']['result']}, {_whose_word(row)}"
        for row in books.audit
        if row["detail"].get("type") in {"contact_outcome", "effect_resolved"}
    }
    for row in books.effects:
        key = row["key"]
        entry = f"{':'.join(key.split(':')[:3])}:effect:{key}:unknown"
        if row["state"] == "unknown" or entry in doubted:
            did = arrived.has(_sent_as(row), row["reference"])
            became = settled.get(key, row["state"])
            yield Unknown(key=key, arrived=did, became=became, reason=row["reason"])


def _sent_as(row: RowMapping) -> str:
    """Return the key under which an effect went out: its own, or that of the message it was in."""
    return str(row["bundle"] or row["key"])


def _whose_word(row: RowMapping) -> str:
    return "by a person" if row["detail"]["type"] == "effect_resolved" else "by the provider"


def arrivals(books: Books, arrived: Arrived) -> frozenset[str]:
    """Return the keys of the ledger's effects that arrived, charges in the books themselves."""
    posted = [row["key"] for row in books.charges]
    return frozenset(
        row["key"]
        for row in books.effects
        if arrived.has(_sent_as(row), row["reference"])
        or (row["channel"] in IN_THE_BOOKS and any(key.startswith(row["key"]) for key in posted))
    )


def lost_effects(books: Books, arrived: Arrived) -> Iterator[str]:
    """Yield what the books call done and never arrived, and what arrived and they do not know."""
    known = {row["key"]: row["state"] for row in books.effects}
    came = arrivals(books, arrived)
    for row in books.effects:
        key, state = row["key"], row["state"]
        did = key in came
        if state == "done" and not did:
            yield f"{key} is done in the books and never arrived"
        if state in {"failed", "refused"} and did:
            yield f"{key} is {state} in the books and arrived"
        if state == "attempting":
            yield f"{key} is still being attempted"
    for key in sorted({*arrived.contacts, *arrived.requests} - known.keys()):
        yield f"{key} arrived, and the books do not know it"


def lost_messages(books: Books, arrived: Arrived) -> Iterator[str]:
    """Yield what the billing system was to be told and was not, or not in the case's order."""
    written: dict[tuple[str, int], list[str]] = {}
    for row in sorted(books.outbox, key=lambda row: int(row["number"])):
        written.setdefault((row["invoice"], row["episode"]), []).append(row["id"])
        if row["delivered_at"] is None:
            yield f"{row['id']} waits in the outbox: {row['fault']}"
        elif row["id"] not in arrived.events:
            yield f"{row['id']} is delivered by the books, and the billing system has it not"
    places = {one: place for place, one in enumerate(arrived.events)}
    for (invoice, _), ids in written.items():
        came = [places[one] for one in ids if one in places]
        if came != sorted(came):
            yield f"{invoice}: the billing system was told in another order"
    for one in sorted(places.keys() - {row["id"] for row in books.outbox}):
        yield f"{one} came to the billing system, and is not in the outbox"


def lost_steps(books: Books, debtors: list[Debtor], rules: Mapping[str, Policy]) -> Iterator[str]:
    """Yield steps that a case which ran to its hand-off never took, without a stored reason.

    And steps that a case believes it did, or did not, unlike the effect ledger.
    """
    done = {(row["invoice"], row["step"]) for row in books.effects if row["state"] == "done"}
    # a case that ended while its effect was on its way in another's message has not heard of it
    carried = {
        (row["invoice"], row["step"]) for row in books.effects if _sent_as(row) != row["key"]
    }
    policies = {debtor.invoice: rules[debtor.policy] for debtor in debtors}
    for invoice, view in books.views.items():
        seen = {row.step for row in view.timeline}
        if view.outcome in {"handed_off", "written_off"}:
            for step in policies[invoice].turns:
                if step.id not in seen:
                    yield f"{invoice}: {step.id} was neither done nor left out for a reason"
        claimed = {(invoice, row.step) for row in view.timeline if row.result == "done"}
        doubted = {(invoice, row.step) for row in view.timeline if row.result == "unknown"}
        for _, step_id in sorted(claimed - done):
            yield f"{invoice}: the case believes {step_id} done, the ledger does not"
        # a provider's late word settles the ledger, while the case's timeline tells how it was
        known = claimed | doubted
        for _, step_id in sorted({one for one in done if one[0] == invoice} - known - carried):
            yield f"{invoice}: the ledger has {step_id} done, the case does not know"


def lost_events(books: Books, told: Mapping[str, Told]) -> Iterator[str]:
    """Yield what was told and taken, and is not in the audit trail."""
    events = {row["entry"] for row in books.audit if row["kind"] == "event"}
    refused = Counter(row["invoice"] for row in books.audit if row["kind"] == "rejected")
    entries = {_without_episode(entry) for entry in events}
    for invoice, all_told in told.items():
        for name, became in all_told.became.items():
            if f"{CREDITOR}:{invoice}:event:{name}" not in entries:
                yield f"{invoice}: {name} was {became}, and is not in the audit trail"
        if all_told.torn and not refused[invoice]:
            yield f"{invoice}: what did not read was told, and is not in the audit trail"


def _without_episode(entry: str) -> str:
    creditor, invoice, _, rest = entry.split(":", 3)
    return f"{creditor}:{invoice}:{rest}"


def money_differences(
    books: Books, debtors: list[Debtor], told: Mapping[str, Told]
) -> Iterator[str]:
    """Yield where books, case and billing system do not agree on charges, payments, or the rest."""
    charged, paid = _sums(books)
    views = books.views
    for debtor in debtors:
        invoice, view = debtor.invoice, views.get(debtor.invoice)
        if paid[invoice] != told[invoice].paid_minor:
            yield f"{invoice}: {told[invoice].paid_minor} told as paid, {paid[invoice]} booked"
        if view is None:
            continue
        seen = sum(_minor(row.amount, view.balance.currency) for row in view.charges)
        if seen != charged[invoice]:
            yield f"{invoice}: {charged[invoice]} charged in the books, {seen} in the case"
        rest = debtor.minor + charged[invoice] - paid[invoice]
        left = _minor(view.balance.total, view.balance.currency)
        if view.outcome in {"paid", "handed_off"} and left != max(rest, 0):
            yield f"{invoice}: {rest} is left by the books, {left} by the case"


def _sums(books: Books) -> tuple[Counter[str], Counter[str]]:
    charged, paid = Counter[str](), Counter[str]()
    for row in books.charges:
        charged[row["invoice"]] += row["amount_minor"]
    for row in books.audit:
        detail: dict[str, Any] = row["detail"]
        if row["kind"] == "event" and detail.get("type") == "payment_received":
            paid[row["invoice"]] += _minor(detail["amount"], detail["currency"])
    return charged, paid


def _minor(amount: str, currency: str) -> int:
    return Amount.model_validate({"amount": amount, "currency": currency}).minor
