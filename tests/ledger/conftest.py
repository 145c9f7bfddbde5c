"""A ledger and its map written by hand, and an import of it into a real PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from starter.ledger.column_map import ColumnMap, Columns
from starter.ledger.read import read_ledger
from starter.ledger.report import ImportReport
from starter.ledger.rows import DuplicateRow, LedgerRow, RefusedRow
from starter.ledger.store import import_ledger
from tests.ledger import build
from tests.ledger.build import Run

HEADER = (
    "Invoice,Customer,Issued,Due,Amount,Currency,Kind,Settled,Disputed,Country,Zone,Email,Phone"
)

Write = Callable[[str | bytes], Path]
Read = Callable[[str | bytes], list[LedgerRow | RefusedRow | DuplicateRow]]


@pytest.fixture(scope="session")
def plain_map() -> ColumnMap:
    return ColumnMap(
        columns=Columns(
            invoice="Invoice",
            customer="Customer",
            issued_on="Issued",
            due_on="Due",
            amount="Amount",
            currency="Currency",
            kind="Kind",
            settled_on="Settled",
            disputed="Disputed",
            country="Country",
            time_zone="Zone",
            email="Email",
            phone="Phone",
        )
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_ledger(content: str | bytes) -> Path:
        path = tmp_path / "ledger.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_ledger


@pytest.fixture
def run(engine: Engine, creditor: str, write: Write, plain_map: ColumnMap) -> Run:
    """Import rows of `build.row`, which may also have a name, a language and a consent to texts."""
    more = {"name": "Name", "language": "Language", "consent_sms": "Texts"}
    columns = plain_map.columns.model_copy(update=more)
    column_map = plain_map.model_copy(update={"columns": columns})

    def import_rows(
        rows: str, *, skip_bad: bool = False, dry_run: bool = False, update: bool = False
    ) -> ImportReport:
        return import_ledger(
            engine,
            creditor,
            write(build.HEADER + rows),
            column_map,
            skip_bad=skip_bad,
            dry_run=dry_run,
            update=update,
        )

    return import_rows


@pytest.fixture
def read(write: Write, plain_map: ColumnMap) -> Read:
    """Read rows written under HEADER."""

    def read_rows(rows: str | bytes) -> list[LedgerRow | RefusedRow | DuplicateRow]:
        if isinstance(rows, str):
            rows = rows.encode()
        return list(read_ledger(write(HEADER.encode() + b"\n" + rows), plain_map))

    return read_rows
