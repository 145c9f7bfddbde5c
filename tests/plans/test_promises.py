"""Promises to pay, kept and broken."""

import pytest

from dunning.holds import standing
from dunning.plans.promises import broken_promises, promises
from schemas.signals import AnyEvent
from tests.dunning.build import LADDER, at, case, disputed, paid, policy, promised, taken_back, told

# Wednesday 4 February and two business days: broken when Friday is over
PROMISE = promised("m", "02-02", "02-04", "400")


@pytest.mark.parametrize(
    ("events", "now", "broken"),
    [
        ([], "02-06 23:59", 0),
        ([], "02-07", 1),
        ([paid("p", "02-03", "400")], "02-07", 0),
        ([paid("p", "02-07", "400")], "02-08", 0),  # the event comes first at the same instant
        ([paid("p", "02-07 00:01", "400")], "02-08", 1),
        ([paid("p", "02-03", "399.99")], "02-08", 1),
        ([paid("p", "02-01", "400")], "02-08", 1),  # came before it was made
        ([paid("p", "02-03", "400"), taken_back("b", "02-05", "p")], "02-08", 1),
        ([paid("p", "02-03", "400"), taken_back("b", "03-05", "p")], "04-01", 1),
    ],
)
def test_a_promise_is_broken_when_its_money_is_not_in(
    events: list[AnyEvent], now: str, broken: int
) -> None:
    assert broken_promises(told(case(), PROMISE, *events), at(now)) == broken


def test_a_promise_after_too_many_broken_ones_is_counted_and_does_not_hold() -> None:
    rules = policy(*LADDER, promise={"at_most": 1})
    again = promised("again", "02-10", "02-20")
    begun = told(case(rules), PROMISE, again)
    assert [promise.holds for promise in promises(begun)] == [True, False]
    assert standing(begun, at("02-11")) == ()
    assert broken_promises(begun, at("03-01")) == 2


def test_a_promise_made_before_the_others_broke_holds() -> None:
    rules = policy(*LADDER, promise={"at_most": 1})
    begun = told(case(rules), PROMISE, promised("again", "02-03", "02-20"))
    assert {hold.id for hold in standing(begun, at("02-10"))} == {"again"}


def test_a_promise_of_everything_while_all_is_disputed_means_the_whole_debt() -> None:
    begun = told(case(), disputed("d", "02-01"), promised("m", "02-02", "02-04"))
    assert [promise.minor for promise in promises(begun)] == [1000_00]
