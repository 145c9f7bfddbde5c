"""Amounts written as a ledger writes them, read as text into exact money: no float, no guess."""

import re
from decimal import Decimal
from functools import lru_cache

from schemas.currencies import EXPONENTS
from schemas.money import MAX_MINOR, Amount

_LONGEST = 40


@lru_cache(maxsize=32)
def _number(decimal_mark: str, thousands_mark: str | None) -> re.Pattern[str]:
    """Describe a number in these marks: groups, where allowed, are of exactly three digits."""
    grouped = rf"[0-9]{{1,3}}(?:{re.escape(thousands_mark)}[0-9]{{3}})+|" if thousands_mark else ""
    return re.compile(
        rf"(?P<sign>-?)(?P<whole>{grouped}[0-9]+)(?:{re.escape(decimal_mark)}(?P<part>[0-9]+))?"
    )


def read_number(cell: str, decimal_mark: str, thousands_mark: str | None) -> Decimal:
    """Return the number a cell holds, or raise ValueError saying how it should be written."""
    found = _number(decimal_mark, thousands_mark).fullmatch(cell) if len(cell) <= _LONGEST else None
    if found is None:
        raise ValueError(f"is not a plain number such as {_example(decimal_mark, thousands_mark)}")
    whole = found["whole"].replace(thousands_mark, "") if thousands_mark else found["whole"]
    return Decimal(f"{found['sign']}{whole}.{found['part'] or 0}")


def _example(decimal_mark: str, thousands_mark: str | None) -> str:
    grouped = f" or 1{thousands_mark}234{decimal_mark}56" if thousands_mark else ""
    return f"1234{decimal_mark}56{grouped}"


def as_amount(number: Decimal, currency: str) -> Amount:
    """Return a positive amount of the currency, or raise ValueError.

    Decimals are counted on the digits, not by arithmetic: rounding to the precision of decimal's
    context would swallow a digit far to the right.
    """
    digits = number.as_tuple().digits
    exponent = int(number.as_tuple().exponent)
    while exponent < 0 and digits[-1] == 0 and len(digits) > 1:
        digits, exponent = digits[:-1], exponent + 1
    if -exponent > EXPONENTS[currency]:
        raise ValueError(f"has {-exponent} decimals, and {currency} has {EXPONENTS[currency]}")
    if number <= 0:
        raise ValueError("is not above zero, and an invoice asks for something")
    if number > Decimal(MAX_MINOR).scaleb(-EXPONENTS[currency]):
        raise ValueError("is too large to be true")
    return Amount.of(int(number.scaleb(EXPONENTS[currency])), currency)
