"""What the books tell of how customers paid."""

from datetime import date

from sqlalchemy import Engine, insert

from schemas.behaviour import PastInvoice
from store.histories import payment_histories
from store.tables import customers
from tests.activities.build import INVOICE, enter, owe

ISSUED, DUE = date(2026, 1, 1), date(2026, 1, 31)
OPEN = PastInvoice(INVOICE, ISSUED, DUE, 100_000, "EUR", None)


def neighbour(engine: Engine, creditor: str, name: str) -> None:
    with engine.begin() as tx:
        row = {"creditor": creditor, "id": name, "kind": "business", "language": "en"}
        tx.execute(insert(customers).values(row))


def test_each_customer_has_their_own_invoices_open_and_paid(engine: Engine, creditor: str) -> None:
    enter(engine, creditor)
    neighbour(engine, creditor, "C-2")
    owe(engine, creditor, "PAID", settled_on=date(2026, 2, 3))
    owe(engine, creditor, "OTHERS", customer="C-2")
    with engine.connect() as tx:
        found = payment_histories(tx, creditor, {"C-1", "C-2", "C-3"})
    paid = PastInvoice("PAID", ISSUED, DUE, 100_000, "EUR", date(2026, 2, 3))
    assert set(found["C-1"].invoices) == {OPEN, paid}
    assert [one.id for one in found["C-2"].invoices] == ["OTHERS"]
    assert found["C-3"].invoices == ()


def test_another_creditors_invoices_are_not_this_customers(engine: Engine, creditor: str) -> None:
    enter(engine, creditor)
    enter(engine, f"{creditor}-2")
    owe(engine, f"{creditor}-2", "THEIRS")
    with engine.connect() as tx:
        assert payment_histories(tx, creditor, ["C-1"])["C-1"].invoices == (OPEN,)


def test_a_row_that_is_no_sum_of_money_is_left_out(engine: Engine, creditor: str) -> None:
    enter(engine, creditor)
    owe(engine, creditor, "NOTHING", amount_minor=0)
    owe(engine, creditor, "TOO-MUCH", amount_minor=10**18)
    owe(engine, creditor, "NO-MONEY", currency="ZZZ")
    with engine.connect() as tx:
        assert payment_histories(tx, creditor, ["C-1"])["C-1"].invoices == (OPEN,)


def test_nobody_asked_for_is_nobody_found(engine: Engine, creditor: str) -> None:
    with engine.connect() as tx:
        assert payment_histories(tx, creditor, []) == {}
