"""What follows when nobody can tell whether a message went out."""

import pytest

from dunning.apply import objection
from dunning.attention import attention
from dunning.decide import next_move
from dunning.inbox import Accepted, Body, Refusal, read_resolution
from dunning.moves import Act, WaitUntil
from schemas.case import Case
from schemas.effects import ChannelReceipt, Receipt
from schemas.policy import Policy
from schemas.signals import AnyEvent
from tests.dunning.build import FAR, at, case, event, lines, policy, run, step, told

KEY = "acme:INV-1:1:one:email"


def lost(act: Act) -> Receipt:
    """Answer that nobody knows, for the first attempt of the first step."""
    return Receipt(
        receipts=tuple(
            ChannelReceipt(
                do=one.do, key=one.key, result="unknown" if one.key == KEY else "done", reason="?"
            )
            for one in act.planned
        )
    )


def rules(unknown: str) -> Policy:
    return policy(step("one", "due+1d", unknown=unknown), step("two", "due+8d"))


def found_out(result: str, when: str = "02-03 12:00") -> AnyEvent:
    return event("effect_resolved", "r", when, effect=KEY, result=result, by="Kim")


def goes_on(unknown: str, *events: AnyEvent) -> list[str]:
    return lines(ended(unknown, *events))


def ended(unknown: str, *events: AnyEvent) -> Case:
    return run(case(rules(unknown)), *events, perform=lost)


GONE_ON = ["02-01 09:00 one unknown", "02-08 09:00 two done"]


def test_by_default_the_case_goes_on_as_if_it_were_sent() -> None:
    assert goes_on("assume_done") == GONE_ON


def test_a_step_that_holds_keeps_the_case_waiting_for_a_person() -> None:
    waiting = ended("hold")
    assert lines(waiting) == GONE_ON[:1]
    move = next_move(waiting, FAR)
    assert isinstance(move, WaitUntil)
    assert (move.at, move.reason) == (None, "nobody knows yet whether it went out")
    assert "unknown-outcome" in attention(waiting, FAR)


def test_a_step_that_repeats_is_done_once_more_and_no_more() -> None:
    again = ["02-01 09:00 one unknown", "02-01 09:00 one done", "02-08 09:00 two done"]
    assert goes_on("repeat") == again

    def always(act: Act) -> Receipt:
        made = (ChannelReceipt(do=one.do, key=one.key, result="unknown") for one in act.planned)
        return Receipt(receipts=tuple(made))

    twice = lines(run(case(rules("repeat")), perform=always))
    assert [line for line in twice if " one " in line] == ["02-01 09:00 one unknown"] * 2


@pytest.mark.parametrize("unknown", ["hold", "assume_done", "repeat"])
def test_what_a_person_says_was_sent_was_sent(unknown: str) -> None:
    early = found_out("sent", "02-01 09:00")
    assert goes_on(unknown, early) == GONE_ON
    assert "unknown-outcome" not in attention(ended(unknown, early), FAR)


def test_what_a_person_says_was_not_sent_is_done_again_at_that_moment() -> None:
    after = ["02-01 09:00 one unknown", "02-03 12:00 one done", "02-08 09:00 two done"]
    assert goes_on("hold", found_out("not_sent")) == after
    assert goes_on("assume_done", found_out("not_sent")) == after


def test_the_second_attempt_has_a_key_of_its_own() -> None:
    waiting = told(ended("hold"), found_out("not_sent"))
    move = next_move(waiting, at("02-03 12:00"))
    assert isinstance(move, Act)
    assert [one.key for one in move.planned] == [f"{KEY}#2"]


def test_a_providers_report_ends_the_doubt() -> None:
    report = event("contact_outcome", "o", "02-02", effect=KEY, result="delivered")
    assert goes_on("hold", report) == GONE_ON
    assert "unknown-outcome" not in attention(ended("hold", report), FAR)


def resolution(text: str) -> Accepted | Refusal:
    return read_resolution([Body("json/plain", text.encode())])


def test_a_person_is_told_which_effects_are_in_doubt_when_the_key_is_another() -> None:
    wrong = '{"id":"r","at":"2026-02-03T12:00:00+01:00","effect":"x","result":"sent","by":"Kim"}'
    told_why = objection(ended("hold"), resolution(wrong))
    assert told_why == f"effect: no outcome is unknown under that key; those that are: {KEY}"
    right = wrong.replace('"x"', f'"{KEY}"')
    assert objection(ended("hold"), resolution(right)) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "the payload is a JSON list"),
        ("{}", "id: Field required"),
        (
            '{"id":"r","at":"2026-02-03T12:00:00+01:00","effect":"x","result":"maybe","by":"K"}',
            "'sent' or 'not_sent'",
        ),
    ],
)
def test_a_resolution_that_does_not_read_is_refused_with_the_reason(text: str, reason: str) -> None:
    refused = resolution(text)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason
