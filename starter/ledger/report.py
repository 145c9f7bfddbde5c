"""What an import did, for programs (pydantic) and for people (`text`)."""

from pydantic import computed_field

from schemas.base import Frozen
from starter.ledger.rows import DuplicateRow, RefusedRow

LISTED = 50
"""The most refused rows that are listed for a person; a program gets them all."""


class ImportReport(Frozen):
    """What became of every row: rows = accepted + duplicates + refused.

    `accepted` = `imported` (invoices new in the books) + `updated` (stored ones, of which something
    changed) + `unchanged` (there already, the same). `changes` counts by field what changed in the
    books, without saying what stands there; `told` the cases that were told of a settlement. A dry
    run counts what would have been done. Refused rows stand in the ledger's order.
    """

    rows: int
    accepted: int
    imported: int
    updated: int
    unchanged: int
    told: int
    changes: dict[str, int]
    duplicates: list[DuplicateRow]
    refused: list[RefusedRow]
    skip_bad: bool
    dry_run: bool

    @computed_field  # type: ignore[prop-decorator]  # mypy cannot see through pydantic's decorator
    @property
    def exit_code(self) -> int:
        """0, or 2 when a row was refused and bad rows were not to be skipped."""
        return 2 if self.refused and not self.skip_bad else 0

    def text(self) -> str:
        """Write the counts, what changed, then one line for each refused row, at most `LISTED`."""
        lines = [self._counts, *self._changed, *(row.text for row in self.refused[:LISTED])]
        if len(self.refused) > LISTED:
            lines.append(f"and {len(self.refused) - LISTED} more")
        return "\n".join(lines)

    @property
    def _counts(self) -> str:
        imported, updated = ("to import", "to update") if self.dry_run else ("imported", "updated")
        return (
            f"{self.rows} rows: {self.imported} {imported}, {self.updated} {updated}, "
            f"{self.unchanged} unchanged, {len(self.duplicates)} duplicates, "
            f"{len(self.refused)} refused"
        )

    @property
    def _changed(self) -> list[str]:
        fields = ", ".join(f"{field} ({count})" for field, count in self.changes.items())
        changed = f"changed in the books: {fields}" if fields else ""
        told = f"cases told of a settlement: {self.told}" if self.told else ""
        return [*filter(None, (changed, told))]
