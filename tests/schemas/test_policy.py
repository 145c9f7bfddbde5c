"""The policy as a document."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.policy import Experiment, Policy
from schemas.spans import MAX_COUNT, StepTime

MAIL = {"id": "mail", "at": "due+1d", "do": "email", "template": "reminder"}


def policy(**changes: object) -> Policy:
    return Policy.model_validate({"id": "p", "steps": [MAIL], **changes})


@pytest.mark.parametrize(
    "text",
    ["due+8d", "due-3d", "due+2w", "due+1m", "issued+30d", "previous+14d", "eom(due+1m)",
     "due+5 business days"],
)  # fmt: skip
def test_a_step_time_reads_as_it_is_written(text: str) -> None:
    assert StepTime.model_validate(text).text == text


def test_business_days_have_a_short_form() -> None:
    assert StepTime.model_validate("due+5bd") == StepTime.model_validate("due+5 business days")


@pytest.mark.parametrize(
    "text",
    ["", "due", "due+1", "due+1y", "due + 1d", "Due+1d", "previous-1d", "eom(issued+1m)",
     "due-1 business days", "due+1.5d", "tomorrow", f"due+{MAX_COUNT + 1}d", "due+99999999999d"],
)  # fmt: skip
def test_what_is_no_step_time_or_leaves_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        StepTime.model_validate(text)


@settings(deadline=None)
@given(
    st.sampled_from(["due", "issued", "previous"]),
    st.integers(0, MAX_COUNT),
    st.sampled_from("dwm"),
)
def test_every_step_time_survives_its_text(base: str, count: int, unit: str) -> None:
    text = f"{base}+{count}{unit}"
    assert StepTime.model_validate(text).text == text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [MAIL, MAIL]}, "the id 'mail' is used twice"),
        ({"steps": [MAIL | {"at": "previous+1d"}]}, "has no previous step to count from"),
        ({"steps": [MAIL | {"template": None}]}, "a message needs the template"),
        ({"steps": [MAIL | {"do": "call"}]}, "a call needs the script"),
        ({"steps": [MAIL | {"do": "fee"}]}, "a fee or interest needs its charge"),
        ({"steps": [MAIL | {"do": []}]}, "name at least one thing to do"),
        ({"steps": [MAIL | {"do": ["email", "email"]}]}, "each once"),
        ({"steps": [MAIL | {"do": "fax"}]}, "steps.0.do.0"),
        ({"steps": [MAIL | {"id": "a/b"}]}, "steps.0.id"),
        ({"steps": [MAIL | {"every": "1d"}]}, "steps.0.every"),
        ({"steps": [{"id": "x", "at": "due+1d", "do": "handoff"}, MAIL]}, "put it last"),
        ({"steps": [MAIL, MAIL | {"id": "x", "do": ["recall"]}]}, "a recall is never planned"),
        ({"steps": [MAIL | {"do": "review"}]}, "states its deadline under approval"),
        ({"steps": [MAIL | {"instead": "fax"}]}, "steps.0.instead.0"),
        ({"steps": [MAIL | {"do": "suspend", "instead": "sms"}]}, "channels to fall back to"),
        ({"steps": [MAIL | {"when": {"approved": "later"}}]}, "'later' is no earlier step"),
        ({"steps": [MAIL | {"when": {"none": [{"outcomes": {"x": []}}]}}]}, "'x' is no earlier"),
        ({"steps": [MAIL | {"variants": {"a": {}}}]}, "there is no group 'a'"),
        ({"steps": [MAIL | {"repeat": {"every": "7d", "at_most": 1}}]}, "steps.0.repeat.at_most"),
        (
            {
                "steps": [
                    MAIL | {"repeat": {"every": "7d", "at_most": 3}},
                    MAIL | {"id": "mail~2", "at": "due+30d"},
                ]
            },
            "the id 'mail~2' is used twice",
        ),
        ({"experiment": {"id": "e", "groups": {"a": 1, "b": 0}}}, "a share is a whole number"),
        ({"experiment": {"id": "e", "groups": {"a": 1}}}, "experiment.groups"),
        ({"for": {"countries": ["Germany"]}}, "for.countries.0"),
        ({"final_notice_days": -1}, "final_notice_days"),
        ({"send_at": "9:00"}, "write it quoted"),
        ({"send_at": 540}, "write it quoted"),
        ({"send_at": "24:00"}, "is not a time of day"),
        ({"min_gap": 3}, "is not a span of days"),
        ({"min_gap": "3 days"}, "is not a span of days"),
        ({"together": 30}, "is not a span of minutes; write 30min or 2h"),
        ({"together": "30m"}, "is not a span of minutes"),
        ({"together": "1441min"}, "together: a message waits for others at most 24h"),
        ({"advance": "fast"}, "advance"),
        ({"minimum_open": {"EUR": "5.001"}}, "EUR has 2 decimals"),
        ({"minimum_open": {"EUR": "-5"}}, "must not be below zero"),
        ({"minimum_open": {"*": "-5"}}, "must not be below zero"),
        ({"minimum_open": {"XXX": "5"}}, "is not an ISO 4217 currency code"),
        ({"schema": "dunning-policy/2"}, "schema"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_faulty_policy_is_refused_where_it_is_faulty(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        policy(**changes)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("charge", "says"),
    [
        ({"flat": {"EUR": "40"}, "ground": "c", "cap": "10%"}, "is not a cap"),
        ({"flat": {"EUR": "40"}, "ground": "c", "cap": 0.1}, "is not a cap"),
        ({"flat": {"EUR": "0"}, "ground": "c"}, "a fee is above zero"),
        ({"flat": {"EUR": "-1"}, "ground": "c"}, "must not be below zero"),
        ({"flat": {"EUR": "40"}, "ground": ""}, "ground"),
    ],
)
def test_a_faulty_charge_is_refused(charge: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        policy(steps=[{"id": "fee", "at": "due+1d", "do": "fee", "charge": charge}])
    assert says in str(refused.value)


def test_every_fault_of_a_step_and_of_the_order_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        policy(steps=[{"id": "x", "at": "due+1d", "do": ["email", "call"]}])
    assert "template: " in str(refused.value)
    assert "script: " in str(refused.value)
    with pytest.raises(ValidationError) as refused:
        policy(steps=[MAIL | {"at": "previous+1d"}, MAIL])
    assert "used twice" in str(refused.value)
    assert "no previous step" in str(refused.value)


def test_a_step_may_stay_below_its_sums_only_in_the_known_ways() -> None:
    share = {"share_at_least": "12.5%", "any": [{"no_response": True}, {"level_at_least": 2}]}
    rules = policy(steps=[MAIL | {"below": "fall_back", "when": share}])
    assert rules.steps[0].when.share_at_least == Decimal("12.5")
    for wrong in ("101%", "-1%", "1e2%", "a tenth"):
        with pytest.raises(ValidationError):
            policy(steps=[MAIL | {"when": {"share_at_least": wrong}}])


def test_repetitions_are_turns_of_their_own_and_an_approval_of_the_policy_reaches_them() -> None:
    rules = policy(
        approval={"within": "5d"},
        steps=[MAIL | {"repeat": {"every": "7d", "at_most": 3}}],
    )
    assert [(turn.id, turn.at.text) for turn in rules.turns] == [
        ("mail", "due+1d"),
        ("mail~2", "previous+7d"),
        ("mail~3", "previous+7d"),
    ]
    assert all(turn.approval == rules.approval for turn in rules.turns)


@given(st.text(min_size=1, max_size=20), st.integers(1, 9), st.integers(1, 9))
def test_a_customer_is_always_in_the_same_group(customer: str, one: int, other: int) -> None:
    document = {"id": "tone", "groups": {"a": one, "b": other}}
    groups = {Experiment.model_validate(document).group(customer) for _ in range(3)}
    assert len(groups) == 1
    assert groups < {"a", "b"}


def test_groups_come_out_in_their_shares() -> None:
    experiment = Experiment.model_validate({"id": "tone", "groups": {"a": 3, "b": 1}})
    found = [experiment.group(f"C-{number}") for number in range(4000)]
    assert 2900 < found.count("a") < 3100


def test_an_unquoted_on_that_yaml_read_as_true_is_still_on() -> None:
    call = {"id": "c", "at": "due+1d", "do": "call", "script": "s"}
    rules = policy(steps=[{**call, True: {"no-answer": {"retry": 1, "every": "1d"}}}])
    assert set(rules.steps[0].on) == {"no_answer"}


FULL = {
    "send_at": "16:45",
    "min_gap": "2w",
    "minimum_open": {"EUR": "5.00", "*": "1"},
    "for": {"kinds": ["invoice", "fee"], "segments": ["vip"]},
    "steps": [
        MAIL,
        {
            "id": "fee",
            "at": "due+8d",
            "do": "fee",
            "charge": {"flat": {"EUR": "40.00"}, "ground": "contract", "cap": "12.5% of principal"},
        },
        {
            "id": "off",
            "at": "previous+14d",
            "do": "handoff",
            "when": {"open_at_least": {"EUR": "50.00"}},
            "approval": {"by": "human", "within": "7d", "else": "approve"},
        },
    ],
}


def test_a_policy_survives_its_way_through_json_by_name_and_by_alias() -> None:
    rules = policy(**FULL)
    assert Policy.model_validate_json(rules.model_dump_json()) == rules
    assert Policy.model_validate_json(rules.model_dump_json(by_alias=True)) == rules
    assert Policy.model_validate(rules.model_dump()) == rules
    assert '"else":"approve"' in rules.model_dump_json()


def test_the_fingerprint_is_of_what_the_policy_says() -> None:
    rules = policy(**FULL)
    assert rules.hash == policy(**FULL).hash
    assert rules.hash == Policy.model_validate_json(rules.model_dump_json()).hash
    assert rules.hash != policy(**(FULL | {"min_gap": "13d"})).hash
    assert policy(send_at="09:00").hash == policy().hash


def test_a_policy_knows_its_steps() -> None:
    rules = policy(**FULL)
    fee = rules.steps[1]
    assert rules.step("fee") == fee
    assert rules.step("none") is None
    assert rules.index(fee) == 1
    assert [step.id for step in rules.after(fee)] == ["off"]
    assert [step.is_contact for step in rules.steps] == [True, False, False]
