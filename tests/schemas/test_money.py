"""Money at the border."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.currencies import EXPONENTS
from schemas.money import MAX_MINOR, Amount, plain, to_minor

currencies = st.sampled_from(sorted(EXPONENTS))


def amount(value: object, currency: str = "EUR") -> Amount:
    return Amount.model_validate({"amount": value, "currency": currency})


@pytest.mark.parametrize(
    ("value", "currency", "minor", "text"),
    [
        ("10.10", "EUR", 1010, "10.10"),
        (10, "EUR", 1000, "10.00"),
        (Decimal("10.1"), "EUR", 1010, "10.10"),
        ("10.00", "JPY", 10, "10"),
        ("10.123", "KWD", 10123, "10.123"),
        ("10.1234", "UYW", 101234, "10.1234"),
        (".5", "EUR", 50, "0.50"),
        ("5.", "EUR", 500, "5.00"),
        ("-5", "EUR", -500, "-5.00"),
        ("1000000000000000", "EUR", MAX_MINOR, "1000000000000000.00"),
    ],
)
def test_an_amount_is_read_to_the_minor_unit(
    value: object, currency: str, minor: int, text: str
) -> None:
    assert amount(value, currency).minor == minor
    assert amount(value, currency).text == text


@pytest.mark.parametrize(
    ("value", "currency", "says"),
    [
        ("10.101", "EUR", "EUR has 2 decimals"),
        ("10.5", "JPY", "JPY has 0 decimals"),
        ("1", "EU", "'EU' is not an ISO 4217 currency code"),
        ("1", "eur", "is not an ISO 4217 currency code"),
        ("1000000000000000.01", "EUR", "too large to be true"),
        ("1" * 29, "EUR", "more digits than any sum of money"),
        (True, "EUR", "an amount is a decimal string"),
        (None, "EUR", "an amount is a decimal string"),
        (1.5, "EUR", "a float is not exact: write the amount as text or Decimal"),
        (2.0, "JPY", "a float is not exact"),
        (float("nan"), "EUR", "a float is not exact"),
        (float("inf"), "EUR", "a float is not exact"),
        (Decimal("NaN"), "EUR", "not a plain decimal number"),
        (Decimal("1E+3"), "EUR", "not a plain decimal number"),
        ("5-", "EUR", "not a plain decimal number"),
        ("1-5", "EUR", "not a plain decimal number"),
        ("--5", "EUR", "not a plain decimal number"),
        ("1,000", "EUR", "not a plain decimal number"),
        ("١٢", "EUR", "not a plain decimal number"),
        ("1\n2", "EUR", "not a plain decimal number"),
        ("", "EUR", "not a plain decimal number"),
    ],
)
def test_what_is_no_exact_sum_is_refused_with_a_sentence(
    value: object, currency: str, says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        amount(value, currency)


def test_a_float_is_refused_wherever_an_amount_is_made() -> None:
    with pytest.raises(ValidationError, match="a float is not exact"):
        Amount(amount=1.5, currency="EUR")
    with pytest.raises(ValidationError, match="a float is not exact"):
        Amount.model_validate_json('{"amount": 1.5, "currency": "EUR"}')


@settings(deadline=None)
@given(st.integers(-MAX_MINOR, MAX_MINOR), currencies)
def test_minor_units_survive_their_way_through_text(minor: int, currency: str) -> None:
    made = Amount.of(minor, currency)
    assert made.minor == minor
    assert amount(plain(minor, currency), currency) == made
    assert Amount.model_validate_json(made.model_dump_json()) == made


@settings(deadline=None)
@given(st.text(max_size=30) | st.floats() | st.integers() | st.none() | st.binary(max_size=9))
def test_whatever_is_given_is_an_amount_or_a_validation_error(value: object) -> None:
    try:
        made = amount(value)
    except ValidationError:
        return
    assert made.minor == made.amount * 100


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [("0.5", "JPY", 1), ("0.4999", "JPY", 0), ("0.005", "EUR", 1), ("2.675", "EUR", 268)],
)
def test_rounding_is_half_up(value: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(value), currency) == minor


def test_the_currencies_are_those_of_the_standard_with_their_decimals() -> None:
    decimals = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "IQD": 3, "ISK": 0, "HUF": 2}
    assert {code: EXPONENTS[code] for code in decimals} == decimals
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)


@pytest.mark.parametrize(
    ("codes", "digits"),
    [
        ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0),
        ("BHD IQD JOD KWD LYD OMR TND", 3),
        ("CLF UYW", 4),
        # display libraries print these without decimals; the standard gives them two
        ("AFN ALL IRR KPW LAK LBP MGA MMK RSD SOS SYP YER EUR USD GBP CHF", 2),
    ],
)
def test_each_currency_has_the_decimals_of_the_standard(codes: str, digits: int) -> None:
    assert {EXPONENTS[code] for code in codes.split()} == {digits}
    if digits != 2:
        assert {code for code, own in EXPONENTS.items() if own == digits} == set(codes.split())


def test_the_minor_units_of_a_changed_copy_are_its_own() -> None:
    one = amount("1.00")
    assert one.minor == 100
    assert one.model_copy(update={"amount": Decimal(2)}).minor == 200
    assert amount("1.00") == one
    assert hash(amount("1.00")) == hash(one)
