"""The importer's side of the books: what is stored already, and the rows that are new."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Table, select
from sqlalchemy.dialects.postgresql import insert

from schemas.money import plain
from starter.ledger.rows import LedgerRow, RefusedRow, refuse
from starter.ledger.twins import said_of
from store.tables import customers, invoices

Stored = dict[str, Row[Any]]


@dataclass
class Written:
    """What became of some good rows when they met the books."""

    imported: int = 0
    unchanged: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


class Books:
    """The customers and invoices of one creditor, seen from inside one transaction."""

    def __init__(self, connection: Connection, creditor: str, column: Mapping[str, str]) -> None:
        self._connection, self._creditor, self._column = connection, creditor, column

    def write(self, rows: list[LedgerRow]) -> Written:
        """Insert the rows that are new; refuse the rows the books contradict.

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
        """Return the rows that are not stored yet and that no stored row contradicts."""
        known = self._stored(invoices, {row.invoice.id for row in rows})
        debtors = self._stored(customers, {row.customer.id for row in rows})
        fresh: list[LedgerRow] = []
        for row in rows:
            refused = self._against_invoice(row, known) or self._against_customer(row, debtors)
            if refused:
                written.refused.append(refused)
            elif row.invoice.id in known:
                written.unchanged += 1
            else:
                fresh.append(row)
        return fresh

    def _stored(self, table: Table, ids: set[str]) -> Stored:
        query = select(table).where(table.c.creditor == self._creditor, table.c.id.in_(ids))
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

    def _against_customer(self, row: LedgerRow, debtors: Stored) -> RefusedRow | None:
        """Say which field the stored customer has otherwise; its words stay in the books."""
        stored = debtors.get(row.customer.id)
        before = _customer_fields(stored) if stored else {}
        for name, text in said_of(row.customer).items():
            if stored and text is not None and text != before[name]:
                what = f"with another {name}" if before[name] else f"without {name}"
                reason = f"is stored {what}, ledger line {row.line} says otherwise"
                return refuse(row.line, self._column.get(name, ""), row.customer.id, reason)
        return None


def _invoice_pairs(row: LedgerRow, stored: Row[Any]) -> dict[str, tuple[str, str]]:
    """Field to what the books and the ledger say of it.

    A ledger that is silent about the settlement agrees with any: the books may know of payments
    that it does not.
    """
    invoice, amount = row.invoice, row.invoice.amount
    was = f"{plain(stored.amount_minor, stored.currency)} {stored.currency}"
    settled = row.settled_on or stored.settled_on
    return {
        "amount": (was, f"{amount.text} {amount.currency}"),
        "due_on": (f"due date {stored.due_on}", f"due date {invoice.due_on}"),
        "issued_on": (f"issue date {stored.issued_on}", f"issue date {invoice.issued_on}"),
        "customer": (f"customer {stored.customer}", f"customer {row.customer.id}"),
        "kind": (f"kind {stored.kind}", f"kind {invoice.kind}"),
        "settled_on": (_settled(stored.settled_on), _settled(settled)),
    }


def _settled(day: object) -> str:
    return f"settlement date {day}" if day else "no settlement date"


def _customer_fields(stored: Row[Any]) -> dict[str, str | None]:
    """Name the stored customer's fields as the column map does."""
    row = stored._mapping  # noqa: SLF001  # SQLAlchemy's public way to a row's columns by name
    consents: dict[str, str] = row["consents"]
    channels = ("email", "sms", "call", "letter")
    return {
        **{name: value for name, value in row.items() if isinstance(value, str | None)},
        "debtor_kind": row["kind"],
        **{f"consent_{channel}": consents.get(channel) for channel in channels},
    }
