"""Stop flags: which channels they close, and when interest rests."""

from datetime import date

import pytest

from dunning.holds import accrual_pauses, standing
from dunning.stops import CHANNELS, standing_flags, stopped_channels
from schemas.case import Case
from schemas.jurisdiction import Pack
from schemas.rulebook import Rulebook
from schemas.signals import AnyEvent
from tests.dunning.build import (
    LADDER,
    at,
    case,
    disputed,
    event,
    lines,
    paid,
    planned,
    policy,
    released,
    run,
    told,
)


def stop(flag: str, when: str = "02-02", **rest: object) -> AnyEvent:
    return event("stop_requested", "s", when, flag=flag, **rest)


def under(*stops: dict[str, list[str]]) -> Case:
    """Return a case whose packs say this of stop flags."""
    packs = tuple(
        Pack.model_validate(
            {"id": f"p{n}", "version": "2026-01-01", "adds_to": "default", "stops": one}
        )
        for n, one in enumerate(stops)
    )
    return case().model_copy(update={"rules": Rulebook(packs=packs)})


@pytest.mark.parametrize("flag", ["vulnerable", "time_barred", "wrong_person", "anything"])
def test_a_flag_closes_every_channel_where_no_pack_speaks_of_it(flag: str) -> None:
    begun = told(case(), stop(flag))
    assert stopped_channels(begun, at("02-03")) == CHANNELS
    assert [hold.reason for hold in standing(begun, at("02-03"))] == [flag]
    assert standing_flags(begun, at("02-03")) == {flag}


def test_a_pack_may_close_some_channels_alone_and_the_case_goes_on() -> None:
    begun = told(under({"vulnerable": ["call_auto", "sms"]}), stop("vulnerable"))
    assert stopped_channels(begun, at("02-03")) == {"call_auto", "sms"}
    assert standing(begun, at("02-03")) == ()
    assert standing_flags(begun, at("02-03")) == {"vulnerable"}


def test_of_several_packs_the_strictest_wins() -> None:
    begun = told(under({"vulnerable": ["sms"]}, {"vulnerable": ["call"]}, {}), stop("vulnerable"))
    assert stopped_channels(begun, at("02-03")) == {"sms", "call"}
    strict = told(under({"vulnerable": ["sms"]}, {"vulnerable": ["*"]}), stop("vulnerable"))
    assert [hold.reason for hold in standing(strict, at("02-03"))] == ["vulnerable"]


@pytest.mark.parametrize(
    ("scope", "closed"),
    [
        ("channel:sms", {"sms"}),
        ("channel:call", {"call", "call_auto"}),
        ("channel:email", {"email"}),
        ("channel:smoke signals", CHANNELS),
        ("case", CHANNELS),
        ("customer", CHANNELS),
    ],
)
def test_an_opt_out_of_one_channel_closes_that_one(scope: str, closed: set[str]) -> None:
    begun = told(case(), stop("opt_out", scope=scope))
    assert stopped_channels(begun, at("02-03")) == closed
    assert bool(standing(begun, at("02-03"))) == (closed == CHANNELS)
    assert stopped_channels(told(begun, released("r", "02-05", "s")), at("02-06")) == set()


def test_a_breathing_space_ends_by_itself_and_the_steps_keep_their_offset() -> None:
    breath = stop("breathing_space", until=at("02-12"))
    assert "02-18 09:00 second done" in lines(run(case(), breath))
    assert standing(told(case(), breath), at("02-12")) == ()


@pytest.mark.parametrize(
    ("events", "pauses"),
    [
        ([stop("breathing_space", until=at("04-03"))], [("02-02", "04-03")]),
        ([stop("insolvency")], [("02-02", None)]),
        ([stop("deceased"), released("r", "02-05", "s")], [("02-02", "02-05")]),
        ([stop("cease_request")], []),
        ([disputed("d", "02-02")], []),
        ([stop("opt_out", scope="channel:sms")], []),
        ([planned("plan", "02-02", ("02-10", "1000")), paid("p", "02-08")], [("02-02", "02-08")]),
    ],
)
def test_when_no_interest_accrues(
    events: list[AnyEvent], pauses: list[tuple[str, str | None]]
) -> None:
    found = accrual_pauses(told(case(), *events))
    assert [(f"{a:%m-%d}", f"{b:%m-%d}" if b else None) for a, b in found] == pauses


def test_a_pack_says_which_flags_stop_the_clock() -> None:
    begun = under({"insolvency": ["*"], "hardship_review": ["*", "charges"]})
    assert accrual_pauses(told(begun, stop("insolvency"))) == ()
    assert accrual_pauses(told(begun, stop("hardship_review"))) == ((date(2026, 2, 2), None),)


@pytest.mark.parametrize(
    ("interest", "payment", "rests"),
    [
        ("suspended", [], True),
        ("accrues", [paid("p", "02-08")], False),
        ("waived_on_completion", [paid("p", "02-08")], True),
        ("waived_on_completion", [], False),
    ],
)
def test_interest_under_a_plan_is_the_policys(
    interest: str, payment: list[AnyEvent], rests: bool
) -> None:
    begun = case(policy(*LADDER, plan={"interest": interest}))
    known = told(begun, planned("plan", "02-02", ("02-10", "1000")), *payment)
    assert bool(accrual_pauses(known)) == rests
