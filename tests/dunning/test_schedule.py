"""When a step falls."""

from datetime import date

import pytest

from dunning.opening import new_case
from dunning.schedule import first_moment, pay_until, step_day
from dunning.simulate import simulate
from tests.dunning.build import LADDER, at, case, held, lines, policy, released, run, step


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("due+0d", "01-31"),
        ("due+1d", "02-01"),
        ("due-3d", "01-28"),
        ("due+2w", "02-14"),
        ("due+1m", "02-28"),
        ("due-1w", "01-24"),
        ("issued+31d", "02-01"),
        ("issued+0d", "01-01"),
        ("issued+2m", "03-01"),
        ("eom(due+0d)", "01-31"),
        ("eom(due+1d)", "02-28"),
        ("eom(due+1m)", "02-28"),
        ("due+5 business days", "02-06"),
        ("due+1bd", "02-02"),
    ],
)
def test_a_step_falls_so_far_from_its_base(when: str, day: str) -> None:
    begun = case([step("one", when)])
    assert step_day(begun, begun.policy.steps[0]) == date.fromisoformat(f"2026-{day}")


@pytest.mark.parametrize(
    ("when", "second"),
    [("previous+14d", "02-15"), ("previous+2w", "02-15"), ("previous+1m", "03-01")],
)
def test_a_step_counts_from_the_day_the_previous_one_really_happened(
    when: str, second: str
) -> None:
    ladder = [step("one", "due+1d"), step("two", when)]
    assert lines(run(case(ladder)))[1] == f"{second} 09:00 two done"
    late = lines(run(case(ladder, opened="02-10 12:00")))
    assert late[0] == "02-10 12:00 one done"
    assert late[1] != f"{second} 09:00 two done"


def test_the_day_of_a_chain_of_previous_steps_is_known_before_any_of_them() -> None:
    begun = case([step("a", "due+1d"), step("b", "previous+7d"), step("c", "previous+7d")])
    assert step_day(begun, begun.policy.steps[2]) == date(2026, 2, 15)


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Berlin", "2026-02-01T09:00:00+01:00"),
        ("Pacific/Kiritimati", "2026-02-01T09:00:00+14:00"),
        ("Pacific/Niue", "2026-02-01T09:00:00-11:00"),
        (None, "2026-02-01T09:00:00+00:00"),
    ],
)
def test_without_an_opening_a_case_begins_when_its_first_step_is_due(
    zone: str | None, moment: str
) -> None:
    begun = case(opened=None, zone=zone)
    assert begun.opened_at == first_moment(begun)
    assert begun.opened_at.isoformat() == moment


def test_a_step_happens_at_the_policys_hour() -> None:
    rules = policy(step("one", "due+1d"), send_at="16:45")
    assert lines(run(case(rules))) == ["02-01 16:45 one done"]


def test_steps_keep_their_local_hour_over_a_clock_change() -> None:
    begun = case(due="2026-03-20", rules=LADDER, opened="03-21")
    assert lines(run(begun))[1:] == ["03-28 09:00 second done", "04-04 09:00 third done"]


@pytest.mark.parametrize(
    ("opened", "first"),
    [
        ("01-10", "02-01 09:00"),  # long before
        ("02-01 08:59", "02-01 09:00"),
        ("02-01 09:00", "02-01 09:00"),  # the boundary is inclusive
        ("02-01 17:00", "02-01 17:00"),  # its hour has passed: at once
        ("02-03 00:00", "02-03 09:00"),  # late, but never before the hour
        ("02-03 22:15", "02-03 22:15"),
    ],
)
def test_a_late_opening_acts_at_once_but_never_before_the_hour(opened: str, first: str) -> None:
    assert lines(run(case(opened=opened)))[0] == f"{first} first done"


def test_contacts_stay_apart_by_the_smallest_gap() -> None:
    rules = policy(*LADDER, min_gap="3d")
    assert lines(run(case(rules, opened="03-01 12:00"))) == [
        "03-01 12:00 first done",
        "03-04 09:00 second done",
        "03-07 09:00 third done",
    ]


def test_a_charge_is_no_contact_and_neither_waits_nor_makes_wait() -> None:
    rules = policy(
        step("mail", "due+1d"), step("fee", "due+1d", "fee"), step("call", "due+2d", "call"),
        min_gap="5d",
    )  # fmt: skip
    assert lines(run(case(rules))) == [
        "02-01 09:00 mail done",
        "02-01 09:00 fee done",
        "02-06 09:00 call done",
    ]


def test_a_hold_adds_its_days_to_the_gap_no_second_time() -> None:
    rules = policy(*LADDER, min_gap="3d")
    ended = run(case(rules), held("h", "02-02"), released("r", "02-07", "h"))
    assert lines(ended)[1] == "02-13 09:00 second done"


def test_pay_until_is_the_eve_of_the_next_step_and_at_least_a_week_away() -> None:
    begun = case([step("a", "due+1d"), step("b", "due+31d"), step("c", "previous+3d")])
    first, second, third = begun.policy.steps
    assert pay_until(begun, first, at("02-01 09:00")) == date(2026, 3, 2)
    assert pay_until(begun, second, at("03-03 09:00")) == date(2026, 3, 10)
    assert pay_until(begun, third, at("03-06 09:00")) == date(2026, 3, 13)


def test_a_case_opened_ahead_of_its_moment_waits_for_it() -> None:
    begun = case(opened="03-01 12:00")
    early, when = simulate(begun, until=at("02-20"))
    assert lines(early) == []
    assert when == at("02-20")


def test_a_new_case_is_the_first_episode_of_its_invoice() -> None:
    begun = case()
    again = new_case("acme", begun.invoice, begun.customer, begun.policy, at("02-01"))
    assert again == begun
    assert begun.key == "acme:INV-1:1"
