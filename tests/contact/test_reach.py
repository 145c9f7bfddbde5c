"""What the contact rules say about a step of a case: its channels, its history, its moments."""

from datetime import UTC, datetime, timedelta

import pytest

from dunning.reach import Reach, contacts, needs_approval, zones
from schemas.rulebook import Rulebook
from tests.contact.build import written
from tests.contact.cases import FEBRUARY, POLICY, after, asked, came, ruled, seen
from tests.dunning.build import at, case, event, policy, step, sum_of, told


def test_a_case_without_rules_asks_nobody() -> None:
    bare = after(case(POLICY), "first", FEBRUARY[2])
    assert asked(bare, "first", at("02-02 03:00")) == (Reach("email", at("02-02 03:00")),)
    assert contacts(bare) == ()
    nobody = ruled(Rulebook())
    assert asked(nobody, "first", at("02-02 03:00")) == (Reach("email", at("02-02 03:00")),)


def test_outside_its_hours_a_channel_opens_later_as_the_debtors_clock_shows_it() -> None:
    (answer,) = asked(ruled(), "first", at("02-02 22:00"))
    assert answer == Reach("email", at("02-03 07:00"), "default.windows.email")
    assert isinstance(answer, Reach)
    assert answer.at.utcoffset() == timedelta(hours=1)
    assert asked(ruled(), "first", at("02-02 07:00")) == (Reach("email", at("02-02 07:00")),)


def test_what_is_denied_is_barred_with_the_reason_and_the_rule() -> None:
    assert seen(asked(ruled(consents={}), "text", FEBRUARY[2])) == [
        "sms: express consent is needed (rule default.consent.sms)"
    ]
    assert seen(asked(ruled(), "final", FEBRUARY[16])) == [
        "email: final_notice needs default_notice first (rule d-final)",
        "letter: final_notice needs default_notice first (rule d-final)",
    ]


def test_a_call_is_asked_for_as_one_that_a_machine_makes() -> None:
    assert seen(asked(ruled(), "call", at("02-07 11:00"))) == [
        "call 02-09 09:00 default.windows.call_auto"
    ]


def test_a_hand_off_is_no_channel_and_waits_for_its_gate_alone() -> None:
    late = at("04-01 03:00")
    assert seen(asked(ruled(), "off", late)) == [
        "handoff: handoff needs final_notice first (rule d-handoff)"
    ]
    warned = after(ruled(), "final", FEBRUARY[16])
    assert seen(asked(warned, "off", at("02-20 03:00"))) == ["handoff 03-02 00:00 d-handoff"]
    assert seen(asked(warned, "off", late)) == ["handoff 04-01 03:00"]


def test_only_what_may_have_gone_out_is_a_contact() -> None:
    for result in ("refused", "skipped", "deferred"):
        tried = after(ruled(), "default", FEBRUARY[2], result)
        assert contacts(tried) == ()
    for result in ("done", "unknown"):
        tried = after(ruled(), "default", FEBRUARY[2], result)
        (known,) = contacts(tried)
        assert (known.channel, known.message_type) == ("letter", "default_notice")


def test_a_gate_counts_from_the_day_a_letter_is_received() -> None:
    sent = after(ruled(), "default", FEBRUARY[2])
    # four days by post, seven days of grace, and only then the hours of the channel
    assert seen(asked(sent, "final", FEBRUARY[3])) == [
        "email 02-13 07:00 d-final",
        "letter 02-13 00:00 d-final",
    ]


def test_channels_of_one_step_count_against_one_another() -> None:
    both = policy(step("both", "due+1d", ["email", "sms"]))
    begun = ruled(rules_of=both)
    assert seen(asked(begun, "both", FEBRUARY[3])) == ["email 02-03 10:00", "sms 02-04 09:00 d-day"]


def test_a_barred_channel_does_not_count_against_the_next_one() -> None:
    both = policy(step("both", "due+1d", ["sms", "email"]))
    begun = ruled(rules_of=both, consents={})
    assert seen(asked(begun, "both", FEBRUARY[3]))[1:] == ["email 02-03 10:00"]


