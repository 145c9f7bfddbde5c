"""Reasons not to act, and what they cost in days."""

import pytest

from dunning.apply import take
from dunning.charges.balance import balance
from dunning.holds import UNAPPLIED, held_days, holds, next_end, standing, unapplied_credit
from dunning.inbox import Refusal
from schemas.signals import AnyEvent
from tests.dunning.build import (
    LADDER,
    at,
    case,
    event,
    held,
    lines,
    outcome,
    paid,
    policy,
    promised,
    released,
    run,
    step,
    sum_of,
    taken_back,
    told,
)


def test_nothing_reaches_out_while_a_hold_stands() -> None:
    assert lines(run(case(), held("h", "02-02"))) == ["02-01 09:00 first done"]


@pytest.mark.parametrize(
    ("events", "second"),
    [
        ([held("h", "02-02"), released("r", "02-05", "h")], "02-11"),
        ([held("h", "02-02", "02-05")], "02-11"),
        # on one day from morning to evening: no day is lost
        ([held("h", "02-03 08:00"), released("r", "02-03 20:00", "h")], "02-08"),
        # from evening to the next morning: a day of the calendar is
        ([held("h", "02-03 20:00"), released("r", "02-04 06:00", "h")], "02-09"),
        # two that overlap count once
        ([held("a", "02-02", "02-06"), held("b", "02-04", "02-08")], "02-14"),
        ([held("a", "02-02", "02-08"), held("b", "02-04", "02-06")], "02-14"),
        # two in a row count both
        ([held("a", "02-02", "02-04"), held("b", "02-05", "02-07")], "02-12"),
        # released ahead of its own end, and an end after the release
        ([held("h", "02-02", "02-20"), released("r", "02-05", "h")], "02-11"),
        ([held("h", "02-02", "02-05"), released("r", "02-20", "h")], "02-11"),
        # only the first release counts
        ([held("h", "02-02"), released("r", "02-05", "h"), released("s", "02-07", "h")], "02-11"),
        # past the second step's own day
        ([held("h", "02-05", "02-25")], "02-28"),
    ],
)
def test_the_remaining_steps_keep_their_remaining_offset_in_whole_local_days(
    events: list[AnyEvent], second: str
) -> None:
    assert lines(run(case(), *events))[1] == f"{second} 09:00 second done"


def test_every_remaining_step_moves_by_the_same_days() -> None:
    ended = run(case(), held("h", "02-02", "02-12"))
    assert lines(ended)[1:] == ["02-18 09:00 second done", "02-25 09:00 third done"]


def test_all_holds_must_fall_before_anything_goes_on() -> None:
    ended = run(case(), held("a", "02-02"), held("b", "02-03"), released("r", "02-05", "a"))
    assert lines(ended) == ["02-01 09:00 first done"]


def test_a_release_may_arrive_before_its_hold() -> None:
    before = told(case(), released("r", "02-05", "h"), held("h", "02-02"))
    after = told(case(), held("h", "02-02"), released("r", "02-05", "h"))
    assert holds(before) == holds(after)


def test_a_release_from_before_its_hold_leaves_no_hold() -> None:
    ended = told(case(), held("h", "02-05"), released("r", "02-02", "h"))
    assert standing(ended, at("02-06")) == ()
    assert held_days(ended) == 0


def test_a_release_of_something_else_releases_nothing() -> None:
    begun = told(case(), held("h", "02-02"), released("r", "02-05", "g"))
    assert [hold.id for hold in standing(begun, at("02-06"))] == ["h"]


def test_a_hold_until_a_moment_ends_at_that_very_moment() -> None:
    begun = told(case(), held("h", "02-02", "02-05 12:00"))
    assert standing(begun, at("02-05 11:59"))
    assert standing(begun, at("02-05 12:00")) == ()
    assert next_end(begun, at("02-03")) == at("02-05 12:00")


def test_a_hold_we_know_of_stands_even_if_its_moment_is_yet_to_come() -> None:
    begun = told(case(), held("h", "02-10"))
    assert standing(begun, at("02-02"))


def test_a_hold_until_the_last_year_of_the_calendar_is_for_good() -> None:
    begun = told(case(), held("h", "02-02", "9999-12-31 23:59"))
    assert [hold.ends for hold in standing(begun, at("02-03"))] == [None]
    assert lines(run(case(), held("h", "02-02", "9999-12-31 23:59"))) == ["02-01 09:00 first done"]


@pytest.mark.parametrize("flag", ["cease_request", "represented", "insolvency", "deceased"])
def test_a_stop_holds_until_somebody_releases_it(flag: str) -> None:
    stop = event("stop_requested", "s", "02-02", flag=flag)
    begun = told(case(), stop)
    assert [(hold.id, hold.reason) for hold in standing(begun, at("12-01"))] == [("s", flag)]
    assert lines(run(case(), stop, released("r", "02-05", "s")))[1] == "02-11 09:00 second done"


def test_days_before_the_previous_step_are_not_counted_again_for_the_next() -> None:
    ladder = [step("a", "due+8d"), step("b", "previous+7d")]
    assert lines(run(case(ladder), held("h", "02-02", "02-12"))) == [
        "02-18 09:00 a done",
        "02-25 09:00 b done",
    ]


