"""Hours of the week in which a channel is open, as a pack writes them.

`{mon-fri: ["09:00-19:00"], sat: ["10:00-16:00"]}`: local to the debtor, half-open (the end is no
longer open), a day that is missing is closed, and "24:00" ends a day.
"""

import re
from itertools import pairwise
from typing import Any

from pydantic import model_serializer, model_validator

from schemas.base import Frozen

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
Hours = tuple[tuple[int, int], ...]
"""Spans of one day in minutes after midnight, in order, the end not included."""

_SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)$")


class Week(Frozen):
    """The open hours of each day, Monday first."""

    days: tuple[Hours, ...]

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:  # noqa: ANN401 - a validator sees whatever was written
        return {"days": _parse_week(value)} if isinstance(value, dict) else value

    @model_serializer
    def _as_text(self) -> dict[str, list[str]]:
        written: dict[str, list[str]] = {}
        first = 0
        for day in range(1, len(DAYS) + 1):
            if day == len(DAYS) or self.days[day] != self.days[first]:
                if self.days[first]:
                    written[_range(first, day - 1)] = [_span(*one) for one in self.days[first]]
                first = day
        return written

    @property
    def is_always_open(self) -> bool:
        """Whether no hour of the week is closed: then the debtor's clock does not matter."""
        return self == ALWAYS


def _range(first: int, last: int) -> str:
    return DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"


def _span(start: int, end: int) -> str:
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


def _parse_week(value: dict[object, object]) -> tuple[Hours, ...]:
    days: list[Hours | None] = [None] * len(DAYS)
    for name, spans in value.items():
        hours = _parse_hours(name, spans)
        for day in _parse_days(name):
            if days[day] is not None:
                raise ValueError(f"{DAYS[day]} is named twice; write each day once")
            days[day] = hours
    return tuple(hours or () for hours in days)


def _parse_days(name: object) -> range:
    first, _, last = str(name).partition("-")
    if first in DAYS and (last or first) in DAYS:
        days = range(DAYS.index(first), DAYS.index(last or first) + 1)
        if days:
            return days
    raise ValueError(f"{name!r} is no day; write mon, tue, ... or a range such as mon-fri")


def _parse_hours(name: object, spans: object) -> Hours:
    if not isinstance(spans, list):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueErrors
            f'{name}: write a list of spans, e.g. ["09:00-19:00"]'
        )
    hours = tuple(_parse_span(name, span) for span in spans)
    if any(later[0] < earlier[1] for earlier, later in pairwise(hours)):
        raise ValueError(f"{name}: spans must follow one another and not overlap")
    return hours


def _parse_span(name: object, span: object) -> tuple[int, int]:
    match = _SPAN.match(span) if isinstance(span, str) else None
    if match:
        hour, minute, end_hour, end_minute = map(int, match.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if start < end <= DAY_MINUTES:
            return start, end
    raise ValueError(f'{name}: {span!r} is no span of a day; write it quoted, e.g. "09:00-19:00"')


ALWAYS = Week.model_validate({"mon-sun": ["00:00-24:00"]})
"""The week without a closed hour."""
