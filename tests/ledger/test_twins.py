"""Rows that speak of the same invoice or the same customer more than once."""

from collections.abc import Callable

from starter.ledger.rows import DuplicateRow, LedgerRow, RefusedRow

Read = Callable[[str | bytes], list[object]]


def row(invoice: str, customer: str = "C-1", due: str = "2026-01-31", **cells: str) -> str:
    amount, email = cells.get("amount", "100.00"), cells.get("email", "")
    currency, settled = cells.get("currency", "EUR"), cells.get("settled", "")
    return f"{invoice},{customer},2026-01-01,{due},{amount},{currency},,{settled},,,,{email},\n"


def test_the_same_line_again_is_a_duplicate_that_names_both_lines(read: Read) -> None:
    first, second, again = read(row("A") + row("B") + row("A", amount="100"))
    assert isinstance(first, LedgerRow)
    assert isinstance(second, LedgerRow)
    assert again == DuplicateRow(line=4, first_line=2, invoice="A")


def test_an_invoice_of_two_amounts_is_refused_on_both_lines(read: Read) -> None:
    first, other, second = read(row("A") + row("B") + row("A", amount="120.00"))
    assert isinstance(other, LedgerRow)
    assert isinstance(first, RefusedRow)
    assert isinstance(second, RefusedRow)
    assert first.text == (
        'line 2, column Amount: "A" has 100.00 EUR here and 120.00 EUR on line 4; '
        "neither is imported"
    )
    assert "has 120.00 EUR here and 100.00 EUR on line 2" in second.reason


def test_of_three_lines_all_are_refused_when_one_contradicts(read: Read) -> None:
    rows = read(row("A") + row("A", due="2026-02-01") + row("A"))
    assert [type(one) for one in rows] == [RefusedRow] * 3
    assert all(isinstance(one, RefusedRow) and one.column == "Due" for one in rows)


def test_customer_currency_and_settlement_make_a_conflict_too(read: Read) -> None:
    for column, change in (
        ("Customer", row("A", "C-2")),
        ("Currency", row("A", currency="USD")),
        ("Settled", row("A", settled="2026-02-02")),
    ):
        first, second = read(row("A") + change)
        assert isinstance(first, RefusedRow)
        assert isinstance(second, RefusedRow)
        assert first.column == second.column == column


def test_a_refused_line_contradicts_nobody(read: Read) -> None:
    bad, good = read(row("A", amount="lots") + row("A"))
    assert isinstance(bad, RefusedRow)
    assert isinstance(good, LedgerRow)


def test_a_customer_with_another_email_is_refused_and_the_first_line_named(read: Read) -> None:
    first, second, third = read(
        row("A", email="a@one.example") + row("B", email="b@two.example") + row("C")
    )
    assert isinstance(first, LedgerRow)
    assert isinstance(second, RefusedRow)
    assert second.column == "Email"
    assert second.reason == "has another email here than on line 2, the customer's first"
    assert isinstance(third, LedgerRow), "a field left empty contradicts nothing"


def test_a_duplicate_of_a_refused_line_is_taken_itself(read: Read) -> None:
    rows = read(row("A", email="a@one.example") + row("B", email="b@two.example") + row("B"))
    assert [type(one) for one in rows] == [LedgerRow, RefusedRow, LedgerRow]
