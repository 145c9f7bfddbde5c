"""A stop flag of the whole case closes what its rule says, and spares what its rule spares."""

import pytest

from schemas.signals import AnyEvent
from tests.contact.cases import FEBRUARY, asked, ruled, seen
from tests.dunning.build import event, policy, released, step, told


def flagged(flag: str, scope: str = "case") -> AnyEvent:
    return event("stop_requested", "s", "02-01", flag=flag, scope=scope)


def test_a_flag_is_named_with_its_rule_not_as_a_wish_of_the_debtor() -> None:
    begun = told(ruled(), flagged("vulnerable"))
    assert seen(asked(begun, "text", FEBRUARY[3])) == [
        "sms: vulnerable stands (rule default.stops.vulnerable)"
    ]
    assert seen(asked(begun, "first", FEBRUARY[3])) == ["email 02-03 10:00"]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("plan_message", "email 02-03 10:00"),
        ("reminder", "email: plan_active stands (rule default.stops.plan_active)"),
    ],
)
def test_messages_that_a_flag_spares_go_out(kind: str, answer: str) -> None:
    begun = ruled(rules_of=policy(step("said", "due+1d", message=kind)))
    assert seen(asked(told(begun, flagged("plan_active")), "said", FEBRUARY[3])) == [answer]


def test_an_opt_out_of_a_channel_spares_nothing() -> None:
    begun = ruled(rules_of=policy(step("said", "due+1d", message="plan_message")))
    opted = told(begun, flagged("plan_active", "channel:email"))
    assert seen(asked(opted, "said", FEBRUARY[3])) == [
        "email: the debtor asked not to be contacted by email"
    ]


def test_a_flag_that_was_released_closes_nothing() -> None:
    begun = told(ruled(), flagged("vulnerable"), released("r", "02-02", "s"))
    assert seen(asked(begun, "text", FEBRUARY[3])) == ["sms 02-03 10:00"]
