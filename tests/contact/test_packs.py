"""Every rule of every shipped pack, met once and broken once."""

from datetime import date, timedelta
from typing import Any

import pytest

from dunning.contact.asking import Ask, PastContact
from schemas.rulebook import Rulebook
from tests.contact.build import ask, past, rules, said, written

DEFAULT = rules()
US, B2B = rules(country="US"), rules(country="US", kind="business")
MA, WA = rules(country="US", subdivision="MA"), rules(country="US", subdivision="WA")
FL, DC = rules(country="US", subdivision="FL"), rules(country="US", subdivision="DC")
NYC = rules(country="US", subdivision="NY", city="new york")
UK, DE, FR = rules(country="GB"), rules(country="DE"), rules(country="FR")
NL, BE = rules(country="NL"), rules(country="BE")

ALL = {"call": "written", "call_auto": "written", "sms": "written", "email": "written"}
TUESDAY = "2026-10-06"


def before(*days: int, channel: Any = "call", **fields: Any) -> list[PastContact]:  # noqa: ANN401
    """Return a contact at noon in New York so many days before that Tuesday each."""
    noon = date.fromisoformat(TUESDAY)
    return [past(f"{noon - timedelta(days=day)} 12:00", channel, **fields) for day in days]


def now(channel: Any = "call", hour: str = "15:00", **fields: Any) -> Ask:  # noqa: ANN401
    return ask(f"{TUESDAY} {hour}", channel, **{"consents": ALL, **fields})


CAPS = [
    ("d-call", DEFAULT, "call", (1, 2), (1, 2, 3)),
    ("d-sms", DEFAULT, "sms", (1,), (1, 2)),
    ("d-email", DEFAULT, "email", (1, 2), (1, 2, 3)),
    ("d-day", DEFAULT, "call", (1,), (0,)),
    ("us-sms", US, "sms", (0, 1), (0, 0, 1)),
    ("us-email", US, "email", (0, 1), (0, 0, 1)),
    ("us-7in7", US, "call", (0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4, 5, 6)),
    ("ma-2in7", MA, "call", (0,), (0, 1)),
    ("nyc-3in7", NYC, "letter", (0, 1), (0, 1, 2)),
    ("dc-4in7", DC, "call", (0, 1, 2), (0, 1, 2, 3)),
    ("wa-3w", WA, "call", (0, 1), (0, 1, 2)),
    ("fr-call", FR, "call", (7, 8, 9), (7, 8, 9, 10)),
]


@pytest.mark.parametrize(
    ("rule", "book", "channel", "fine", "full"), CAPS, ids=[cap[0] for cap in CAPS]
)
def test_a_cap_lets_the_last_contact_pass_and_no_further_one(
    rule: str, book: Rulebook, channel: str, fine: tuple[int, ...], full: tuple[int, ...]
) -> None:
    asked = now(channel, days_overdue=60)
    assert said(asked, book, before(*fine, channel=channel)) == "allow"
    assert said(asked, book, before(*full, channel=channel)) == f"defer {rule}"


def test_d_all_counts_calls_texts_and_emails_together() -> None:
    mixed = before(1, 2, channel="call") + before(3, channel="sms") + before(4, channel="email")
    assert said(now("email"), DEFAULT, mixed) == "allow"
    assert said(now("email"), DEFAULT, mixed + before(5, channel="email")) == "defer d-all"


def test_ma_2in7_counts_calls_and_texts_together() -> None:
    assert said(now("sms"), MA, before(1, 2)) == "defer ma-2in7"


def test_dc_5e_counts_texts_and_emails_together() -> None:
    four = before(1, 2, channel="sms") + before(1, 2, channel="email")
    assert said(now("email", days_overdue=60), DC, four) == "allow"
    five = four + before(3, channel="sms")
    assert said(now("email", days_overdue=60), DC, five) == "defer dc-5e"


def test_us_auto_landline_binds_prerecorded_calls_to_landlines() -> None:
    three = before(10, 20, 25, channel="call_auto", address="n1")
    asked = {"address": "n1"}
    assert said(now("call_auto", line="landline", **asked), US, three) == "defer us-auto-landline"
    assert said(now("call_auto", line="mobile", **asked), US, three) == "allow"
    assert said(now("call_auto", line="landline", address="n2"), US, three) == "allow"


@pytest.mark.parametrize(
    ("rule", "book", "days"), [("ma-work", MA, (10, 20)), ("wa-work", WA, (3,))]
)
def test_a_number_that_is_not_home_has_a_cap_of_its_own(
    rule: str, book: Rulebook, days: tuple[int, ...]
) -> None:
    assert said(now(place="elsewhere"), book, before(*days)) == f"defer {rule}"
    assert said(now(place="home"), book, before(*days)) == "allow"


@pytest.mark.parametrize(
    ("rule", "book", "channel"),
    [("d-talk", DEFAULT, "call"), ("us-7after", US, "call"), ("nyc-after-exchange", NYC, "email")],
)
def test_after_a_conversation_there_is_a_week_of_quiet(
    rule: str, book: Rulebook, channel: str
) -> None:
    talked = before(6, counted_as="conversation")
    assert said(now(channel), book, talked) == f"defer {rule}"
    assert said(now(channel), book, before(7, counted_as="conversation")) == "allow"
    assert said(now(channel), book, before(6)) == "allow"


