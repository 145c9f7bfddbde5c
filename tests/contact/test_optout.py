"""Whether a reply says stop, and what stops with it."""

from datetime import date, datetime

import pytest

from dunning.contact.optout import closed_with, is_opt_out
from dunning.stops import stopped_channels
from library.jurisdictions import shipped
from tests.contact.build import rules, written
from tests.contact.cases import ruled
from tests.dunning.build import event, told


@pytest.mark.parametrize(
    ("text", "pack", "expected"),
    [
        ("STOP", "default", "channel"),
        (" stop. ", "us", "channel"),
        ("Opt-out", "us", "channel"),
        ("please stop mailing me", "us", "review"),
        ("Don\u2019t contact me again!", "uk", "review"),
        ("Stopp!", "de", "channel"),
        ("bitte keine Nachrichten mehr", "de", "review"),
        ("Arrêt", "fr", "channel"),
        ("arret", "fr", "channel"),
        ("afmelden", "nl", "channel"),
        ("Ne plus me contacter svp", "be", "review"),
        ("afmelden", "us", None),
        ("I have paid on Friday", "us", None),
        ("nonstop", "us", None),
        ("", "us", None),
    ],
)
def test_a_keyword_acts_and_a_hint_goes_to_a_person(
    text: str, pack: str, expected: str | None
) -> None:
    assert is_opt_out(text, [shipped()[pack]]) == expected


def test_a_pack_may_end_every_channel_at_once() -> None:
    pack = written(optout={"keywords": ["STOP"], "effect": "all"})
    assert is_opt_out("stop", [written(id="silent"), pack]) == "all"


@pytest.mark.parametrize(
    ("country", "kind", "day", "opted", "closed"),
    [
        ("US", "consumer", "2027-01-30", "sms", {"sms"}),
        ("US", "consumer", "2027-01-31", "sms", {"sms", "call_auto"}),
        ("US", "consumer", "2027-01-31", "call", {"call", "call_auto", "sms"}),
        ("US", "consumer", "2027-01-31", "email", {"email"}),
        ("US", "business", "2027-01-31", "sms", {"sms", "call_auto"}),
        ("DE", "consumer", "2027-01-31", "sms", {"sms"}),
    ],
)
def test_from_its_day_on_one_stop_ends_recorded_calls_and_texts_alike(
    country: str, kind: str, day: str, opted: str, closed: set[str]
) -> None:
    begun = ruled(rules(country=country, kind=kind))
    stop = event("stop_requested", "s", "02-01", flag="opt_out", scope=f"channel:{opted}")
    made = stop.model_copy(update={"at": datetime.fromisoformat(f"{day}T12:00+01:00")})
    assert stopped_channels(told(begun, made), made.at) == closed


def test_an_opt_out_of_a_channel_the_rule_does_not_name_closes_that_one_alone() -> None:
    pack = written(optout={"together": {"channels": ["sms", "call_auto"]}})
    assert closed_with({"email"}, date(2026, 1, 1), [pack]) == {"email"}
    assert closed_with({"sms"}, date(2026, 1, 1), [written(), pack]) == {"sms", "call_auto"}