def test_days_after_the_previous_step_are() -> None:
    ladder = [step("a", "due+1d"), step("b", "previous+7d")]
    ended = run(case(ladder), held("h", "02-02", "02-12"))
    assert lines(ended)[1] == "02-18 09:00 b done"


def test_held_days_are_days_of_the_debtors_calendar() -> None:
    """From 12:00 to 13:00 UTC is one hour, and midnight on Kiritimati is at 10:00 UTC."""
    near, far = told(case(), *_an_hour()), told(case(zone="Pacific/Kiritimati"), *_an_hour())
    assert (held_days(near), held_days(far)) == (0, 1)


def _an_hour() -> tuple[AnyEvent, AnyEvent]:
    return held("h", "02-02 10:30"), released("r", "02-02 11:30", "h")


def test_a_malformed_payment_holds_until_it_is_released_by_its_own_id() -> None:
    begun = take(case(), Refusal("payment_received", "{", "not JSON"), at("02-02"))
    assert [hold.reason for hold in standing(begun, at("12-01"))] == ["malformed payment"]
    told_apart = told(begun, released("r", "02-05", begun.rejected[0].id))
    assert standing(told_apart, at("02-06")) == ()
    assert held_days(told_apart) == 3


@pytest.mark.parametrize("name", ["payment_reversed", "hold_placed", "dispute_opened", "nonsense"])
def test_no_other_malformed_signal_holds(name: str) -> None:
    assert standing(take(case(), Refusal(name, "{", "not JSON"), at("02-02")), at("02-03")) == ()


@pytest.mark.parametrize(
    ("events", "second"),
    [
        # Wednesday 4 February and two business days: broken when Friday is over
        ([promised("m", "02-02", "02-04")], "02-13"),
        # Friday 6 February: broken when Tuesday is over
        ([promised("m", "02-02", "02-06")], "02-17"),
        # part of it is not enough
        ([promised("m", "02-02", "02-04"), paid("p", "02-03", "400")], "02-13"),
        # the sum that was named ends the promise when it is in
        ([promised("m", "02-02", "02-04", "400"), paid("p", "02-03", "400")], "02-09"),
        ([promised("m", "02-02", "02-04", "400"), paid("p", "02-01", "400")], "02-13"),
    ],
)
def test_a_promise_holds_until_it_is_kept_or_broken(events: list[AnyEvent], second: str) -> None:
    assert f"{second} 09:00 second done" in lines(run(case(), *events))


def test_a_promise_of_everything_is_kept_by_what_was_open_when_it_was_made() -> None:
    ended = run(
        case(),
        paid("p", "02-02", "400"),
        promised("m", "02-03", "02-05"),
        paid("q", "02-04", "600"),
    )
    assert outcome(ended) == "paid"


def test_a_promise_whose_money_went_back_stands_until_it_is_broken() -> None:
    begun = told(
        case(),
        promised("m", "02-02", "02-04", "400"),
        paid("p", "02-03", "400"),
        taken_back("b", "02-04", "p"),
    )
    assert next_end(begun, at("02-05")) == at("02-07")


def test_the_days_of_grace_are_the_policys() -> None:
    rules = policy(*LADDER, promise={"grace_business_days": 0})
    ended = run(case(rules), promised("m", "02-02", "02-04"))
    assert "02-11 09:00 second done" in lines(ended)


def credited(name: str, when: str, amount: str, *, linked: bool = False) -> AnyEvent:
    return event("credit_issued", name, when, amount=sum_of(amount), linked=linked)


@pytest.mark.parametrize(
    ("events", "stands"),
    [
        ([credited("c", "02-02", "1000")], True),
        ([credited("c", "02-02", "999.99")], False),
        ([credited("c", "02-02", "600"), credited("d", "02-03", "400")], True),
        ([credited("c", "02-02", "600"), paid("p", "02-03", "400")], True),
        ([credited("c", "02-02", "1000"), released("r", "02-03", "c")], False),
        ([paid("p", "02-01", "400"), credited("c", "02-02", "600")], True),
    ],
)
def test_an_unapplied_credit_that_covers_what_is_open_holds_and_settles_nothing(
    events: list[AnyEvent], stands: bool
) -> None:
    begun = told(case(), *events)
    assert [hold.reason for hold in standing(begun, at("02-04"))][:1] == [UNAPPLIED] * stands
    assert balance(begun).total > 0


def test_unapplied_credit_is_what_nobody_has_applied() -> None:
    begun = told(
        case(),
        credited("c", "02-02", "100"),
        credited("d", "02-03", "50"),
        credited("e", "02-03", "7", linked=True),
        released("r", "02-05", "c"),
    )
    moments = (at("02-01"), at("02-02"), at("02-04"), at("02-05"), None)
    assert [unapplied_credit(begun, moment) for moment in moments] == [
        0,
        100_00,
        150_00,
        50_00,
        50_00,
    ]


def test_days_of_an_unapplied_credit_count_as_held() -> None:
    ended = run(case(), credited("c", "02-02", "1000"), released("r", "02-05", "c"))
    assert "02-11 09:00 second done" in lines(ended)