@pytest.mark.parametrize(
    ("pack", "book", "zone", "channel", "inside", "outside"),
    [
        ("default", DEFAULT, "UTC", "call", "18:59", "19:00"),
        ("default", DEFAULT, "UTC", "call_auto", "18:59", "19:00"),
        ("default", DEFAULT, "UTC", "sms", "09:00", "08:59"),
        ("default", DEFAULT, "UTC", "email", "07:00", "06:59"),
        ("us", US, "America/Chicago", "email", "20:59", "21:00"),
        ("us", US, "America/Chicago", "sms", "08:00", "07:59"),
        ("us", MA, "America/New_York", "call", "08:00", "07:59"),
        ("us", FL, "America/New_York", "call", "20:59", "21:00"),
        ("us", WA, "America/Los_Angeles", "call", "08:00", "07:59"),
        ("us-b2b", B2B, "America/Chicago", "call", "17:59", "18:00"),
        ("uk", UK, "Europe/London", "call", "19:59", "20:00"),
        ("uk", UK, "Europe/London", "email", "20:59", "21:00"),
        ("de", DE, "Europe/Berlin", "call", "08:00", "07:59"),
        ("fr", FR, "Europe/Paris", "call", "12:59", "13:00"),
        ("fr", FR, "Europe/Paris", "call", "14:00", "13:59"),
        ("nl", NL, "Europe/Amsterdam", "sms", "19:59", "20:00"),
        ("be", BE, "Europe/Brussels", "call", "19:59", "20:00"),
    ],
)
def test_a_window_is_open_to_its_last_minute(
    pack: str, book: Rulebook, zone: str, channel: str, inside: str, outside: str
) -> None:
    assert said(now(channel, inside, zones=(zone,)), book) == "allow"
    assert said(now(channel, outside, zones=(zone,)), book) == f"defer {pack}.windows.{channel}"


@pytest.mark.parametrize("pack", ["us-ma", "us-fl", "us-wa"])
def test_a_states_own_hours_stand_beside_the_federal_ones(pack: str) -> None:
    (state,) = [one for one in rules(pack).packs if one.id == pack]
    alone = Rulebook(packs=(state.model_copy(update={"caps": ()}),))
    assert said(now("call", "20:59"), alone) == "allow"
    assert said(now("call", "21:00"), alone) == f"defer {pack}.windows.call"


@pytest.mark.parametrize(
    ("pack", "book", "channel", "enough", "little"),
    [
        ("default", DEFAULT, "call_auto", "express", "none"),
        ("default", DEFAULT, "sms", "express", "none"),
        ("us", US, "call_auto", "express", "none"),
        ("us", US, "sms", "express", "none"),
        ("us-b2b", B2B, "sms", "express", "none"),
        ("us-nyc", NYC, "sms", "written", "express"),
        ("us-nyc", NYC, "email", "written", "express"),
        ("us-dc", DC, "email", "express", "none"),
        ("uk", UK, "call_auto", "express", "none"),
        ("de", DE, "call_auto", "express", "none"),
        ("fr", FR, "call_auto", "express", "none"),
        ("nl", NL, "call_auto", "express", "none"),
        ("be", BE, "call_auto", "express", "none"),
    ],
)
def test_a_channel_needs_the_consent_its_pack_names(
    pack: str, book: Rulebook, channel: str, enough: str, little: str
) -> None:
    def asked(given: str) -> Ask:
        return now(channel, "10:30", consents={channel: given}, days_overdue=60)

    assert said(asked(enough), book) == "allow"
    assert said(asked(little), book) == f"deny {pack}.consent.{channel}"


@pytest.mark.parametrize("book", [UK, DE, FR, NL, BE], ids=["uk", "de", "fr", "nl", "be"])
def test_a_text_about_a_debt_needs_no_consent_in_europe(book: Rulebook) -> None:
    assert said(now("sms", consents={}), book) == "allow"


def test_consent_to_calls_covers_automated_ones() -> None:
    assert said(now("call_auto", consents={"call": "express"}), US) == "allow"


def test_the_rules_of_dc_begin_when_a_debt_is_a_month_late() -> None:
    assert said(now("email", consents={}, days_overdue=30), DC) == "allow"
    assert said(now("email", consents={}, days_overdue=31), DC) == "deny us-dc.consent.email"


def test_the_rules_of_new_york_city_begin_on_their_day() -> None:
    august = ask("2026-08-31 12:00", "email")
    september = ask("2026-09-01 12:00", "email")
    assert said(august, NYC) == "allow"
    assert said(september, NYC) == "deny us-nyc.consent.email"


def test_a_wait_into_a_stricter_law_is_a_denial() -> None:
    assert said(ask("2026-08-31 22:00", "email"), NYC) == "deny us-nyc.consent.email"


def test_what_the_law_demands_is_outside_the_citys_cap() -> None:
    notice = {"message_type": "legally_required_notice"}
    assert said(now("letter", **notice), NYC, before(0, 1, 2)) == "allow"
    required = before(0, 1, 2, **notice)
    assert said(now("letter"), NYC, required) == "allow"


@pytest.mark.parametrize(
    ("day", "hour", "answer"),
    [
        ("2026-05-31", "11:59", "allow"),
        ("2026-05-31", "12:00", "defer old.windows.email"),
        ("2026-06-01", "11:59", "defer new.windows.email"),
        ("2026-06-01", "14:00", "allow"),
    ],
)
def test_the_day_of_sending_picks_the_pack(day: str, hour: str, answer: str) -> None:
    old = written(id="old", valid_to="2026-05-31", windows={"email": {"mon-sun": ["09:00-12:00"]}})
    new = written(
        id="new", valid_from="2026-06-01", windows={"email": {"mon-sun": ["14:00-18:00"]}}
    )
    assert said(ask(f"{day} {hour}", "email"), Rulebook(packs=(old, new))) == answer
