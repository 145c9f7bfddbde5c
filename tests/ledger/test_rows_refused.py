"""Bad rows, one behaviour sentence each: what is refused, in which column, in which words."""

from collections.abc import Callable

import pytest

from starter.ledger.rows import SHOWN, LedgerRow, RefusedRow

Read = Callable[[str | bytes], list[object]]

GOOD = {
    "Invoice": "INV-1",
    "Customer": "C-1",
    "Issued": "2026-01-01",
    "Due": "2026-01-31",
    "Amount": "100.00",
    "Currency": "EUR",
    "Kind": "",
    "Settled": "",
    "Disputed": "",
    "Country": "DE",
    "Zone": "Europe/Berlin",
    "Email": "",
    "Phone": "",
}

REFUSED = [
    ("a day February does not have", "Due", "2026-02-30", "no day of the calendar"),
    ("a thirteenth month", "Issued", "2026-13-01", "no day of the calendar"),
    ("a date with other separators", "Due", "2026/01/31", "is not a date written YYYY-MM-DD"),
    ("a date with a time", "Due", "2026-01-31T00:00", "is not a date written YYYY-MM-DD"),
    (
        "a date in Arabic digits",
        "Due",
        "202\N{ARABIC-INDIC DIGIT SIX}-01-31",
        "is not a date written YYYY-MM-DD",
    ),
    ("a year mistyped by eighteen centuries", "Issued", "0226-01-01", "outside the years"),
    ("a day due before it was issued", "Due", "2025-12-31", "is before issued on 2026-01-01"),
    ("a settlement that is no date", "Settled", "soon", "is not a date written YYYY-MM-DD"),
    (
        "an amount with a thousands mark nobody allowed",
        "Amount",
        '"1,000.00"',
        "not a plain number",
    ),
    ("an amount with a decimal comma", "Amount", '"100,00"', "not a plain number"),
    ("an amount with a currency sign", "Amount", "€100", "not a plain number"),
    ("an amount that is not a number", "Amount", "NaN", "not a plain number"),
    ("an endless amount", "Amount", "Infinity", "not a plain number"),
    ("an amount with an exponent", "Amount", "1e400", "not a plain number"),
    (
        "an amount in full-width digits",
        "Amount",
        "10\N{FULLWIDTH DIGIT ZERO}",
        "not a plain number",
    ),
    ("an amount with an underscore", "Amount", "1_000", "not a plain number"),
    ("an amount with a bare point", "Amount", "100.", "not a plain number"),
    ("an amount of ten thousand digits", "Amount", "9" * 10_000, "not a plain number"),
    ("an amount too large to be true", "Amount", "9" * 17, "too large to be true"),
    ("more decimals than the euro has", "Amount", "1.234", "has 3 decimals, and EUR has 2"),
    ("a decimal far to the right", "Amount", f"1.{'0' * 30}1", "has 31 decimals, and EUR has 2"),
    ("an invoice over nothing", "Amount", "0.00", "is not above zero"),
    ("a credit note", "Amount", "-5.00", "is not above zero"),
    ("an empty amount", "Amount", "", "is empty"),
    ("an unknown currency", "Currency", "EURO", "is not an ISO 4217 currency code"),
    ("a currency in small letters", "Currency", "eur", "is not an ISO 4217 currency code"),
    ("a missing currency", "Currency", "", "is empty"),
    ("a missing invoice id", "Invoice", "", "is empty"),
    ("an invoice id of blanks", "Invoice", "   ", "is empty"),
    ("an invoice id with a slash", "Invoice", "2026/1", "is not an id"),
    ("an invoice id with a colon", "Invoice", "a:b", "is not an id"),
    ("an invoice id with a line break", "Invoice", '"a\nb"', "is not an id"),
    ("an invoice id of 81 characters", "Invoice", "x" * 81, "is not an id"),
    ("a missing customer id", "Customer", "", "is empty"),
    ("a customer id with a slash", "Customer", "C/1", "is not an id"),
    ("an unknown kind of receivable", "Kind", "gift", "is not one of invoice, subscription, fee"),
    ("a dispute that is neither yes nor no", "Disputed", "maybe", "is neither yes nor no"),
    ("a country that is none", "Country", "ZZ", "is not an ISO 3166 country code"),
    ("the United Kingdom by its nickname", "Country", "UK", "is not an ISO 3166 country code"),
    ("a time zone that is none", "Zone", "Mars/Olympus", "is not an IANA time zone"),
    ("a time zone that climbs out", "Zone", "../../etc/passwd", "is not an IANA time zone"),
    ("an email without a domain", "Email", "nobody", "is not an email address"),
    ("two emails in one cell", "Email", "a@b.example;c@d.example", "is not an email address"),
    ("an email with a header in it", "Email", '"a@b.example\nBcc: x@y.example"', "is not an email"),
    ("a phone number without its country", "Phone", "030 23125000", "international phone number"),
    ("a phone number with a trunk zero", "Phone", "+49 (0)30 23125000", "international phone"),
    ("a NUL in an id", "Invoice", "INV\0-1", "holds NUL"),
]


