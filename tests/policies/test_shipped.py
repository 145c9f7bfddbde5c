"""What the shipped policies do, day by day, when nobody pays; an invoice due on 31 January 2026."""

from datetime import date
from pathlib import Path

import pytest

from dunning.lints.planned import planned
from library.policies import SHIPPED, find_policy
from starter.usable import check_policy

DUE = date(2026, 1, 31)
CALENDARS = {
    "gentle-b2c": [
        "01-28 pre-due email",
        "02-07 reminder-1 email",
        "02-21 reminder-2 email",
        "03-07 default-notice email letter",
        "03-17 plan-offer email",
        "03-31 final-notice email letter",
        "04-21 decision review",
        "04-21 handoff-notice email letter",
        "04-28 handoff handoff",
    ],
    "strict-b2b-eu": [
        "02-01 reminder email",
        "02-01 lump-sum fee",
        "02-14 interest-1 interest",
        "02-14 default-notice email letter",
        "03-02 interest-2 interest",
        "03-02 final-notice email letter",
        "03-16 interest-3 interest",
        "03-16 handoff handoff",
    ],
    "subscription-card": [
        "01-31 payment-failed email",
        "02-01 retry retry_payment",
        "02-02 card-update email",
        "02-18 suspension-warning email",
        "02-24 last-try retry_payment",
        "02-25 suspend suspend",
        "02-25 suspended email",
        "03-27 give-up write_off",
    ],
    "subscription-card-expiring": ["01-17 card-expiring email", "01-28 card-expiring-soon email"],
    "key-account": [
        "01-26 pre-due email",
        "02-05 reminder-1 email",
        "02-20 reminder-2 email",
        "03-07 default-notice email letter",
        "03-21 final-notice email letter",
        "04-11 handoff handoff",
    ],
    "net30-reminders": [
        "02-01 reminder-1 email",
        "02-08 reminder-2 email",
        "02-15 reminder-3 email",
        "03-03 reminder-4 email",
    ],
    "net30-standard": [
        "02-01 reminder-1 email",
        "02-08 reminder-2 email",
        "02-08 late-fee fee",
        "02-15 call call",
        "03-03 final-notice email letter",
        "03-17 handoff handoff",
    ],
}
FILES = sorted(SHIPPED.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_policy_keeps_its_calendar(path: Path) -> None:
    days = planned(find_policy(path.stem), DUE)
    shown = [f"{one.day:%m-%d} {one.step.id} {' '.join(one.turn.do)}" for one in days]
    assert shown == CALENDARS[path.stem]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_policy_has_no_fault(path: Path) -> None:
    assert check_policy(path).faults == ()


def test_nothing_reaches_a_key_account_before_a_person_agrees() -> None:
    turns = find_policy("key-account").turns
    assert all(turn.approval is not None for turn in turns)
    assert {turn.approval.otherwise for turn in turns if turn.approval} == {"hold"}


def test_a_consumer_is_never_charged_and_handed_over_only_by_a_person() -> None:
    policy = find_policy("gentle-b2c")
    assert not any(step.charge for step in policy.steps)
    assert policy.steps[-1].when.approved == "decision"


def test_a_card_that_may_yet_work_is_tried_five_times_in_seventeen_days() -> None:
    policy = find_policy("subscription-card")
    rule = policy.steps[1].on["soft_decline"]
    assert not isinstance(rule, str)
    assert isinstance(rule.every, tuple)
    assert 1 + rule.retry == 5
    assert 1 + sum(gap.days for gap in rule.every) == 17
