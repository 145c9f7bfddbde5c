"""What is read once more in the transaction that claims an effect, and what it stops."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from activities.case_activities import CaseActivities
from schemas.case import Entry
from schemas.effects import ChannelReceipt, Effect, Planned, Receipt
from schemas.signals import EVENT, AnyEvent
from settings import Settings
from store import arrivals
from store.tables import audit
from tests.activities.build import (
    INVOICE,
    NOW,
    Debtor,
    change,
    effects_of,
    emails_to,
    enter,
    fee_of,
    key,
    messages_to,
    order,
    owe,
    posted,
    trail,
)

PAID: dict[str, Any] = {
    "type": "payment_received",
    "id": "p-1",
    "at": "2026-02-01T07:00:00+00:00",
    "amount": {"amount": "1000.00", "currency": "EUR"},
}


def arrived(engine: Engine, creditor: str, invoice: str = INVOICE, **changes: str) -> AnyEvent:
    event = EVENT.validate_python(PAID | changes)
    with engine.begin() as tx:
        arrivals.arrive(tx, creditor, invoice, event)
    return event


def only(receipt: Receipt) -> ChannelReceipt:
    (one,) = receipt.receipts
    return one


def test_a_payment_that_is_in_the_books_stops_a_send_whose_signal_has_not_arrived(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    paid = arrived(engine, debtor.creditor)
    entry = Entry(id="event:h-1", at=NOW, kind="event", detail={"type": "hold_placed"})
    receipt = activities.send(order(debtor.creditor, "email", journal=(entry,)))
    assert receipt.events == (paid,)
    assert (only(receipt).result, only(receipt).until) == ("deferred", NOW)
    assert emails_to(outside, debtor.email) == []
    assert effects_of(engine, debtor.creditor) == []
    assert [row["entry"] for row in trail(engine, debtor.creditor)] == [
        f"{debtor.creditor}:{INVOICE}:1:event:h-1"
    ]


def test_it_stops_a_charge_as_well(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    paid = arrived(engine, debtor.creditor)
    fees = order(debtor.creditor, "fee", charges=(fee_of(debtor.creditor),))
    assert activities.charge(fees).events == (paid,)
    assert posted(engine, debtor.creditor) == []


def test_what_the_case_has_in_its_journal_or_in_the_trail_is_no_news(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    arrived(engine, debtor.creditor)
    entry = Entry(id="event:p-1", at=NOW, kind="event", detail={"type": "payment_received"})
    told = order(debtor.creditor, "email", journal=(entry,))
    assert only(activities.send(told)).result == "done"
    again = order(debtor.creditor, "sms")
    assert only(activities.send(again)).result == "done"


def test_news_about_another_invoice_stops_nothing(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    owe(engine, debtor.creditor, "INV-2")
    arrived(engine, debtor.creditor, "INV-2")
    assert only(activities.send(order(debtor.creditor, "email"))).result == "done"


def test_what_was_sent_stays_sent_whatever_has_arrived_since(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    email = order(debtor.creditor, "email")
    sent = activities.send(email)
    arrived(engine, debtor.creditor)
    assert activities.send(email) == sent


def test_an_invoice_that_the_books_have_settled_waits_a_day_for_its_signal(
    activities: CaseActivities, outside: Settings, engine: Engine, creditor: str
) -> None:
    debtor = enter(engine, creditor)
    owe(engine, creditor, "INV-2", settled_on=date(2026, 1, 30))
    planned = Planned(do="email", key=f"{creditor}:INV-2:1:step-1:email")
    told = only(activities.send(order(creditor, invoice="INV-2", planned=(planned,))))
    assert (told.result, told.until) == ("deferred", NOW + timedelta(days=1))
    assert told.reason == "the books say it was settled on 2026-01-30"
    assert emails_to(outside, debtor.email) == []


LAWFUL: dict[str, Any] = {"packs": ("default",), "message": "reminder", "days_overdue": 1}
MONDAY = NOW + timedelta(days=1)


def lawful(creditor: str, do: str, invoice: str = INVOICE, **changes: Any) -> Effect:  # noqa: ANN401 - an order's fields
    """Order a contact under the default pack: one a day and debtor, between 7 and 21 o'clock."""
    planned = Planned(do=do, key=f"{creditor}:{invoice}:1:step-1:{do}")
    given = {"invoice": invoice, "planned": (planned,), "at": MONDAY} | LAWFUL | changes
    return order(creditor, do, **given)


def test_a_contact_about_one_invoice_counts_for_the_others(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    owe(engine, debtor.creditor, "INV-2")
    assert only(activities.send(lawful(debtor.creditor, "email"))).result == "done"
    told = only(activities.send(lawful(debtor.creditor, "email", "INV-2")))
    assert (told.result, told.reason) == ("deferred", "not yet (rule d-day)")
    assert told.until is not None
    assert told.until.isoformat() == "2026-02-03T07:00:00+01:00"


def test_two_workers_cannot_both_take_the_last_allowed_contact(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    names = [f"INV-{number}" for number in range(2, 8)]
    for name in names:
        owe(engine, debtor.creditor, name)
    together = Barrier(len(names))

    def one(name: str) -> str:
        together.wait()
        return only(activities.send(lawful(debtor.creditor, "email", name))).result

    with ThreadPoolExecutor(len(names)) as pool:
        results = sorted(pool.map(one, names))
    assert results == ["deferred"] * 5 + ["done"]
    assert len(emails_to(outside, debtor.email)) == 1


def test_a_persons_own_contact_counts_as_well(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    owe(engine, debtor.creditor, "INV-2")
    row = {
        "entry": f"{debtor.creditor}:INV-2:1:event:m-1",
        "creditor": debtor.creditor,
        "invoice": "INV-2",
        "episode": 1,
        "case_at": MONDAY,
        "kind": "event",
        "detail": {
            "type": "contact_made",
            "channel": "email",
            "happened_at": (MONDAY - timedelta(hours=1)).isoformat(),
        },
    }
    with engine.begin() as tx:
        tx.execute(insert(audit).values(row))
    assert only(activities.send(lawful(debtor.creditor, "email"))).reason == "not yet (rule d-day)"


def test_quiet_hours_are_those_of_the_moment(activities: CaseActivities, debtor: Debtor) -> None:
    late = MONDAY.replace(hour=21)
    told = only(activities.send(lawful(debtor.creditor, "email", at=late)))
    assert (told.result, told.reason) == ("deferred", "not yet (rule default.windows.email)")


def test_a_consent_that_was_withdrawn_since_stops_the_call(
    activities: CaseActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor, consents={"call": "express"})
    change(engine, creditor, {"consents": {}})
    told = only(activities.call(lawful(creditor, "call", packs=("default", "de"))))
    assert told.result == "refused"
    assert "(rule " in (told.reason or "")


@pytest.mark.parametrize("packs", [(), ("default",)])
def test_an_opt_out_since_the_decision_stops_a_text(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    packs: tuple[str, ...],
) -> None:
    change(engine, debtor.creditor, {"opted_out": ["sms"]})
    told = only(activities.send(lawful(debtor.creditor, "sms", packs=packs)))
    assert (told.result, told.reason) == ("refused", "the debtor has opted out of sms")
    assert messages_to(outside, debtor.phone) == []
    assert key(debtor.creditor, "sms") not in [
        row["key"] for row in effects_of(engine, debtor.creditor)
    ]