def test_no_address_and_a_closed_channel_are_said_in_plain_words() -> None:
    begun = ruled(reachable=("email",))
    assert seen(asked(begun, "text", FEBRUARY[3])) == ["sms: there is no address for sms"]
    assert seen(asked(begun, "first", FEBRUARY[3])) == ["email 02-03 10:00"]
    opted = told(
        ruled(), event("stop_requested", "s", "02-01", flag="opt_out", scope="channel:sms")
    )
    assert seen(asked(opted, "text", FEBRUARY[3])) == [
        "sms: the debtor asked not to be contacted by sms"
    ]


@pytest.mark.parametrize("result", ["done", "unknown"])
def test_what_was_sent_counts_against_the_cap_of_the_week(result: str) -> None:
    begun = ruled()
    for day in (2, 3, 4):
        begun = after(begun, "first", FEBRUARY[day], result)
    assert seen(asked(begun, "first", FEBRUARY[5])) == ["email 02-09 07:00 d-email"]


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        ("busy", "nothing"),
        ("canceled", "nothing"),
        ("failed", "nothing"),
        ("no-answer", "attempt"),
        ("voicemail", "attempt"),
        ("never heard of", "attempt"),
        ("answered", "conversation"),
        ("completed", "conversation"),
        ("conversation", "conversation"),
        ("human", "conversation"),
    ],
)
def test_a_call_counts_by_what_became_of_it(outcome: str, counted: str) -> None:
    begun = after(ruled(), "call", FEBRUARY[9])
    (known,) = contacts(told(begun, came("call:call:020910", outcome)))
    assert (known.channel, known.counted_as) == ("call_auto", counted)


def test_a_call_whose_end_nobody_knows_counts_as_a_talk() -> None:
    (known,) = contacts(after(ruled(), "call", FEBRUARY[9], "unknown"))
    assert known.counted_as == "conversation"
    (made,) = contacts(after(ruled(), "call", FEBRUARY[9]))
    assert made.counted_as == "attempt"


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [("delivered", "delivered"), ("bounced", "attempt"), ("answered", "attempt")],
)
def test_a_message_counts_as_delivered_only_when_that_was_reported(
    outcome: str, counted: str
) -> None:
    begun = after(ruled(), "first", FEBRUARY[2])
    (silent,) = contacts(begun)
    (known,) = contacts(told(begun, came("first:email:020210", outcome)))
    assert (silent.counted_as, known.counted_as) == ("attempt", counted)


def test_every_contact_is_one_of_the_debtor_about_this_debt() -> None:
    begun = after(ruled(), "first", FEBRUARY[2])
    spoke = event("contact_made", "m", "02-03 10:00", channel="letter", by="a person")
    ours, theirs = contacts(told(begun, spoke))
    assert {one.debt for one in (ours, theirs)} == {"INV-1"}
    assert {one.debtor for one in (ours, theirs)} == {"C-1"}
    assert (ours.at, theirs.at) == (FEBRUARY[2], at("02-03 10:00"))
    assert (ours.message_type, theirs.message_type) == ("reminder", "reminder")


@pytest.mark.parametrize(
    ("channel", "result", "counted"),
    [
        ("call", None, "conversation"),
        ("call", "talked to Ms X", "conversation"),
        ("call", "No Answer", "attempt"),
        ("call", "no-answer", "attempt"),
        ("call", "VOICEMAIL", "attempt"),
        ("call", "busy", "attempt"),
        ("email", None, "attempt"),
        ("letter", "sent", "attempt"),
    ],
)
def test_a_persons_call_is_a_talk_unless_they_say_that_nobody_was_reached(
    channel: str, result: str | None, counted: str
) -> None:
    made = event("contact_made", "m", "02-03 10:00", channel=channel, by="p", result=result)
    (known,) = contacts(told(ruled(), made))
    assert (known.channel, known.counted_as) == (channel, counted)


