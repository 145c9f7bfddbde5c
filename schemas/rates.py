"""Reference rates as dated tables (`reference-rates/1`)."""

from schemas.base import Frozen


class RateTable(Frozen):
    """One reference rate over time."""

    id: str
