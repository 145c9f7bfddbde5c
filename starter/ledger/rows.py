"""What becomes of a ledger's rows: taken, refused, or the same invoice a second time."""

from dataclasses import dataclass
from datetime import date

from schemas.base import Frozen
from schemas.customer import Customer
from schemas.errors import InputRefusedError
from schemas.invoice import Invoice

SHOWN = 60
"""The most characters of a cell that are ever quoted back."""


@dataclass(frozen=True)
class LedgerRow:
    """One good row; `line` is the physical line it starts on, the header being line 1.

    `settled_on` is the day it was paid, where the ledger knows one; `disputed` is undated.
    """

    line: int
    invoice: Invoice
    customer: Customer
    settled_on: date | None
    disputed: bool


class RefusedRow(Frozen):
    """One row that was not taken.

    `value` is the cell that is wrong, or the id of the invoice or customer that is contradicted:
    printable, and at most `SHOWN` characters. `reason` ends the sentence it begins, for example
    `is not a date written M/D/YYYY`. Without a column the row is wrong as a whole.
    """

    line: int
    column: str
    value: str
    reason: str

    @property
    def text(self) -> str:
        """The sentence for a person, naming line and column."""
        place = f"line {self.line}, column {self.column}" if self.column else f"line {self.line}"
        value = f'"{self.value}" ' if self.value else ""
        return f"{place}: {value}{self.reason}"


class DuplicateRow(Frozen):
    """One row that says again, in the very same words, what an earlier line said."""

    line: int
    first_line: int
    invoice: str


Outcome = LedgerRow | RefusedRow | DuplicateRow


class CellRefusedError(InputRefusedError):
    """One cell is wrong: its column, its text, and the rest of the sentence."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(f"{column}: {value} {reason}")
        self.column, self.value, self.reason = column, value, reason


def refuse(line: int, column: str, value: str, reason: str) -> RefusedRow:
    """Make a refused row whose text is safe to print on any terminal."""
    return RefusedRow(line=line, column=shown(column), value=shown(value), reason=reason)


def shown(text: str) -> str:
    """Make text printable and short: what does not print is escaped, the rest is cut."""
    escaped = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[:SHOWN]
    )
    return escaped if len(text) <= SHOWN and len(escaped) <= SHOWN else f"{escaped[: SHOWN - 1]}…"
