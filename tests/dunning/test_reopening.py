"""After the end: what opens a case again, and what its next episode knows."""

import pytest

from dunning.apply import closed, happened
from dunning.charges.balance import balance
from dunning.decide import next_move
from dunning.holds import held_days, standing
from dunning.moves import Close
from dunning.opening import beginning
from dunning.reopening import needs_recall, next_episode, recovered, reopened, reopens
from schemas.case import Case, StepRecord
from schemas.signals import AnyEvent
from tests.dunning.build import (
    LADDER,
    at,
    case,
    disputed,
    event,
    held,
    lines,
    outcome,
    paid,
    policy,
    resolved,
    run,
    step,
    sum_of,
    taken_back,
    told,
)

PAID = run(case(), paid("p", "02-05 12:00"))
PLACED = run(case([*LADDER, step("off", "previous+14d", "handoff")]))
FEE = policy(step("fee", "due+1d", "fee"), *LADDER[1:])


def written_off(name: str, when: str, amount: str | None = None) -> AnyEvent:
    part = {"amount": sum_of(amount)} if amount else {}
    return event("written_off", name, when, reason="too small", **part)


def test_the_cases_of_this_page_end_as_their_names_say() -> None:
    assert (outcome(PAID), outcome(PLACED)) == ("paid", "handed_off")


@pytest.mark.parametrize(
    ("ended", "after", "expected"),
    [
        (PAID, taken_back("b", "05-06", "p"), True),
        (PAID, taken_back("b", "05-06", "p", "0.01"), True),
        (PAID, taken_back("b", "05-06", "another"), False),
        (PAID, paid("p", "02-05 12:00"), False),  # known already
        (PAID, paid("q", "05-06"), False),
        (PAID, disputed("d", "05-06"), False),
        (PAID, held("h", "05-06"), False),
        (PLACED, disputed("d", "05-06"), True),
        (PLACED, paid("p", "05-06"), True),
        (PLACED, paid("p", "05-06", "999.99"), False),
        (PLACED, event("placement_recalled", "r", "05-06", reason="error"), True),
        (PLACED, event("invoice_cancelled", "i", "05-06"), True),
        (PLACED, event("stop_requested", "s", "05-06", flag="insolvency"), True),
        (PLACED, event("stop_requested", "s", "05-06", flag="x", scope="channel:sms"), False),
        (PLACED, written_off("w", "05-06"), True),
        (PLACED, held("h", "05-06"), False),
        (run(case(), written_off("w", "02-05")), paid("p", "05-06"), False),
        (run(case(), event("invoice_cancelled", "i", "02-05")), paid("p", "05-06"), False),
        (case(), taken_back("b", "05-06", "p"), False),  # still open
    ],
)
def test_what_opens_a_case_again(ended: Case, after: AnyEvent, expected: bool) -> None:
    assert reopens(ended, after) == expected


def test_a_case_that_an_operator_stopped_stays_closed() -> None:
    stopped = closed(case(), Close("stopped", "an operator asked for it"), at("02-02"))
    assert not reopens(stopped, disputed("d", "05-06"))


def test_a_verdict_that_is_revised_opens_a_credited_case() -> None:
    credited = run(case(), disputed("d", "02-02"), resolved("r", "02-04", "d", "upheld"))
    assert outcome(credited) == "credited"
    assert reopens(credited, resolved("s", "03-01", "d", "rejected"))


def test_a_chargeback_after_three_months_goes_on_where_the_case_was() -> None:
    """One step was done; of the seven days to the second, three were left at the payment."""
    again = next_episode(PAID, taken_back("b", "05-06 12:00", "p"), at("05-06 12:00"))
    assert (again.episode, again.closed, again.key) == (2, None, "acme:INV-1:2")
    assert lines(run(again)) == [
        "02-01 09:00 first done",
        "05-09 09:00 second done",
        "05-16 09:00 third done",
    ]


