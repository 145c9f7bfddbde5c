"""Disputes: in full, in part, and how they end."""

from datetime import date

import pytest

from dunning.charges.balance import balance
from dunning.decide import next_move
from dunning.disputes import next_answer_due, overdue_disputes, verdicts
from dunning.holds import held_days, holds, standing
from schemas.signals import AnyEvent
from tests.dunning.build import (
    LADDER,
    at,
    case,
    disputed,
    lines,
    outcome,
    paid,
    policy,
    released,
    resolved,
    run,
    step,
    taken_back,
    told,
)

WITH_FEE = policy(step("fee", "due+1d", "fee"), *LADDER[1:])


def dues(*events: AnyEvent) -> list[int]:
    return [record.amount_due for record in run(case(), *events).records]


def test_a_dispute_of_everything_holds() -> None:
    assert lines(run(case(), disputed("d", "02-02"))) == ["02-01 09:00 first done"]


def test_while_everything_is_disputed_nothing_is_due_not_even_fees() -> None:
    owed = balance(run(case(WITH_FEE), disputed("d", "02-02")))
    assert (owed.total, owed.disputed, owed.due) == (1040_00, 1040_00, 0)


def test_the_undisputed_rest_is_still_dunned() -> None:
    assert dues(disputed("d", "02-02", "300")) == [1000_00, 700_00, 700_00]


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        (resolved("r", "02-10", "d", "upheld"), 700_00),
        (resolved("r", "02-10", "d", "rejected"), 1000_00),
        (resolved("r", "02-10", "d", "partly", "100"), 900_00),
        (resolved("r", "02-10", "d", "partly", "999"), 700_00),
        (released("r", "02-10", "d"), 1000_00),
    ],
)
def test_a_dispute_in_part_ends_with_what_the_debtor_was_right_by(
    resolution: AnyEvent, expected: int
) -> None:
    assert dues(disputed("d", "02-02", "300"), resolution) == [1000_00, 700_00, expected]


def test_a_rejected_dispute_lets_the_rest_go_on_with_its_remaining_offset() -> None:
    ended = run(case(), disputed("d", "02-02"), resolved("r", "02-12", "d", "rejected"))
    assert lines(ended)[1:] == ["02-18 09:00 second done", "02-25 09:00 third done"]


def test_a_dispute_that_names_the_whole_sum_is_a_dispute_of_everything() -> None:
    """Its days count even when it is over and nothing is disputed any more."""
    ended = run(case(), disputed("d", "02-02", "1000"), resolved("r", "02-12", "d", "rejected"))
    assert lines(ended)[1:] == ["02-18 09:00 second done", "02-25 09:00 third done"]


def test_an_upheld_dispute_of_everything_leaves_nothing_open_not_even_fees() -> None:
    ended = run(case(WITH_FEE), disputed("d", "02-02"), resolved("r", "02-04", "d", "upheld"))
    assert outcome(ended) == "credited"
    assert balance(ended).total == 0


def test_an_upheld_dispute_takes_no_more_than_was_open() -> None:
    ended = run(
        case(),
        paid("p", "02-02", "400"),
        disputed("d", "02-03"),
        resolved("r", "02-04", "d", "upheld"),
    )
    assert balance(ended).total == 0
    assert outcome(ended) == "paid"


def test_a_dispute_of_a_part_holds_from_the_payment_of_the_rest_on() -> None:
    begun = told(
        case(),
        disputed("d", "02-02", "300"),
        paid("p", "02-10", "700"),
        resolved("r", "02-15", "d", "rejected"),
    )
    assert [(hold.since, hold.ends) for hold in holds(begun)] == [(at("02-10"), at("02-15"))]
    assert held_days(begun) == 5


def test_when_that_payment_goes_back_the_rest_is_dunned_again() -> None:
    events = (
        disputed("d", "02-02", "300"),
        paid("p", "02-05", "700"),
        taken_back("b", "02-07", "p"),
    )
    assert standing(told(case(), *events), at("02-08")) == ()
    ended = run(case(), *events)
    assert lines(ended)[1:] == ["02-10 09:00 second done", "02-17 09:00 third done"]
    assert ended.records[1].amount_due == 700_00


