"""How cases end."""

import pytest

from schemas.signals import AnyEvent
from tests.dunning.build import (
    LADDER,
    case,
    disputed,
    event,
    held,
    lines,
    outcome,
    paid,
    policy,
    resolved,
    run,
    step,
    sum_of,
    taken_back,
)


def credited(name: str, when: str, amount: str, **rest: object) -> AnyEvent:
    return event("credit_issued", name, when, amount=sum_of(amount), **rest)


def given_up(name: str, when: str, amount: str | None = None) -> AnyEvent:
    part = {"amount": sum_of(amount)} if amount else {}
    return event("written_off", name, when, reason="bankrupt", **part)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([paid("p", "02-03")], "paid"),
        ([paid("p", "02-03", "1000.01")], "paid"),
        ([paid("p", "02-03", "999.99")], None),
        ([paid("p", "02-03", "400"), paid("q", "02-04", "600")], "paid"),
        ([credited("c", "02-03", "1000")], "credited"),
        ([credited("c", "02-03", "1000", linked=False)], None),
        ([paid("p", "02-03", "300"), credited("c", "02-04", "700")], "paid"),
        ([event("invoice_cancelled", "x", "02-03")], "cancelled"),
        ([given_up("w", "02-03")], "written_off"),
        ([given_up("w", "02-03", "999.99")], None),
        ([given_up("w", "02-03", "1000")], "written_off"),
        ([disputed("d", "02-02"), resolved("r", "02-03", "d", "upheld")], "credited"),
        ([event("placement_recalled", "r", "02-03", reason="x")], None),
    ],
)
def test_a_case_ends_as_its_facts_say(events: list[AnyEvent], expected: str | None) -> None:
    assert outcome(run(case(), *events)) == expected


def test_money_that_went_back_does_not_make_a_credited_case_a_paid_one() -> None:
    ended = run(
        case(),
        paid("p", "02-02", "100"),
        taken_back("b", "02-03", "p"),
        credited("c", "02-04", "1000"),
    )
    assert outcome(ended) == "credited"


def test_a_hand_off_ends_the_case() -> None:
    ended = run(case([step("mail", "due+1d"), step("off", "previous+14d", "handoff")]))
    assert lines(ended) == ["02-01 09:00 mail done", "02-15 09:00 off done"]
    assert outcome(ended) == "handed_off"


def test_a_case_may_end_while_it_is_held() -> None:
    assert outcome(run(case(), held("h", "02-02"), paid("p", "02-05"))) == "paid"


def test_money_that_came_before_the_opening_ends_the_case_before_any_step() -> None:
    ended = run(case(), paid("p", "01-20"))
    assert lines(ended) == []
    assert outcome(ended) == "paid"
    assert ended.closed is not None
    assert ended.closed.at == ended.opened_at


def test_an_event_and_a_step_at_the_same_instant_the_event_first() -> None:
    assert lines(run(case(), paid("p", "02-01 09:00"))) == []
    assert lines(run(case(), paid("p", "02-01 09:01"))) == ["02-01 09:00 first done"]


def test_fees_must_be_paid_as_well() -> None:
    rules = policy(step("fee", "due+1d", "fee"), *LADDER[1:])
    assert outcome(run(case(rules), paid("p", "02-02"))) is None
    assert outcome(run(case(rules), paid("p", "02-02", "1040"))) == "paid"


def test_nothing_happens_after_the_end() -> None:
    ended = run(case(), event("invoice_cancelled", "x", "02-03"))
    assert lines(ended) == ["02-01 09:00 first done"]
