"""What must hold for a step, at each boundary, and the reason that is kept when it does not."""

import pytest

from dunning.moves import Act
from dunning.simulate import as_done
from schemas.effects import Receipt
from tests.dunning.build import (
    Document,
    case,
    event,
    held,
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


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({"segments": ["a", "b"]}, "the customer is not in segment a or b"),
        ({"no_response": False}, "the debtor has not responded"),
        ({"outcomes": {"first": ["refused", "x"]}}, "first did not come to refused or x"),
        ({"none": [{"level_at_least": 1}]}, "a condition holds that must not"),
        ({"none": [{"overdue_at_least": "8d"}]}, "a condition holds that must not"),
        ({"none": [{"open_at_least": {"EUR": "1000"}}]}, "a condition holds that must not"),
        ({"all": [{"open_at_least": {"EUR": "1000.01"}}]}, "open amount below 1000.01"),
        ({"share_at_least": "30%"}, "below 30% of all open items"),
        ({"level_at_least": 2}, "below level 2"),
        ({"broken_promises_at_least": 1}, "fewer than 1 broken promises"),
    ],
)
def test_each_condition_says_in_words_why_it_does_not_hold(when: Document, reason: str) -> None:
    rules = policy(step("first", "due+1d"), step("second", "due+8d", when=when))
    assert reasons(run(case(rules, open_items=sum_of("4000.00"))))["second"] == reason


@pytest.mark.parametrize(
    ("when", "falls_back"),
    [
        ({"share_at_least": "90%"}, True),
        ({"all": [{"open_at_least": {"EUR": "2000"}}]}, True),
        ({"any": [{"open_at_least": {"EUR": "2000"}}, {"share_at_least": "90%"}]}, True),
        ({"any": [{"open_at_least": {"EUR": "2000"}}, {"level_at_least": 9}]}, False),
        ({"level_at_least": 9}, False),
        ({"none": [{"level_at_least": 1}]}, False),
    ],
)
def test_only_a_sum_that_is_not_reached_falls_back(when: Document, falls_back: bool) -> None:
    rules = policy(step("one", "due+1d"), step("two", "due+8d", when=when, below="fall_back"))
    told = lines(run(case(rules, open_items=sum_of("4000.00"))))[1]
    assert told == f"02-08 09:00 two {'done' if falls_back else 'skipped'}"


def spoken(*steps: Document) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Return template, script and kind of message of what goes out, by step."""
    sent = {}

    def perform(act: Act) -> Receipt:
        sent[act.step.id] = (act.step.template, act.step.script, act.step.message)
        return as_done(act)

    run(case(policy(*steps)), perform=perform)
    return sent


TOO_MUCH = {"open_at_least": {"EUR": "5000"}}


def test_a_level_below_lends_its_words_and_a_call_keeps_its_own_script() -> None:
    mailed = step("one", "due+1d", message="default-notice")
    called = step("two", "due+8d", "call", when=TOO_MUCH, below="fall_back", script="final-call")
    assert spoken(mailed, called)["two"] == ("reminder", "final-call", "default-notice")
    first = step("one", "due+1d", "call", script="first-call")
    assert spoken(first, called)["two"] == (None, "first-call", None)


def test_a_repetition_falls_back_as_its_step_does() -> None:
    again = {"every": "3d", "at_most": 2}
    first = step("one", "due+1d", message="default-notice")
    second = step("two", "due+8d", when=TOO_MUCH, below="fall_back", repeat=again)
    assert spoken(first, second)["two~2"] == ("reminder", None, "default-notice")


def test_the_first_level_has_none_below_however_many_come_after() -> None:
    later = (step("two", "due+60d"), step("three", "due+61d"))
    first = step("one", "due+1d", when=TOO_MUCH, below="fall_back")
    assert "one" not in spoken(first, *later)


def test_only_the_sums_of_a_level_below_decide_whether_it_is_fallen_back_to() -> None:
    too_early = step("one", "due+1d", when={"overdue_at_least": "30d"}, message="default-notice")
    second = step("two", "due+8d", when=TOO_MUCH, below="fall_back")
    assert spoken(too_early, second) == {"two": ("reminder", None, "default-notice")}


def test_only_a_severer_step_whose_conditions_hold_supersedes() -> None:
    severe = step("two", "due+1d", when={"overdue_at_least": "9d"})
    rules = policy(step("one", "due+1d"), severe, advance="most_severe")
    assert lines(run(case(rules))) == ["02-01 09:00 one done", "02-01 09:00 two skipped"]


def test_what_passes_with_time_is_judged_when_the_step_became_due_however_late_it_is_done() -> None:
    """Else a person who looked at the case a week later would change what becomes of a step."""
    young = step(
        "one",
        "due+1d",
        approval={"within": "3d", "else": "hold"},
        when={"none": [{"overdue_at_least": "9d"}]},
    )
    word = event("approval_given", "v", "03-02 10:00", step="one", decision="approve", by="Kim")
    assert lines(run(case(policy(young)), word)) == ["03-02 10:00 one done"]


def test_a_step_that_waits_for_a_person_stays_when_the_severer_one_had_its_day_too_early() -> None:
    asked = step("one", "due+1d", approval={"within": "3d", "else": "hold"})
    severe = step("two", "due+1d", when={"overdue_at_least": "20d"})
    rules = policy(asked, severe, advance="most_severe")
    looked_at = held("h", "02-27 10:00", "02-27 12:00")
    assert lines(run(case(rules), looked_at)) == []


@pytest.mark.parametrize(
    ("payment", "reason"),
    [
        (None, None),
        ("0.01", "sent as two: open amount below 1000.00"),
        ("500.01", "sent as one: open amount below 1000.00"),
    ],
)
def test_a_step_that_goes_out_at_a_lower_level_says_which_and_why(
    payment: str | None, reason: str | None
) -> None:
    events = [paid("p", "02-10", payment)] if payment else []
    assert reasons(run(case(policy(*LEVELS)), *events)).get("three") == reason


def test_what_a_channel_said_counts_before_the_level_it_went_out_at() -> None:
    def perform(act: Act) -> Receipt:
        refused = {"result": "refused", "reason": "no such box"}
        return Receipt(
            receipts=tuple(one.model_copy(update=refused) for one in as_done(act).receipts)
        )

    second = step("two", "due+8d", when=TOO_MUCH, below="fall_back")
    ended = run(case(policy(step("one", "due+1d"), second)), perform=perform)
    assert reasons(ended)["two"] == "no such box"
