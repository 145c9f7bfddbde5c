"""When things fall, as a policy writes it: step times, spans of days, hours of the day."""

import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from schemas.base import Frozen

MAX_COUNT = 3_660
"""The farthest a step may lie from its base, in its unit: no step leaves the calendar."""

_BASES = (
    (re.compile(r"^(due|issued)([+-]\d+)([dwm])$"), "plain"),
    (re.compile(r"^(previous)(\+\d+)([dwm])$"), "plain"),
    (re.compile(r"^eom\((due)([+-]\d+)([dwm])\)$"), "eom"),
    (re.compile(r"^(due)(\+\d+) ?(?:business days|bd)()$"), "business"),
)


class StepTime(Frozen):
    """When a step falls, e.g. `due+8d`, `previous+14d`, `eom(due+1m)`, `due+5 business days`."""

    base: Literal["due", "issued", "previous"]
    count: int = Field(ge=-MAX_COUNT, le=MAX_COUNT)
    unit: Literal["d", "w", "m", "bd"]
    month_end: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:  # noqa: ANN401 - a validator sees whatever was written
        return _parse_time(value) if isinstance(value, str) else value

    @property
    def text(self) -> str:
        """The time as it is written in a policy."""
        unit = " business days" if self.unit == "bd" else self.unit
        plain = f"{self.base}{self.count:+d}{unit}"
        return f"eom({plain})" if self.month_end else plain


def _parse_time(text: str) -> dict[str, Any]:
    for pattern, form in _BASES:
        if match := pattern.match(text.strip()):
            base, count, unit = match.groups()
            return {
                "base": base,
                "count": int(count),
                "unit": "bd" if form == "business" else unit,
                "month_end": form == "eom",
            }
    raise ValueError(
        f"{text!r} is not a step time; write due+8d, issued+30d, previous+14d, eom(due+1m) "
        "or due+5 business days"
    )


At = Annotated[StepTime, PlainSerializer(lambda at: at.text, str)]


def _parse_span(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,4})([dw])", value)):
        return timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
    if isinstance(value, timedelta):
        return value
    raise ValueError(f"{value!r} is not a span of days; write 3d or 2w")


Span = Annotated[
    timedelta, BeforeValidator(_parse_span), PlainSerializer(lambda span: f"{span.days}d", str)
]


def _parse_minutes(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,4})(min|h)", value)):
        return timedelta(minutes=int(match[1]) * (60 if match[2] == "h" else 1))
    if isinstance(value, timedelta):
        return value
    raise ValueError(f"{value!r} is not a span of minutes; write 30min or 2h")


Minutes = Annotated[
    timedelta,
    BeforeValidator(_parse_minutes),
    PlainSerializer(lambda span: f"{span // timedelta(minutes=1)}min", str),
]


def _parse_hour(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    if isinstance(value, time):
        return value
    raise ValueError(f'{value!r} is not a time of day; write it quoted, e.g. "09:00"')


Hour = Annotated[time, BeforeValidator(_parse_hour), PlainSerializer(lambda t: f"{t:%H:%M}", str)]
