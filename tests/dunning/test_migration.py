"""Moving a running case to another policy."""

from dunning.migration import CalendarRow, Preview, Refused, calendar, migrate, preview
from schemas.case import Case
from schemas.policy import Policy
from schemas.signals import AnyEvent
from tests.dunning.build import (
    LADDER,
    at,
    case,
    held,
    lines,
    outcome,
    planned,
    policy,
    run,
    step,
)

OLD = policy(
    *LADDER,
    step("final", "due+31d", template="final-notice", tone="formal"),
    step("off", "previous+14d", "handoff"),
    min_gap="0d",
)


def reached(until: str, *events: AnyEvent, rules: Policy = OLD) -> Case:
    return run(case(rules), *events, until=until)


def moved(begun: Case, rules: Policy, now: str) -> Case:
    found = migrate(begun, rules, at(now))
    assert isinstance(found, Case), found
    return found


def refused(begun: Case, rules: Policy, now: str) -> str:
    found = migrate(begun, rules, at(now))
    assert isinstance(found, Refused), found
    return " · ".join(found.reasons)


def ahead(begun: Case, now: str) -> list[str]:
    return [f"{row.at:%m-%d %H:%M} {row.step} {row.do}" for row in calendar(begun, at(now))]


def test_steps_that_were_done_stay_done_and_the_rest_follows_the_new_policy() -> None:
    later = policy(LADDER[0], step("second", "due+10d"), step("third", "due+20d", "call"))
    begun = moved(reached("02-09 12:00"), later, "02-09 12:00")
    assert begun.policy.hash == later.hash
    assert ahead(begun, "02-09 12:00") == ["02-20 09:00 third call"]


def test_steps_before_the_level_reached_count_as_passed_with_the_reason() -> None:
    fuller = policy(LADDER[0], step("extra", "due+4d", tone="firm"), *LADDER[1:])
    begun = moved(reached("02-09 12:00"), fuller, "02-09 12:00")
    (record,) = [one for one in begun.records if one.step == "extra"]
    assert (record.result, record.reason) == (
        "skipped",
        "passed when the case moved from test to test",
    )
    assert ahead(begun, "02-09 12:00") == ["02-15 09:00 third call"]


def test_where_no_step_is_shared_as_many_count_as_passed_as_were_done() -> None:
    other = policy(
        step("a", "due+2d", tone="firm"),
        step("b", "due+9d", tone="firm"),
        step("c", "due+16d", tone="firm"),
    )
    begun = moved(reached("02-09 12:00"), other, "02-09 12:00")
    assert {one.step for one in begun.records} == {"first", "second", "a", "b"}
    assert ahead(begun, "02-09 12:00") == ["02-16 09:00 c email"]


def test_a_step_that_counts_as_passed_does_not_move_the_ones_after_it() -> None:
    """`previous` counts from the moment the level was reached, not from the move."""
    other = policy(step("a", "due+2d", tone="firm"), step("b", "previous+14d", "call"))
    begun = moved(reached("02-01 12:00"), other, "02-05")
    assert ahead(begun, "02-05") == ["02-15 09:00 b call"]


def test_a_case_that_has_done_nothing_yet_takes_the_whole_new_policy() -> None:
    other = policy(step("a", "due+2d"), step("b", "due+9d"))
    begun = moved(case(OLD), other, "02-01")
    assert begun.records == ()
    assert ahead(begun, "02-01") == ["02-02 09:00 a email", "02-09 09:00 b email"]


def test_days_on_hold_are_not_forgotten() -> None:
    begun = moved(reached("02-15", held("h", "02-02", "02-12")), policy(*LADDER), "02-15")
    assert ahead(begun, "02-15")[0] == "02-18 09:00 second email"


# what is refused


def test_a_message_under_a_new_name_would_be_repeated() -> None:
    renamed = policy(LADDER[0], step("again", "due+20d"), LADDER[2])
    reason = refused(reached("02-09 12:00"), renamed, "02-09 12:00")
    assert reason == "again would repeat second, done on 2026-02-08: give it the same id"


def test_a_charge_under_a_new_name_would_be_asked_for_twice() -> None:
    old = policy(LADDER[0], step("fee", "due+2d", "fee"), LADDER[1])
    new = policy(LADDER[0], step("late-fee", "due+20d", "fee"))
    reason = refused(reached("02-03", rules=old), new, "02-03")
    assert "late-fee would repeat fee" in reason


def test_a_hand_off_before_the_day_the_debtor_was_given_is_refused() -> None:
    hasty = policy(*OLD.model_dump(mode="json")["steps"][:4], step("off", "previous+3d", "handoff"))
    reason = refused(reached("03-04"), hasty, "03-04")
    assert reason == "off would fall on 2026-03-06, and the debtor was given until 2026-03-16"


def test_a_hand_off_on_its_own_old_day_is_no_fault() -> None:
    same = policy(*OLD.model_dump(mode="json")["steps"], min_gap="2d")
    assert migrate(reached("03-04"), same, at("03-04")) is not None
    assert ahead(moved(reached("03-04"), same, "03-04"), "03-04") == ["03-17 09:00 off handoff"]


def test_a_final_notice_is_never_passed_over() -> None:
    short = policy(step("a", "due+2d", template="final-notice"), step("off", "due+60d", "handoff"))
    reason = refused(reached("02-01 12:00"), short, "02-02")
    assert reason == "a would be passed over, and off needs a final notice before it"


def test_a_plan_keeps_the_terms_it_was_agreed_on() -> None:
    begun = reached("02-04", planned("plan", "02-02", ("02-10", "1000")))
    harsher = policy(*LADDER, plan={"grace_days": 0})
    assert "agreed on other terms" in refused(begun, harsher, "02-04")
    assert isinstance(migrate(begun, policy(*LADDER), at("02-04")), Case)


def test_a_case_that_has_ended_stays_as_it_is() -> None:
    ended = run(case(OLD))
    assert outcome(ended) == "handed_off"
    assert refused(ended, policy(*LADDER), "06-01") == "the case has ended: handed_off"


def test_every_reason_is_named_at_once() -> None:
    begun = reached("02-09 12:00", planned("plan", "02-09", ("02-20", "1000")))
    worse = policy(LADDER[0], step("again", "due+20d"), plan={"grace_days": 0})
    found = migrate(begun, worse, at("02-09 12:00"))
    assert isinstance(found, Refused)
    assert len(found.reasons) == 2


# the look before


def test_a_preview_shows_both_calendars_and_moves_nothing() -> None:
    begun = reached("02-02")
    later = policy(LADDER[0], step("second", "due+20d"))
    shown = preview(begun, later, at("02-02"))
    assert isinstance(shown, Preview)
    assert [row.step for row in shown.before] == ["second", "third", "final", "off"]
    assert shown.after == (CalendarRow(at("02-20 09:00"), "second", "email"),)
    assert begun.policy is OLD


def test_a_preview_of_what_is_refused_gives_the_reasons() -> None:
    assert isinstance(preview(run(case(OLD)), policy(*LADDER), at("06-01")), Refused)


def test_the_calendar_is_what_then_happens() -> None:
    begun = reached("02-02")
    rows = [f"{row.at:%m-%d %H:%M} {row.step} done" for row in calendar(begun, at("02-02"))]
    assert rows == lines(run(case(OLD)))[1:]
