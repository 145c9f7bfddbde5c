"""Reading the reference rates: `jurisdictions/rates/`, one file for each table."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from library.folders import read_folder
from schemas.rates import RateTable, half_year

SHIPPED = Path(__file__).resolve().parent.parent / "jurisdictions" / "rates"
_SHAPE = "a rate table is a mapping with `schema: reference-rates/1`, `id`, `source` and `rates`"


@cache
def shipped() -> Mapping[str, RateTable]:
    """Return the shipped rate tables by id."""
    return load_tables(SHIPPED)


def load_tables(folder: Path) -> dict[str, RateTable]:
    """Return every rate table of a folder by id; raises as `read_folder` does."""
    return read_folder(folder, RateTable, _SHAPE)


def tables(names: Iterable[str], since: date) -> tuple[RateTable, ...]:
    """Return the named tables, sorted, with the rates from that day's half-year on.

    A name without a table is left out: interest that needs it stops and says so.
    """
    known, first = shipped(), half_year(since)
    return tuple(
        known[name].model_copy(
            update={"rates": tuple(rate for rate in known[name].rates if rate.on >= first)}
        )
        for name in sorted(set(names))
        if name in known
    )
