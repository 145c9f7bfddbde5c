"""After a lost answer the provider is asked what it has, before anything is repeated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

import pytest
from sqlalchemy import Engine

from activities.case_activities import CaseActivities
from schemas.effects import Effect, Receipt
from schemas.errors import ProviderUnavailableError
from schemas.messages import Sms
from settings import Settings
from store.effect_ledger import StillAtWorkError
from tests.activities.build import (
    Debtor,
    age,
    calls_to,
    change,
    effect,
    forget,
    key,
    messages_to,
    number,
    order,
    owe,
    result,
)

Act = Callable[[CaseActivities, Effect], Receipt]


class Killed(BaseException):
    """Stands for the end of the process."""


class Dead:
    """A Twilio that the process does not survive, that hears of nothing and cannot be asked."""

    def send_sms(self, _: Sms) -> NoReturn:
        """End."""
        raise Killed

    def find_sms(self, _: Sms, __: datetime) -> NoReturn:
        """Fail."""
        raise ProviderUnavailableError("twilio: 503")


def lose_answer(engine: Engine, creditor: str, do: str) -> None:
    """Leave an effect as a worker does that was killed before it could settle."""
    forget(engine, key(creditor, do))
    age(engine, key(creditor, do))


@pytest.mark.parametrize(
    ("do", "act"), [("sms", CaseActivities.send), ("call", CaseActivities.call)]
)
def test_what_twilio_has_is_found_there_and_not_sent_again(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    do: str,
    act: Act,
) -> None:
    ordered = order(debtor.creditor, do)
    sent = act(activities, ordered)
    lose_answer(engine, debtor.creditor, do)
    assert act(activities, ordered) == sent
    reached = {"sms": messages_to, "call": calls_to}[do](outside, debtor.phone)
    assert len(reached) == 1
    assert effect(engine, key(debtor.creditor, do))["state"] == "done"


def test_what_twilio_never_had_is_sent_once_more(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    dead = replace(activities, messenger=replace(activities.messenger, sms=Dead()))
    with pytest.raises(Killed):
        dead.send(order(debtor.creditor, "sms"))
    age(engine, key(debtor.creditor, "sms"))
    assert result(activities.send(order(debtor.creditor, "sms"))) == "done"
    assert len(messages_to(outside, debtor.phone)) == 1


def test_of_two_calls_that_may_be_either_nobody_is_called_a_third_time(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    """Two invoices, two calls to one number, both answers lost: which is whose cannot be told."""
    owe(engine, debtor.creditor, "INV-2")
    first = order(debtor.creditor, "call")
    planned = tuple(
        one.model_copy(update={"key": one.key.replace(":INV-1:", ":INV-2:")})
        for one in first.planned
    )
    second = first.model_copy(update={"invoice": "INV-2", "planned": planned})
    for ordered in (first, second):
        activities.call(ordered)
    for ordered in (first, second):
        forget(engine, ordered.planned[0].key)
        age(engine, ordered.planned[0].key)
    told = [activities.call(ordered) for ordered in (first, second)]
    assert [result(one) for one in told] == ["unknown"] * 2
    assert told[0].receipts[0].reason == "the provider has 2 of which any may be it"
    assert len(calls_to(outside, debtor.phone)) == 2


def test_what_was_lost_on_its_way_to_another_number_is_not_looked_for(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    activities.send(order(debtor.creditor, "sms"))
    lose_answer(engine, debtor.creditor, "sms")
    change(engine, debtor.creditor, {"phone": number()})
    later = order(debtor.creditor, "sms")
    assert result(activities.send(later)) == "unknown"
    assert len(messages_to(outside, debtor.phone)) == 1


def test_a_provider_that_does_not_say_is_asked_again_later(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    ordered = order(debtor.creditor, "sms")
    sent = activities.send(ordered)
    lose_answer(engine, debtor.creditor, "sms")
    deaf = replace(activities, messenger=replace(activities.messenger, sms=Dead()))
    with pytest.raises(StillAtWorkError, match="the provider does not say"):
        deaf.send(ordered)
    age(engine, key(debtor.creditor, "sms"))
    assert activities.send(ordered) == sent
    assert len(messages_to(outside, debtor.phone)) == 1


def test_what_is_told_with_another_request_under_the_same_key_is_not_done(
    activities: CaseActivities, debtor: Debtor
) -> None:
    activities.send(order(debtor.creditor, "email"))
    other = order(debtor.creditor, "email", message="final_notice")
    told = activities.send(other).receipts[0]
    assert told.result == "unknown"
    assert "under this key" in (told.reason or "")
