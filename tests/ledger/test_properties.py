"""What holds for any ledger at all."""

import csv
import io
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.customer import Customer
from schemas.invoice import Invoice
from schemas.money import Amount
from starter.ledger.column_map import ColumnMap, Columns
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow, RefusedRow

HEADER = ("id", "who", "on", "due", "sum", "cur", "paid", "disputed", "name", "zone")
COLUMNS = Columns(
    invoice="id", customer="who", issued_on="on", due_on="due", amount="sum", currency="cur",
    settled_on="paid", disputed="disputed", name="name", time_zone="zone",
)  # fmt: skip

days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~+\-]{0,20}", fullmatch=True)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
amounts = st.builds(
    Amount.of, st.integers(1, 10**12), st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF"])
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerRow]:
    rows = []
    for line, invoice in enumerate(draw(st.lists(ids, unique=True, max_size=8)), start=2):
        issued, due = sorted((draw(days), draw(days)))
        customer = Customer(id=f"C-{line}", name=draw(names), time_zone="Europe/Paris")
        amount = draw(amounts)
        facts = Invoice(id=invoice, issued_on=issued, due_on=due, amount=amount)
        settled = draw(st.none() | days)
        rows.append(LedgerRow(line, facts, customer, settled, disputed=draw(st.booleans())))
    return rows


def write(rows: list[list[str]], marks: ColumnMap) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=marks.delimiter, lineterminator="\r\n").writerows([HEADER, *rows])
    return text.getvalue().encode(marks.encoding)


def cells(row: LedgerRow, marks: ColumnMap) -> list[str]:
    invoice, form = row.invoice, "%d.%m.%Y" if marks.date_format[0] == "D" else "%Y-%m-%d"
    settled = row.settled_on.strftime(form) if row.settled_on else ""
    return [
        invoice.id,
        row.customer.id,
        invoice.issued_on.strftime(form),
        invoice.due_on.strftime(form),
        invoice.amount.text.replace(".", marks.decimal_mark),
        invoice.amount.currency,
        settled,
        "yes" if row.disputed else "",
        row.customer.name or "",
        row.customer.time_zone or "",
    ]


DIALECTS = [
    ColumnMap(columns=COLUMNS),
    ColumnMap(columns=COLUMNS, date_format="DD.MM.YYYY", decimal_mark=",", delimiter=";"),
    ColumnMap(columns=COLUMNS, delimiter="\t", encoding="utf-16"),
]


def read(content: bytes, marks: ColumnMap) -> list[object]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        path.write_bytes(content)
        return list(read_ledger(path, marks))


@settings(deadline=None)  # a busy machine is no finding
@given(ledgers(), st.sampled_from(DIALECTS))
def test_a_written_ledger_reads_back_equal(rows: list[LedgerRow], marks: ColumnMap) -> None:
    assert read(write([cells(row, marks) for row in rows], marks), marks) == rows


@settings(deadline=None)  # a busy machine is no finding
@given(st.text(max_size=80), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_any_text_for_an_amount_is_taken_exactly_or_refused(cell: str, currency: str) -> None:
    marks = DIALECTS[0]
    row = ["a", "b", "2026-01-01", "2026-01-02", cell, currency, "", "", "", ""]
    [outcome] = read(write([row], marks), marks)
    assert isinstance(outcome, LedgerRow | RefusedRow)
    if isinstance(outcome, LedgerRow):
        assert outcome.invoice.amount == Amount.model_validate(
            {"amount": cell.strip(), "currency": currency}
        )


@settings(deadline=None)  # a busy machine is no finding
@given(st.lists(st.text(max_size=20), min_size=10, max_size=10))
def test_any_text_in_any_cell_never_raises(row: list[str]) -> None:
    marks = DIALECTS[0]
    for outcome in read(write([row], marks), marks):
        assert isinstance(outcome, LedgerRow | RefusedRow)


@settings(deadline=None)  # a busy machine is no finding
@given(st.binary(max_size=300))
def test_any_bytes_below_the_header_never_raise(rubbish: bytes) -> None:
    marks = DIALECTS[0]
    for outcome in read(write([], marks) + rubbish, marks):
        assert isinstance(outcome, RefusedRow)
