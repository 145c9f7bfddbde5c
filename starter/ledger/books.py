"""The importer's side of the books: what is stored already, what is new, and what changes."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from schemas.money import plain
from starter.ledger.corrections import CORRECTABLE, Debtors
from starter.ledger.rows import LedgerRow, RefusedRow, refuse
from starter.ledger.settlements import Settled, settle, tell
from store.tables import customers, invoices

Stored = dict[str, Row[Any]]


@dataclass
class Written:
    """What became of some good rows when they met the books; `changes` counts them by field."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    told: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedRow] = field(default_factory=list)

    def count(self, row: LedgerRow, stored: Row[Any] | None, corrected: Collection[str]) -> None:
        """Count a good row, unless it is new: that is known when it went in."""
        changes = [*corrected, *(["settled_on"] if _settles(row, stored) else [])]
        self.changes.update(changes)
        if stored:
            self.updated += bool(changes)
            self.unchanged += not changes


class Books:
    """The customers and invoices of one creditor, seen from inside one transaction.

    With `update` a row may correct what is stored of its customer (`CORRECTABLE`).
    """

    def __init__(
        self,
        connection: Connection,
        creditor: str,
        column: Mapping[str, str],
        *,
        update: bool = False,
    ) -> None:
        self._connection, self._creditor, self._column = connection, creditor, column
        self._update = update

    def write(self, rows: list[LedgerRow]) -> Written:
        """Insert the rows that are new, take what changed; refuse rows the books contradict.

        An invoice that somebody else inserts in between is not counted as ours: it is compared
        like any stored one on the next turn.
        """
        written = Written()
        while rows:
            fresh = self._fresh(rows, written)
            taken = self._insert(fresh) if fresh else set()
            written.imported += len(taken)
            rows = [row for row in fresh if row.invoice.id not in taken]
        return written

    def _fresh(self, rows: list[LedgerRow], written: Written) -> list[LedgerRow]:
        """Take in what the books may learn, and return the rows whose invoice is not stored yet."""
        known = self._stored({row.invoice.id for row in rows})
        debtors = Debtors(self._connection, self._creditor, {row.customer.id for row in rows})
        good: list[LedgerRow] = []
        for row in rows:
            refused = self._against_invoice(row, known) or self._against_customer(row, debtors)
            if refused:
                written.refused.append(refused)
            else:
                good.append(row)
                written.count(row, known.get(row.invoice.id), debtors.correct(row.customer))
        debtors.write()
        written.told += self._settle(good, known)
        return [row for row in good if row.invoice.id not in known]

    def _settle(self, rows: list[LedgerRow], known: Stored) -> int:
        """Take in which stored invoices are settled; returns how many cases are told of it."""
        paid = [row for row in rows if row.invoice.id in known]
        new = [row for row in paid if _settles(row, known[row.invoice.id])]
        settle(self._connection, self._creditor, _settlements(new))
        return tell(self._connection, self._creditor, _settlements(paid))

    def _stored(self, ids: set[str]) -> Stored:
        query = select(invoices).where(
            invoices.c.creditor == self._creditor, invoices.c.id.in_(ids)
        )
        return {row.id: row for row in self._connection.execute(query)}

    def _insert(self, rows: list[LedgerRow]) -> set[str]:
        """Insert customers, then invoices; return the ids of the invoices that went in."""
        debtors = {row.customer.id: self._customer_values(row) for row in reversed(rows)}
        # one order for everybody, so that two writers never wait for each other in a circle
        in_order = [debtors[id_] for id_ in sorted(debtors)]
        self._connection.execute(insert(customers).on_conflict_do_nothing(), in_order)
        values = [self._invoice_values(row) for row in rows]
        values.sort(key=lambda value: str(value["id"]))
        statement = insert(invoices).on_conflict_do_nothing().returning(invoices.c.id)
        return set(self._connection.execute(statement, values).scalars())

    def _customer_values(self, row: LedgerRow) -> dict[str, object]:
        return {"creditor": self._creditor, **row.customer.model_dump()}

    def _invoice_values(self, row: LedgerRow) -> dict[str, object]:
        return {
            "creditor": self._creditor,
            "id": row.invoice.id,
            "customer": row.customer.id,
            "kind": row.invoice.kind,
            "issued_on": row.invoice.issued_on,
            "due_on": row.invoice.due_on,
            "amount_minor": row.invoice.amount.minor,
            "currency": row.invoice.amount.currency,
            "settled_on": row.settled_on,
        }

    def _against_invoice(self, row: LedgerRow, known: Stored) -> RefusedRow | None:
        """Say what the stored invoice says otherwise, with both sides' words."""
        stored = known.get(row.invoice.id)
        pairs = _invoice_pairs(row, stored) if stored else {}
        for name, (before, now) in pairs.items():
            if before != now:
                reason = f"is stored with {before}, ledger line {row.line} says {now}"
                return refuse(row.line, self._column.get(name, ""), row.invoice.id, reason)
        return None

    def _against_customer(self, row: LedgerRow, debtors: Debtors) -> RefusedRow | None:
        """Say which field the stored customer has otherwise; its words stay in the books."""
        for name in debtors.differences(row.customer):
            if name in CORRECTABLE and self._update:
                continue
            what = (
                f"with another {name}" if debtors.has(row.customer.id, name) else f"without {name}"
            )
            reason = f"is stored {what}, ledger line {row.line} says otherwise"
            if name in CORRECTABLE:
                reason += "; --update takes what the ledger says"
            return refuse(row.line, self._column.get(name, ""), row.customer.id, reason)
        return None


def _settles(row: LedgerRow, stored: Row[Any] | None) -> bool:
    """Say whether a row knows of a settlement that the stored invoice lacks."""
    return stored is not None and stored.settled_on is None and row.settled_on is not None


def _settlements(rows: list[LedgerRow]) -> list[Settled]:
    return [Settled(row.invoice, row.settled_on) for row in rows if row.settled_on]


def _invoice_pairs(row: LedgerRow, stored: Row[Any]) -> dict[str, tuple[str, str]]:
    """Field to what the books and the ledger say of it.

    A settlement is taken when the books have none, and a ledger that is silent about it agrees with
    any: either side may know of payments that the other does not know of yet.
    """
    invoice, amount = row.invoice, row.invoice.amount
    was = f"{plain(stored.amount_minor, stored.currency)} {stored.currency}"
    settled_before = stored.settled_on or row.settled_on
    settled_now = row.settled_on or stored.settled_on
    return {
        "amount": (was, f"{amount.text} {amount.currency}"),
        "due_on": (f"due date {stored.due_on}", f"due date {invoice.due_on}"),
        "issued_on": (f"issue date {stored.issued_on}", f"issue date {invoice.issued_on}"),
        "customer": (f"customer {stored.customer}", f"customer {row.customer.id}"),
        "kind": (f"kind {stored.kind}", f"kind {invoice.kind}"),
        "settled_on": (f"settlement date {settled_before}", f"settlement date {settled_now}"),
    }
