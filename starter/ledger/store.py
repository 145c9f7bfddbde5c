"""Writes a ledger into the books: one transaction, so that half a ledger is never there.

What the books already say in the same words is left unchanged. A settlement they do not know yet is
taken, and with `update` so are corrected contact points and consents. Whatever else they say
otherwise is refused: the books carry cases, and a case's facts do not move under it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import OperationalError

from schemas.errors import InputRefusedError, ServiceUnreachableError
from starter.ledger.books import Books
from starter.ledger.cells import identifier
from starter.ledger.column_map import ColumnMap
from starter.ledger.read import read_ledger
from starter.ledger.report import ImportReport
from starter.ledger.rows import DuplicateRow, LedgerRow, Outcome, RefusedRow

BATCH = 500
"""Rows written, and reported as progress, at a time."""


def import_ledger(
    engine: Engine,
    creditor: str,
    ledger: Path,
    column_map: ColumnMap,
    *,
    skip_bad: bool,
    dry_run: bool = False,
    update: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import the good rows of a ledger; the refused ones are in the report.

    Without `update` a row that says otherwise of a stored customer is refused. Until the import
    ends, whoever wants to write to a customer that it corrects waits.
    `progress` is told how many rows were read so far. Whatever is raised, the books are as before.
    Raises InputRefusedError for a creditor or file that is wrong as a whole, and
    ServiceUnreachableError when PostgreSQL does not answer.
    """
    tally = _Tally()
    with _transaction(engine) as connection:
        books = _open(connection, creditor, column_map, update=update)
        for batch in _batches(read_ledger(ledger, column_map)):
            tally.count(batch, books)
            if progress:
                progress(tally.rows)
        if dry_run:
            connection.rollback()
    return tally.report(skip_bad=skip_bad, dry_run=dry_run)


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    """Commit at the end, or leave nothing behind."""
    try:
        with engine.connect() as connection:
            yield connection
            connection.commit()
    except OperationalError as error:
        address = f"{engine.url.host or 'its local socket'}:{engine.url.port or 5432}"
        reason = str(error.orig).splitlines()[0]
        raise ServiceUnreachableError(
            f"PostgreSQL at {address} does not answer ({reason}): "
            "start it, or correct DUNNING_DATABASE_URL"
        ) from error


def _open(connection: Connection, creditor: str, column_map: ColumnMap, *, update: bool) -> Books:
    """Let one import of a creditor wait for another, so that neither sees half of the other."""
    try:
        identifier(creditor)
    except ValueError as error:
        raise InputRefusedError(f'creditor: "{creditor}" {error}') from error
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"dunning-import:{creditor}", 0))
    connection.execute(select(lock))
    return Books(connection, creditor, column_map.columns.by_field, update=update)


def _batches(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    rest = iter(outcomes)
    while batch := list(islice(rest, BATCH)):
        yield batch


class _Tally:
    """Counts what becomes of the rows."""

    def __init__(self) -> None:
        self.rows = self.imported = self.updated = self.unchanged = self.told = 0
        self.changes: Counter[str] = Counter()
        self.duplicates: list[DuplicateRow] = []
        self.refused: list[RefusedRow] = []

    def count(self, batch: list[Outcome], books: Books) -> None:
        """Write the good rows of a batch and count them all."""
        written = books.write([row for row in batch if isinstance(row, LedgerRow)])
        self.rows += len(batch)
        self.imported += written.imported
        self.updated += written.updated
        self.unchanged += written.unchanged
        self.told += written.told
        self.changes += written.changes
        self.duplicates += [row for row in batch if isinstance(row, DuplicateRow)]
        self.refused += [row for row in batch if isinstance(row, RefusedRow)] + written.refused

    def report(self, *, skip_bad: bool, dry_run: bool) -> ImportReport:
        """Return the report of the whole ledger."""
        return ImportReport(
            rows=self.rows,
            accepted=self.imported + self.updated + self.unchanged,
            imported=self.imported,
            updated=self.updated,
            unchanged=self.unchanged,
            told=self.told,
            changes=dict(sorted(self.changes.items())),
            duplicates=self.duplicates,
            refused=sorted(self.refused, key=lambda row: row.line),
            skip_bad=skip_bad,
            dry_run=dry_run,
        )
