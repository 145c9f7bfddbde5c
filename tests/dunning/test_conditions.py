"""What must hold for a step, at each boundary, and the reason that is kept when it does not."""

import pytest

from dunning.moves import Act
from dunning.simulate import as_done
from schemas.effects import Receipt
from tests.dunning.build import (
    Document,
    case,
    event,
    lines,
    paid,
    policy,
    promised,
    reasons,
    run,
    step,
    sum_of,
)


def asked(when: Document, **rest: object) -> list[str]:
    """Return what becomes of a second step that asks for this."""
    rules = policy(step("first", "due+1d"), step("second", "due+8d", when=when))
    return lines(run(case(rules, **rest)))[1:]  # type: ignore[arg-type]


DONE, SKIPPED = ["02-08 09:00 second done"], ["02-08 09:00 second skipped"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"open_at_least": {"EUR": "1000.00"}}, DONE),
        ({"open_at_least": {"EUR": "1000.01"}}, SKIPPED),
        ({"open_at_least": {"USD": "5000.00"}}, DONE),
        ({"open_at_least": {"*": "5000.00"}}, SKIPPED),
        ({"overdue_at_least": "8d"}, DONE),
        ({"overdue_at_least": "9d"}, SKIPPED),
        ({"level_at_least": 1}, DONE),
        ({"level_at_least": 2}, SKIPPED),
        ({"no_response": True}, DONE),
        ({"no_response": False}, SKIPPED),
        ({"segments": ["habitual-late", "first-time"]}, DONE),
        ({"segments": ["strong-history"]}, SKIPPED),
        ({"segments": ["any"]}, DONE),
        ({"broken_promises_at_least": 1}, SKIPPED),
        ({"outcomes": {"first": ["done"]}}, DONE),
        ({"outcomes": {"first": ["refused", "bounced"]}}, SKIPPED),
        ({"share_at_least": "25%"}, DONE),
        ({"share_at_least": "25.01%"}, SKIPPED),
        ({"overdue_at_least": "1d", "level_at_least": 2}, SKIPPED),
        ({"any": [{"level_at_least": 2}, {"overdue_at_least": "8d"}]}, DONE),
        ({"any": [{"level_at_least": 2}, {"overdue_at_least": "9d"}]}, SKIPPED),
        ({"all": [{"level_at_least": 1}, {"overdue_at_least": "8d"}]}, DONE),
        ({"all": [{"level_at_least": 1}, {"overdue_at_least": "9d"}]}, SKIPPED),
        ({"none": [{"level_at_least": 2}]}, DONE),
        ({"none": [{"level_at_least": 1}]}, SKIPPED),
    ],
    ids=str,
)
def test_a_step_happens_when_what_it_asks_holds(when: Document, expected: list[str]) -> None:
    items = sum_of("4000.00")
    assert asked(when, segment="habitual-late", open_items=items) == expected


@pytest.mark.parametrize("items", [None, sum_of("1", "USD")], ids=["unknown", "in other money"])
def test_a_share_of_what_nobody_knows_rules_nothing_out(items: Document | None) -> None:
    assert asked({"share_at_least": "99%"}, open_items=items) == DONE


def test_the_reason_kept_names_what_did_not_hold() -> None:
    either = {"any": [{"open_at_least": {"EUR": "2000"}}, {"overdue_at_least": "60d"}]}
    rules = policy(step("first", "due+1d"), step("second", "due+8d", when=either))
    words = "open amount below 2000.00 and overdue for less than 60 days"
    assert reasons(run(case(rules))) == {"second": words}


def test_sums_are_net_of_what_was_paid() -> None:
    rules = policy(step("first", "due+1d", when={"open_at_least": {"EUR": "600.00"}}))
    assert lines(run(case(rules), paid("p", "02-01", "400.00"))) == ["02-01 09:00 first done"]
    assert lines(run(case(rules), paid("p", "02-01", "400.01"))) == ["02-01 09:00 first skipped"]


def test_a_promise_that_was_not_kept_counts() -> None:
    rules = policy(step("call", "due+20d", "call", when={"broken_promises_at_least": 1}))
    broken, kept = promised("m", "02-01", "02-05", "100.00"), paid("p", "02-04", "100.00")
    assert lines(run(case(rules), broken))[-1].endswith("call done")
    assert lines(run(case(rules), broken, kept))[-1].endswith("call skipped")


def test_any_word_of_the_debtor_is_a_response() -> None:
    rules = policy(step("first", "due+1d", when={"no_response": True}))
    spoke = event("contact_made", "c", "02-01", channel="call", by="Kim")
    assert reasons(run(case(rules), spoke)) == {"first": "the debtor has responded"}


LEVELS = (
    step("one", "due+1d", tone="friendly"),
    step("two", "due+8d", tone="firm", when={"open_at_least": {"EUR": "500"}}),
    step(
        "three",
        "due+15d",
        template="final-notice",
        tone="formal",
        when={"open_at_least": {"EUR": "1000"}},
        below="fall_back",
    ),
)


@pytest.mark.parametrize(
    ("payment", "template", "tone"),
    [
        (None, "final-notice", "formal"),
        ("0.01", "reminder", "firm"),
        ("500.00", "reminder", "firm"),
        ("500.01", "reminder", "friendly"),
    ],
)
def test_below_its_sum_a_level_is_done_at_the_one_before_it(
    payment: str | None, template: str, tone: str
) -> None:
    sent = []

    def perform(act: Act) -> Receipt:
        sent.append((act.step.id, act.step.template, act.step.tone))
        return as_done(act)

    events = [paid("p", "02-10", payment)] if payment else []
    run(case(policy(*LEVELS)), *events, perform=perform)
    assert sent[-1] == ("three", template, tone)


def test_with_no_level_left_below_the_step_is_skipped() -> None:
    rules = policy(
        step("one", "due+1d", when={"open_at_least": {"EUR": "9999"}}, below="fall_back")
    )
    assert reasons(run(case(rules))) == {"one": "open amount below 9999.00"}
