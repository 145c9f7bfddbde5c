"""The loop over a virtual clock."""

from datetime import timedelta

import pytest

from dunning.moves import Act
from dunning.simulate import simulate
from schemas.effects import ChannelReceipt, Receipt
from tests.dunning.build import LADDER, at, case, held, lines, outcome, paid, run, taken_back


def test_without_an_end_it_runs_until_nothing_more_can_happen() -> None:
    ended, when = simulate(case())
    assert when == at("02-15 09:00")
    assert [line.split()[2] for line in lines(ended)] == ["first", "second", "third"]


@pytest.mark.parametrize(("until", "count"), [("02-08 08:59", 1), ("02-08 09:00", 2)])
def test_it_runs_up_to_its_end_which_is_included(until: str, count: int) -> None:
    ended, when = simulate(case(), until=at(until))
    assert len(ended.records) == count
    assert when == at(until)


def test_events_are_taken_in_the_order_they_happened_whatever_order_they_are_given_in() -> None:
    events = paid("b", "02-09", "400"), paid("a", "02-03", "100")
    assert [record.amount_due for record in run(case(), *events).records] == [
        1000_00,
        900_00,
        500_00,
    ]


def test_events_after_the_end_of_time_are_not_taken() -> None:
    ended, _ = simulate(case(), [paid("p", "02-20")], at("02-10"))
    assert ended.events == ()


def test_an_end_before_the_opening_does_nothing() -> None:
    assert lines(simulate(case(opened="02-03 12:00"), until=at("02-02"))[0]) == []


def test_it_stops_where_the_case_ends() -> None:
    ended, when = simulate(case(), [paid("p", "02-03 15:00"), held("h", "02-05")])
    assert when == at("02-03 15:00")
    assert outcome(ended) == "paid"


def test_what_comes_after_the_end_is_a_fact_of_the_case_unless_the_first_end_is_the_last() -> None:
    events = [paid("p", "02-03"), paid("twice", "02-05", "10.00")]
    assert [event.id for event in simulate(case(), events)[0].events] == ["p", "twice"]
    once = simulate(case(), events, episodes=False)[0]
    assert [event.id for event in once.events] == ["p"]


def test_a_payment_taken_back_after_the_end_goes_on_where_the_case_had_stopped() -> None:
    events = [paid("p", "02-03"), taken_back("r", "03-10", "p")]
    ended, _ = simulate(case(), events)
    assert (ended.episode, outcome(ended)) == (2, None)
    assert lines(ended) == [
        "02-01 09:00 first done",
        "03-15 09:00 second done",
        "03-22 09:00 third done",
    ]


def test_rules_that_never_come_to_rest_are_reported_as_a_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dunning.simulate.MAX_MOVES", 100)

    def never(act: Act) -> Receipt:
        one, past = act.planned[0], at("01-01 00:00")
        put_off = ChannelReceipt(do=one.do, key=one.key, result="deferred", until=past)
        return Receipt(receipts=(put_off,))

    with pytest.raises(RuntimeError, match="without coming to rest"):
        simulate(case(LADDER[:1]), perform=never)


def test_the_same_run_twice_is_the_same_run() -> None:
    events = [held("h", "02-02", "02-05"), paid("p", "02-20", "10")]
    assert simulate(case(), events) == simulate(case(), events)


def test_a_span_of_years_takes_no_time() -> None:
    far = case(opened="2056-01-01", due="2026-01-31")
    ended, when = simulate(far)
    assert len(ended.records) == len(LADDER)
    assert when - at("2056-01-01") < timedelta(days=1)
