"""Steps the policy rules out, and how effects that did not simply succeed go on."""

from datetime import timedelta

import pytest

from dunning.apply import performed
from dunning.decide import next_move
from dunning.moves import Act, WaitUntil
from schemas.effects import ChannelReceipt, Receipt
from schemas.signals import AnyEvent
from tests.dunning.build import (
    LADDER,
    answering,
    at,
    case,
    event,
    lines,
    outcome,
    paid,
    policy,
    reasons,
    run,
    step,
)


@pytest.mark.parametrize(("payment", "sent"), [("990.01", False), ("990.00", True)])
def test_too_small_an_open_amount_is_not_dunned_and_the_minimum_is_inclusive(
    payment: str, sent: bool
) -> None:
    rules = policy(*LADDER, minimum_open={"EUR": "10.00"})
    ended = run(case(rules), paid("p", "02-01 08:00", payment))
    assert {record.result for record in ended.records} == {"done" if sent else "skipped"}
    if not sent:
        assert reasons(ended)["first"] == "open amount below the policy's minimum of 10.00"


@pytest.mark.parametrize(("payment", "sent"), [("950.01", False), ("950.00", True)])
def test_a_step_may_ask_for_more_to_be_open(payment: str, sent: bool) -> None:
    rules = policy(step("one", "due+1d", when={"open_at_least": {"EUR": "50.00"}}))
    ended = run(case(rules), paid("p", "02-01 08:00", payment))
    assert ended.records[0].result == ("done" if sent else "skipped")
    if not sent:
        assert reasons(ended) == {"one": "open amount below 50.00"}


@pytest.mark.parametrize(
    ("sums", "sent"), [({"*": "10"}, False), ({"USD": "10"}, True), ({"EUR": "1", "*": "99"}, True)]
)
def test_the_star_stands_for_every_currency_not_named(sums: dict[str, str], sent: bool) -> None:
    ended = run(case(policy(*LADDER, minimum_open=sums), amount="5.00"))
    assert (ended.records[0].result == "done") is sent


def test_a_fee_the_cap_has_no_room_for_leaves_the_letter_beside_it_alone() -> None:
    charge = {"flat": {"EUR": "40"}, "ground": "contract", "cap": "4% of principal"}
    rules = policy(
        step("a", "due+1d", ["fee", "email"], charge=charge),
        step("b", "due+2d", ["fee", "email"], charge=charge),
    )
    ended = run(case(rules))
    assert [(record.step, record.do, record.result) for record in ended.records] == [
        ("a", "fee", "done"),
        ("a", "email", "done"),
        ("b", "fee", "skipped"),
        ("b", "email", "done"),
    ]


def test_what_was_put_off_is_decided_anew_at_its_moment_under_the_same_key() -> None:
    ended = run(case(), perform=answering("deferred", timedelta(hours=5)))
    assert lines(ended)[:2] == ["02-01 09:00 first deferred", "02-01 14:00 first done"]
    assert ended.records[0].key == ended.records[1].key


def test_one_channel_put_off_waits_while_the_other_is_done() -> None:
    """The channel that was put off is named first, so the done one is the last record."""
    rules = policy(step("one", "due+1d", ["email", "letter"]))
    ended = run(case(rules), perform=answering("deferred", timedelta(hours=5), only="email"))
    assert [(f"{record.at:%H:%M}", record.do, record.result) for record in ended.records] == [
        ("09:00", "email", "deferred"),
        ("09:00", "letter", "done"),
        ("14:00", "email", "done"),
    ]


def test_a_payment_while_put_off_closes_the_case() -> None:
    ended = run(case(), paid("p", "02-01 10:00"), perform=answering("deferred", timedelta(hours=5)))
    assert lines(ended) == ["02-01 09:00 first deferred"]
    assert outcome(ended) == "paid"


