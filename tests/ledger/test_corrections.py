"""Contact points and consents that a later ledger corrects."""

from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row, insert, select, update

from store import bad_addresses
from store.debtors import read_debt
from store.tables import customers, effects
from tests.activities.build import NOW
from tests.ledger.build import Run, row

CORRECTIONS = {
    "email": ("a@one.example", "b@two.example", "Email"),
    "phone": ("+442079460101", "+442079460102", "Phone"),
    "name": ("Old Ltd", "New Ltd", "Name"),
    "language": ("de", "fr", "Language"),
    "texts": ("none", "express", "Texts"),
}
by_field = pytest.mark.parametrize("field", CORRECTIONS)


def customer(engine: Engine, creditor: str) -> Row[Any]:
    with engine.connect() as tx:
        return tx.execute(select(customers).where(customers.c.creditor == creditor)).one()


def in_books(engine: Engine, creditor: str, field: str) -> object:
    found = customer(engine, creditor)
    return found.consents.get("sms") if field == "texts" else found._mapping[field]


def named(field: str) -> str:
    return "consent_sms" if field == "texts" else field


@by_field
def test_without_update_it_is_refused_and_the_reason_says_what_would_take_it(
    engine: Engine, creditor: str, run: Run, field: str
) -> None:
    before, after, column = CORRECTIONS[field]
    run(row("A", **{field: before}))
    [bad] = run(row("A", **{field: after})).refused
    assert (bad.column, bad.value) == (column, "C-1")
    assert bad.reason == (
        f"is stored with another {named(field)}, ledger line 2 says otherwise; "
        "--update takes what the ledger says"
    )
    assert in_books(engine, creditor, field) == before


@by_field
def test_with_update_it_replaces_what_is_stored_and_a_second_time_changes_nothing(
    engine: Engine, creditor: str, run: Run, field: str
) -> None:
    before, after, _ = CORRECTIONS[field]
    run(row("A", **{field: before}))
    first = run(row("A", **{field: after}), update=True)
    again = run(row("A", **{field: after}), update=True)
    assert (first.updated, first.unchanged, first.accepted) == (1, 0, 1)
    assert first.changes == {named(field): 1}
    assert (again.updated, again.unchanged, again.changes) == (0, 1, {})
    assert in_books(engine, creditor, field) == after


@by_field
def test_with_update_it_is_given_for_the_first_time_and_a_silent_row_erases_nothing(
    engine: Engine, creditor: str, run: Run, field: str
) -> None:
    _, after, _ = CORRECTIONS[field]
    run(row("A", **({"language": "en"} if field == "language" else {})))
    assert run(row("A", **{field: after}), update=True).changes == {named(field): 1}
    assert run(row("A"), update=True).unchanged == 1
    assert in_books(engine, creditor, field) == after


def test_the_report_counts_the_changes_without_their_words(run: Run) -> None:
    run(row("A", email="a@one.example", name="Old Ltd") + row("B", "C-2"))
    rows = row("A", email="b@two.example", name="New Ltd") + row("B", "C-2", email="c@x.example")
    report = run(rows, update=True)
    assert report.text() == (
        "2 rows: 0 imported, 2 updated, 0 unchanged, 0 duplicates, 0 refused\n"
        "changed in the books: email (2), name (1)"
    )
    secrets = ("one.example", "two.example", "x.example", "New", "Old")
    assert not [word for word in secrets if word in report.model_dump_json()]


def test_one_customer_of_many_rows_changes_once(run: Run) -> None:
    run(row("A", email="a@one.example") + row("B", email="a@one.example"))
    rows = "".join(row(invoice, email="b@two.example") for invoice in "ABC")
    report = run(rows, update=True)
    assert report.changes == {"email": 1}
    assert (report.imported, report.updated, report.unchanged) == (1, 1, 1)


def test_a_row_that_is_refused_for_its_invoice_corrects_nothing(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A", email="a@one.example"))
    report = run(row("A", email="b@two.example", amount="99.00"), update=True)
    assert (len(report.refused), report.changes) == (1, {})
    assert customer(engine, creditor).email == "a@one.example"


def test_what_the_law_of_a_case_hangs_on_stays_refused(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A", email="a@one.example"))
    [bad] = run(row("A", email="b@two.example", country="FR"), update=True).refused
    assert bad.column == "Country"
    assert bad.reason == "is stored with another country, ledger line 2 says otherwise"
    assert customer(engine, creditor).email == "a@one.example"


def test_a_dry_run_counts_the_changes_and_makes_none(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A", email="a@one.example"))
    report = run(row("A", email="b@two.example"), update=True, dry_run=True)
    assert (report.updated, report.changes) == (1, {"email": 1})
    assert report.text().startswith("1 rows: 0 to import, 1 to update,")
    assert customer(engine, creditor).email == "a@one.example"


def test_other_customers_and_other_consents_stay_as_they_are(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A", texts="none") + row("B", "C-2", texts="none"))
    with engine.begin() as tx:
        mine = (customers.c.creditor == creditor) & (customers.c.id == "C-1")
        tx.execute(
            update(customers).where(mine).values(consents={"sms": "none", "call": "written"})
        )
    run(row("A", texts="express"), update=True)
    with engine.connect() as tx:
        query = select(customers.c.id, customers.c.consents)
        found = tx.execute(query.where(customers.c.creditor == creditor)).all()
    assert {one.id: one.consents for one in found} == {
        "C-1": {"sms": "express", "call": "written"},
        "C-2": {"sms": "none"},
    }


def came_back(tx: Connection, creditor: str, channel: str, result: str) -> None:
    """Take in what became of a message to the customer."""
    key = f"{creditor}:A:1:first:{channel}"
    values = {"key": key, "creditor": creditor, "invoice": "A", "customer": "C-1"}
    values |= {"step": "first", "channel": channel, "state": "done", "claim": "token"}
    tx.execute(insert(effects).values(values | {"case_at": NOW}))
    bad_addresses.mark(tx, key, result)


def test_a_corrected_address_makes_a_channel_usable_that_had_bounced(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A", email="a@one.example"))
    with engine.begin() as tx:
        came_back(tx, creditor, "email", "bounced")
        assert set(read_debt(tx, creditor, "A").bad) == {"email"}
    run(row("A", email="b@two.example"), update=True)
    with engine.begin() as tx:
        debt = read_debt(tx, creditor, "A")
        assert (debt.customer.email, debt.bad) == ("b@two.example", {})
    run(row("A", email="a@one.example"), update=True)
    with engine.begin() as tx:
        assert set(read_debt(tx, creditor, "A").bad) == {"email"}


def test_an_opt_out_is_not_lifted_by_a_new_number_nor_by_a_consent(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A", phone="+442079460101", texts="express"))
    with engine.begin() as tx:
        came_back(tx, creditor, "sms", "opted_out")
    changed = run(row("A", phone="+442079460102", texts="written"), update=True)
    assert changed.changes == {"consent_sms": 1, "phone": 1}
    with engine.begin() as tx:
        assert read_debt(tx, creditor, "A").opted_out == {"sms"}
