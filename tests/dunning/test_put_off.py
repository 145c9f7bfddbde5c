"""What gives something back and is put off waits for its moment, and is then done."""

import pytest

from dunning.apply import performed, put_off
from dunning.decide import next_move
from dunning.moves import Act, Close, WaitUntil
from schemas.case import Case
from schemas.effects import ChannelReceipt, Receipt
from tests.dunning.build import at, case, paid, policy, run, step, told

SUSPENDS = policy(step("cut", "due+1d", "suspend"), step("late", "due+90d"))
NOW = at("02-03 10:00")


def settled() -> Case:
    """Return a case whose service is cut and which was paid since."""
    cut = run(case(SUSPENDS), until="02-02")
    return told(cut, paid("p", "02-03"))


def restoring(one: Case) -> Act:
    move = next_move(one, NOW)
    assert isinstance(move, Act)
    assert move.step.id == "restored"
    return move


def test_it_waits_until_then_and_not_a_moment_longer() -> None:
    before = settled()
    after = put_off(before, restoring(before), "billing is down", NOW, at("02-03 10:15"))
    move = next_move(after, NOW)
    assert not isinstance(move, Act)
    quiet = after.model_copy(update={"journal": ()})
    assert next_move(quiet, NOW) == WaitUntil(at("02-03 10:15"), "restored")
    assert isinstance(next_move(quiet, at("02-03 10:14")), WaitUntil)
    assert isinstance(next_move(quiet, at("02-03 10:15")), Act)


def test_only_its_last_word_counts() -> None:
    before = settled()
    act = restoring(before)
    late = put_off(before, act, "down", NOW, at("02-03 10:15"))
    early = put_off(late, act, "down", at("02-03 10:20"), at("02-03 10:30"))
    quiet = early.model_copy(update={"journal": ()})
    assert next_move(quiet, at("02-03 10:20")) == WaitUntil(at("02-03 10:30"), "restored")


@pytest.mark.parametrize("result", ["done", "refused", "unknown"])
def test_once_it_was_tried_the_case_closes(result: str) -> None:
    before = settled()
    act = restoring(before)
    told_so = ChannelReceipt.model_validate(
        {"do": "restore", "key": act.planned[0].key, "result": result}
    )
    after = performed(before, act, Receipt(receipts=(told_so,)), NOW, 0)
    assert isinstance(next_move(after, NOW), Close)


def test_events_that_came_back_with_a_receipt_are_taken_in_and_journalled() -> None:
    ladder = policy(step("one", "due+1d"))
    before = case(ladder)
    act = next_move(before, at("02-01 09:00"))
    assert isinstance(act, Act)
    news = paid("bank-1", "01-31 12:00", "400.00")
    put = ChannelReceipt(
        do="email", key=act.planned[0].key, result="deferred", until=at("02-01 09:00")
    )
    after = performed(before, act, Receipt(receipts=(put,), events=(news,)), at("02-01 09:00"), 0)
    assert after.events == (news,)
    assert [(one.id, one.at) for one in after.journal] == [("event:bank-1", at("02-01 09:00"))]
    again = next_move(after, at("02-01 09:00"))
    assert isinstance(again, Act)
    assert again.amount_due == 600_00
