"""Where a ledger says something else of a customer than the books, and what may be corrected.

Contact points and consents change in daily life and may be corrected. What decides which law
applies (kind, country, subdivision, time zone) and the segment stay: open cases were begun with
them. An opt-out is no field of a ledger, so no import lifts one.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from schemas.customer import Customer
from starter.ledger.cells import CONSENT_READERS
from starter.ledger.twins import said_of
from store.tables import customers

CONTACT_POINTS: Final = frozenset(
    {"name", "address", "city", "postal_code", "email", "phone", "language"}
)
CORRECTABLE: Final = CONTACT_POINTS | CONSENT_READERS.keys()
"""Fields, named as the column map names them."""

Said = dict[str, str | None]


class Debtors:
    """The stored customers that some rows name, as the rows correct them one after the other."""

    def __init__(self, tx: Connection, creditor: str, ids: Iterable[str]) -> None:
        query = select(customers).where(customers.c.creditor == creditor, customers.c.id.in_(ids))
        self._tx, self._creditor = tx, creditor
        self._stored: dict[str, Said] = {row.id: _fields(row) for row in tx.execute(query)}
        self._corrected: dict[str, dict[str, str]] = {}

    def differences(self, customer: Customer) -> dict[str, str]:
        """Return what a row says otherwise than the books, by field.

        A silent row says nothing otherwise, and nothing is otherwise of a customer that is new.
        """
        stored = self._stored.get(customer.id)
        if stored is None:
            return {}
        said = said_of(customer).items()
        return {name: text for name, text in said if text is not None and text != stored[name]}

    def has(self, customer: str, field: str) -> bool:
        """Return whether the books say anything in a field of a stored customer."""
        return bool(self._stored[customer][field])

    def correct(self, customer: Customer) -> Collection[str]:
        """Take what a row says instead of what is stored, and return the fields that change.

        `write` puts it into the books. Every difference must be one that may be corrected.
        """
        changes = self.differences(customer)
        if changes:
            self._stored[customer.id].update(changes)
            self._corrected.setdefault(customer.id, {}).update(changes)
        return changes.keys()

    def write(self) -> None:
        """Put every correction into the books, in one order for everybody."""
        for customer, changes in sorted(self._corrected.items()):
            consents = {
                field.removeprefix("consent_"): text
                for field, text in changes.items()
                if field in CONSENT_READERS
            }
            values: dict[Any, Any] = {
                customers.c[field]: text
                for field, text in changes.items()
                if field in CONTACT_POINTS
            }
            if consents:
                values[customers.c.consents] = customers.c.consents.op("||")(consents)
            self._tx.execute(
                update(customers)
                .where(customers.c.creditor == self._creditor, customers.c.id == customer)
                .values(values)
            )


def _fields(stored: Row[Any]) -> Said:
    """Name the stored customer's fields as the column map does."""
    row = stored._mapping  # noqa: SLF001  # SQLAlchemy's public way to a row's columns by name
    consents: dict[str, str] = row["consents"]
    return {
        **{name: value for name, value in row.items() if isinstance(value, str | None)},
        "debtor_kind": row["kind"],
        **{field: consents.get(field.removeprefix("consent_")) for field in CONSENT_READERS},
    }
