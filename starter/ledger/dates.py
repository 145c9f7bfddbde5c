"""Dates written as a ledger writes them, read strictly: `M/D/YYYY`, `YYYY-MM-DD`, `DD.MM.YYYY`.

Nothing is guessed: a day-first date in a month-first ledger is refused where it can be seen, and
the format is the ledger owner's word where it cannot.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

_TOKENS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
}
_SHAPE = re.compile(r"[A-Za-z]+|[^A-Za-z]")
_RUNS = re.compile(r"YYYY|MM|M|DD|D|.")
_YEARS = range(1970, 2200)


@dataclass(frozen=True)
class DateFormat:
    """One way to write a day; `text` is its readable form, e.g. `M/D/YYYY`."""

    text: str
    pattern: re.Pattern[str]

    def read(self, cell: str) -> date:
        """Return the day a cell names, or raise ValueError saying what is wrong with it."""
        found = self.pattern.fullmatch(cell)
        if found is None:
            raise ValueError(f"is not a date written {self.text}")
        if int(found["year"]) not in _YEARS:
            raise ValueError(f"is outside the years {_YEARS[0]} to {_YEARS[-1]}")
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError as error:
            raise ValueError(f"is no day of the calendar (written {self.text})") from error


@lru_cache(maxsize=32)
def date_format(text: str) -> DateFormat:
    """Understand a format made of YYYY, MM or M, DD or D and separators, each part once.

    Raises ValueError for letters that mean nothing here, for a missing or doubled part, and for a
    part of variable width that touches another one, where 1112013 could be two days.
    """
    tokens = _tokens(text)
    if sorted(token[0] for token in tokens if token in _TOKENS) != ["D", "M", "Y"]:
        raise ValueError(f"{text!r} must have one year, one month and one day, e.g. YYYY-MM-DD")
    pairs = pairwise(tokens)
    if any({"M", "D"} & {one, two} and {one, two} <= set(_TOKENS) for one, two in pairs):
        raise ValueError(f"{text!r} needs a separator beside M and D, or MM and DD")
    pattern = "".join(_TOKENS.get(token, re.escape(token)) for token in tokens)
    return DateFormat(text, re.compile(pattern))


def _tokens(text: str) -> list[str]:
    """Cut a format into its parts and separators."""
    tokens = [token for run in _SHAPE.findall(text) for token in _RUNS.findall(run)]
    strange = [token for token in tokens if token not in _TOKENS and token.isalnum()]
    if strange:
        raise ValueError(f"{text!r} may hold YYYY, MM, M, DD, D and separators, not {strange[0]!r}")
    return tokens
