"""How old open money is, on every day of a case."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.aging import BUCKETS, OpenSpan, bucket, open_spans, standings
from dunning.calendar import local_moment
from dunning.charges.balance import balance
from dunning.simulate import simulate
from schemas.case import Case
from schemas.signals import AnyEvent
from tests.dunning.build import FAR, case, event, paid, run, step, sum_of, taken_back
from tests.dunning.histories import World, cases, histories, worlds


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-400, "not due"),
        (0, "not due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "90+"),
        (4000, "90+"),
    ],
)
def test_both_ends_of_a_bucket_belong_to_it(days: int, name: str) -> None:
    assert bucket(days) == name


def test_an_unpaid_invoice_grows_older_bucket_by_bucket() -> None:
    ended = run(case([step("first", "due+1d")]))
    assert list(open_spans(ended)) == [
        OpenSpan(date(2026, 1, 1), date(2026, 2, 1), "not due", 100_000),
        OpenSpan(date(2026, 2, 1), date(2026, 3, 3), "1-30", 100_000),
        OpenSpan(date(2026, 3, 3), date(2026, 4, 2), "31-60", 100_000),
        OpenSpan(date(2026, 4, 2), date(2026, 5, 2), "61-90", 100_000),
        OpenSpan(date(2026, 5, 2), None, "90+", 100_000),
    ]


def test_a_part_payment_and_a_fee_change_what_is_open_from_their_own_day() -> None:
    ladder = [step("first", "due+1d"), step("fee", "due+8d", "fee")]
    ended = run(case(ladder), paid("p1", "02-10 18:00", "400.00"))
    assert [(one.on.isoformat(), one.open, one.paid, one.charged) for one in standings(ended)] == [
        ("2026-01-01", 100_000, 0, 0),
        ("2026-02-08", 104_000, 0, 4_000),
        ("2026-02-10", 64_000, 40_000, 4_000),
    ]


def test_money_that_was_taken_back_is_open_again() -> None:
    ended = run(
        case(), paid("p1", "02-02", "400.00"), taken_back("r1", "02-04", "p1"), paid("p2", "02-20")
    )
    opens = {one.on.isoformat(): (one.open, one.paid) for one in standings(ended)}
    assert opens["2026-02-02"] == (60_000, 40_000)
    assert opens["2026-02-04"] == (100_000, 0)
    assert opens["2026-02-20"] == (0, 100_000)
    assert list(open_spans(ended))[-1].before == date(2026, 2, 20)


def test_money_that_came_before_the_invoice_counts_on_its_day_of_issue() -> None:
    ended = run(case(), paid("p1", "2025-12-24", "250.00"))
    assert [(one.on, one.open) for one in standings(ended)][:1] == [(date(2026, 1, 1), 75_000)]


@pytest.mark.parametrize(
    "end",
    [event("invoice_cancelled", "x", "02-12"), event("written_off", "x", "02-12", reason="gone")],
    ids=["cancelled", "written off"],
)
def test_what_was_given_up_is_not_open_any_more(end: AnyEvent) -> None:
    assert list(open_spans(run(case(), end)))[-1].before == date(2026, 2, 12)


def test_what_was_handed_off_is_still_open() -> None:
    ladder = [step("first", "due+1d"), step("off", "due+20d", "handoff")]
    assert list(open_spans(run(case(ladder))))[-1] == OpenSpan(
        date(2026, 5, 2), None, "90+", 100_000
    )


def test_a_written_off_part_lowers_what_is_open() -> None:
    part = event("written_off", "x", "02-12", reason="rest", amount=sum_of("300.00"))
    assert list(standings(run(case(), part)))[-1].open == 70_000


@given(cases, histories(), worlds, st.integers(-40, 150))
def test_on_every_day_the_spans_hold_the_balance_in_the_bucket_of_its_age(
    begun: Case, events: tuple[AnyEvent, ...], world: World, offset: int
) -> None:
    ended, _ = simulate(begun, events, FAR, world.perform)
    day = max(ended.invoice.due_on + timedelta(days=offset), ended.invoice.issued_on)
    spans = list(open_spans(ended))
    found = [one for one in spans if one.since <= day and (one.before is None or day < one.before)]
    end = local_moment(ended, day + timedelta(days=1), time()) - timedelta(microseconds=1)
    given_up = ended.closed and ended.closed.outcome in {"cancelled", "written_off"}
    gone = given_up and ended.closed and ended.closed.at <= end
    expected = 0 if gone else max(balance(ended, end).total, 0)
    assert sum(one.minor for one in found) == expected
    assert all(one.bucket == bucket((day - ended.invoice.due_on).days) for one in found)
    assert all(BUCKETS.index(a.bucket) <= BUCKETS.index(b.bucket) for a, b in pairwise(spans))
    assert all(a.before is not None and a.before <= b.since for a, b in pairwise(spans))
