"""What a policy that reads well may still get wrong."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.lints.planned import planned
from dunning.lints.policy import lint
from library.policies import SHIPPED, load_policy
from schemas.policy import Policy

ASK = {"approval": {"within": "7d"}}


def step(name: str, at: str, do: str | list[str] = "email", **rest: object) -> dict[str, Any]:
    words = (
        {"template": "reminder"}
        if {"email", "sms", "letter"} & {*([do] if isinstance(do, str) else do)}
        else {}
    )
    if do == "call":
        words = {"script": "payment-call"}
    return {"id": name, "at": at, "do": do} | words | rest


FINAL = step("final", "due+31d", template="final-notice")
FEE = {"do": "fee", "charge": {"flat": {"EUR": "5.00"}, "ground": "contract"}}


def policy(*steps: dict[str, Any], **rest: object) -> Policy:
    return Policy.model_validate({"id": "p", "steps": list(steps), **rest})


def found(rules: Policy, **how: Any) -> list[str]:  # noqa: ANN401 - what `lint` takes
    return [f"{one.step} {one.field}: {one.words}" for one in lint(rules, **how)]


def faulty(rules: Policy, **how: Any) -> list[bool]:  # noqa: ANN401 - what `lint` takes
    return [one.is_fault for one in lint(rules, **how)]


CASES: dict[str, tuple[Policy, str, bool]] = {
    "a step falls before the one above it": (
        policy(step("a", "due+8d"), step("b", "due+1d")),
        "b at: falls on 2027-03-02 when the invoice is due on 2027-03-01, before step a on",
        True,
    ),
    "only at a month's end does a step fall before the one above it": (
        policy(step("a", "eom(due+1m)"), step("b", "due+60d")),
        "b at: falls on 2027-08-30 when the invoice is due on 2027-07-01, before step a on",
        True,
    ),
    "business days overtake plain days": (
        policy(step("a", "due+5 business days"), step("b", "due+6d")),
        "b at: falls on 2027-03-07 when the invoice is due on 2027-03-01, before step a on",
        True,
    ),
    "no final notice before the hand-off": (
        policy(step("a", "due+1d"), step("off", "due+60d", "handoff", **ASK)),
        "off at: no final notice goes out before it; add one, at least 14 days earlier",
        True,
    ),
    "the hand-off comes too soon": (
        policy(FINAL, step("off", "previous+13d", "handoff", **ASK)),
        "off at: comes 13 days after the final notice, at least 14 are needed; write previous+14d",
        True,
    ),
    "the hand-off comes too soon by the policy's own days": (
        policy(FINAL, step("off", "previous+14d", "handoff", **ASK), final_notice_days=30),
        "off at: comes 14 days after the final notice, at least 30 are needed",
        True,
    ),
    "the hand-off does not wait for the final notice": (
        policy(FINAL, step("off", "due+50d", "handoff", **ASK)),
        "off at: a case opened late would reach it soon after the final notice",
        False,
    ),
    "a hand-off that nobody approves": (
        policy(FINAL, step("off", "previous+14d", "handoff")),
        "off approval: a hand-off without a person's word; state approval",
        False,
    ),
    "a hand-off that silence approves": (
        policy(
            FINAL,
            step("off", "previous+14d", "handoff", approval={"within": "7d", "else": "approve"}),
        ),
        "off approval: a hand-off is done when nobody answers; write else: hold or refuse",
        False,
    ),
    "a contact that the smallest gap moves": (
        policy(step("a", "due+1d"), step("b", "due+2d"), min_gap="3d"),
        "b at: is moved by min_gap, 3 days after step a",
        False,
    ),
    "a level that is never reached": (
        policy(step("a", "due+1d"), step("b", "due+2d", when={"level_at_least": 2})),
        "b when: level_at_least: 1 contacts come before it, not 2, so the step is never done",
        True,
    ),
    "a segment the policy is not for": (
        policy(
            step("a", "due+1d", when={"segments": ["new"]}),
            **{"for": {"segments": ["vip", "late"]}},
        ),
        "a when: segments: the policy is for late, vip alone, so the step is never done",
        True,
    ),
    "an approval that nobody is asked for": (
        policy(step("a", "due+1d"), step("b", "due+2d", when={"approved": "a"})),
        "b when: approved: step a asks nobody, so the step is never done",
        True,
    ),
    "an outcome that is not named": (
        policy(step("a", "due+1d"), step("b", "due+2d", when={"outcomes": {"a": []}})),
        "b when: outcomes.a: no outcome is named",
        True,
    ),
    "a condition that excludes everything": (
        policy(step("a", "due+1d", when={"none": [{}]})),
        "a when: none: an empty condition always holds",
        True,
    ),
    "one of several conditions that all must hold never does": (
        policy(step("a", "due+1d", when={"all": [{"no_response": True}, {"level_at_least": 1}]})),
        "a when: all: level_at_least: 0 contacts come before it",
        True,
    ),
    "an age the step does not have on its day": (
        policy(step("a", "due+10d", when={"overdue_at_least": "30d"})),
        "a when: overdue_at_least: the invoice is 10 days overdue then, not 30",
        False,
    ),
    "outcomes of a message": (
        policy(step("a", "due+1d", on={"busy": "attention"})),
        "a on: only a call or a retried payment has outcomes to act on",
        False,
    ),
    "a fall-back to the same channel": (
        policy(step("a", "due+1d", instead=["email", "letter"])),
        "a instead: email is what the step does anyway",
        False,
    ),
    "a fall-back without a sum": (
        policy(step("a", "due+1d", below="fall_back")),
        "a below: the step has no sum or share to stay below",
        False,
    ),
    "an experiment without a difference": (
        policy(step("a", "due+1d"), experiment={"id": "e", "groups": {"x": 1, "y": 1}}),
        "None experiment: no step differs between its groups; give variants",
        False,
    ),
    "a variant that changes nothing": (
        policy(
            step("a", "due+1d", variants={"x": {"tone": "friendly"}, "y": {"tone": "formal"}}),
            experiment={"id": "e", "groups": {"x": 1, "y": 1}},
        ),
        "a variants: group x gets what everybody gets",
        False,
    ),
    "a restoration of nothing": (
        policy(step("a", "due+1d", "restore")),
        "a do: nothing was suspended before it",
        False,
    ),
    "a suspension without warning": (
        policy(step("a", "due+1d"), step("b", "due+9d", "suspend")),
        "b at: suspends without a suspension-warning before it",
        False,
    ),
    "a consumer's fee before any message": (
        policy({"id": "fee", "at": "due+1d", **FEE}, step("a", "due+2d")),
        "fee at: charges before any message; the first reminder is free",
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_policy_is_faulted_or_questioned_where(name: str) -> None:
    rules, says, is_fault = CASES[name]
    (one,) = found(rules)
    assert one.startswith(says)
    assert faulty(rules) == [is_fault]


@pytest.mark.parametrize(
    "rules",
    [
        policy(step("a", "due+1d"), step("b", "issued+1d")),
        policy(step("a", "eom(due+1m)"), step("b", "previous+1d"), step("c", "due+90d")),
        policy(step("a", "due+1d"), step("b", "due+1d", "call")),
        policy(step("a", "due+1d", repeat={"every": "7d", "at_most": 9}), step("b", "due+15d")),
        policy(FINAL, step("off", "previous+2w", "handoff", **ASK)),
        policy(step("off", "due+1d", "handoff", **ASK), final_notice_days=0),
        policy(step("a", "due+1d"), step("b", "due+2d", when={"any": [{"level_at_least": 5}, {}]})),
        policy({"id": "fee", "at": "due+1d", **FEE}, **{"for": {"debtors": ["business"]}}),
        policy(step("a", "due-14d"), step("b", "due+0d")),
    ],
)  # fmt: skip
def test_a_policy_without_fault_is_left_alone(rules: Policy) -> None:
    assert found(rules) == []


def test_a_final_notice_that_the_smallest_gap_moves_may_come_too_late() -> None:
    off = step("off", "due+45d", "handoff", **ASK)
    assert found(policy(step("a", "due+30d"), FINAL, off, min_gap="5d")) == [
        "off at: comes 10 days after the final notice, at least 14 are needed; write previous+14d",
        "final at: is moved by min_gap, 5 days after step a",
    ]


def test_a_persons_word_may_stand_in_a_review_before_the_hand_off() -> None:
    ask = step("ask", "previous+14d", "review", **ASK)
    off = step("off", "previous+1d", "handoff", when={"approved": "ask"})
    assert found(policy(FINAL, ask, off)) == []


def test_faults_come_before_warnings() -> None:
    rules = policy(step("a", "due+9d", on={"busy": "attention"}), step("b", "due+1d"))
    assert faulty(rules) == [True, False]


def test_the_calendar_of_a_policy_alone() -> None:
    rules = load_policy(SHIPPED / "net30-standard.yaml")
    days = [(one.step.id, str(one.day)) for one in planned(rules, date(2026, 1, 31))]
    assert days == [
        ("reminder-1", "2026-02-01"),
        ("reminder-2", "2026-02-08"),
        ("late-fee", "2026-02-08"),
        ("call", "2026-02-15"),
        ("final-notice", "2026-03-03"),
        ("handoff", "2026-03-17"),
    ]


OFFSETS = st.lists(st.integers(0, 90), min_size=1, max_size=6)


@settings(deadline=None, max_examples=25)
@given(OFFSETS)
def test_offsets_that_rise_are_never_faulted_and_others_always_are(offsets: list[int]) -> None:
    rules = policy(*(step(f"s{n}", f"due+{days}d") for n, days in enumerate(offsets)))
    highest = [max(offsets[: n + 1]) for n in range(len(offsets))]
    falling = [f"s{n}" for n, days in enumerate(offsets) if days < highest[n]]
    assert [one.step for one in lint(rules) if one.is_fault] == falling
