"""What a plan or a promise says for itself."""

import pytest

from dunning.plans.messages import PlanMessage, plan_messages, promise_messages
from schemas.case import Case
from schemas.signals import AnyEvent
from tests.dunning.build import LADDER, case, event, paid, planned, policy, promised, released, told

PLAN = planned("plan", "02-02", ("02-10", "500"), ("03-10", "500"))


def said(*events: AnyEvent, begun: Case | None = None) -> list[str]:
    known = told(begun or case(), *events)
    found = (*plan_messages(known), *promise_messages(known))
    return [f"{message.at_day:%m-%d} {message.template} {message.id}" for message in found]


def the(name: str, *events: AnyEvent) -> PlanMessage:
    return next(one for one in plan_messages(told(case(), PLAN, *events)) if one.id == name)


def test_a_plan_that_nobody_pays_speaks_before_on_and_after_each_day_and_of_its_end() -> None:
    assert said(PLAN) == [
        "02-07 instalment-due plan-plan-1-before-3",
        "02-10 instalment-due plan-plan-1-due",
        "02-11 instalment-due plan-plan-1-after-1",
        "02-16 cure-notice plan-plan-cure-2026-02-16",
        "03-07 instalment-due plan-plan-2-before-3",
        "03-10 instalment-due plan-plan-2-due",
        "03-11 instalment-due plan-plan-2-after-1",
        "03-16 plan-ended plan-plan-ended-2026-03-16",
    ]


def test_nothing_is_said_of_an_instalment_that_is_paid() -> None:
    heard = said(PLAN, paid("p", "02-08", "500"))
    assert not [line for line in heard if "plan-plan-1" in line]
    assert "03-07 instalment-due plan-plan-2-before-3" in heard


def test_a_plan_kept_to_the_end_says_nothing_more() -> None:
    assert said(PLAN, paid("p", "02-08", "1000")) == []


def test_a_cure_notice_asks_for_what_is_behind_by_its_day_and_falls_away_when_it_came_in() -> None:
    notice = the("plan-plan-cure-2026-02-16", paid("p", "02-10", "300"))
    assert (notice.number, notice.minor) == (1, 200_00)
    assert notice.pay_by is not None
    assert notice.pay_by.isoformat() == "2026-02-26"
    assert not [line for line in said(PLAN, paid("q", "02-20", "500")) if "02-16" in line]


def test_a_reminder_is_stale_when_the_next_one_is_due() -> None:
    last = [
        (m.at_day.day, m.last_day and m.last_day.day) for m in plan_messages(told(case(), PLAN))
    ]
    assert last[:3] == [(7, 9), (10, 10), (11, 15)]


def test_a_plan_accepted_late_does_not_remind_of_days_before_it() -> None:
    late = planned("plan", "02-09", ("02-10", "1000"))
    assert said(late)[0] == "02-10 instalment-due plan-plan-1-due"


def test_a_reminder_that_falls_on_the_day_of_acceptance_is_sent() -> None:
    late = planned("plan", "02-07", ("02-10", "1000"))
    assert said(late)[0] == "02-07 instalment-due plan-plan-1-before-3"


def test_a_plan_that_was_called_off_tells_its_end_and_nothing_else() -> None:
    assert said(PLAN, event("plan_cancelled", "c", "02-05", plan="plan")) == [
        "02-05 plan-ended plan-plan-ended-2026-02-05"
    ]


def test_a_plan_that_another_replaced_falls_silent() -> None:
    again = planned("again", "02-05", ("02-20", "1000"))
    assert not [line for line in said(PLAN, again) if "plan-plan" in line]


def test_two_plans_never_share_a_message() -> None:
    again = planned("again", "02-12", ("02-20", "1000"))
    names = [line.split()[-1] for line in said(PLAN, again)]
    assert len(names) == len(set(names))


def test_an_id_that_can_be_no_step_id_is_replaced_by_its_digest() -> None:
    odd = planned("a plan: 7/8", "02-02", ("02-10", "1000"))
    name = plan_messages(told(case(), odd))[0].id
    assert name.startswith("plan-")
    assert name.endswith("-1-before-3")
    assert len(name) == len("plan-") + 12 + len("-1-before-3")


def test_the_days_of_reminders_are_the_policys() -> None:
    silent = case(policy(*LADDER, plan={"remind": []}))
    assert [line.split()[1] for line in said(PLAN, begun=silent)] == ["cure-notice", "plan-ended"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([promised("m", "02-02", "02-06")], ["02-05 promise-reminder promise-m-reminder"]),
        ([promised("m", "02-05 18:00", "02-06")], []),  # said the evening before
        ([promised("m", "02-02", "02-06"), paid("p", "02-03")], []),
        ([promised("m", "02-02", "02-06"), released("r", "02-04", "m")], []),
    ],
)
def test_a_promise_is_recalled_the_day_before(events: list[AnyEvent], expected: list[str]) -> None:
    assert said(*events) == expected


def test_a_policy_may_leave_promises_unmentioned() -> None:
    quiet = case(policy(*LADDER, promise={"remind_days_before": 0}))
    assert said(promised("m", "02-02", "02-06"), begun=quiet) == []
