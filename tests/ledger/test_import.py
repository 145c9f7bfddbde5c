"""The import against a real PostgreSQL: whole or not at all, and never twice."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, select

from demo.ledger import SAMPLE, SAMPLE_MAP
from schemas.errors import InputRefusedError, ServiceUnreachableError
from starter.ledger import store
from starter.ledger.books import Books
from starter.ledger.column_map import ColumnMap
from starter.ledger.map_file import load_column_map
from starter.ledger.report import LISTED
from starter.ledger.rows import LedgerRow
from starter.ledger.store import import_ledger
from store.tables import customers, invoices
from tests.ledger.build import HEADER, Run, row

Write = Callable[[str | bytes], Path]


def stored(engine: Engine, creditor: str) -> tuple[int, int]:
    """Count the creditor's customers and invoices."""
    with engine.connect() as connection:
        counts = [
            connection.execute(
                select(func.count()).select_from(table).where(table.c.creditor == creditor)
            ).scalar_one()
            for table in (customers, invoices)
        ]
    return counts[0], counts[1]


def test_the_sample_is_imported_and_a_second_time_changes_nothing(
    engine: Engine, creditor: str
) -> None:
    column_map = load_column_map(SAMPLE_MAP)
    first = import_ledger(engine, creditor, SAMPLE, column_map, skip_bad=False)
    again = import_ledger(engine, creditor, SAMPLE, column_map, skip_bad=False)
    assert (first.imported, first.unchanged, first.exit_code) == (64, 0, 0)
    assert (again.imported, again.unchanged, again.exit_code) == (0, 64, 0)
    assert again.accepted == again.rows == 64
    assert stored(engine, creditor) == (20, 64)


def test_what_is_stored_is_what_the_ledger_says(engine: Engine, creditor: str, run: Run) -> None:
    run(row("007", email="a@one.example", settled="2026-02-03", amount="68.8"))
    with engine.connect() as connection:
        invoice = connection.execute(select(invoices).where(invoices.c.creditor == creditor)).one()
        debtor = connection.execute(select(customers).where(customers.c.creditor == creditor)).one()
    assert (invoice.id, invoice.amount_minor, invoice.currency) == ("007", 6880, "EUR")
    assert (str(invoice.due_on), str(invoice.settled_on)) == ("2026-01-31", "2026-02-03")
    assert (debtor.id, debtor.email, debtor.country, debtor.consents, debtor.opted_out) == (
        *("C-1", "a@one.example", "DE", {}, []),
    )


def test_bad_rows_are_reported_and_the_others_imported(
    engine: Engine, creditor: str, run: Run
) -> None:
    report = run(row("A") + row("B", amount="1e9") + row("A") + row("C"))
    assert (report.rows, report.accepted, report.imported) == (4, 2, 2)
    assert [(twin.line, twin.first_line, twin.invoice) for twin in report.duplicates] == [
        (4, 2, "A")
    ]
    assert [bad.line for bad in report.refused] == [3]
    assert report.exit_code == 2
    assert stored(engine, creditor) == (1, 2)
    assert report.text() == (
        "4 rows: 2 imported, 0 updated, 0 unchanged, 1 duplicates, 1 refused\n"
        'line 3, column Amount: "1e9" is not a plain number such as 1234.56'
    )


def test_bad_rows_cost_nothing_when_they_are_to_be_skipped(run: Run) -> None:
    report = run(row("A") + row("B", amount="no"), skip_bad=True)
    assert report.exit_code == 0
    assert len(report.refused) == 1
    assert report.model_dump()["exit_code"] == 0


