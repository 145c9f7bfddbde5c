"""Which step comes next, and what becomes of steps that are late."""

import pytest

from dunning.apply import booked, happened
from dunning.decide import effect_key, next_move
from dunning.moves import Act, Book, WaitUntil
from tests.dunning.build import LADDER, at, case, event, lines, policy, reasons, run, step


def test_steps_follow_one_another_each_at_its_moment() -> None:
    assert lines(run(case())) == [
        "02-01 09:00 first done",
        "02-08 09:00 second done",
        "02-15 09:00 third done",
    ]


@pytest.mark.parametrize(
    ("now", "acts"), [("02-01 08:59", False), ("02-01 09:00", True), ("02-01 09:01", True)]
)
def test_a_steps_moment_is_inclusive(now: str, acts: bool) -> None:
    assert isinstance(next_move(case(), at(now)), Act if acts else WaitUntil)


def test_late_steps_are_sent_late_by_default_all_on_one_day_when_no_gap_is_asked() -> None:
    late = "02-20 10:00"
    assert lines(run(case(opened=late))) == [
        f"{late} {name} done" for name in ("first", "second", "third")
    ]


def test_skip_leaves_out_every_late_contact_with_its_reason() -> None:
    ended = run(case(policy(*LADDER, catch_up="skip"), opened="02-10 10:00"))
    assert lines(ended) == [
        "02-10 10:00 first skipped",
        "02-10 10:00 second skipped",
        "02-15 09:00 third done",
    ]
    late = "its day had passed and the policy skips late steps"
    assert reasons(ended) == {"first": late, "second": late}


def test_a_step_is_not_late_on_its_own_day() -> None:
    ended = run(case(policy(*LADDER, catch_up="skip"), opened="02-01 23:59"))
    assert lines(ended)[0] == "02-01 23:59 first done"


def test_collapse_sends_only_the_latest_of_the_late_contacts() -> None:
    ended = run(case(policy(*LADDER, catch_up="collapse"), opened="02-10 10:00"))
    assert lines(ended) == [
        "02-10 10:00 first skipped",
        "02-10 10:00 second done",
        "02-15 09:00 third done",
    ]
    assert reasons(ended) == {"first": "superseded by second, which is due as well"}


def test_most_severe_goes_to_the_furthest_contact_that_is_due() -> None:
    ended = run(case(policy(*LADDER, advance="most_severe"), opened="02-16 10:00"))
    assert lines(ended) == [
        "02-16 10:00 first skipped",
        "02-16 10:00 second skipped",
        "02-16 10:00 third done",
    ]


def test_most_severe_supersedes_on_the_very_day_where_collapse_does_not() -> None:
    twins = (step("mild", "due+1d"), step("harsh", "due+1d"))
    assert "mild skipped" in lines(run(case(policy(*twins, advance="most_severe"))))[0]
    assert "mild done" in lines(run(case(policy(*twins, catch_up="collapse"))))[0]


def test_a_charge_is_never_skipped_for_being_late() -> None:
    rules = policy(step("mail", "due+1d"), step("fee", "due+2d", "fee"), catch_up="skip")
    assert lines(run(case(rules, opened="02-10 12:00"))) == [
        "02-10 12:00 mail skipped",
        "02-10 12:00 fee done",
    ]


def test_a_contact_is_not_superseded_by_one_that_would_not_go_out() -> None:
    harsh = step("harsh", "due+2d", when={"open_at_least": {"EUR": "5000"}})
    ended = run(case(policy(step("mild", "due+1d"), harsh, advance="most_severe"), opened="02-05"))
    assert [line.split(" ", 2)[2] for line in lines(ended)] == ["mild done", "harsh skipped"]


def test_a_previous_based_step_supersedes_nothing_for_its_day_is_not_known() -> None:
    rules = policy(
        step("a", "due+1d"), step("b", "previous+1d"), advance="most_severe", catch_up="collapse"
    )
    assert lines(run(case(rules, opened="03-01 10:00"))) == [
        "03-01 10:00 a done",
        "03-02 09:00 b done",
    ]


def test_a_step_that_a_person_did_is_done_on_the_day_they_did_it() -> None:
    made = event("contact_made", "m", "02-05 11:00", channel="call", by="Kim", satisfies="second")
    ended = run(case(), made)
    assert lines(ended) == [
        "02-01 09:00 first done",
        "02-05 11:00 second done",
        "02-15 09:00 third done",
    ]
    assert reasons(ended) == {"second": "a person did it by call"}


def test_the_gap_counts_from_the_last_contact_whoever_made_it() -> None:
    rules = policy(*LADDER, min_gap="10d")
    made = event("contact_made", "m", "02-09 11:00", channel="call", by="Kim", satisfies="second")
    assert lines(run(case(rules), made))[-1] == "02-19 09:00 third done"


def test_a_contact_reported_late_does_not_shorten_the_gap_after_a_later_one() -> None:
    rules = policy(step("a", "due+1d"), step("b", "due+2d"), step("c", "due+3d"), min_gap="4d")
    made = event("contact_made", "m", "01-31 11:00", channel="call", by="Kim", satisfies="b")
    assert [line[:5] for line in lines(run(case(rules), made))] == ["02-04", "01-31", "02-08"]


def test_a_contact_for_no_step_or_an_unknown_one_changes_no_step() -> None:
    some = event("contact_made", "m1", "02-03", channel="call", by="Kim")
    odd = event("contact_made", "m2", "02-03", channel="call", by="Kim", satisfies="nothing")
    assert lines(run(case(), some, odd)) == lines(run(case()))


def test_the_channels_of_a_step_share_one_act_only_where_one_activity_does_both() -> None:
    begun = case([step("final", "due+1d", ["email", "letter", "call"])])
    move = next_move(begun, at("02-01 09:00"))
    assert isinstance(move, Act)
    assert [planned.do for planned in move.planned] == ["email", "letter"]
    assert [record.do for record in run(begun).records] == ["email", "letter", "call"]


def test_an_effect_key_names_creditor_invoice_episode_step_and_channel() -> None:
    begun = case()
    assert effect_key(begun, begun.policy.steps[0], "email") == "acme:INV-1:1:first:email"


def test_the_journal_is_booked_before_waiting() -> None:
    waiting = happened(case(), event("hold_placed", "h", "02-01", reason="x"), at("02-01"))
    assert isinstance(next_move(waiting, at("02-01")), Book)
    assert isinstance(next_move(booked(waiting, 1, at("02-01")), at("02-01")), WaitUntil)
