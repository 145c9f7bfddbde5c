"""Steps that need a person's word."""

import pytest

from dunning.approvals import NEEDS_APPROVAL
from dunning.decide import next_move
from dunning.moves import WaitUntil
from schemas.policy import Policy
from schemas.signals import AnyEvent
from tests.dunning.build import at, case, event, held, lines, outcome, policy, reasons, run, step


def asking(otherwise: str = "hold", do: str = "handoff", **rest: object) -> Policy:
    return policy(step("ask", "due+1d", do, approval={"within": "7d", "else": otherwise}), **rest)


def verdict(decision: str, when: str, name: str = "v") -> AnyEvent:
    return event("approval_given", name, when, step="ask", decision=decision, by="Kim")


def test_the_step_waits_for_the_word_until_its_time_is_up() -> None:
    move = next_move(case(asking()), at("02-01 09:00"))
    assert move == WaitUntil(at("02-08 09:00"), "ask", NEEDS_APPROVAL)


def test_an_approved_step_happens_at_once() -> None:
    ended = run(case(asking()), verdict("approve", "02-03 15:00"))
    assert lines(ended) == ["02-03 15:00 ask done"]
    assert outcome(ended) == "handed_off"


def test_a_word_in_the_night_waits_for_the_hour_of_the_day() -> None:
    ended = run(case(asking()), verdict("approve", "02-03 04:00"))
    assert lines(ended) == ["02-03 09:00 ask done"]


def test_a_word_given_ahead_lets_the_step_happen_at_its_own_moment() -> None:
    ended = run(case(asking(), opened="01-20"), verdict("approve", "01-25"))
    assert lines(ended) == ["02-01 09:00 ask done"]


def test_a_refused_step_is_refused_with_its_reason_and_the_case_stays_open() -> None:
    ended = run(case(asking()), verdict("refuse", "02-03 15:00"))
    assert lines(ended) == ["02-03 15:00 ask refused"]
    assert reasons(ended) == {"ask": "approval was refused"}
    assert outcome(ended) is None


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        ("hold", []),
        ("approve", ["02-08 09:00 ask done"]),
        ("refuse", ["02-08 09:00 ask refused"]),
    ],
)
def test_silence_is_answered_by_the_policy(otherwise: str, expected: list[str]) -> None:
    assert lines(run(case(asking(otherwise)))) == expected


def test_after_silence_a_step_on_hold_still_takes_the_word() -> None:
    ended = run(case(asking()), verdict("approve", "04-01 10:00"))
    assert lines(ended) == ["04-01 10:00 ask done"]


def test_the_last_word_counts() -> None:
    words = verdict("refuse", "01-20", "v1"), verdict("approve", "01-21", "v2")
    assert lines(run(case(asking(), opened="01-01"), *words)) == ["02-01 09:00 ask done"]


def test_a_word_for_another_step_changes_nothing() -> None:
    other = event("approval_given", "v", "02-02", step="other", decision="approve", by="Kim")
    assert lines(run(case(asking()), other)) == []


def test_waiting_for_a_word_does_not_make_a_contact_late() -> None:
    """A policy that skips late steps skips what an outage delayed, not what a person weighed."""
    rules = asking(do="email", catch_up="skip")
    ended = run(case(rules), held("h", "02-02", "02-03"), verdict("approve", "02-04 10:00"))
    assert lines(ended) == ["02-04 10:00 ask done"]


def test_a_hold_while_waiting_keeps_the_remaining_time_for_the_word() -> None:
    ended = run(case(asking("approve")), held("h", "02-03", "02-13"))
    assert lines(ended) == ["02-18 09:00 ask done"]


def test_the_time_for_a_word_counts_from_the_opening_of_a_case_opened_late() -> None:
    ended = run(case(asking("approve"), opened="03-01 12:00"))
    assert lines(ended) == ["03-08 12:00 ask done"]