def test_a_persons_notice_that_stands_in_for_a_step_opens_its_gate() -> None:
    sent = {"channel": "letter", "by": "a person"}
    as_step = event("contact_made", "m", "02-02 10:00", satisfies="default", **sent)
    as_nothing = event("contact_made", "m", "02-02 10:00", satisfies="no-such-step", **sent)
    (known,) = contacts(told(ruled(), as_step))
    assert known.message_type == "default_notice"
    (unknown,) = contacts(told(ruled(), as_nothing))
    assert unknown.message_type == "reminder"


def test_after_a_talk_the_machine_does_not_call_for_a_week() -> None:
    spoke = event("contact_made", "m", "02-09 10:00", channel="call", by="a person")
    begun = told(ruled(), spoke)
    assert seen(asked(begun, "call", FEBRUARY[11])) == ["call 02-16 09:00 d-talk"]


def test_the_law_asks_for_a_persons_approval_of_a_hand_off_alone() -> None:
    off, first = POLICY.step("off"), POLICY.step("first")
    assert off is not None
    assert first is not None
    assert needs_approval(ruled(), off, FEBRUARY[2]) == "d-handoff"
    assert needs_approval(ruled(), first, FEBRUARY[2]) is None
    assert needs_approval(case(POLICY), off, FEBRUARY[2]) is None


def test_rules_that_begin_on_a_day_begin_on_the_debtors_day() -> None:
    gate = {"id": "new", "before": "handoff", "need": "final_notice", "approval": "human"}
    book = Rulebook(packs=(written(gates=[gate | {"valid_from": "2026-02-10"}]),))
    begun = ruled(book, zone="Pacific/Kiritimati")
    off = POLICY.step("off")
    assert off is not None
    assert needs_approval(begun, off, datetime(2026, 2, 9, 9, 59, tzinfo=UTC)) is None
    assert needs_approval(begun, off, datetime(2026, 2, 9, 10, 0, tzinfo=UTC)) == "new"


def test_a_debtor_may_be_in_every_zone_that_anything_points_to_each_once() -> None:
    begun = ruled(zones=("Europe/Berlin", "America/New_York"))
    assert zones(begun) == ("Europe/Berlin", "America/New_York")
    assert zones(ruled(zone=None, zones=("America/New_York",))) == ("America/New_York",)
    assert zones(ruled(zone=None)) == ()


def test_hours_are_kept_in_every_zone_the_debtor_may_be_in() -> None:
    begun = ruled(zones=("America/New_York",))
    (answer,) = asked(begun, "first", FEBRUARY[3])
    assert answer == Reach("email", at("02-03 13:00"), "default.windows.email")


def test_an_unknown_zone_bars_a_channel_with_hours() -> None:
    begun = ruled(zone=None)
    assert seen(asked(begun, "first", FEBRUARY[3])) == [
        "email: the debtor's time zone is not known (rule default.clock)"
    ]


@pytest.mark.parametrize(("kind", "result"), [("consumer", "02-13"), ("business", "02-03")])
def test_a_gate_for_some_kinds_of_debtor_asks_who_it_is(kind: str, result: str) -> None:
    gate = {"id": "own", "before": "reminder", "need": "default_notice", "min_days": 10}
    book = Rulebook(packs=(written(gates=[gate | {"debtor": ["consumer"]}]),))
    sent = after(ruled(book, kind=kind), "default", FEBRUARY[3])
    assert seen(asked(sent, "first", FEBRUARY[3]))[0].startswith(f"email {result}")


def test_a_pack_that_needs_an_older_debt_asks_how_old_it_is() -> None:
    window = {"email": {"mon-sun": ["12:00-13:00"]}}
    late = written(windows=window, match={"min_days_overdue": 5})
    begun = ruled(Rulebook(packs=(late,)))
    assert seen(asked(begun, "first", at("02-04 10:00"))) == ["email 02-04 10:00"]
    assert seen(asked(begun, "first", at("02-05 10:00"))) == ["email 02-05 12:00 own.windows.email"]


def test_open_items_and_amounts_are_nothing_to_the_contact_rules() -> None:
    begun = ruled(open_items=sum_of("9000.00"))
    assert seen(asked(begun, "first", FEBRUARY[3])) == ["email 02-03 10:00"]
