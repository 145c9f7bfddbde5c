"""What goes out on which day, and what moved it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.calendar import local_day
from dunning.forecast import Outgoing, outgoing, went_out
from dunning.simulate import as_done, simulate
from library.jurisdictions import rulebook
from schemas.case import Case
from schemas.signals import AnyEvent
from tests.dunning.build import (
    FAR,
    LADDER,
    answering,
    at,
    case,
    event,
    held,
    paid,
    policy,
    released,
    run,
    step,
)
from tests.dunning.histories import World, cases, histories, worlds


def moved(ended: Case) -> dict[str, str | None]:
    return {f"{one.at:%m-%d} {one.step}": one.why for one in outgoing(ended)}


def test_what_keeps_its_day_has_no_reason() -> None:
    assert moved(run(case(), paid("p1", "02-14"))) == {"02-01 first": None, "02-08 second": None}


def test_what_goes_out_says_its_local_hour_and_what_it_asks_for() -> None:
    first = outgoing(run(case(), paid("p1", "02-07", "250.00")))[1]
    assert first.at.isoformat() == "2026-02-08T09:00:00+01:00"
    assert (first.step, first.do, first.amount_due) == ("second", "email", 75_000)
    assert first.planned_on == date(2026, 2, 8)


def test_a_hold_moves_what_comes_after_it_and_not_what_went_out_before() -> None:
    ended = run(case(), held("h1", "02-03"), released("x", "02-06", "h1"))
    assert moved(ended) == {
        "02-01 first": None,
        "02-11 second": "planned for 2026-02-08, 3 days on hold",
        "02-18 third": "planned for 2026-02-15, 3 days on hold",
    }


def test_the_gap_between_contacts_is_named() -> None:
    rules = policy(step("first", "due+1d"), step("second", "due+2d"), min_gap="5d")
    assert moved(run(case(rules)))["02-06 second"] == (
        "planned for 2026-02-02; contacts are kept 5 days apart"
    )


def test_a_case_opened_late_says_so() -> None:
    ended = run(case([step("first", "due+1d")], opened="02-05 10:00"))
    assert moved(ended) == {"02-05 first": "planned for 2026-02-01; the case opened on 2026-02-05"}


def test_a_step_that_was_put_off_names_the_reason_it_was_given() -> None:
    ended = run(case([step("first", "due+1d")]), perform=answering("deferred", timedelta(days=2)))
    assert list(moved(ended)) == ["02-03 first"]
    assert (moved(ended)["02-03 first"] or "").startswith("planned for 2026-02-01")


def test_a_step_that_waited_for_a_person_says_so() -> None:
    gated = step("first", "due+1d", approval={"within": "9d", "else": "hold"})
    given_on = event("approval_given", "a", "02-05 12:00", step="first", decision="approve", by="x")
    assert moved(run(case([gated]), given_on)) == {
        "02-05 first": "planned for 2026-02-01; it waited for approval"
    }


def test_a_further_attempt_names_the_one_before() -> None:
    call = step("call", "due+1d", "call", on={"no_answer": {"retry": 2, "every": "1d"}})
    unheard = event(
        "contact_outcome", "o", "02-01 10:00", effect="acme:INV-1:1:call:call", result="no-answer"
    )
    assert moved(run(case([call]), unheard)) == {
        "02-01 call": None,
        "02-02 call": "attempt 2, the last was on 2026-02-01",
    }


def test_the_contact_rule_that_moved_a_step_is_named() -> None:
    """1 February 2026 is a Sunday, on which the German rules allow no call."""
    begun = case([step("call", "due+1d", "call")])
    facts = begun.customer.model_copy(update={"consents": {"call": "express"}})
    rules = rulebook(facts, ["de"], date(2026, 2, 1))
    told = moved(run(begun.model_copy(update={"customer": facts, "rules": rules})))
    assert list(told) == ["02-02 call"]
    assert re.fullmatch(
        r"planned for 2026-02-01; contact rule de\.[a-z_.]+", told["02-02 call"] or ""
    )


def test_what_a_person_did_for_us_does_not_go_out() -> None:
    made = event("contact_made", "c", "02-02", channel="call", by="x", satisfies="second")
    assert list(moved(run(case(), made))) == ["02-01 first", "02-15 third"]


@pytest.mark.parametrize("result", ["refused", "deferred"])
def test_what_did_not_happen_does_not_go_out(result: str) -> None:
    ended = run(case(LADDER[:1]), until="02-01 09:30", perform=answering(result))
    assert went_out(ended) == ()


@given(cases, histories(), worlds)
def test_every_send_is_told_once_and_only_those_that_moved_have_a_reason(
    begun: Case, events: tuple[AnyEvent, ...], world: World
) -> None:
    ended, _ = simulate(begun, events, FAR, world.perform)
    told = outgoing(ended)
    sent = [one for one in ended.records if one.key and one.result in {"done", "unknown"}]
    assert [(one.at.astimezone(UTC), one.step, one.do) for one in told] == [
        (one.at.astimezone(UTC), one.step, one.do) for one in sent
    ]
    assert all(_is_explained(ended, one) for one in told)


def _is_explained(ended: Case, one: Outgoing) -> bool:
    later = local_day(ended, one.at) > one.planned_on
    return later == bool(one.why) or (one.why or "").startswith("attempt")


# a stop flag after the hand-off

GIVEN_AWAY = case((*LADDER, step("off", "previous+14d", "handoff")))
"""Handed to collections on 1 March."""
STOP = event("stop_requested", "stop", "03-05 14:00", flag="words", scope="case")


@pytest.mark.parametrize("when", ["03-05 14:00", "03-07 08:00"])
def test_a_recall_goes_out_when_contact_must_stop_or_when_it_was_put_off_to(when: str) -> None:
    later = at(when) > STOP.at
    world = answering("deferred", at(when) - at("02-01 09:00"), "recall") if later else as_done
    sent = outgoing(run(GIVEN_AWAY, STOP, perform=world))[-1]
    assert (sent.do, sent.at, sent.why) == ("recall", at(when), None)


after_the_hand_off = st.integers(0, 60 * 24).map(lambda hours: at("03-01") + timedelta(hours=hours))


@given(after_the_hand_off, after_the_hand_off, worlds, st.booleans())
def test_a_stop_flag_around_a_hand_off_recalls_the_case_once_and_then_it_rests(
    stopped_at: datetime, released_at: datetime, world: World, is_released: bool
) -> None:
    stop = STOP.model_copy(update={"at": stopped_at})
    free = event("hold_released", "free", f"{released_at:%Y-%m-%d %H:%M}", hold="stop")
    events = (stop, free) if is_released else (stop,)
    ended, _ = simulate(GIVEN_AWAY, events, FAR, world.perform)
    told = outgoing(ended)
    recalls = [one for one in told if one.do == "recall"]
    was_placed = any(one.do == "handoff" and one.result == "done" for one in ended.records)
    assert len(recalls) <= was_placed
    assert all(one.at >= stopped_at for one in recalls)
    assert all(_is_explained(ended, one) for one in told)
    for one in told:
        assert one.do == "recall" or not (stopped_at <= one.at < _end(events))


def _end(events: tuple[AnyEvent, ...]) -> datetime:
    """Return when the stop flag falls: an end told before it began leaves no flag at all."""
    return events[1].at if len(events) > 1 else FAR
