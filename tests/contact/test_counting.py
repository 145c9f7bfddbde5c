"""How caps and gaps count, on packs of one rule."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dunning.contact.gate import decide
from tests.contact.build import ask, calls, own, past, said, until

CAP: dict[str, Any] = {"id": "cap", "channels": ["call"], "n": 2, "days": 3, "scope": "debt"}
GAP: dict[str, Any] = {"id": "gap", "after": "conversation", "block": ["call"], "days": 3}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2026-03-03", "2026-03-05"), "2026-03-06 00:00"),
        (("2026-03-04", "2026-03-05"), "2026-03-07 00:00"),
        (("2026-03-05x3",), "2026-03-08 00:00"),
        (("2026-03-03", "2026-03-04", "2026-03-05"), "2026-03-07 00:00"),
    ],
)
def test_a_cap_opens_when_enough_contacts_have_left_its_days(
    days: tuple[str, ...], expected: str
) -> None:
    answer = decide(ask("2026-03-05 12:00"), own(caps=[CAP]), calls(*days))
    assert until(answer) == expected


def test_contacts_before_and_after_the_days_of_a_cap_do_not_count() -> None:
    around = calls("2026-03-02x2", "2026-03-06x2")
    assert said(ask("2026-03-05 12:00"), own(caps=[CAP]), around) == "allow"


def test_a_wait_goes_on_past_contacts_that_come_later() -> None:
    history = calls("2026-03-05x2", "2026-03-08x2")
    answer = decide(ask("2026-03-05 12:00"), own(caps=[CAP]), history)
    assert until(answer) == "2026-03-11 00:00"


def test_a_day_is_the_debtors_own_in_every_zone_he_may_be_in() -> None:
    book = own(caps=[{**CAP, "days": 1, "n": 1}])
    called = [past("2026-03-04 23:30")]
    late = datetime(2026, 3, 5, 5, 30, tzinfo=UTC)
    assert said(ask(late), book, called) == "allow"
    both = ask(late, zones=("America/New_York", "America/Chicago"))
    assert until(decide(both, book, called)) == "2026-03-05 01:00"


@pytest.mark.parametrize(
    ("count", "counted_as", "expected"),
    [
        ("attempt", "attempt", "defer cap"),
        ("delivered", "attempt", "allow"),
        ("delivered", "delivered", "defer cap"),
        ("delivered", "conversation", "defer cap"),
        ("conversation", "delivered", "allow"),
        ("attempt", "nothing", "allow"),
    ],
)
def test_a_cap_counts_what_came_to_that_much(count: str, counted_as: Any, expected: str) -> None:  # noqa: ANN401
    history = [past("2026-03-05 09:00", counted_as=counted_as)] * 2
    book = own(caps=[{**CAP, "count": count}])
    assert said(ask("2026-03-05 12:00"), book, history) == expected


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("n1", "n1", "defer cap"),
        ("n1", "n2", "allow"),
        (None, "n1", "defer cap"),
        ("n1", None, "defer cap"),
    ],
)
def test_an_address_that_is_not_known_counts_as_every_address(
    theirs: str | None, ours: str | None, expected: str
) -> None:
    history = [past("2026-03-05 09:00", address=theirs)] * 2
    book = own(caps=[{**CAP, "scope": "address"}])
    assert said(ask("2026-03-05 12:00", address=ours), book, history) == expected


def test_another_debtor_is_another_matter() -> None:
    history = [past("2026-03-05 09:00", debtor="B")] * 2
    book = own(caps=[{**CAP, "scope": "debtor"}])
    assert said(ask("2026-03-05 12:00", debtor="A"), book, history) == "allow"
    assert said(ask("2026-03-05 12:00", debtor="B"), book, history) == "defer cap"


@pytest.mark.parametrize(("includes", "first"), [(True, "2026-03-07"), (False, "2026-03-08")])
def test_a_gap_may_or_may_not_count_the_day_of_its_event(includes: bool, first: str) -> None:
    book = own(gaps=[{**GAP, "includes_event_day": includes}])
    talk = [past("2026-03-04 12:00", "email", counted_as="conversation")]
    assert until(decide(ask("2026-03-05 12:00"), book, talk)) == f"{first} 00:00"
    assert said(ask("2026-03-05 12:00", "sms"), book, talk) == "allow"


def test_a_gap_by_debt_is_not_about_another_debt() -> None:
    talk = [past("2026-03-04 12:00", counted_as="conversation", debt="D-2")]
    assert said(ask("2026-03-05 12:00"), own(gaps=[{**GAP, "scope": "debt"}]), talk) == "allow"
    assert said(ask("2026-03-05 12:00"), own(gaps=[GAP]), talk) == "defer gap"


def test_an_event_yet_to_come_begins_no_gap() -> None:
    talk = [past("2026-03-07 12:00", counted_as="conversation")]
    assert said(ask("2026-03-05 12:00"), own(gaps=[GAP]), talk) == "allow"


@pytest.mark.parametrize("block", ["caps", "gaps"])
def test_exempt_messages_pass(block: str) -> None:
    rule = {**(CAP if block == "caps" else GAP), "exempt": ["legally_required_notice"]}
    history = [past("2026-03-05 09:00", counted_as="conversation")] * 2
    plain, required = ask("2026-03-05 12:00"), "legally_required_notice"
    assert said(plain, own(**{block: [rule]}), history).startswith("defer")
    freed = ask("2026-03-05 12:00", message_type=required)
    assert said(freed, own(**{block: [rule]}), history) == "allow"


@pytest.mark.parametrize("block", ["caps", "gaps"])
def test_a_rule_binds_from_its_first_day_to_its_last(block: str) -> None:
    dates = {"valid_from": "2026-03-05", "valid_to": "2026-03-06"}
    rule = {**(CAP if block == "caps" else GAP), **dates}
    history = [past("2026-03-04 09:00", counted_as="conversation")] * 2
    book = own(**{block: [rule]})
    assert said(ask("2026-03-04 23:59"), book, history) == "allow"
    assert said(ask("2026-03-05 00:00"), book, history).startswith("defer")
    ended = {**rule, "days": 30}
    answer = decide(ask("2026-03-05 12:00"), own(**{block: [ended]}), history)
    assert until(answer) == "2026-03-07 00:00"


def test_of_two_waits_the_longer_is_kept_and_named() -> None:
    book = own(caps=[CAP, {**CAP, "id": "longer", "days": 9}])
    answer = decide(ask("2026-03-05 12:00"), book, calls("2026-03-05x2"))
    assert (until(answer), said(ask("2026-03-05 12:00"), book, calls("2026-03-05x2"))) == (
        "2026-03-14 00:00",
        "defer longer",
    )


def test_a_pack_that_has_ended_binds_nobody() -> None:
    book = own(caps=[CAP], valid_to="2026-03-04")
    assert said(ask("2026-03-05 12:00"), book, calls("2026-03-05x2")) == "allow"


def test_the_shortest_patience_of_all_packs_counts() -> None:
    monday = {"call": {"mon": ["09:00-10:00"]}}
    book = own(windows=monday, clock={"max_defer_days": 6})
    assert until(decide(ask("2026-03-03 09:00"), book, [])) == "2026-03-09 09:00"
    hasty = own(windows=monday, clock={"max_defer_days": 5}).packs
    both = book.model_copy(update={"packs": (*book.packs, *hasty)})
    assert said(ask("2026-03-03 09:00"), both) == "deny max-defer"


@pytest.mark.parametrize(
    ("scope", "debt", "expected"),
    [
        ("debt", "INV-1", "defer cap"),
        ("debt", "INV-2", "allow"),
        ("debtor", "INV-1", "allow"),
        ("address", "INV-1", "allow"),
    ],
)
def test_a_part_of_a_message_counts_for_its_debt_and_not_once_more_for_the_debtor(
    scope: str, debt: str, expected: str
) -> None:
    book = own(caps=[{**CAP, "n": 1, "scope": scope}])
    part = replace(past("2026-03-05 09:00"), debt="INV-1", part=True)
    question = replace(ask("2026-03-05 12:00"), debt=debt)
    assert said(question, book, [part]) == expected