def line_of(**changes: str) -> str:
    return ",".join((GOOD | changes).values()) + "\n"


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [row[1:] for row in REFUSED],
    ids=[row[0].replace(" ", "-") for row in REFUSED],
)
def test_a_row_is_refused_for(read: Read, column: str, cell: str, reason: str) -> None:
    good = line_of(Invoice="INV-2")
    bad, other = read(line_of(**{column: cell}) + good)
    assert isinstance(bad, RefusedRow)
    assert isinstance(other, LedgerRow), "the next row is taken all the same"
    assert (bad.line, bad.column) == (2, column)
    assert reason in bad.reason
    assert len(bad.value) <= SHOWN
    assert bad.value.isprintable()
    assert bad.text.startswith(f"line 2, column {column}: ")


SHAPES = [
    ("too few cells", b"INV-1,C-1\n", "has 2 cells where the header has 13"),
    ("a lone cell", b"total\n", "has 1 cell where the header has 13"),
    ("too many cells", line_of().strip().encode() + b",more\n", "has 14 cells"),
    ("text after a closing quote", b'"INV-1"x,C-1\n', "quote"),
    ("a quote that never closes", b'"INV-1,C-1\nINV-2,C-1\n', "lines 2 to 3 were not read"),
    ("a quoted cell without end", b'"' + b"x" * 200_000 + b"\n", "quote"),
]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [row[1:] for row in SHAPES],
    ids=[row[0].replace(" ", "-") for row in SHAPES],
)
def test_a_line_is_refused_as_a_whole_for(read: Read, rows: bytes, reason: str) -> None:
    [bad] = read(rows)
    assert isinstance(bad, RefusedRow)
    assert (bad.line, bad.column, bad.value) == (2, "", "")
    assert reason in bad.reason
    assert bad.text == f"line 2: {bad.reason}"


def test_bytes_that_are_no_text_spoil_their_own_row_only(read: Read) -> None:
    broken = line_of(Invoice="INV-1").encode().replace(b"INV-1", b"INV-\xff")
    bad, good = read(broken + line_of(Invoice="INV-2").encode())
    assert isinstance(bad, RefusedRow)
    assert (bad.column, bad.value) == ("Invoice", r"INV-\udcff")
    assert bad.reason == "holds bytes that are not utf-8-sig"
    assert isinstance(good, LedgerRow)


def test_a_long_value_is_cut_and_a_control_character_is_escaped(read: Read) -> None:
    [bad] = read(line_of(Amount="\x1b[2J" + "x" * 100))
    assert isinstance(bad, RefusedRow)
    assert bad.value.startswith(r"\x1b[2J")
    assert bad.value.endswith("…")
    assert len(bad.value) <= SHOWN
