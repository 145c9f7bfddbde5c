"""The rules of law chosen for one case: pinned in it, so that a decision can be made again."""

from datetime import date
from functools import cached_property

from schemas.base import Frozen
from schemas.charging import ChargePack
from schemas.jurisdiction import Pack
from schemas.rates import RateTable


class Rulebook(Frozen):
    """Every contact pack that matches the debtor, the charges of the most specific place, rates.

    `holidays` holds the days of each calendar that the packs name, from the year before the case
    opened; a day beyond `holidays_until` is not known to be a working day.
    """

    packs: tuple[Pack, ...] = ()
    charges: ChargePack | None = None
    rates: tuple[RateTable, ...] = ()
    holidays: dict[str, tuple[date, ...]] = {}
    holidays_until: date | None = None

    @cached_property
    def days_off(self) -> dict[str, frozenset[date]]:
        """The holidays of each calendar, to be asked often."""
        return {calendar: frozenset(days) for calendar, days in self.holidays.items()}
