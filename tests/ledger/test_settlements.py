"""Invoices that a later ledger has settled: the books know it, and a case that asks is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select, update

from dunning.apply import happened
from dunning.decide import next_move
from dunning.moves import Close
from schemas.signals import EVENT, AnyEvent, PaymentReceived
from store import arrivals
from store.debtors import settled_by
from store.tables import arrivals as arrivals_table
from store.tables import cases, invoices
from tests.activities.build import order
from tests.dunning.build import case
from tests.ledger.build import Run, row

OPENED = datetime(2026, 2, 1, 8, tzinfo=UTC)
PAID = "2026-02-10"
CLOSED = OPENED + timedelta(days=30)


def opened(
    engine: Engine,
    creditor: str,
    outcome: str | None = None,
    episode: int = 1,
    at: datetime = OPENED,
) -> None:
    """Enter a case of invoice A in the books, which has ended if it has an outcome."""
    values = {"creditor": creditor, "invoice": "A", "episode": episode, "policy": "test"}
    values |= {"policy_hash": "0", "opened_at": at, "outcome": outcome}
    values |= {"closed_at": CLOSED if outcome else None}
    with engine.begin() as tx:
        tx.execute(insert(cases).values(values))


def came(engine: Engine, creditor: str, type_: str, id_: str, **fields: object) -> None:
    """Keep an event about invoice A that came through a door of ours."""
    event = EVENT.validate_python({"type": type_, "id": id_, "at": OPENED, **fields})
    with engine.begin() as tx:
        arrivals.arrive(tx, creditor, "A", event)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def waiting(engine: Engine, creditor: str) -> list[AnyEvent]:
    """Return what the next sweep hands on to the case of invoice A."""
    with engine.begin() as tx:
        late = arrivals.waiting(tx, creditor, timedelta(0), 10)
    assert {one.invoice for one in late} <= {"A"}
    return [one.event for one in late]


def settled_on(engine: Engine, creditor: str) -> date | None:
    with engine.connect() as tx:
        query = select(invoices.c.settled_on).where(invoices.c.creditor == creditor)
        day: date | None = tx.execute(query).scalar_one()
    return day


def test_a_settlement_newly_given_is_taken_and_a_second_time_changes_nothing(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A"))
    first, again = run(row("A", settled=PAID)), run(row("A", settled=PAID))
    assert (first.updated, first.changes, first.told, first.exit_code) == (
        *(1, {"settled_on": 1}, 0, 0),
    )
    assert (again.updated, again.unchanged, again.changes) == (0, 1, {})
    assert settled_on(engine, creditor) == date(2026, 2, 10)


def test_the_last_look_sees_it_from_its_day_on(engine: Engine, creditor: str, run: Run) -> None:
    run(row("A"))
    run(row("A", settled=PAID))
    with engine.connect() as tx:
        before = order(creditor, "email", invoice="A", today=date(2026, 2, 9))
        on_the_day = order(creditor, "email", invoice="A", today=date(2026, 2, 10))
        assert settled_by(tx, before) is None
        assert settled_by(tx, on_the_day) == date(2026, 2, 10)


@pytest.mark.parametrize(
    ("settled", "unchanged", "refused"),
    [("2026-02-11", 0, ["Settled"]), ("", 1, [])],
    ids=["another day is refused", "a silent ledger agrees"],
)
def test_a_settlement_in_the_books_stays(
    engine: Engine, creditor: str, run: Run, settled: str, unchanged: int, refused: list[str]
) -> None:
    run(row("A", settled=PAID))
    report = run(row("A", settled=settled))
    assert (report.unchanged, [bad.column for bad in report.refused]) == (unchanged, refused)
    assert settled_on(engine, creditor) == date(2026, 2, 10)


def test_a_running_case_is_told_once_and_it_ends_paid(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A"))
    opened(engine, creditor)
    report = run(row("A", settled=PAID))
    assert report.text().splitlines()[1:] == [
        "changed in the books: settled_on (1)",
        "cases told of a settlement: 1",
    ]
    assert run(row("A", settled=PAID)).told == 0
    [payment] = waiting(engine, creditor)
    assert isinstance(payment, PaymentReceived)
    assert (payment.id, payment.amount.minor, payment.value_on) == (
        *("import:A:settled", 10_000, date(2026, 2, 10)),
    )
    move = next_move(happened(case(amount="100.00"), payment, payment.at), payment.at)
    assert isinstance(move, Close)
    assert move.outcome == "paid"


def test_a_case_that_opened_while_an_import_ran_is_told_by_the_next(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A"))
    assert run(row("A", settled=PAID)).told == 0
    opened(engine, creditor)
    again = run(row("A", settled=PAID))
    assert (again.told, again.unchanged, len(waiting(engine, creditor))) == (1, 1, 1)


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (None, 1),
        ("handed_off", 1),
        ("paid", 0),
        ("credited", 0),
        ("cancelled", 0),
        ("written_off", 0),
        ("stopped", 0),
    ],
)
def test_only_a_case_for_which_the_debtor_is_still_asked_is_told(
    engine: Engine, creditor: str, run: Run, outcome: str | None, told: int
) -> None:
    run(row("A"))
    opened(engine, creditor, outcome)
    assert run(row("A", settled=PAID)).told == told
    assert len(waiting(engine, creditor)) == told


@pytest.mark.parametrize(("began", "told"), [(9, 1), (10, 1), (11, 0)])
def test_a_case_that_began_again_after_the_settlement_knows_better(
    engine: Engine, creditor: str, run: Run, began: int, told: int
) -> None:
    run(row("A"))
    opened(engine, creditor, "paid")
    opened(engine, creditor, episode=2, at=datetime(2026, 2, began, 23, tzinfo=UTC))
    assert run(row("A", settled=PAID)).told == told


def test_what_came_through_our_doors_is_not_paid_twice(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A"))
    opened(engine, creditor)
    came(engine, creditor, "payment_received", "p", amount=euros("60.00"))
    came(engine, creditor, "payment_reversed", "r", payment="p", amount=euros("15.00"))
    came(engine, creditor, "credit_issued", "c", amount=euros("20.00"))
    came(engine, creditor, "credit_issued", "other", amount=euros("1.00"), linked=False)
    assert run(row("A", settled=PAID)).told == 1
    told = {one.id: one for one in waiting(engine, creditor)}["import:A:settled"]
    assert isinstance(told, PaymentReceived)
    assert told.amount.text == "35.00"


def test_nothing_is_told_when_all_of_it_came_through_our_doors(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A"))
    opened(engine, creditor)
    came(engine, creditor, "payment_received", "p", amount=euros("100.00"))
    report = run(row("A", settled=PAID))
    assert (report.told, report.changes) == (0, {"settled_on": 1})
    assert [one.id for one in waiting(engine, creditor)] == ["p"]


def test_a_day_still_to_come_is_taken_and_told_once_it_has_come(
    engine: Engine, creditor: str, run: Run
) -> None:
    to_come = datetime.now(UTC).date() + timedelta(days=2)
    run(row("A"))
    opened(engine, creditor)
    report = run(row("A", settled=str(to_come)))
    assert (report.changes, report.told) == ({"settled_on": 1}, 0)
    assert settled_on(engine, creditor) == to_come
    with engine.begin() as tx:  # the days pass
        mine = invoices.c.creditor == creditor
        tx.execute(update(invoices).where(mine).values(settled_on=date(2026, 2, 10)))
    assert run(row("A", settled=PAID)).told == 1


def test_a_dry_run_says_who_would_be_told_and_keeps_nothing(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A"))
    opened(engine, creditor)
    report = run(row("A", settled=PAID), dry_run=True)
    assert (report.updated, report.told) == (1, 1)
    assert settled_on(engine, creditor) is None
    with engine.connect() as tx:
        kept = select(arrivals_table).where(arrivals_table.c.creditor == creditor)
        assert tx.execute(kept).first() is None


def test_a_row_that_is_refused_settles_and_tells_nothing(
    engine: Engine, creditor: str, run: Run
) -> None:
    run(row("A"))
    opened(engine, creditor)
    report = run(row("A", settled=PAID, amount="99.00"))
    assert (len(report.refused), report.changes, report.told) == (1, {}, 0)
    assert settled_on(engine, creditor) is None
    assert waiting(engine, creditor) == []
