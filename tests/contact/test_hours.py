"""Windows on a local clock that jumps, held against a search minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dunning.contact.hours import Pane, first_open
from schemas.windows import ALWAYS, Week

JUMPS = [
    ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 22, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 7, 22, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 10, 31, 22, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 8, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 8, tzinfo=UTC)),
]
"""Zones, and a moment some hours before their clock jumps."""


def pane(spans: list[str], zone: str, *, days: str = "mon-sun") -> Pane:
    return Pane("p", "call", Week.model_validate({days: spans}), ZoneInfo(zone))


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(JUMPS),
    st.integers(0, 600),
    st.lists(st.integers(0, 23), min_size=2, max_size=4, unique=True).map(sorted),
    st.sampled_from(["00", "15", "30", "50"]),
)
def test_the_opening_found_is_that_of_a_search_by_the_minute(
    jump: tuple[str, datetime], minutes: int, hours: list[int], minute: str
) -> None:
    zone, near = jump
    pairs = zip(hours[::2], hours[1::2], strict=False)
    one = pane([f"{start:02}:{minute}-{end:02}:{minute}" for start, end in pairs], zone)
    start = near + timedelta(minutes=minutes)
    found = one.opens(start, start + timedelta(days=2))
    slow = next(
        at for at in (start + timedelta(minutes=n) for n in range(2 * 1440)) if one.is_open(at)
    )
    assert found == slow


def test_a_window_that_begins_in_a_skipped_hour_opens_when_the_clock_has_jumped() -> None:
    night = pane(["02:30-05:00"], "America/New_York")
    start = datetime(2026, 3, 8, 6, tzinfo=UTC)
    assert night.opens(start, start + timedelta(days=1)) == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_windows_that_never_meet_have_no_opening() -> None:
    panes = [pane(["08:00-10:00"], "Asia/Tokyo"), pane(["08:00-10:00"], "America/New_York")]
    start = datetime(2026, 3, 3, tzinfo=UTC)
    assert first_open(panes, start, start + timedelta(days=5)) is None


def test_an_opening_beyond_the_limit_is_none() -> None:
    monday = pane(["09:00-10:00"], "Europe/Berlin", days="mon")
    tuesday = datetime(2026, 3, 3, tzinfo=UTC)
    assert monday.opens(tuesday, tuesday + timedelta(days=5)) is None
    opening = datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert monday.opens(tuesday, opening) == opening


def test_a_holiday_and_a_day_of_which_nothing_is_known_are_shut() -> None:
    shut = Pane(
        "p",
        "call",
        ALWAYS,
        ZoneInfo("UTC"),
        frozenset({date(2026, 3, 3)}),
        date(2026, 3, 4),
    )
    start = datetime(2026, 3, 3, 12, tzinfo=UTC)
    opening = datetime(2026, 3, 4, tzinfo=UTC)
    assert shut.opens(start, start + timedelta(days=9)) == opening
    assert shut.opens(opening + timedelta(days=1), start + timedelta(days=9)) is None
    assert shut.rule(start) == "p.holidays"


@pytest.mark.parametrize(
    ("week", "complaint"),
    [
        ({"mon": ["09:00-09:00"]}, "no span of a day"),
        ({"mon": ["19:00-09:00"]}, "no span of a day"),
        ({"mon": ["09:00-24:30"]}, "no span of a day"),
        ({"mon": [540]}, "write it quoted"),
        ({"mon": "09:00-10:00"}, "write a list"),
        ({"mon": ["09:00-12:00", "11:00-13:00"]}, "not overlap"),
        ({"monday": ["09:00-12:00"]}, "write mon, tue"),
        ({"fri-mon": ["09:00-12:00"]}, "write mon, tue"),
        ({"mon-fri": ["09:00-12:00"], "tue": ["09:00-12:00"]}, "tue is named twice"),
    ],
)
def test_a_week_that_cannot_be_read_says_what_to_write(
    week: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Week.model_validate(week)


def test_a_week_is_written_as_it_is_read() -> None:
    text = {"mon-fri": ["10:00-13:00", "14:00-24:00"], "sun": ["00:00-01:30"]}
    week = Week.model_validate(text)
    assert week.model_dump() == text
    assert Week.model_validate_json(week.model_dump_json()) == week
    assert not week.is_always_open
    assert ALWAYS.is_always_open