OTHER_EMAIL = (
    "is stored with another email, ledger line 2 says otherwise; "
    "--update takes what the ledger says"
)
STORED = [
    ("another amount", {"amount": "120.00"}, "Amount",
     "is stored with 100.00 EUR, ledger line 2 says 120.00 EUR"),
    ("another due date", {"due": "2026-02-01"}, "Due",
     "is stored with due date 2026-01-31, ledger line 2 says due date 2026-02-01"),
    ("another customer", {"customer": "C-2"}, "Customer",
     "is stored with customer C-1, ledger line 2 says customer C-2"),
    ("another email", {"email": "b@two.example"}, "Email",
     OTHER_EMAIL),
    ("another settlement", {"settled": "2026-02-03"}, "Settled",
     "is stored with settlement date 2026-02-02, ledger line 2 says settlement date 2026-02-03"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "column", "reason"), [one[1:] for one in STORED], ids=[one[0] for one in STORED]
)
def test_the_books_are_never_overwritten_by(
    engine: Engine, creditor: str, run: Run, change: dict[str, str], column: str, reason: str
) -> None:
    run(row("A", email="a@one.example", settled="2026-02-02"))
    report = run(row("A", **change))
    [bad] = report.refused
    assert (bad.line, bad.column, bad.reason) == (2, column, reason)
    assert report.exit_code == 2
    assert stored(engine, creditor) == (1, 1)


def test_a_ledger_silent_about_a_stored_fact_agrees_with_it(run: Run) -> None:
    run(row("A", email="a@one.example", settled="2026-02-02"))
    assert run(row("A")).unchanged == 1


def test_an_import_that_dies_halfway_leaves_nothing(
    engine: Engine, creditor: str, write: Write, plain_map: ColumnMap
) -> None:
    path = write(HEADER + "".join(row(f"I-{number}") for number in range(store.BATCH + 10)))
    seen = []

    def die(rows: int) -> None:
        seen.append(rows)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_ledger(engine, creditor, path, plain_map, skip_bad=False, progress=die)
    assert seen == [store.BATCH, store.BATCH + 10]
    assert stored(engine, creditor) == (0, 0)


def test_a_dry_run_reports_the_same_and_writes_nothing(
    engine: Engine, creditor: str, run: Run
) -> None:
    report = run(row("A") + row("B", "C-2"), dry_run=True)
    assert (report.imported, report.dry_run) == (2, True)
    assert report.text().startswith("2 rows: 2 to import,")
    assert stored(engine, creditor) == (0, 0)


def test_an_invoice_somebody_else_inserts_in_between_is_compared(
    engine: Engine, creditor: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = Books._insert

    def slow_insert(self: Books, rows: list[LedgerRow]) -> set[str]:
        with engine.begin() as other:
            insert(Books(other, creditor, {}), rows[:1])
        monkeypatch.setattr(Books, "_insert", insert)
        return insert(self, rows)

    monkeypatch.setattr(Books, "_insert", slow_insert)
    report = run(row("A") + row("B"))
    assert (report.imported, report.unchanged) == (1, 1)
    assert stored(engine, creditor) == (1, 2)


def test_at_most_fifty_refused_rows_are_listed_for_a_person(run: Run) -> None:
    report = run("".join(row(f"I-{number}", amount="no") for number in range(LISTED + 7)))
    lines = report.text().splitlines()
    assert len(report.refused) == LISTED + 7
    assert len(lines) == 1 + LISTED + 1
    assert lines[-1] == "and 7 more"


def test_a_creditor_that_is_no_id_is_refused(
    engine: Engine, write: Write, plain_map: ColumnMap
) -> None:
    with pytest.raises(InputRefusedError, match='creditor: "a/b" is not an id'):
        import_ledger(engine, "a/b", write(HEADER), plain_map, skip_bad=False)


def test_a_silent_database_is_named_with_what_to_do(write: Write, plain_map: ColumnMap) -> None:
    engine = create_engine("postgresql+psycopg2://dunning:secret@127.0.0.1:1/dunning")
    with pytest.raises(ServiceUnreachableError, match=r"PostgreSQL at 127\.0\.0\.1:1 does not"):
        import_ledger(engine, "demo", write(HEADER), plain_map, skip_bad=False)
