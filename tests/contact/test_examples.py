"""The contact figures of the rules reference, and the cases it asks to be tested beside them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dunning.contact.asking import PastContact
from dunning.contact.gate import decide
from tests.contact.build import ask, at, calls, past, rules, said, until

US = rules(country="US")
TALK = [past("2026-03-04 10:00", counted_as="conversation")]


@pytest.mark.parametrize(
    ("history", "asked", "free", "rule"),
    [
        pytest.param(
            calls("2026-03-02x2", "2026-03-03x2", "2026-03-04x2", "2026-03-05x1"),
            "2026-03-05 15:00",
            "2026-03-09 08:00",
            "us-7in7",
            id="T1",
        ),
        pytest.param(TALK, "2026-03-06 15:00", "2026-03-11 08:00", "us-7after", id="T2"),
    ],
)
def test_the_next_call_waits_for_the_day_regulation_f_names(
    history: list[PastContact], asked: str, free: str, rule: str
) -> None:
    answer = decide(ask(asked), US, history)
    assert (until(answer), said(ask(asked), US, history)) == (free, f"defer {rule}")


@pytest.mark.parametrize(
    ("day", "zones", "opens", "closes"),
    [
        pytest.param(
            "2026-01-15",
            ("America/Boise", "America/Los_Angeles"),
            "2026-01-15T16:00Z",
            "2026-01-16T04:00Z",
            id="T7",
        ),
        pytest.param(
            "2026-03-08", ("America/New_York",), "2026-03-08T12:00Z", "2026-03-09T01:00Z", id="T8"
        ),
    ],
)
def test_the_day_opens_and_closes_in_every_candidate_zone(
    day: str, zones: tuple[str, ...], opens: str, closes: str
) -> None:
    first, end = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    second = timedelta(seconds=1)
    early = ask(datetime.fromisoformat(f"{day}T10:30Z"), zones=zones)
    answer = decide(early, US, [])
    assert until(answer, "UTC") == f"{first:%Y-%m-%d %H:%M}"
    assert said(ask(first - second, zones=zones), US).startswith("defer")
    assert said(ask(first, zones=zones), US) == "allow"
    assert said(ask(end - second, zones=zones), US) == "allow"
    assert said(ask(end, zones=zones), US).startswith("defer")


def test_a_window_is_half_open_to_the_second() -> None:
    assert said(ask("2026-03-03 20:59:59"), US) == "allow"
    assert said(ask("2026-03-03 21:00:00"), US) == "defer us.windows.call"


def test_a_debtor_in_no_known_zone_is_not_called() -> None:
    assert said(ask("2026-03-03 12:00", zones=()), US) == "deny us.clock"


def test_a_letter_needs_no_clock() -> None:
    assert said(ask("2026-03-03 03:00", "letter", zones=()), US) == "allow"


def test_a_number_in_one_zone_and_an_address_in_another_intersect() -> None:
    zones = ("America/New_York", "America/Chicago")
    assert until(decide(ask("2026-03-03 08:30", zones=zones), US, [])) == "2026-03-03 09:00"
    assert until(decide(ask("2026-03-03 21:30", zones=zones), US, [])) == "2026-03-04 09:00"


def test_in_the_night_of_a_clock_change_the_local_hour_counts() -> None:
    fall_back = ask(datetime(2026, 11, 1, 6, tzinfo=UTC))
    assert decide(fall_back, US, []).until == datetime(2026, 11, 1, 13, tzinfo=UTC)  # type: ignore[union-attr]


def test_a_holiday_closes_calls_and_not_letters() -> None:
    germany = rules(country="DE", subdivision="BE")
    berlin: dict[str, Any] = {"zones": ("Europe/Berlin",)}
    answer = decide(ask("2026-12-25 10:00", **berlin), germany, [])
    assert until(answer, "Europe/Berlin") == "2026-12-28 08:00"
    assert said(ask("2026-12-25 10:00", **berlin), germany) == "defer de.holidays"
    assert said(ask("2026-12-25 10:00", "letter", **berlin), germany) == "allow"


def test_a_holiday_of_one_state_is_a_day_like_any_other_in_the_next() -> None:
    corpus_christi = ask("2026-06-04 10:00", zones=("Europe/Berlin",))
    assert said(corpus_christi, rules(country="DE", subdivision="BY")) == "defer de.holidays"
    assert said(corpus_christi, rules(country="DE", subdivision="BE")) == "allow"


def test_a_debtor_who_moves_state_is_asked_about_with_the_new_clock() -> None:
    moment = at("2026-03-03 20:30", "America/Los_Angeles")
    assert said(ask(moment, zones=("America/Los_Angeles",)), US) == "allow"
    assert said(ask(moment, zones=("America/New_York",)), US) == "defer us.windows.call"


def test_one_number_of_two_debtors_is_capped_once() -> None:
    default = rules(country="GB")
    shared = [
        past(f"2026-03-{day:02} 12:00", zone="Europe/London", debtor="B", address="n1", debt="D-2")
        for day in (2, 3, 4)
    ]
    asked: dict[str, Any] = {"zones": ("Europe/London",), "debtor": "A"}
    assert said(ask("2026-03-05 12:00", address="n1", **asked), default, shared) == "defer d-call"
    assert said(ask("2026-03-05 12:00", address="n2", **asked), default, shared) == "allow"


def test_a_stop_that_arrives_while_the_batch_runs_ends_that_channel() -> None:
    consents = {"sms": "express"}
    before = ask("2026-03-03 12:00", "sms", consents=consents)
    after = ask("2026-03-03 12:00", "sms", consents=consents, opted_out=frozenset({"sms"}))
    assert said(before, US) == "allow"
    assert said(after, US) == "deny us.optout"
    assert said(ask("2026-03-03 12:00", "email", opted_out=frozenset({"sms"})), US) == "allow"


def test_a_call_that_found_no_line_and_one_from_the_debtor_are_not_counted() -> None:
    busy = [past(f"2026-03-03 10:{n:02}", counted_as="nothing") for n in range(9)]
    inbound = [past(f"2026-03-03 11:{n:02}", inbound=True) for n in range(9)]
    assert said(ask("2026-03-03 15:00"), US, busy + inbound) == "allow"


def test_a_conversation_counts_whoever_began_it() -> None:
    talk = [past("2026-03-03 10:00", counted_as="conversation", inbound=True)]
    assert said(ask("2026-03-05 10:00"), US, talk) == "defer us-7after"


def test_a_cap_by_debt_lets_another_debt_pass() -> None:
    history = calls("2026-03-02x7")
    assert said(ask("2026-03-03 10:00"), US, history) == "defer us-7in7"
    assert said(ask("2026-03-03 10:00", debt="D-2"), US, history) == "allow"


def test_no_packs_forbid_nothing() -> None:
    none = rules("us").model_copy(update={"packs": ()})
    asked = ask("2026-03-03 03:00", zones=(), flags=frozenset({"deceased"}))
    assert said(asked, none, calls("2026-03-02x9")) == "allow"


def test_a_window_that_stays_shut_too_long_is_for_a_person() -> None:
    far_apart = ("Asia/Tokyo", "America/New_York", "Europe/London")
    assert said(ask("2026-03-03 12:00", zones=far_apart), US) == "deny max-defer"


def test_days_whose_holidays_nobody_knows_are_closed() -> None:
    germany = rules(country="DE")
    late = ask("2029-03-06 10:00", zones=("Europe/Berlin",))
    assert said(late, germany) == "deny max-defer"


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        ask(datetime(2026, 3, 3, 10))  # noqa: DTZ001 - that is the point
