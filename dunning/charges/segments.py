"""The parts a line of interest is made of: spans of days with one rate and one balance.

A line is the sum of its segments, exact, rounded once. Segments are kept with the line as text, so
that the line can be computed again from the books alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from schemas.interest import Rounding

_TEXT = re.compile(
    r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d) (\d+)/(\d+) at ([\d.]+)% on (\d+(?:/\d+)?)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Segment:
    """Interest on `balance` minor units at `rate` percent a year for `parts` of `whole`.

    `first` and `last` are the days it covers, both included; `parts` of `whole` is the part of the
    year: 30 of 365 days, or 1 of 12 months.
    """

    first: date
    last: date
    parts: int
    whole: int
    rate: Decimal
    balance: Fraction

    @property
    def interest(self) -> Fraction:
        """The exact interest in minor units."""
        return self.balance * Fraction(self.rate) * self.parts / (100 * self.whole)

    @property
    def text(self) -> str:
        """The segment in one line, e.g. `2025-04-01..2025-04-30 30/365 at 12% on 100000`."""
        days = f"{self.first}..{self.last} {self.parts}/{self.whole}"
        return f"{days} at {self.rate:f}% on {self.balance}"


def written(segments: Iterable[Segment]) -> str:
    """Return the segments as text."""
    return "; ".join(segment.text for segment in segments)


def read(text: str) -> tuple[Segment, ...]:
    """Return the segments in a text; raises ValueError naming what is none."""
    return tuple(_read_one(part) for part in text.split("; ") if part)


def _read_one(text: str) -> Segment:
    if (match := _TEXT.fullmatch(text)) is None:
        raise ValueError(f"{text!r} is no segment such as {_EXAMPLE!r}")
    first, last, parts, whole, rate, balance = match.groups()
    return Segment(
        date.fromisoformat(first),
        date.fromisoformat(last),
        int(parts),
        int(whole),
        Decimal(rate),
        Fraction(balance),
    )


_EXAMPLE = "2025-04-01..2025-04-30 30/365 at 12% on 100000"


def total(segments: Iterable[Segment]) -> Fraction:
    """Return the exact interest of all segments, in minor units."""
    return sum((segment.interest for segment in segments), Fraction())


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """Return whole minor units of a sum that is not below zero."""
    match rounding:
        case "HALF_UP":
            return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
        case "HALF_EVEN":
            return round(exact)
        case "DOWN":
            return exact.numerator // exact.denominator
