"""What the audit trail is told: each entry's id, kind and detail, word for word."""

from hashlib import sha256

import pytest

from dunning.agenda import came_to
from dunning.apply import closed, noted, performed, put_off, take
from dunning.decide import next_move
from dunning.inbox import Refusal
from dunning.moves import Act, Close, Note, WaitUntil
from schemas.case import MAX_REJECTED, Case, Entry
from schemas.effects import ChannelReceipt, Receipt
from tests.dunning.build import (
    answering,
    at,
    case,
    event,
    held,
    lines,
    outcome,
    paid,
    policy,
    run,
    step,
    taken_back,
    told,
)

NOW = at("02-02 12:00")


def entry(begun: Case) -> Entry:
    return begun.journal[-1]


def test_a_refused_signal_is_told_with_its_name_its_text_and_the_reason() -> None:
    begun = take(case(), Refusal("hold_placed", "raw", "not JSON"), NOW)
    digest = sha256(b"hold_placed\nraw").hexdigest()[:8]
    assert entry(begun) == Entry(
        id=f"rejected:{digest}:1",
        at=NOW,
        kind="rejected",
        detail={"name": "hold_placed", "reason": "not JSON", "raw": "raw"},
    )


def test_malformed_payments_are_kept_up_to_twice_the_number_of_others() -> None:
    begun = case()
    for number in range(2 * MAX_REJECTED + 1):
        begun = take(begun, Refusal("payment_received", f"raw {number}", "not JSON"), NOW)
    assert (len(begun.rejected), begun.rejected_more) == (2 * MAX_REJECTED, 1)


def test_a_note_is_told_with_its_step_its_channels_and_the_reason() -> None:
    begun = case()
    note = Note(begun.policy.steps[0], ("email", "sms"), "skipped", "why", 0)
    assert entry(noted(begun, note, NOW)) == Entry(
        id="step:first:email+sms:skipped",
        at=NOW,
        kind="step skipped",
        detail={"step": "first", "reason": "why"},
    )


def test_an_end_is_told_once_with_its_outcome_and_the_reason() -> None:
    assert entry(closed(case(), Close("paid", "nothing is open"), NOW)) == Entry(
        id="closed", at=NOW, kind="closed", detail={"outcome": "paid", "reason": "nothing is open"}
    )


def test_what_is_put_off_leaves_the_journal_to_be_booked() -> None:
    begun = told(case(), paid("p", "02-01", "100"))
    move = next_move(begun, at("02-01 09:00"))
    assert isinstance(move, Act)
    assert put_off(begun, move, "no answer", NOW, NOW).journal == begun.journal


def test_a_step_nobody_tried_came_to_nothing() -> None:
    assert came_to(case(), "first") == frozenset()
    silent = run(case(), until="02-01 10:00")
    assert came_to(silent, "first") == frozenset({"done"})
    known = told(
        silent,
        event(
            "contact_outcome", "o", "02-01 11:00", effect=f"{silent.key}:first:email", result="x"
        ),
    )
    assert came_to(known, "first") == frozenset({"done", "x"})


def test_a_wait_under_a_hold_says_which_one_it_is() -> None:
    begun = run(told(case(), held("h", "02-01")), until="02-01 10:00")
    assert next_move(begun, at("02-01 10:00")) == WaitUntil(None, reason="on hold: hold")


def test_interest_is_charged_by_its_own_step() -> None:
    by_contract = {"interest": {"rate": "12"}, "ground": "contract"}
    rules = policy(step("interest", "due+30d", "interest", charge=by_contract))
    (line,) = run(case(rules)).charges
    assert (line.kind, line.minor, line.key) == ("interest", 9_86, "acme:INV-1:1:interest:interest")


CUT = (step("cut", "due+1d", "suspend"), step("late", "due+30d"))


@pytest.mark.parametrize(
    ("result", "restored"),
    [("done", True), ("unknown", True), ("deferred", True), ("refused", False)],
)
def test_what_may_have_been_cut_is_restored_before_the_case_ends(
    result: str, restored: bool
) -> None:
    until = at("02-20") - at("02-01 09:00") if result == "deferred" else None
    world = answering(result, until, only="suspend")
    ended = run(case(policy(*CUT)), paid("p", "02-05"), perform=world)
    assert outcome(ended) == "paid"
    assert ("restore" in {record.do for record in ended.records}) == restored


def test_a_restoring_that_was_put_off_is_asked_for_again_and_one_refused_is_not() -> None:
    for result, times in (("deferred", 2), ("refused", 1)):
        world = answering(result, at("02-06") - at("02-01 09:00"), only="restore")
        ended = run(case(policy(*CUT)), paid("p", "02-05"), perform=world)
        assert [record.do for record in ended.records].count("restore") == times
        assert outcome(ended) == "paid"


def test_what_an_event_names_is_told_with_it() -> None:
    begun = told(case(), paid("p", "02-01", "100"), taken_back("b", "02-02", "p"))
    assert entry(begun).detail == {
        "type": "payment_reversed",
        "happened_at": at("02-02").isoformat(),
        "payment": "p",
    }


def answered(begun: Case, *receipts: ChannelReceipt) -> Case:
    move = next_move(begun, at("02-01 09:00"))
    assert isinstance(move, Act)
    return performed(begun, move, Receipt(receipts=receipts), NOW, 0)


def test_what_the_world_calls_an_effect_is_kept() -> None:
    key = f"{case().key}:first:email"
    receipt = ChannelReceipt(do="email", key=key, result="done", reference="SES-1")
    (record,) = answered(case(), receipt).records
    assert (record.reference, record.key, record.at) == ("SES-1", key, NOW)


def test_an_effect_that_is_answered_with_silence_is_unknown() -> None:
    (record,) = answered(case()).records
    assert (record.result, record.reason) == ("unknown", "the activity said nothing of it")


@pytest.mark.parametrize(("result", "count"), [("done", 1), ("refused", 0), ("unknown", 0)])
def test_a_charge_is_posted_only_when_it_was_done(result: str, count: int) -> None:
    rules = policy(step("fee", "due+1d", "fee"))
    assert len(run(case(rules), perform=answering(result)).charges) == count


def test_a_fee_beside_a_message_has_no_channel_to_fall_back_to() -> None:
    both = step("both", "due+1d", ["email", "fee"], instead="letter")
    ended = run(case(policy(both)), perform=answering("refused", only="fee"))
    assert [(one.do, one.result) for one in ended.records] == [
        ("email", "done"),
        ("fee", "refused"),
    ]


def test_a_rule_for_one_code_goes_before_that_of_its_class() -> None:
    on = {
        "insufficient_funds": {"retry": 1, "every": "2d"},
        "soft_decline": {"retry": 1, "every": "9d"},
    }
    rules = policy(step("card", "due+1d", "retry_payment", on=on))
    for code, day in (("insufficient_funds", "02-03"), ("processing_error", "02-10")):
        key = f"{case().key}:card:retry_payment"
        failed = event("contact_outcome", "o", "02-01 12:00", effect=key, result=code)
        assert lines(run(case(rules), failed))[1] == f"{day} 09:00 card done"


def test_a_step_that_waits_for_a_person_gives_way_when_a_severer_one_falls_due() -> None:
    asked = step("one", "due+1d", approval={"within": "3d", "else": "hold"})
    rules = policy(asked, step("two", "due+20d"), advance="most_severe")
    assert lines(run(case(rules))) == ["02-20 09:00 one skipped", "02-20 09:00 two done"]
