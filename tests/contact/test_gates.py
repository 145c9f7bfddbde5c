"""Stop flags, and what must come before: the gates of every shipped pack."""

from typing import Any

import pytest

from dunning.contact.asking import Ask
from dunning.contact.gate import approval_before, decide
from dunning.contact.refusals import charges_stopped
from library.jurisdictions import shipped
from schemas.customer import Consent
from schemas.jurisdiction import ContactChannel
from schemas.rulebook import Rulebook
from tests.contact.build import OPENED, ask, past, rules, said, until

DEFAULT, US = rules(), rules(country="US")
UK = rules(country="GB")
ALL: dict[str, Consent] = {"call": "written", "sms": "written"}
CHANNELS: tuple[ContactChannel, ...] = ("call", "call_auto", "sms", "email", "letter")
NOON = "2026-10-06 15:00"

STOPS = {
    "dispute_open": "call call_auto sms email letter",
    "represented": "call call_auto sms email letter",
    "cease_request": "call call_auto sms email letter",
    "insolvency": "call call_auto sms email letter",
    "breathing_space": "call call_auto sms email letter",
    "deceased": "call call_auto sms email letter",
    "wrong_person": "call call_auto sms email letter",
    "time_barred": "call call_auto sms email letter",
    "vulnerable": "call_auto sms",
    "hardship_review": "call call_auto sms",
    "plan_active": "call call_auto sms email",
    "promise_open": "call call_auto sms email",
}


@pytest.mark.parametrize("flag", STOPS)
def test_a_flag_stops_its_channels_and_no_other(flag: str) -> None:
    stopped = {
        channel
        for channel in CHANNELS
        if said(ask(NOON, channel, consents=ALL, flags=frozenset({flag})), DEFAULT)
        == f"deny default.stops.{flag}"
    }
    assert stopped == set(STOPS[flag].split())


def test_a_plan_stops_everything_but_its_own_messages() -> None:
    flags = frozenset({"plan_active"})
    assert said(ask(NOON, "email", flags=flags, message_type="plan_message"), DEFAULT) == "allow"


def test_a_flag_that_no_rule_explains_stops_everything() -> None:
    assert said(ask(NOON, "letter", flags=frozenset({"moon"})), DEFAULT) == "deny default.stops"


def test_a_debt_adviser_stops_contact_in_britain() -> None:
    asked = ask(NOON, "letter", flags=frozenset({"debt_adviser_hold"}))
    assert said(asked, UK) == "deny uk.stops.debt_adviser_hold"


@pytest.mark.parametrize(
    ("flag", "rule"), [("breathing_space", "uk.stops.breathing_space"), ("dispute_open", None)]
)
def test_only_some_flags_stop_charges_too(flag: str, rule: str | None) -> None:
    assert charges_stopped([flag], UK, OPENED) == rule


GATES = [
    # rule, book, zone, before, need, channel of the need, sent, last day too soon, first day
    ("d-final", DEFAULT, "final_notice", "default_notice", "email", "03-02", "03-08", "03-09"),
    ("d-final", DEFAULT, "final_notice", "default_notice", "letter", "03-02", "03-12", "03-13"),
    ("d-final", US, "final_notice", "default_notice", "letter", "03-02", "03-15", "03-16"),
    ("d-final", UK, "final_notice", "default_notice", "letter", "03-06", "03-16", "03-17"),
    ("d-handoff", DEFAULT, "handoff", "final_notice", "email", "03-02", "03-15", "03-16"),
    ("uk-court", UK, "court_step", "pre_action_letter", "email", "03-02", "03-31", "04-01"),
]


@pytest.mark.parametrize(
    ("rule", "book", "step", "need", "channel", "sent", "soon", "first"),
    GATES,
    ids=[f"{gate[0]}-{gate[4]}" for gate in GATES],
)
def test_a_gate_opens_when_the_term_has_run(
    rule: str,
    book: Rulebook,
    step: str,
    need: str,
    channel: Any,  # noqa: ANN401 - a channel
    sent: str,
    soon: str,
    first: str,
) -> None:
    def asked(day: str) -> Ask:
        return ask(f"2026-{day} 12:00", None, message_type=step)

    notice = [past(f"2026-{sent} 09:00", channel, message_type=need)]
    assert said(asked(first), book) == f"deny {rule}"
    assert said(asked(first), book, notice) == "allow"
    assert said(asked(soon), book, notice) == f"defer {rule}"
    assert until(decide(asked(soon), book, notice)) == f"2026-{first} 00:00"


def test_a_gate_for_consumers_does_not_bind_businesses() -> None:
    court = ask("2026-03-20 12:00", None, message_type="court_step", debtor_kind="business")
    assert said(court, UK) == "allow"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_what_must_come_before_a_charge_is_no_contact_rule(name: str) -> None:
    gated = {gate.before for gate in shipped()[name].gates}
    assert gated <= {"final_notice", "handoff", "court_step"}


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        ({"counted_as": "nothing"}, "it bounced"),
        ({"inbound": True}, "it is theirs"),
        ({"debt": "D-2"}, "it is about another debt"),
    ],
)
def test_a_notice_that_never_came_opens_no_gate(spoiled: dict[str, object], why: str) -> None:
    fields: dict[str, Any] = {"message_type": "default_notice", **spoiled}
    notice = [past("2026-03-02 09:00", "email", **fields)]
    asked = ask("2026-03-20 12:00", "letter", message_type="final_notice")
    assert said(asked, DEFAULT, notice) == "deny d-final", why


def test_a_hand_off_needs_a_person() -> None:
    assert approval_before("handoff", DEFAULT, OPENED) == "d-handoff"
    assert approval_before("final_notice", DEFAULT, OPENED) is None
