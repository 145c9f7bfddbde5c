"""When a week's windows open, on a local clock that may jump.

All moments are UTC; comparing local ones would go wrong in the hour that a clock change repeats.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.windows import Week

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Pane(NamedTuple):
    """The windows of one pack on one channel, in one zone; `shut` are its holidays.

    A day after `known_until` may be a holiday, so it is closed.
    """

    pack: str
    channel: str
    week: Week
    zone: ZoneInfo
    shut: frozenset[date] = frozenset()
    known_until: date | None = None

    def is_shut(self, day: date) -> bool:
        """Whether the whole day is closed, whatever the week says."""
        return day in self.shut or (self.known_until is not None and day > self.known_until)

    def is_open(self, at: datetime) -> bool:
        """Whether the channel is open at that moment."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        hours = self.week.days[local.weekday()]
        return any(start <= minute < end for start, end in hours) and not self.is_shut(local.date())

    def rule(self, at: datetime) -> str:
        """Return the id of the rule that keeps the channel closed at that moment."""
        if self.is_shut(at.astimezone(self.zone).date()):
            return f"{self.pack}.holidays"
        return f"{self.pack}.windows.{self.channel}"

    def opens(self, at: datetime, limit: datetime) -> datetime | None:
        """Return the first open moment from `at` to `limit`, None if there is none."""
        if self.is_open(at):
            return at
        day, last = at.astimezone(self.zone).date(), limit.astimezone(self.zone).date()
        while day <= last:
            for moment in self._openings(day):
                if at <= moment <= limit and self.is_open(moment):
                    return moment
            day += _DAY
        return None

    def _openings(self, day: date) -> list[datetime]:
        """Return the moments of a day at which a window may open, in order."""
        if self.is_shut(day):
            return []
        starts = [start for start, _ in self.week.days[day.weekday()]]
        moments = [_shown(day, start, self.zone) for start in starts]
        jump = _jump(day, self.zone)
        if jump is None or not starts:
            return moments
        again = [_shown(day, start, self.zone, fold=1) for start in starts]
        return sorted({*moments, *again, jump})


@lru_cache(maxsize=4096)
def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a local day."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _shown(day: date, minute: int, zone: ZoneInfo, fold: int = 0) -> datetime:
    """Return when the local clock shows that minute; in a repeated hour, fold 1 is the second."""
    shown = time(minute // 60, minute % 60, fold=fold)
    return datetime.combine(day, shown, tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def _jump(day: date, zone: ZoneInfo) -> datetime | None:
    """Return the moment of that day at which the local clock jumps, if it does."""
    before, after = start_of(day, zone), start_of(day + _DAY, zone)
    offset = before.astimezone(zone).utcoffset()
    if offset == after.astimezone(zone).utcoffset():
        return None
    while after - before > _MINUTE:
        middle = before + (after - before) // 2 // _MINUTE * _MINUTE
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def first_open(panes: list[Pane], at: datetime, limit: datetime) -> datetime | None:
    """Return the first moment from `at` to `limit` at which every pane is open, if there is one."""
    moved = True
    while moved:
        moved = False
        for pane in panes:
            opening = pane.opens(at, limit)
            if opening is None:
                return None
            moved = moved or opening != at
            at = opening
    return at
