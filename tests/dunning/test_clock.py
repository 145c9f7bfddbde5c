"""Case time and real time."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dunning.clock import case_time, real_span, real_time
from schemas.case import CaseClock
from tests.dunning.build import at

A_DAY_A_SECOND = CaseClock(
    real_origin=at("06-01", "UTC"), case_origin=at("02-01", "UTC"), day_ms=1000
)


def test_without_a_clock_case_time_is_real_time() -> None:
    assert case_time(None, at("02-01")) == at("02-01")
    assert real_time(None, at("02-01")) == at("02-01")
    assert real_span(None, timedelta(days=3)) == timedelta(days=3)


def test_a_case_day_takes_as_long_as_the_clock_says() -> None:
    assert real_span(A_DAY_A_SECOND, timedelta(days=3)) == timedelta(seconds=3)
    assert case_time(A_DAY_A_SECOND, at("06-01", "UTC") + timedelta(seconds=2)) == at(
        "02-03", "UTC"
    )
    assert real_time(A_DAY_A_SECOND, at("02-03", "UTC")) == at("06-01", "UTC") + timedelta(
        seconds=2
    )


@given(st.integers(0, 36_500), st.integers(1, 10**9))
def test_whole_case_days_survive_the_way_to_real_time_and_back(days: int, day_ms: int) -> None:
    clock = A_DAY_A_SECOND.model_copy(update={"day_ms": day_ms})
    span = timedelta(days=days)
    if real_span(clock, span) < timedelta(days=365_000):
        assert (
            case_time(clock, clock.real_origin + real_span(clock, span))
            == at("02-01", "UTC") + span
        )


def test_a_change_of_the_local_clock_neither_adds_nor_loses_an_hour() -> None:
    clock = CaseClock(real_origin=at("03-01"), case_origin=at("03-01"))
    assert real_time(clock, at("03-30 09:00")) == at("03-30 09:00")
    assert case_time(clock, at("03-30 09:00")) == at("03-30 09:00")
