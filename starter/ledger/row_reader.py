"""Turns the cells of one line into an invoice and its customer, or says what is wrong with them."""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from schemas.customer import Customer
from schemas.errors import InputRefusedError
from schemas.invoice import Invoice
from schemas.money import Amount
from starter.ledger.amounts import as_amount, read_number
from starter.ledger.cells import (
    CONSENT_READERS,
    CUSTOMER_READERS,
    INVOICE_READERS,
    Reader,
    flag,
    identifier,
)
from starter.ledger.column_map import ColumnMap
from starter.ledger.rows import CellRefusedError, LedgerRow, RefusedRow, refuse, shown
from starter.ledger.sheet import Line

T = TypeVar("T")

_REMEMBERED = 4096
"""The most customers remembered at a time; a ledger names few customers often."""

_SPOILT = re.compile("[\0\ud800-\udfff]")
"""What no text holds: NUL, and the surrogates that stand for bytes that could not be decoded."""


class RowReader:
    """Reads the rows of one ledger under its header.

    Raises InputRefusedError when the column map names a column that the header does not have, or
    has twice.
    """

    def __init__(self, ledger: Path, column_map: ColumnMap, header: list[str]) -> None:
        self._map = column_map
        self._header = [name.removeprefix("\ufeff").strip() for name in header]
        self._column = column_map.columns.by_field
        self._place = {
            field: _place(ledger, field, column, self._header)
            for field, column in self._column.items()
        }
        self._default = column_map.defaults.by_field
        self._given = {*self._column, *self._default}
        self._customer_readers = _only(self._given, CUSTOMER_READERS)
        self._consent_readers = _only(self._given, CONSENT_READERS)
        fields = {"customer", *self._customer_readers, *self._consent_readers}
        self._customer_places = [self._place[field] for field in fields & self._place.keys()]
        self._customers: dict[tuple[str, ...], Customer] = {}

    def read(self, line: Line) -> LedgerRow | RefusedRow:
        """Return the row, or the first thing that is wrong with it; never raises."""
        try:
            self._check_shape(line.cells)
            return self._row(line)
        except CellRefusedError as error:
            return refuse(line.number, error.column, error.value, error.reason)
        except ValidationError as error:
            return self._refused_by_schema(line, error)

    def _check_shape(self, cells: list[str]) -> None:
        if len(cells) != len(self._header):
            count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            raise CellRefusedError("", "", f"has {count} where the header has {len(self._header)}")
        if _SPOILT.search("".join(cells)):
            self._refuse_spoilt(cells)

    def _refuse_spoilt(self, cells: list[str]) -> None:
        for column, cell in zip(self._header, cells, strict=True):
            if found := _SPOILT.search(cell):
                bad = "NUL" if found[0] == "\0" else f"bytes that are not {self._map.encoding}"
                raise CellRefusedError(column, cell, f"holds {bad}")

    def _row(self, line: Line) -> LedgerRow:
        cells = line.cells
        return LedgerRow(
            line=line.number,
            invoice=self._invoice(cells),
            customer=self._customer(cells),
            settled_on=self._maybe(cells, "settled_on", self._map.dates.read),
            disputed=self._maybe(cells, "disputed", flag) or False,
        )

    def _invoice(self, cells: list[str]) -> Invoice:
        return Invoice.model_validate(
            {
                "id": self._must(cells, "invoice", identifier),
                "issued_on": self._must(cells, "issued_on", self._map.dates.read),
                "due_on": self._must(cells, "due_on", self._map.dates.read),
                "amount": self._amount(cells),
                "kind": self._maybe(cells, "kind", INVOICE_READERS["kind"]) or "invoice",
            }
        )

    def _amount(self, cells: list[str]) -> Amount:
        """Read the currency first: it decides how many decimals the amount may have."""
        marks = self._map.decimal_mark, self._map.thousands_mark
        currency = self._must(cells, "currency", INVOICE_READERS["currency"])
        number = self._must(cells, "amount", lambda cell: read_number(cell, *marks))
        return self._must(cells, "amount", lambda _: as_amount(number, currency))

    def _customer(self, cells: list[str]) -> Customer:
        """Read a customer once for all the rows that spell it alike."""
        spelling = tuple(cells[place] for place in self._customer_places)
        if spelling not in self._customers:
            if len(self._customers) >= _REMEMBERED:
                self._customers.clear()
            self._customers[spelling] = self._read_customer(cells)
        return self._customers[spelling]

    def _read_customer(self, cells: list[str]) -> Customer:
        """Set only what the ledger says: a silent field contradicts nothing."""
        facts: dict[str, object] = {"id": self._must(cells, "customer", identifier)}
        for field, text in self._said(cells, self._customer_readers):
            facts["kind" if field == "debtor_kind" else field] = text
        consents = dict(self._said(cells, self._consent_readers))
        if consents:
            facts["consents"] = {
                field.removeprefix("consent_"): consents[field] for field in consents
            }
        return Customer.model_validate(facts)

    def _said(self, cells: list[str], readers: dict[str, Reader]) -> Iterator[tuple[str, str]]:
        for field, read in readers.items():
            if text := self._maybe(cells, field, read):
                yield field, text

    def _text(self, cells: list[str], field: str) -> str:
        """Return the cell's text, translated, or else the default; empty when there is neither."""
        raw = cells[self._place[field]].strip() if field in self._place else ""
        return self._map.values.get(field, {}).get(raw, raw) or self._default.get(field, "")

    def _maybe(self, cells: list[str], field: str, read: Callable[[str], T]) -> T | None:
        text = self._text(cells, field) if field in self._given else ""
        if not text:
            return None
        try:
            return read(text)
        except ValueError as error:
            raise CellRefusedError(self._column[field], text, str(error)) from error

    def _must(self, cells: list[str], field: str, read: Callable[[str], T]) -> T:
        value = self._maybe(cells, field, read)
        if value is None:
            raise CellRefusedError(self._column[field], "", "is empty")
        return value

    def _refused_by_schema(self, line: Line, error: ValidationError) -> RefusedRow:
        """Refuse what single cells cannot show: two days in the wrong order, say."""
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "due_on"
        column = self._column.get(field, "")
        value = self._text(line.cells, field) if column else ""
        return refuse(line.number, column, value, _reason(first["msg"]))


def _only(fields: set[str], readers: dict[str, Reader]) -> dict[str, Reader]:
    return {field: read for field, read in readers.items() if field in fields}


def _reason(message: str) -> str:
    """Turn a schema's own words into the end of a sentence."""
    return f"is refused: {message.removeprefix('Value error, ')}"


def _place(ledger: Path, field: str, column: str, header: list[str]) -> int:
    """Find a column by its name, or raise InputRefusedError naming the nearest one."""
    found = [place for place, name in enumerate(header) if name == column.strip()]
    if len(found) == 1:
        return found[0]
    wanted = f'{ledger}: the column map takes {field} from column "{column}", which the ledger'
    if found:
        raise InputRefusedError(f"{wanted} has {len(found)} times")
    raise InputRefusedError(f"{wanted} does not have{_nearest(column, header)}")


def _nearest(column: str, header: list[str]) -> str:
    lowered = {name.lower(): name for name in header}
    near = get_close_matches(column.lower(), lowered, n=1)
    hint = f'; did you mean "{shown(lowered[near[0]])}"?' if near else "."
    return f"{hint} It has {', '.join(map(shown, header))}"
