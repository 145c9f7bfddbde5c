"""Case time and real time.

A case lives in its own time, so that the same rules run in real days, in a demo where a day takes
a second, and under a server that skips time. The mapping is part of the case, never of the machine.
Spans are those that really pass: all is reckoned in UTC, whatever a local clock shows.
"""

from datetime import UTC, datetime, timedelta

from schemas.case import DAY_MS, CaseClock


def case_time(clock: CaseClock | None, real: datetime) -> datetime:
    """Return the case's moment at this real moment; without a clock they are the same."""
    if clock is None:
        return real
    passed = real - clock.real_origin.astimezone(UTC)
    return clock.case_origin.astimezone(UTC) + _scaled(passed, DAY_MS, clock.day_ms)


def real_span(clock: CaseClock | None, span: timedelta) -> timedelta:
    """Return how long a span of case time takes really."""
    return span if clock is None else _scaled(span, clock.day_ms, DAY_MS)


def real_time(clock: CaseClock | None, at: datetime) -> datetime:
    """Return the real moment of a case moment."""
    if clock is None:
        return at
    passed = at - clock.case_origin.astimezone(UTC)
    return clock.real_origin.astimezone(UTC) + real_span(clock, passed)


def _scaled(span: timedelta, times: int, by: int) -> timedelta:
    # in whole microseconds: a timedelta times a number of milliseconds overflows after 31 years
    return timedelta(microseconds=span // _MICROSECOND * times // by)


_MICROSECOND = timedelta(microseconds=1)
