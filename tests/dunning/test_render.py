"""The words operators read."""

import pytest

from dunning.apply import take
from dunning.attention import attention
from dunning.inbox import Refusal
from dunning.render import (
    MAX_DETAILS,
    description,
    details,
    rest,
    stage,
    status,
    summary,
    upcoming,
    view,
)
from schemas.case import Outcome
from schemas.signals import AnyEvent
from tests.dunning.build import (
    answering,
    at,
    case,
    disputed,
    event,
    held,
    paid,
    policy,
    run,
    step,
    told,
)

NOW = at("02-03")
CALL = policy(step("call", "due+1d", "call", on={"wrong_number": "attention"}))


def test_a_view_shows_the_case_in_the_debtors_time_and_in_decimals() -> None:
    shown = view(run(case(zone="Asia/Tokyo"), held("h", "02-03"), until="02-05"), at("02-05"))
    assert shown.timeline[0].at.isoformat() == "2026-02-01T09:00:00+09:00"
    assert shown.timeline[0].amount_due == "1000.00"
    assert (shown.status, shown.stage, shown.outcome, shown.next) == ("held", "first", None, None)
    assert shown.holds[0].since.isoformat() == "2026-02-03T08:00:00+09:00"
    assert shown.balance.total == shown.amount_due == "1000.00"


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "1000"), ("KWD", "1000.000"), ("CLF", "1000.0000")]
)
def test_amounts_have_the_currencys_own_decimals(currency: str, amount: str) -> None:
    shown = view(case(amount="1000", currency=currency), NOW)
    assert shown.balance.principal == amount
    assert shown.balance.fees == amount.replace("1000", "0")


def test_the_timeline_is_in_the_order_things_happened() -> None:
    made = event("contact_made", "m", "01-31", channel="call", by="Kim", satisfies="second")
    shown = view(run(case(), made), at("03-01"))
    assert [row.step for row in shown.timeline] == ["second", "first", "third"]


def test_what_comes_next_is_shown_with_its_moment() -> None:
    shown = upcoming(run(case(), until="02-02"), at("02-02"))
    assert shown is not None
    assert (shown.step, shown.at) == ("second", at("02-08 09:00"))


def test_nothing_comes_next_while_held_waiting_for_a_person_or_at_the_end() -> None:
    asking = case([step("off", "due+1d", "handoff", approval={"within": "7d"})])
    assert upcoming(told(case(), held("h", "02-02")), NOW) is None
    assert upcoming(asking, NOW) is None
    assert upcoming(run(case()), at("03-01")) is None
    assert upcoming(run(case(), paid("p", "02-01")), NOW) is None


def test_the_stage_is_the_last_step_done() -> None:
    assert stage(case()) == "new"
    assert stage(run(case(), until="02-09")) == "second"


@pytest.mark.parametrize(
    ("events", "expected"),
    [([], "open"), ([held("h", "02-02")], "held"), ([disputed("d", "02-02", "5")], "open")],
)
def test_a_case_is_open_or_held_or_closed(events: list[AnyEvent], expected: str) -> None:
    assert status(told(case(), *events), NOW) == expected
    assert status(run(case(), *events, paid("p", "02-02")), NOW) == "closed"


def test_flags_say_what_needs_a_person() -> None:
    asking = case([step("off", "due+1d", "handoff", approval={"within": "7d"})])
    no_rate = run(case([step("fee", "due+1d", "fee")], currency="CHF"))
    wrong = event("contact_outcome", "o", "02-02", effect="acme:INV-1:1:call:call",
                  result="wrong-number")  # fmt: skip
    assert attention(case(), NOW) == ()
    assert attention(told(case(), disputed("d", "02-02", "5")), NOW) == ("disputed",)
    assert attention(take(case(), Refusal("x", "", "y"), NOW), NOW) == ("rejected-signal",)
    assert attention(asking, NOW) == ("approval-needed",)
    assert attention(no_rate, NOW) == ("missing-rate", "steps-exhausted")
    assert "unknown-outcome" in attention(run(case(), perform=answering("unknown")), NOW)
    assert "bad-contact" in attention(run(case(), perform=answering("refused")), NOW)
    assert "bad-contact" in attention(run(case(CALL), wrong), NOW)


def test_a_closed_case_asks_only_for_a_look_at_refused_signals() -> None:
    ended = run(case(), disputed("d", "02-02", "5"), paid("p", "02-03"))
    assert attention(ended, NOW) == ()
    assert attention(take(ended, Refusal("x", "", "y"), NOW), NOW) == ("rejected-signal",)


def test_refused_signals_are_counted_beyond_those_that_are_kept() -> None:
    begun = case()
    for number in range(60):
        begun = take(begun, Refusal("x", f"{number}", "y"), NOW)
    shown = view(begun, NOW)
    assert (len(shown.rejected), shown.rejected_total) == (50, 60)


def test_the_words_for_operators_are_plain_and_bounded() -> None:
    begun = case()
    for number in range(60):
        begun = take(begun, Refusal("x" * 200, f"{number}", "a\nb" * 200), NOW)
    assert summary(begun) == "INV-1 · customer C-1 · 1000.00 EUR"
    assert "version `" in description(begun)
    assert len(details(begun, NOW)) <= MAX_DETAILS
    assert "**Next**: `first`" in details(case(), at("02-01"))
    assert "on hold (hold)" in details(told(case(), held("h", "02-02")), NOW)
    assert "closed, paid" in details(run(case(), paid("p", "02-02")), NOW)
    assert "3 days overdue" in details(case(), NOW)


CANCELLED = event("invoice_cancelled", "c", "02-02")


@pytest.mark.parametrize(
    ("events", "line"),
    [
        ([], "**Owed**: 1000.00 EUR"),
        ([CANCELLED], "**Given up**: 1000.00 EUR"),
        ([paid("p", "02-01", "400.00"), CANCELLED], "**Given up**: 600.00 EUR"),
        ([event("written_off", "w", "02-02", reason="insolvent")], "**Given up**: 1000.00 EUR"),
        ([paid("p", "02-02")], "**Owed**: 0.00 EUR"),
        ([paid("p", "02-02", "1460.00")], "**Credit**: 460.00 EUR"),
    ],
)
def test_what_nobody_asks_for_any_more_is_not_called_owed(
    events: list[AnyEvent], line: str
) -> None:
    said = details(run(case(), *events, until="02-03"), NOW)
    assert line in said.splitlines()
    assert "**Asked for**" not in said


@pytest.mark.parametrize(
    ("ended", "total", "said"),
    [
        (None, "1040.00", ("open", "1040.00")),
        ("handed_off", "1040.00", ("open", "1040.00")),
        ("cancelled", "1040.00", ("given up", "1040.00")),
        ("written_off", "1040", ("given up", "1040")),
        ("paid", "0.40", ("given up", "0.40")),
        ("paid", "0.000", ("open", "0.000")),
        ("paid", "-460.00", ("credit", "460.00")),
    ],
)
def test_the_rest_of_a_case_is_called_by_who_still_asks_for_it(
    ended: Outcome | None, total: str, said: tuple[str, str]
) -> None:
    assert rest(ended, total) == said
