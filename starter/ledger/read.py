"""Reads a whole ledger: a stream of rows taken, rows refused, and rows said twice.

The file is read twice, for two lines that contradict each other are both refused and the first of
them passes long before the second is seen. Rows are never held; a few bytes of each invoice are.
"""

from collections.abc import Iterator
from pathlib import Path

from schemas.errors import InputRefusedError
from starter.ledger.column_map import ColumnMap
from starter.ledger.row_reader import RowReader
from starter.ledger.rows import DuplicateRow, LedgerRow, Outcome, RefusedRow, refuse
from starter.ledger.sheet import Line, read_sheet
from starter.ledger.twins import Conflict, CustomerTwins, Facts, InvoiceTwins, invoice_key


def read_ledger(ledger: Path, column_map: ColumnMap) -> Iterator[Outcome]:
    """Yield what becomes of every row that is not blank, in the ledger's order.

    Two lines that say different things of one invoice are both refused. A line that says something
    else of a customer than the first good line is refused. Raises InputRefusedError for a file that
    cannot be read, has no header, or lacks a column of the map.
    """
    twins = InvoiceTwins()
    for row in read_rows(ledger, column_map):
        if isinstance(row, LedgerRow):
            twins.add(row)
    judge = _Judge(column_map, twins.conflicts)
    del twins
    for row in read_rows(ledger, column_map):
        yield judge.judge(row) if isinstance(row, LedgerRow) else row


def read_rows(ledger: Path, column_map: ColumnMap) -> Iterator[LedgerRow | RefusedRow]:
    """Yield every row on its own, blind to what other rows say; raises as `read_ledger` does."""
    lines = read_sheet(ledger, column_map.delimiter, column_map.encoding)
    header = next(lines, None)
    if not isinstance(header, Line):
        raise InputRefusedError(f"{ledger} has no header line naming its columns")
    reader = RowReader(ledger, column_map, header.cells)
    for line in lines:
        yield reader.read(line) if isinstance(line, Line) else line


class _Judge:
    """Holds each row against the rest of the ledger."""

    def __init__(self, column_map: ColumnMap, conflicts: dict[bytes, Conflict]) -> None:
        self._column = column_map.columns.by_field
        self._conflicts = conflicts
        self._customers = CustomerTwins()
        self._taken: dict[bytes, int] = {}

    def judge(self, row: LedgerRow) -> Outcome:
        """Return the row itself when nothing speaks against it."""
        key = invoice_key(row)
        if key in self._conflicts:
            return self._conflicting(row, self._conflicts[key])
        contradiction = self._customers.contradiction(row)
        if contradiction:
            return self._other_customer(row, *contradiction)
        first_line = self._taken.setdefault(key, row.line)
        if first_line != row.line:
            return DuplicateRow(line=row.line, first_line=first_line, invoice=row.invoice.id)
        return row

    def _conflicting(self, row: LedgerRow, conflict: Conflict) -> RefusedRow:
        mine = Facts.of(row)
        field, other = conflict.against(mine)
        column = self._column.get("amount" if field == "minor" else field, "")
        here = f"customer {row.customer.id}" if field == "customer" else mine.says(field)
        reason = (
            f"has {here} here and {other.says(field)} on line {other.line}; neither is imported"
        )
        return refuse(row.line, column, row.invoice.id, reason)

    def _other_customer(self, row: LedgerRow, field: str, first_line: int) -> RefusedRow:
        reason = f"has another {field} here than on line {first_line}, the customer's first"
        return refuse(row.line, self._column.get(field, ""), row.customer.id, reason)