def test_two_disputes_of_parts_may_together_cover_everything() -> None:
    begun = told(case(), disputed("d", "02-02", "600"), disputed("e", "02-03", "400"))
    assert {hold.id for hold in standing(begun, at("02-04"))} == {"d", "e"}
    freed = told(begun, resolved("r", "02-05", "e", "rejected"))
    assert standing(freed, at("02-06")) == ()
    assert balance(freed).due == 400_00


def test_disputes_cover_at_most_the_invoice() -> None:
    owed = balance(told(case(), disputed("d", "02-02", "900"), disputed("e", "02-03", "900")))
    assert owed.disputed == 1000_00


def test_a_resolution_may_arrive_before_its_dispute() -> None:
    events = (disputed("d", "02-02", "300"), resolved("r", "02-05", "d", "upheld"))
    assert balance(told(case(), *events)) == balance(told(case(), *reversed(events)))


def test_a_resolution_told_twice_under_two_ids_credits_once_and_the_last_word_counts() -> None:
    opened = disputed("d", "02-02", "300")
    twice = [resolved(name, f"02-0{day}", "d", "upheld") for name, day in (("r", 3), ("s", 4))]
    assert balance(told(case(), opened, *twice)).total == 700_00
    revised = told(case(), opened, twice[0], resolved("t", "02-06", "d", "rejected"))
    assert balance(revised).total == 1000_00


def test_a_resolution_of_no_dispute_changes_nothing() -> None:
    odd = resolved("r", "02-03", "nothing", "upheld")
    assert balance(told(case(), odd)).total == 1000_00
    assert balance(told(case(), paid("p", "02-02", "10"), odd)).total == 990_00


def test_a_hold_released_by_hand_ends_the_dispute_as_well() -> None:
    """Else the steps would go on and ask for nothing."""
    begun = told(case(), disputed("d", "02-02"), released("r", "02-03", "d"))
    assert balance(begun).due == 1000_00
    assert standing(begun, at("02-04")) == ()
    assert next_move(begun, at("02-12")) is not None


def test_a_dispute_that_nobody_answered_in_time_is_overdue() -> None:
    opened = disputed("d", "02-02").model_copy(update={"respond_by": date(2026, 2, 10)})
    begun = told(case(), opened, disputed("open-ended", "02-02", "1"))
    assert next_answer_due(begun, at("02-03")) == at("02-11")
    assert overdue_disputes(begun, at("02-10 23:59")) == ()
    assert [one.id for one in overdue_disputes(begun, at("02-11"))] == ["d"]
    assert next_answer_due(begun, at("02-11")) is None


def test_a_dispute_that_was_resolved_late_is_overdue_no_more() -> None:
    opened = disputed("d", "02-02").model_copy(update={"respond_by": date(2026, 2, 10)})
    begun = told(case(), opened, resolved("r", "02-20", "d", "rejected"))
    assert overdue_disputes(begun, at("02-21")) == ()
    assert next_answer_due(begun, at("02-03")) is None


@pytest.mark.parametrize(
    ("opened", "verdict", "expected"),
    [
        (disputed("d", "02-02"), resolved("r", "02-05", "d", "upheld"), (1000_00, True)),
        (disputed("d", "02-02"), resolved("r", "02-05", "d", "partly", "100"), (100_00, False)),
        (disputed("d", "02-02", "300"), resolved("r", "02-05", "d", "upheld"), (300_00, False)),
        (disputed("d", "02-02", "300"), resolved("r", "02-05", "d", "partly", "999"),
         (300_00, False)),
        (disputed("d", "02-02"), resolved("r", "02-05", "d", "rejected"), None),
        (disputed("d", "02-02"), released("r", "02-05", "d"), None),
    ],
)  # fmt: skip
def test_a_verdict_says_what_it_undoes(
    opened: AnyEvent, verdict: AnyEvent, expected: tuple[int, bool] | None
) -> None:
    """Charges fall with the whole claim alone; on a part they are computed anew."""
    charged = run(case(WITH_FEE), until="02-02")
    key = charged.charges[0].key
    found = [(one.minor, one.voids == (key,)) for one in verdicts(told(charged, opened, verdict))]
    assert found == ([expected] if expected else [])


def test_a_verdict_does_not_void_what_was_charged_after_it() -> None:
    begun = told(
        run(case(WITH_FEE), until="02-02"),
        disputed("d", "01-20"),
        resolved("r", "01-25", "d", "upheld"),
    )
    assert [one.voids for one in verdicts(begun)] == [()]
