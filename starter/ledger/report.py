"""What an import did, for programs (pydantic) and for people (`text`)."""

from pydantic import computed_field

from schemas.base import Frozen
from starter.ledger.rows import DuplicateRow, RefusedRow

LISTED = 50
"""The most refused rows that are listed for a person; a program gets them all."""


class ImportReport(Frozen):
    """What became of every row: rows = accepted + duplicates + refused.

    `accepted` = `imported` (new in the books) + `unchanged` (there already, the same). In a dry
    run `imported` counts what would have been imported. Refused rows stand in the ledger's order.
    """

    rows: int
    accepted: int
    imported: int
    unchanged: int
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
        """Write the counts in one line, then one line for each refused row, at most `LISTED`."""
        lines = [self._counts, *(row.text for row in self.refused[:LISTED])]
        if len(self.refused) > LISTED:
            lines.append(f"and {len(self.refused) - LISTED} more")
        return "\n".join(lines)

    @property
    def _counts(self) -> str:
        verb = "to import" if self.dry_run else "imported"
        return (
            f"{self.rows} rows: {self.imported} {verb}, {self.unchanged} unchanged, "
            f"{len(self.duplicates)} duplicates, {len(self.refused)} refused"
        )
