"""What senders write beside money: moments, days, ids and remarks, each checked once."""

import re
from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

MAX_WORDS = 500
"""How much of a remark is kept."""
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""No calendar ends within them, whatever days the rules add."""


AnyDay = TypeVar("AnyDay", bound=date)


def _moment(value: object) -> object:
    is_text = isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", value)
    if is_text or isinstance(value, datetime):
        return value
    raise ValueError("a moment is written like 2026-02-10T18:00:00+01:00")


def _day(value: object) -> object:
    is_text = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    if is_text or isinstance(value, date):
        return value
    raise ValueError("a day is written like 2026-02-10")


def _sensible(day: AnyDay) -> AnyDay:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"the year {day.year} lies outside {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _clean(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the text holds a zero character")
    return text


def _remark(text: str) -> str:
    # PostgreSQL refuses zero bytes, and JSON half a surrogate pair
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("\x00", "\N{REPLACEMENT CHARACTER}")[:MAX_WORDS]


AnyMoment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Moment = Annotated[AnyMoment, AfterValidator(_sensible)]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_sensible)]
EventId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean)]
EffectKey = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_clean)]
Remark = Annotated[str, AfterValidator(_remark)]
Words = Annotated[str, Field(min_length=1), AfterValidator(_remark)]
