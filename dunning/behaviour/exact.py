"""Fractions made readable: rounding once, half up, never through a float."""

from decimal import Decimal
from fractions import Fraction


def half_up(value: Fraction) -> int:
    """Return the nearest whole number; a half goes up, so -0.5 becomes 0."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def decimal(value: Fraction, digits: int) -> Decimal:
    """Return a decimal of so many digits for people to read; nothing is decided by it."""
    return Decimal(half_up(value * 10**digits)).scaleb(-digits)
