"""Steps under contact rules, from their day to what becomes of them."""

import pytest

from dunning.decide import next_move
from dunning.moves import WaitUntil
from schemas.rulebook import Rulebook
from schemas.signals import AnyEvent
from tests.contact.build import written
from tests.contact.cases import ruled
from tests.dunning.build import answering, at, event, lines, policy, run, step


def approval(decision: str, when: str = "04-10 12:00") -> AnyEvent:
    return event("approval_given", "a", when, step="off", decision=decision, by="lead")


def test_a_hand_off_waits_for_a_person_where_the_law_says_so() -> None:
    gate = {"id": "g", "before": "handoff", "need": "reminder", "approval": "human"}
    book = Rulebook(packs=(written(gates=[gate]),))
    rules_of = policy(step("first", "due+1d"), step("off", "due+8d", "handoff"))
    begun = ruled(book, rules_of=rules_of)
    waits = run(begun, until="02-20")
    assert lines(waits) == ["02-01 09:00 first done"]
    assert next_move(waits, at("02-20")) == WaitUntil(None, "off", "needs approval", "g")
    approved = run(begun, approval("approve", "02-10 12:00"))
    assert lines(approved)[-1] == "02-10 12:00 off done"
    refused = run(begun, approval("refuse", "02-10 12:00"))
    assert lines(refused)[-1] == "02-10 12:00 off refused"
    (record,) = (one for one in refused.records if one.step == "off")
    assert (record.do, record.reason, record.amount_due) == (
        "handoff",
        "approval was refused",
        1000_00,
    )


def test_a_contact_that_the_law_moves_to_another_day_is_not_late() -> None:
    # 8 February 2026 is a Sunday, on which no text goes out
    text = policy(step("text", "due+8d", "sms"), catch_up="skip")
    assert lines(run(ruled(rules_of=text))) == ["02-09 09:00 text done"]


@pytest.mark.parametrize("hour", ["19:00", "23:30"])
def test_an_hour_that_the_law_keeps_closed_is_not_waited_for_day_by_day(hour: str) -> None:
    text = policy(step("text", "due+9d", "sms"), send_at=hour)
    assert lines(run(ruled(rules_of=text))) == ["02-10 09:00 text done"]


def test_a_late_step_waits_for_the_hour_of_its_policy_where_that_is_open() -> None:
    text = policy(step("text", "due+9d", "sms"), send_at="11:00")
    begun = ruled(rules_of=text)
    held_back = event("hold_placed", "h", "02-09", reason="x", until=at("02-09 23:00"))
    known = run(begun, held_back)
    assert lines(known) == ["02-10 11:00 text done"]


def test_what_was_put_off_is_not_done_before_its_moment_however_late_it_is() -> None:
    text = policy(step("text", "due+9d", "sms"), send_at="23:30")
    world = answering("deferred", at("02-12 13:00") - at("02-01 09:00"))
    assert lines(run(ruled(rules_of=text), perform=world)) == [
        "02-10 09:00 text deferred",
        "02-12 13:00 text done",
    ]


ASKED = {"approval": {"within": "14d"}}
LADDER = (step("final", "due+1d", template="final-notice"), step("off", "previous+2d", "handoff"))
NO_NOTICE = "handoff needs final_notice first (rule g)"


def gated(**gate: object) -> Rulebook:
    needs = {"id": "g", "before": "handoff", "need": "final_notice", **gate}
    return Rulebook(packs=(written(gates=[needs]),))


@pytest.mark.parametrize("gate", [{}, {"approval": "human"}], ids=["by policy", "by law"])
def test_nobody_is_asked_about_a_hand_off_that_the_law_refuses_anyway(
    gate: dict[str, object],
) -> None:
    asked = {} if gate else ASKED
    alone = policy(step("off", "due+1d", "handoff", **asked))
    ended = run(ruled(gated(**gate), rules_of=alone), until="02-03")
    assert lines(ended) == ["02-01 09:00 off refused"]
    assert [one.reason for one in ended.records] == [NO_NOTICE]


def test_a_hand_off_that_the_law_only_defers_still_waits_for_its_approval() -> None:
    final, off = LADDER
    begun = ruled(gated(min_days=30), rules_of=policy(final, off | ASKED))
    waits = run(begun, until="02-10")
    assert lines(waits) == ["02-01 09:00 final done"]
    move = next_move(waits, at("02-10"))
    assert isinstance(move, WaitUntil)
    assert move.reason == "needs approval"


def test_a_persons_word_counts_before_what_the_law_says() -> None:
    alone = policy(step("off", "due+1d", "handoff", **ASKED))
    refused = run(ruled(gated(), rules_of=alone), approval("refuse", "01-20 12:00"))
    assert [one.reason for one in refused.records] == ["approval was refused"]


def test_a_step_with_one_channel_left_open_waits_for_its_approval() -> None:
    both = policy(step("mail", "due+1d", ["email", "sms"], **ASKED))
    begun = ruled(rules_of=both, consents={}, reachable=["email"])
    assert lines(run(begun, until="02-03")) == []
    shut = ruled(rules_of=both, reachable=["letter"])
    ended = run(shut, until="02-03")
    assert lines(ended) == ["02-01 09:00 mail refused"] * 2
    words = "there is no address for email; there is no address for sms"
    assert {one.reason for one in ended.records} == {words}
