"""What may be kept of a provider's words."""

import pytest

from providers.redact import bounded


@pytest.mark.parametrize(
    ("to", "text"),
    [
        ("+14155550123", "number +14155550123 bad"),
        ("+14155550123", "number +1 (415) 555-0123 bad"),
        ("+14155550123", "To=%2B14155550123"),
        ("+14155550123", "number 14155550123 bad"),
    ],
)
def test_a_number_is_removed_however_it_is_written(to: str, text: str) -> None:
    assert "[recipient]" in bounded(text, to)
    assert "415" not in bounded(text, to)


@pytest.mark.parametrize(
    "text",
    ["<JANE@Debtor.example>: no", "Jane Roe <jane@debtor.example>", "to=jane%40debtor.example"],
)
def test_an_address_is_removed_however_it_is_written(text: str) -> None:
    kept = bounded(text, "Jane Roe <jane@debtor.example>").lower()
    assert "jane" not in kept
    assert "[recipient]" in kept


def test_other_numbers_and_addresses_stay() -> None:
    longer = "request 141555501239"
    assert bounded(longer, "+14155550123") == longer
    text = "400 21211 at 127.0.0.1 from billing@creditor.example"
    assert bounded(text, "+14155550123") == text
    assert bounded(text, "jane@debtor.example") == text


def test_the_text_is_one_line_of_at_most_300_characters() -> None:
    assert bounded("a\r\n\tb") == "a b"
    assert len(bounded("x" * 1000)) == 300


def test_an_address_at_the_cut_is_removed_before_it_is_cut() -> None:
    assert "jane" not in bounded("x" * 295 + "jane@debtor.example", "jane@debtor.example")
