"""Answers word for word, and the corners of the rules in which a wrong one would hide."""

import pytest

from dunning.contact.asking import Allow, Ask, Defer, Deny
from dunning.contact.gate import approval_before, decide
from dunning.contact.refusals import charges_stopped
from schemas.customer import Consent
from schemas.rulebook import Rulebook
from tests.contact.build import OPENED, ask, at, own, past, rules, said, until, written

DEFAULT = rules()
NOON = "2026-10-06 15:00"
WRITTEN: dict[str, Consent] = {"call": "written", "sms": "written"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            ask(NOON, "email", message_type="final_notice"),
            Deny("d-final", "final_notice needs default_notice first"),
        ),
        (
            ask(NOON, "email", zones=()),
            Deny("default.clock", "the debtor's time zone is not known"),
        ),
        (
            ask(NOON, "letter", flags=frozenset({"moon"})),
            Deny("default.stops", "moon stands, which no rule explains"),
        ),
        (
            ask(NOON, "letter", flags=frozenset({"insolvency"})),
            Deny("default.stops.insolvency", "insolvency stands"),
        ),
        (
            ask(NOON, "sms", consents=WRITTEN, opted_out=frozenset({"sms"})),
            Deny("default.optout", "the debtor wants no sms"),
        ),
        (ask(NOON, "sms"), Deny("default.consent.sms", "express consent is needed")),
    ],
)
def test_a_denial_says_why_in_plain_words(asked: Ask, expected: Deny) -> None:
    assert decide(asked, DEFAULT, ()) == expected


def test_a_window_that_stays_closed_says_for_how_long() -> None:
    never = own(windows={"email": {"sat": ["09:00-10:00"]}}, clock={"max_defer_days": 2})
    assert decide(ask("2026-10-06 15:00", "email"), never, ()) == Deny(
        "max-defer", "own.windows.email: closed for more than 2 days"
    )


def test_an_opt_out_of_calls_means_machines_as_well_and_nothing_else() -> None:
    calls = frozenset({"call"})
    assert said(ask(NOON, "call_auto", consents=WRITTEN, opted_out=calls), DEFAULT) == (
        "deny default.optout"
    )
    assert said(ask(NOON, "sms", consents=WRITTEN, opted_out=calls), DEFAULT) == "allow"
    assert said(ask(NOON, "call", opted_out=frozenset({"call_auto"})), DEFAULT) == "allow"


def test_under_no_rule_in_force_an_opt_out_is_for_others_to_keep() -> None:
    ended = own(valid_to="2026-01-31")
    assert decide(ask(NOON, "sms", opted_out=frozenset({"sms"})), ended, ()) == Allow()


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^at: a moment needs its offset$"):
        ask(at(NOON).replace(tzinfo=None), "email")


def test_a_pack_asks_for_approval_and_stops_charges_on_its_own_days_alone() -> None:
    gate = {"id": "g", "before": "handoff", "need": "x", "approval": "human"}
    stop = {"insolvency": ["*", "charges"]}
    book = own(gates=[gate], stops=stop, valid_from="2026-02-01")
    january, february = OPENED, OPENED.replace(month=2)
    assert [approval_before("handoff", book, day) for day in (january, february)] == [None, "g"]
    stopped = [charges_stopped({"insolvency"}, book, day) for day in (january, february)]
    assert stopped == [None, "own.stops.insolvency"]


LATE = "2026-03-02 22:30"
"""The day after, by a clock in Europe."""


def test_a_gate_and_a_gap_count_from_the_debtors_own_day() -> None:
    gate = {"id": "g", "before": "final_notice", "need": "reminder", "min_days": 3}
    gap = {"id": "gap", "after": "conversation", "block": ["call"], "days": 3}
    sent = past(LATE, "email", message_type="reminder")
    asked = ask("2026-03-03 09:00", "email", message_type="final_notice")
    assert until(decide(asked, own(gates=[gate]), [sent])) == "2026-03-05 00:00"
    talk = past(LATE, "call", "conversation")
    assert until(decide(ask("2026-03-03 09:00"), own(gaps=[gap]), [talk])) == "2026-03-05 00:00"


def test_a_gap_looks_at_every_contact_before() -> None:
    gap = {"id": "gap", "after": "conversation", "block": ["call"], "days": 3}
    history = [past("2026-03-01 09:00"), past("2026-03-02 09:00", "call", "conversation")]
    assert until(decide(ask("2026-03-03 09:00"), own(gaps=[gap]), history)) == "2026-03-05 00:00"


def test_working_days_of_the_post_leave_out_the_holidays_of_the_place() -> None:
    gate = {"id": "g", "before": "final_notice", "need": "reminder"}
    pack = written(gates=[gate], holidays={"calendar": "DE"}, receipt={"letter": "1bd"})
    monday, tuesday = (at(f"2026-03-0{day} 00:00").date() for day in (2, 3))
    book = Rulebook(packs=(pack,), holidays={"DE": (monday, tuesday)}, holidays_until=tuesday)
    asked = ask("2026-03-01 12:00", "email", message_type="final_notice")
    sent = past("2026-03-01 09:00", "letter", message_type="reminder")
    assert until(decide(asked, book, [sent])) == "2026-03-04 00:00"


def test_a_pack_without_hours_does_not_hide_those_of_the_next_one() -> None:
    silent = written(id="silent")
    speaking = written(id="speaking", windows={"email": {"mon-sun": ["12:00-13:00"]}})
    book = Rulebook(packs=(silent, speaking))
    assert said(ask("2026-03-03 09:00", "email"), book) == "defer speaking.windows.email"


def test_of_two_equal_waits_the_first_is_named() -> None:
    cap = {"channels": ["email"], "n": 1, "days": 2, "scope": "debt"}
    book = own(caps=[{"id": "first", **cap}, {"id": "second", **cap}])
    answer = decide(ask("2026-03-03 09:00", "email"), book, [past("2026-03-02 09:00", "email")])
    assert isinstance(answer, Defer)
    assert answer.rule == "first"


def test_a_closed_hour_on_the_evening_before_a_holiday_is_named_by_its_hours() -> None:
    pack = written(
        windows={"call": {"mon-sun": ["09:00-19:00"]}},
        holidays={"calendar": "DE", "closed": ["call"]},
    )
    tuesday = at("2026-03-03 00:00").date()
    book = Rulebook(packs=(pack,), holidays={"DE": (tuesday,)}, holidays_until=at(NOON).date())
    # in Europe the holiday has begun
    evening = decide(ask("2026-03-02 22:30"), book, ())
    assert isinstance(evening, Defer)
    assert (evening.rule, until(evening)) == ("own.windows.call", "2026-03-04 09:00")
    assert said(ask("2026-03-03 10:00"), book) == "defer own.holidays"


def test_a_debt_grows_older_at_the_debtors_own_midnight() -> None:
    once_a_day = {"id": "cap", "channels": ["email"], "n": 1, "days": 1, "scope": "debt"}
    older = written(
        id="older",
        match={"min_days_overdue": 5},
        windows={"email": {"mon-sun": ["12:00-13:00"]}},
    )
    book = Rulebook(packs=(written(caps=[once_a_day]), older))
    asked = ask(LATE, "email", days_overdue=4)
    assert until(decide(asked, book, [past(LATE, "email")])) == "2026-03-03 12:00"
