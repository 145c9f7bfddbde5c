"""Many invoices of one customer are one message, and each invoice's step is done by it, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, update

from activities.case_activities import CaseActivities
from schemas.case import Entry
from schemas.signals import EVENT
from settings import Settings
from store import arrivals, audit_trail, contact_desk
from store.effect_ledger import StillAtWorkError
from store.tables import cases, gatherings
from tests.activities.build import (
    Debtor,
    change,
    effects_of,
    emails_to,
    owe,
    trail,
)
from tests.activities.gathering import (
    LATER,
    MONDAY,
    WINDOW,
    Several,
    key_of,
    only,
    open_case,
    step,
    wait_together,
    waiting,
)


def test_ten_invoices_are_one_message_and_ten_steps_done_by_it(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(10)
    wait_together(activities, debtor, numbers)
    assert effects_of(engine, debtor.creditor) == []
    told = [only(activities, step(debtor.creditor, number, at=LATER)) for number in numbers]
    assert {one.result for one in told} == {"done"}
    assert len({one.reference for one in told}) == 1
    (mail,) = emails_to(outside, debtor.email)
    for number in numbers:
        assert f"INV-{number}" in mail["body"]
    assert "5.500,00" in mail["body"]
    booked = [row["entry"] for row in trail(engine, debtor.creditor) if row["kind"] == "effect"]
    assert len([one for one in booked if one.endswith(":done")]) == len(numbers)


@pytest.mark.parametrize("turn", range(3))
def test_workers_at_once_send_it_once(
    activities: CaseActivities, outside: Settings, debtor: Debtor, several: Several, turn: int
) -> None:
    numbers = several(4 + turn)
    wait_together(activities, debtor, numbers)
    together = Barrier(len(numbers))

    def one(number: int) -> str:
        together.wait()
        try:
            return only(activities, step(debtor.creditor, number, at=LATER)).result
        except StillAtWorkError:
            return "at work"

    with ThreadPoolExecutor(len(numbers)) as pool:
        results = list(pool.map(one, numbers))
    assert "done" in results
    assert set(results) <= {"done", "at work"}
    assert len(emails_to(outside, debtor.email)) == 1
    again = {only(activities, step(debtor.creditor, number, at=LATER)).result for number in numbers}
    assert again == {"done"}
    assert len(emails_to(outside, debtor.email)) == 1


def test_the_severest_message_leads_and_the_last_day_to_pay_is_everybodys(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    several(3)
    notice = {"template": "default-notice", "message": "default_notice", "tone": "formal"}
    wait_together(activities, debtor, [1, 3])
    wait_together(activities, debtor, [2], **notice)
    assert only(activities, step(debtor.creditor, 1, at=LATER)).result == "done"
    (mail,) = emails_to(outside, debtor.email)
    lead = key_of(debtor.creditor, "INV-2")
    assert {row["bundle"] for row in effects_of(engine, debtor.creditor)} == {lead}
    assert "INV-2" in mail["subject"]


def test_a_payment_in_between_leaves_its_invoice_out(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    wait_together(activities, debtor, several(4))
    paid = EVENT.validate_python(
        {
            "type": "payment_received",
            "id": "p-1",
            "at": MONDAY.isoformat(),
            "amount": {"amount": "1000.00", "currency": "EUR"},
        }
    )
    with engine.begin() as tx:  # one that arrived, one that its case has booked, one that ended
        arrivals.arrive(tx, debtor.creditor, "INV-1", paid)
        entry = Entry(id="event:p-2", at=MONDAY, kind="event", detail={"type": "payment_received"})
        audit_trail.book(tx, step(debtor.creditor, 2), [entry])
        ended = update(cases).where(cases.c.creditor == debtor.creditor)
        tx.execute(ended.where(cases.c.invoice == "INV-3").values(closed_at=MONDAY))
    assert only(activities, step(debtor.creditor, 4, at=LATER)).result == "done"
    (mail,) = emails_to(outside, debtor.email)
    assert not any(f"INV-{number}" in mail["body"] for number in (1, 2, 3))
    (row,) = effects_of(engine, debtor.creditor)
    assert (row["invoice"], row["bundle"]) == ("INV-4", None)
    assert waiting(engine, debtor.creditor) == []


def test_a_customer_with_one_open_case_does_not_wait(
    activities: CaseActivities, debtor: Debtor, several: Several, engine: Engine
) -> None:
    several(1)
    owe(engine, debtor.creditor, "INV-2")
    assert only(activities, step(debtor.creditor, 1)).result == "done"


def test_another_currency_is_no_company(
    activities: CaseActivities, debtor: Debtor, several: Several, engine: Engine
) -> None:
    several(1)
    owe(engine, debtor.creditor, "INV-2", currency="USD")
    open_case(engine, debtor.creditor, "INV-2")
    assert only(activities, step(debtor.creditor, 1)).result == "done"


def test_off_by_policy_each_goes_by_itself_and_the_law_spreads_them_over_days(
    activities: CaseActivities, debtor: Debtor, several: Several
) -> None:
    told = [only(activities, step(debtor.creditor, n, together=None)) for n in several(3)]
    assert [one.result for one in told] == ["done", "deferred", "deferred"]
    assert {one.reason for one in told[1:]} == {"not yet (rule d-day)"}


def test_nobody_waits_past_the_closing_hour(
    activities: CaseActivities, debtor: Debtor, several: Several
) -> None:
    several(2)
    late = MONDAY.replace(hour=19, minute=45)  # 20:45 in Berlin, and quiet from 21:00
    assert only(activities, step(debtor.creditor, 1, at=late)).result == "done"


def test_a_message_counts_once_for_the_debtor_and_once_for_each_debt(
    activities: CaseActivities, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers)
    only(activities, step(debtor.creditor, 2, at=LATER))
    with engine.connect() as tx:
        reached = contact_desk.reached(tx, debtor.creditor, "C-1", LATER)
    assert sorted(one.invoice for one in reached) == ["INV-1", "INV-2", "INV-3"]
    assert [one.part for one in reached].count(False) == 1


def test_what_was_sent_together_stays_sent_whatever_has_changed_since(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(2)
    wait_together(activities, debtor, numbers)
    assert only(activities, step(debtor.creditor, 1, at=LATER)).result == "done"
    change(engine, debtor.creditor, {"opted_out": ["email"]})
    assert only(activities, step(debtor.creditor, 2, at=LATER)).result == "done"
    assert len(emails_to(outside, debtor.email)) == 1


def test_what_the_law_holds_back_stays_behind_when_the_others_go(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor, several: Several
) -> None:
    numbers = several(3)
    wait_together(activities, debtor, numbers[1:])
    notice = {"template": "default-notice", "message": "default_notice", "tone": "formal"}
    wait_together(activities, debtor, [1], **notice)
    with engine.begin() as tx:
        stopped = gatherings.c.invoice == "INV-1"
        mine = (gatherings.c.creditor == debtor.creditor) & stopped
        body = {"flags": ["represented_by_attorney"]}
        tx.execute(update(gatherings).where(mine).values(body=gatherings.c.body.concat(body)))
    assert only(activities, step(debtor.creditor, 3, at=LATER)).result == "done"
    (mail,) = emails_to(outside, debtor.email)
    assert "INV-1" not in mail["body"]
    assert {row["invoice"] for row in effects_of(engine, debtor.creditor)} == {"INV-2", "INV-3"}


def test_a_step_of_another_day_that_its_case_gave_up_is_not_sent_along(
    activities: CaseActivities, outside: Settings, debtor: Debtor, several: Several
) -> None:
    several(2)
    wait_together(activities, debtor, [1])
    days_later = MONDAY + timedelta(days=3, hours=1)
    told = only(activities, step(debtor.creditor, 2, at=days_later))
    assert (told.result, told.until) == ("deferred", days_later + WINDOW)
    told = only(activities, step(debtor.creditor, 2, at=days_later + WINDOW))
    assert told.result == "done"
    (mail,) = emails_to(outside, debtor.email)
    assert "INV-1" not in mail["body"]