def test_the_days_on_which_nothing_was_open_count_as_held() -> None:
    begun = told(case(), paid("p", "02-05"), taken_back("b", "02-15", "p"))
    assert held_days(begun) == 10
    assert standing(begun, at("02-15")) == ()


def test_what_was_charged_is_not_charged_again() -> None:
    ended = run(case(FEE), paid("p", "02-05", "1040.00"))
    again = run(next_episode(ended, taken_back("b", "05-06", "p"), at("05-06")))
    assert [charge.key for charge in again.charges] == [charge.key for charge in ended.charges]
    assert balance(again).total == 1040_00


def test_the_same_event_under_a_closed_case_and_an_open_one_leaves_the_same_facts() -> None:
    back = taken_back("b", "05-06", "p")
    assert next_episode(PAID, back, at("05-06")).events == happened(PAID, back, at("05-06")).events


@pytest.mark.parametrize(
    ("late", "is_open_again"),
    [
        ([], False),
        ([held("h", "02-06")], False),
        ([taken_back("b", "02-06", "p")], True),
        ([paid("q", "02-06"), taken_back("b", "02-07", "p")], False),  # it was paid twice
        ([taken_back("b", "02-06", "p"), held("h", "02-07")], True),
    ],
)
def test_what_comes_in_while_the_end_is_booked_opens_the_next_episode(
    late: list[AnyEvent], *, is_open_again: bool
) -> None:
    then = told(PAID, *late)
    again = reopened(PAID, then, at("02-08"))
    assert (again is not None) == is_open_again
    if again is not None:
        assert (again.key, again.closed, again.events) == ("acme:INV-1:2", None, then.events)
        assert again.journal[-1] == beginning(again)


def test_a_case_with_collections_is_called_back_once() -> None:
    assert not needs_recall(PLACED)  # its own episode ends with the hand-off
    again = next_episode(PLACED, disputed("d", "05-06"), at("05-06"))
    assert needs_recall(again)
    for result in ("done", "unknown", "refused"):
        record = StepRecord.model_validate(
            {"step": "recall", "do": "recall", "result": result, "at": at("05-06"), "amount_due": 0}
        )
        assert not needs_recall(again.model_copy(update={"records": (*again.records, record)}))
    put_off = StepRecord(
        step="recall", do="recall", result="deferred", at=at("05-06"), amount_due=0
    )
    assert needs_recall(again.model_copy(update={"records": (*again.records, put_off)}))


def test_a_case_that_was_never_placed_needs_no_recall() -> None:
    assert not needs_recall(next_episode(PAID, taken_back("b", "05-06", "p"), at("05-06")))


@pytest.mark.parametrize(
    ("events", "minor"),
    [
        ([], 0),
        ([paid("p", "03-01", "300")], 0),
        ([written_off("w", "02-05")], 0),
        ([written_off("w", "02-05"), paid("p", "03-01", "300")], 300_00),
        ([paid("o", "02-04", "100"), written_off("w", "02-05"), paid("p", "03-01", "300")], 300_00),
        ([written_off("w", "02-05"), paid("p", "03-01", "300"), taken_back("b", "03-05", "p")], 0),
        ([written_off("w", "02-05"), paid("p", "03-01", "1200")], 1000_00),
        ([paid("o", "02-04", "900"), written_off("w", "02-05", "100"), paid("p", "03-01", "30")],
         30_00),
        ([written_off("w", "02-05", "100"), paid("p", "03-01", "900")], 0),
    ],
)  # fmt: skip
def test_what_came_in_after_the_claim_was_given_up_is_recovered(
    events: list[AnyEvent], minor: int
) -> None:
    assert recovered(told(case(), *events)) == minor


def test_money_for_a_claim_that_was_given_up_does_not_move_the_case() -> None:
    ended = run(case(), written_off("w", "02-05"))
    told_more = happened(ended, paid("p", "03-01", "300"), at("03-01"))
    move = next_move(told_more, at("03-01"))
    assert isinstance(move, Close)
    assert move.outcome == "written_off"
