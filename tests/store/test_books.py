"""The books of cases, charges, debtors and the trail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from dunning.opening import new_case
from library.policies import find_policy
from schemas.case import Case, Entry
from schemas.errors import DeliveryRefusedError
from store import audit_trail, case_book, charge_book
from store.debtors import read_debt, without_case
from store.tables import audit, cases
from tests.activities.build import INVOICE, NOW, enter, fee_of, order, owe, posted, trail

CLOSED = Entry(id="closed", at=NOW, kind="closed", detail={"outcome": "paid", "reason": "-"})


def case_of(engine: Engine, creditor: str) -> Case:
    with engine.begin() as tx:
        debt = read_debt(tx, creditor, INVOICE)
    policy = find_policy("net30-standard")
    return new_case(creditor, debt.invoice, debt.customer.facts, policy, NOW)


def outcome(engine: Engine, creditor: str) -> str | None:
    with engine.connect() as tx:
        return tx.execute(select(cases.c.outcome).where(cases.c.creditor == creditor)).scalar()


def test_a_case_is_entered_once_with_its_policys_fingerprint(engine: Engine, creditor: str) -> None:
    enter(engine, creditor)
    case = case_of(engine, creditor)
    for expected in (True, False):
        with engine.begin() as tx:
            assert case_book.opened(tx, case) is expected
    with engine.connect() as tx:
        row = tx.execute(select(cases).where(cases.c.creditor == creditor)).one()
    assert (row.policy, row.policy_hash) == ("net30-standard", case.policy.hash)
    assert (row.opened_at, row.closed_at) == (NOW, None)


def test_entering_and_ending_at_once_never_loses_the_ending(engine: Engine, creditor: str) -> None:
    enter(engine, creditor)
    for number in range(20):
        invoice = f"INV-X{number}"
        owe(engine, creditor, invoice)
        case = case_of(engine, creditor)
        case = case.model_copy(update={"invoice": case.invoice.model_copy(update={"id": invoice})})
        both_at_once(engine, case)
    with engine.connect() as tx:
        found = tx.execute(select(cases.c.outcome).where(cases.c.creditor == creditor)).scalars()
        assert list(found) == ["paid"] * 20


def both_at_once(engine: Engine, case: Case) -> None:
    start = Barrier(2)
    ending = order(case.creditor, invoice=case.invoice.id)

    def open_it() -> None:
        start.wait(10)
        with engine.begin() as tx:
            case_book.opened(tx, case)

    def end_it() -> None:
        start.wait(10)
        with engine.begin() as tx:
            audit_trail.book(tx, ending, [CLOSED])
            case_book.ended(tx, (case.creditor, case.invoice.id, 1), NOW, "paid", None)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(open_it), pool.submit(end_it)]:
            done.result()


def test_ending_one_case_leaves_another_open(engine: Engine, creditor: str) -> None:
    enter(engine, creditor)
    with engine.begin() as tx:
        case_book.opened(tx, case_of(engine, creditor))
        case_book.ended(tx, (creditor, "INV-2", 1), NOW, "paid", None)
        case_book.ended(tx, (creditor, INVOICE, 2), NOW, "paid", None)
    assert outcome(engine, creditor) is None


def test_charges_are_read_in_the_order_of_their_days(engine: Engine, creditor: str) -> None:
    early = fee_of(creditor).model_copy(update={"key": f"{creditor}:2", "on": date(2026, 1, 1)})
    with engine.begin() as tx:
        for charge in (fee_of(creditor), early, early):
            charge_book.post(tx, order(creditor), charge)
        found = charge_book.posted(tx, creditor, INVOICE)
    assert [row["posted_on"] for row in found] == [early.on, NOW.date()]
    assert len(posted(engine, creditor)) == 2


def test_the_trail_keeps_each_entry_once_and_tells_cases_apart(
    engine: Engine, creditor: str
) -> None:
    with engine.begin() as tx:
        for episode in (1, 1, 2):
            audit_trail.book(tx, order(creditor, episode=episode), [CLOSED, CLOSED])
        audit_trail.book(tx, order(creditor), [])
    assert [row["episode"] for row in trail(engine, creditor)] == [1, 2]
    assert trail(engine, creditor)[0]["entry"] == f"{creditor}:{INVOICE}:1:closed"


def test_a_debt_reads_with_everything_needed_to_reach_the_debtor(
    engine: Engine, creditor: str
) -> None:
    debtor = enter(engine, creditor, opted_out=["sms", "call"])
    with engine.connect() as tx:
        debt = read_debt(tx, creditor, INVOICE)
    assert (debt.customer.name, debt.customer.email) == (debtor.name, debtor.email)
    assert debt.opted_out == {"sms", "call"}
    assert debt.invoice.amount.text == "1000.00"


def test_a_debt_that_does_not_read_is_named_without_what_stands_there(
    engine: Engine, creditor: str
) -> None:
    enter(engine, creditor, language="deutsch"[:5], consents={"sms": "Wilhelmine agreed"})
    with engine.connect() as tx, pytest.raises(DeliveryRefusedError) as caught:
        read_debt(tx, creditor, INVOICE)
    assert "language: " in str(caught.value)
    assert "consents.sms: " in str(caught.value)
    assert "Wilhelmine" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_invoices_without_a_case_come_by_due_date_and_id_after_the_last_seen(
    engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    for invoice, due_on in (("B", 20), ("A", 20), ("C", 19)):
        owe(engine, creditor, invoice, due_on=date(2026, 1, due_on))
    today = NOW.date()
    with engine.connect() as tx:
        first = without_case(tx, creditor, today, today, None, None, 2)
        last = first[-1].due_on, first[-1].invoice
        rest = without_case(tx, creditor, today, today, None, last, 9)
    assert [one.invoice for one in first + rest] == ["C", "A", "B", INVOICE]


def test_an_error_of_the_books_keeps_what_the_statement_carried_to_itself(
    engine: Engine, creditor: str
) -> None:
    row = {"entry": creditor, "kind": "k" * 41, "detail": {"raw": "Wilhelmine"}}
    with engine.connect() as tx, pytest.raises(DBAPIError) as caught:
        tx.execute(audit.insert().values(row))
    assert "INSERT INTO audit" in str(caught.value)
    assert "Wilhelmine" not in str(caught.value)
