"""Good rows: every way a ledger may be written and still mean the same."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from starter.ledger.cells import LONGEST
from starter.ledger.column_map import ColumnMap, Columns, Defaults
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow
from store.tables import customers

HEADER = "id,who,on,due,sum,cur,extra\n"
COLUMNS = Columns(
    invoice="id", customer="who", issued_on="on", due_on="due", amount="sum", currency="cur"
)
Write = Callable[[str | bytes], Path]


def one(path: Path, **settings: object) -> LedgerRow:
    column_map = ColumnMap.model_validate({"columns": COLUMNS, **settings})
    [row] = read_ledger(path, column_map)
    assert isinstance(row, LedgerRow), row
    return row


FORMATS = [
    ("YYYY-MM-DD", "2013-01-02"),
    ("M/D/YYYY", "1/2/2013"),
    ("M/D/YYYY", "01/02/2013"),
    ("D/M/YYYY", "2/1/2013"),
    ("DD.MM.YYYY", "02.01.2013"),
    ("YYYYMMDD", "20130102"),
    ("DD MM YYYY", "02 01 2013"),
]


@pytest.mark.parametrize(("form", "cell"), FORMATS)
def test_the_second_of_january_is_read_in_the_ledgers_own_format(
    write: Write, form: str, cell: str
) -> None:
    row = one(write(f"{HEADER}a,b,{cell},{cell},1,EUR,\n"), date_format=form)
    assert row.invoice.issued_on == date(2013, 1, 2)


AMOUNTS = [
    ("94", ".", None, "EUR", 9400),
    ("68.8", ".", None, "EUR", 6880),
    ("68.8000", ".", None, "EUR", 6880),
    ("0068.80", ".", None, "EUR", 6880),
    ("68,80", ",", None, "EUR", 6880),
    ("1.234.567,89", ",", ".", "EUR", 123456789),
    ("1'234.50", ".", "'", "CHF", 123450),
    ("1 234,50", ",", " ", "EUR", 123450),
    ("1,234.567", ".", ",", "KWD", 1234567),
    ("1234.50", ".", ",", "USD", 123450),
    ("8000", ".", None, "JPY", 8000),
    ("8000.00", ".", None, "JPY", 8000),
]


@pytest.mark.parametrize(("cell", "decimal", "thousands", "currency", "minor"), AMOUNTS)
def test_an_amount_is_read_exactly_in_the_ledgers_own_marks(
    write: Write, cell: str, decimal: str, thousands: str | None, currency: str, minor: int
) -> None:
    path = write(f'{HEADER}a,b,2026-01-01,2026-01-02,"{cell}",{currency},\n')
    row = one(path, decimal_mark=decimal, thousands_mark=thousands)
    assert row.invoice.amount.minor == minor


def test_leading_zeros_of_ids_are_kept(write: Write) -> None:
    row = one(write(f"{HEADER}0000611365,007,2026-01-01,2026-01-02,1,EUR,\n"))
    assert (row.invoice.id, row.customer.id) == ("0000611365", "007")


ENCODED = [
    ("a byte order mark", "utf-8-sig", "utf-8-sig"),
    ("a byte order mark under plain utf-8", "utf-8-sig", "utf-8"),
    ("two bytes a character", "utf-16", "utf-16"),
    ("a western code page", "cp1252", "cp1252"),
]


@pytest.mark.parametrize(
    ("written", "read"), [row[1:] for row in ENCODED], ids=[row[0] for row in ENCODED]
)
def test_a_ledger_is_read_in_its_encoding(write: Write, written: str, read: str) -> None:
    content = f"{HEADER}a,b,2026-01-01,2026-01-02,1,EUR,Zürich\n".encode(written)
    assert one(write(content), encoding=read).invoice.id == "a"


def test_line_numbers_are_physical_through_blank_lines_crlf_and_quoted_breaks(
    write: Write,
) -> None:
    rows = (
        'a,b,2026-01-01,2026-01-02,1,EUR,"two\r\nlines"\r\n\r\nc,b,2026-01-01,2026-01-02,1,EUR,\r\n'
    )
    path = write(HEADER.replace("\n", "\r\n") + rows)
    lines = [
        row.line
        for row in read_ledger(path, ColumnMap(columns=COLUMNS))
        if isinstance(row, LedgerRow)
    ]
    assert lines == [2, 5]


def test_empty_cells_take_the_default_and_translated_cells_their_meaning(write: Write) -> None:
    path = write(
        "id;who;on;due;sum;cur;land;name;adr\n"
        'a;b;2026-01-01;2026-01-02;1;;Deutschland;"Groß\nund Klein";"Weg 1\r\nHof"\n'
    )
    columns = COLUMNS.model_copy(update={"country": "land", "name": "name", "address": "adr"})
    defaults = Defaults(currency="CHF", language="de", debtor_kind="business", consent_sms="none")
    row = one(
        path,
        columns=columns,
        delimiter=";",
        defaults=defaults,
        values={"country": {"Deutschland": "DE"}},
    )
    assert row.invoice.amount.currency == "CHF"
    customer = row.customer
    assert (customer.country, customer.language, customer.kind) == ("DE", "de", "business")
    assert (customer.name, customer.address) == ("Groß und Klein", "Weg 1\nHof")
    assert customer.consents == {"sms": "none"}


@pytest.mark.parametrize("cell", ["Yes", "y", "TRUE", "1"])
def test_a_dispute_is_a_yes_however_it_is_written(write: Write, cell: str) -> None:
    columns = COLUMNS.model_copy(update={"disputed": "extra"})
    assert one(write(f"{HEADER}a,b,2026-01-01,2026-01-02,1,EUR,{cell}\n"), columns=columns).disputed


def test_a_phone_number_is_stored_without_the_separators_people_write(write: Write) -> None:
    columns = COLUMNS.model_copy(update={"phone": "extra"})
    path = write(f"{HEADER}a,b,2026-01-01,2026-01-02,1,EUR,+1 (202) 555-0143\n")
    assert one(path, columns=columns).customer.phone == "+12025550143"


@pytest.mark.parametrize("field", ["subdivision", "segment"])
def test_no_text_is_taken_that_the_books_have_no_room_for(field: str) -> None:
    assert getattr(customers.c[field].type, "length", None) == LONGEST[field]
