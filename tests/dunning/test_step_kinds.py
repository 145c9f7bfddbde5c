"""Steps beyond messages: reviews, suspensions, payment retries, write-offs, repeats, variants."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.moves import Act
from dunning.simulate import as_done
from schemas.effects import ChannelReceipt, Receipt
from schemas.policy import Experiment
from tests.dunning.build import (
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


def refusing(*channels: str) -> Callable[[Act], Receipt]:
    """Return a world in which these channels cannot be used."""

    def perform(act: Act) -> Receipt:
        return Receipt(
            receipts=tuple(
                ChannelReceipt(
                    do=one.do, key=one.key, result="refused" if one.do in channels else "done"
                )
                for one in act.planned
            )
        )

    return perform


def did(ended: object) -> list[str]:
    return [f"{r.step} {r.do} {r.result}" for r in ended.records]  # type: ignore[attr-defined]


# channels and their fall-back


def test_a_channel_that_cannot_be_used_hands_over_to_the_next_one() -> None:
    rules = policy(step("a", "due+1d", instead=["sms", "letter"]))
    assert did(run(case(rules), perform=refusing("email", "sms"))) == [
        "a email refused",
        "a sms refused",
        "a letter done",
    ]


def test_without_an_address_the_next_channel_is_used_and_the_reason_kept() -> None:
    rules = policy(step("a", "due+1d", instead="letter"))
    ended = run(case(rules, reachable=["letter"]))
    assert did(ended) == ["a email refused", "a letter done"]
    assert ended.records[0].reason == "there is no address for email"


def test_a_message_that_bounces_hands_over_as_well() -> None:
    rules = policy(step("a", "due+1d", instead="letter"))
    bounced = event(
        "contact_outcome", "o", "02-02 10:00", effect="acme:INV-1:1:a:email", result="bounced"
    )
    assert lines(run(case(rules), bounced)) == ["02-01 09:00 a done", "02-02 10:00 a done"]


def test_two_channels_fall_back_to_one_letter() -> None:
    rules = policy(step("a", "due+1d", ["email", "sms"], instead="letter"))
    assert did(run(case(rules), perform=refusing("email", "sms"))) == [
        "a email refused",
        "a sms refused",
        "a letter done",
    ]


# repeats


def test_a_repeated_step_comes_again_until_its_cap() -> None:
    rules = policy(step("a", "due+1d", repeat={"every": "7d", "at_most": 3}))
    assert lines(run(case(rules))) == [
        "02-01 09:00 a done",
        "02-08 09:00 a~2 done",
        "02-15 09:00 a~3 done",
    ]


def test_a_repeat_gives_way_to_the_next_step() -> None:
    rules = policy(
        step("a", "due+1d", repeat={"every": "7d", "at_most": 9}), step("b", "due+10d", "call")
    )
    assert lines(run(case(rules)))[:3] == [
        "02-01 09:00 a done",
        "02-08 09:00 a~2 done",
        "02-08 09:00 a~3 skipped",
    ]
    assert lines(run(case(rules)))[-1] == "02-10 09:00 b done"


# reviews and approvals


def review(**rest: object) -> object:
    approval = {"within": "5d", "else": "refuse"}
    return step("look", "due+1d", "review", approval=approval) | rest


@pytest.mark.parametrize(
    ("decision", "expected"),
    [("approve", "sue done"), ("refuse", "sue skipped"), (None, "sue skipped")],
)
def test_a_review_decides_about_the_steps_that_name_it(decision: str | None, expected: str) -> None:
    rules = policy(review(), step("sue", "due+8d", "letter", when={"approved": "look"}))  # type: ignore[arg-type]
    said = (
        [event("approval_given", "v", "02-02", step="look", decision=decision, by="Kim")]
        if decision
        else []
    )
    assert lines(run(case(rules), *said))[-1].endswith(expected)


def test_a_key_account_is_never_contacted_without_a_word() -> None:
    rules = policy(
        step("a", "due+1d"),
        step("fee", "due+2d", "fee"),
        approval={"within": "3d", "else": "refuse"},
    )
    assert did(run(case(rules))) == ["a email refused", "fee fee done"]


# what the billing system is asked


def test_a_suspension_ends_when_the_invoice_is_paid() -> None:
    rules = policy(step("a", "due+1d"), step("cut", "due+8d", "suspend"), step("b", "due+20d"))
    ended = run(case(rules), paid("p", "02-10 08:00"))
    assert did(ended)[-1] == "restored restore done"
    assert outcome(ended) == "paid"


def test_a_service_that_was_never_cut_is_not_restored() -> None:
    ended = run(
        case(policy(step("a", "due+1d"), step("cut", "due+8d", "suspend"))), paid("p", "02-02")
    )
    assert did(ended) == ["a email done"]


def test_a_card_is_tried_again_after_a_soft_decline_only() -> None:
    on = {"soft_decline": {"retry": 3, "every": ["1d", "3d", "5d"]}, "hard_decline": "attention"}
    rules = policy(
        step("card", "due+1d", "retry_payment", on=on),
        step("update", "previous+1d", when={"outcomes": {"card": ["hard_decline"]}}),
    )
    soft = event(
        "contact_outcome",
        "o1",
        "02-01 10:00",
        effect="acme:INV-1:1:card:retry_payment",
        result="insufficient_funds",
    )
    hard = event(
        "contact_outcome",
        "o2",
        "02-02 10:00",
        effect="acme:INV-1:1:card:retry_payment#2",
        result="stolen-card",
    )
    assert lines(run(case(rules), soft, hard)) == [
        "02-01 09:00 card done",
        "02-02 09:00 card done",
        "02-03 09:00 update done",
    ]


def test_each_retry_keeps_its_own_gap() -> None:
    on = {"soft_decline": {"retry": 2, "every": ["1d", "3d"]}}
    rules = policy(step("card", "due+1d", "retry_payment", on=on))
    declines = [
        event(
            "contact_outcome",
            f"o{n}",
            f"02-0{day} 10:00",
            effect=f"acme:INV-1:1:card:retry_payment{suffix}",
            result="declined",
        )
        for n, day, suffix in ((1, 1, ""), (2, 2, "#2"), (3, 5, "#3"))
    ]
    assert [line[:5] for line in lines(run(case(rules), *declines))] == ["02-01", "02-02", "02-05"]


def test_a_write_off_ends_the_case() -> None:
    ended = run(case(policy(step("a", "due+1d"), step("end", "due+90d", "write_off"))))
    assert outcome(ended) == "written_off"


def test_a_small_rest_counts_as_paid() -> None:
    rules = policy(step("a", "due+1d"), tolerance={"EUR": "0.50"})
    assert outcome(run(case(rules), paid("p", "02-02", "999.50"))) == "paid"
    assert outcome(run(case(rules), paid("p", "02-02", "999.49"))) is None


# experiments

SPLIT = {"id": "tone", "groups": {"a": 1, "b": 1}}


def test_a_group_sees_its_own_words() -> None:
    rules = policy(
        step("a", "due+1d", variants={"a": {"tone": "firm"}, "b": {"tone": "friendly"}}),
        experiment=SPLIT,
    )
    said: dict[str, str] = {}
    for number in range(40):

        def perform(act: Act, who: str = f"C-{number}") -> Receipt:
            said[who] = act.step.tone
            return as_done(act)

        run(case(rules, id=f"C-{number}"), perform=perform)
    assert set(said.values()) == {"firm", "friendly"}
    again = Experiment.model_validate(SPLIT)
    assert all((again.group(who) == "a") == (tone == "firm") for who, tone in said.items())


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_groups_get_their_share_of_the_customers(shares: list[int]) -> None:
    split = Experiment(id="x", groups={f"g{n}": share for n, share in enumerate(shares)})
    found = [split.group(f"C-{number}") for number in range(2000)]
    for name, share in split.groups.items():
        assert abs(found.count(name) / 2000 - share / sum(shares)) < 0.06


def test_a_step_ruled_out_keeps_its_reason() -> None:
    rules = policy(step("a", "due+1d", repeat={"every": "7d", "at_most": 2}), step("b", "due+8d"))
    assert reasons(run(case(rules))) == {"a~2": "b comes first, so it is not repeated any more"}