@pytest.mark.parametrize("result", ["unknown", "refused"])
def test_an_unknown_or_refused_effect_is_never_repeated(result: str) -> None:
    ended = run(case(), perform=answering(result))
    assert [record.step for record in ended.records] == ["first", "second", "third"]
    assert {record.result for record in ended.records} == {result}


def test_an_unknown_contact_counts_for_the_gap_and_a_refused_one_does_not() -> None:
    rules = policy(step("a", "due+1d"), step("b", "due+1d"), min_gap="3d")
    assert lines(run(case(rules), perform=answering("unknown")))[1].startswith("02-04")
    assert lines(run(case(rules), perform=answering("refused")))[1].startswith("02-01")


CALLS = policy(
    step("call", "due+1d", "call", on={"no_answer": {"retry": 2, "every": "2d"}}),
    step("mail", "due+20d"),
)


def no_answer(number: int, when: str, word: str = "no-answer", attempt: str = "") -> AnyEvent:
    key = f"acme:INV-1:1:call:call{attempt}"
    return event("contact_outcome", f"o{number}", when, effect=key, result=word)


@pytest.mark.parametrize("word", ["no-answer", "no_answer"])
def test_a_call_nobody_answered_is_repeated_some_days_later(word: str) -> None:
    ended = run(case(CALLS), no_answer(1, "02-01 09:05", word))
    assert lines(ended) == [
        "02-01 09:00 call done",
        "02-03 09:00 call done",
        "02-20 09:00 mail done",
    ]


def test_calls_end_with_the_last_attempt_and_each_has_a_key_of_its_own() -> None:
    told = [
        no_answer(1, "02-01 09:05"),
        no_answer(2, "02-03 09:05", attempt="#2"),
        no_answer(3, "02-05 09:05", attempt="#3"),
    ]
    ended = run(case(CALLS), *told)
    calls = [record for record in ended.records if record.step == "call"]
    assert [f"{record.at:%d}" for record in calls] == ["01", "03", "05"]
    assert [record.key for record in calls] == [
        f"acme:INV-1:1:call:call{number}" for number in ("", "#2", "#3")
    ]


def test_a_call_that_was_answered_is_not_repeated() -> None:
    ended = run(case(CALLS), no_answer(1, "02-01 09:05", "completed"))
    assert lines(ended)[1] == "02-20 09:00 mail done"


def test_a_policy_may_write_the_outcome_with_a_dash() -> None:
    rules = policy(step("call", "due+1d", "call", on={"no-answer": {"retry": 1, "every": "1d"}}))
    assert len(run(case(rules), no_answer(1, "02-01 09:05")).records) == 2


def test_a_person_who_reached_the_debtor_ends_the_attempts() -> None:
    made = event("contact_made", "m", "02-02", channel="call", by="Kim", satisfies="call")
    ended = run(case(CALLS), no_answer(1, "02-01 09:05"), made)
    assert lines(ended)[:3] == [
        "02-01 09:00 call done",
        "02-02 00:00 call done",
        "02-20 09:00 mail done",
    ]


def test_a_hold_moves_the_next_attempt_by_its_days() -> None:
    hold = event("hold_placed", "h", "02-02", reason="x", until=at("02-06"))
    ended = run(case(CALLS), no_answer(1, "02-01 09:05"), hold)
    assert lines(ended)[1] == "02-07 09:00 call done"


def test_a_receipt_that_says_nothing_of_an_effect_leaves_its_outcome_unknown() -> None:
    """Doing it again could send it twice, and would loop at full speed."""
    odd = Receipt(receipts=(ChannelReceipt(do="email", key="other", result="done"),))
    begun = case()
    move = next_move(begun, at("02-01 09:00"))
    assert isinstance(move, Act)
    after = performed(begun, move, odd, at("02-01 09:00"), 0)
    assert [record.result for record in after.records] == ["unknown"]


def test_after_the_last_step_only_an_event_can_move_the_case() -> None:
    ended = run(case())
    assert next_move(ended, at("12-01")) == WaitUntil(None, reason="every step is done")
