"""The audit of a chaos run sees what must not be: each kind of fault, sown into good books."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chaos import audit
from chaos.arrived import Arrived
from chaos.audit import Books
from chaos.billing import Told
from chaos.cast import Debtor
from schemas.case import BalanceRow, CaseView, ChargeRow, TimelineRow

KEY = "chaos:INV-1:1:reminder-1:email"
DEBTOR = Debtor("INV-1", 1, "p", date(2026, 1, 12), 100_00, "pays", (), pays=True)
WHEN = "2026-01-13T00:00:00Z"


def view(**changes: Any) -> CaseView:  # noqa: ANN401 - any field of a view
    row = TimelineRow.model_validate(
        {"at": WHEN, "step": "reminder-1", "do": "email", "result": "done"}
        | {"amount_due": "100.00", "reason": None}
    )
    fee = ChargeRow(on=date(2026, 1, 14), kind="fee", amount="5.00", ground="x", inputs={})
    rest = BalanceRow(principal="0.00", fees="0.00", interest="0.00", total="0.00", currency="EUR")
    made: dict[str, Any] = {"timeline": (row,), "charges": (fee,), "status": "closed"}
    made |= {"stage": "reminder-1", "outcome": "paid", "next": None, "balance": rest}
    made |= {"amount_due": "0.00", "holds": (), "attention": (), "rejected": ()}
    made |= {"rejected_total": 0, "policy": "p", "policy_hash": "h"}
    return CaseView.model_validate(made | changes)


def effect(**changes: str | None) -> dict[str, Any]:
    good = {"key": KEY, "invoice": "INV-1", "step": "reminder-1", "channel": "email"}
    return good | {"state": "done", "reference": "r", "reason": None, "bundle": None} | changes


def books(**changes: Any) -> Books:  # noqa: ANN401 - any part of the books
    paid = {"type": "payment_received", "amount": "105.00", "currency": "EUR"}
    line = {"entry": "chaos:INV-1:1:event:pay", "kind": "event", "invoice": "INV-1", "detail": paid}
    charge = {"key": "chaos:INV-1:1:late-fee:fee", "invoice": "INV-1", "amount_minor": 5_00}
    good: dict[str, Any] = {"effects": (effect(),), "charges": (charge,), "audit": (line,)}
    good["cases"] = ({"invoice": "INV-1", "view": view().model_dump(mode="json")},)
    good["outbox"] = (event("opened", 1), event("closed", 2))
    return Books(**good | changes)


def event(name: str, number: int, **changes: str | None) -> dict[str, Any]:
    row = {"id": name, "number": number, "invoice": "INV-1", "episode": 1, "fault": None}
    return row | {"delivered_at": WHEN} | changes


def arrived(*keys: str, events: tuple[str, ...] = ("opened", "closed")) -> Arrived:
    return Arrived(Counter(keys), Counter(), frozenset(), events, Counter())


def told() -> dict[str, Told]:
    return {"INV-1": Told(became={"pay": "signalled"}, paid={"pay": 105_00})}


def everything(found: Books, came: Arrived, said: dict[str, Told]) -> list[str]:
    return [
        *audit.duplicates(came),
        *audit.lost_effects(found, came),
        *audit.lost_messages(found, came),
        *audit.lost_steps(found, [DEBTOR], {"p": POLICY}),
        *audit.lost_events(found, said),
        *audit.money_differences(found, [DEBTOR], said),
    ]


class OneStep:
    """A policy of one step."""

    turns = (type("Step", (), {"id": "reminder-1"}),)


POLICY: Any = OneStep


def test_good_books_have_nothing_against_them() -> None:
    assert everything(books(), arrived(KEY), told()) == []


def closed(**changes: Any) -> tuple[dict[str, Any], ...]:  # noqa: ANN401 - any field of a view
    return ({"invoice": "INV-1", "view": view(**changes).model_dump(mode="json")},)


@pytest.mark.parametrize(
    ("found", "came", "words"),
    [
        (books(), arrived(KEY, KEY), "arrived 2 times"),
        (books(), arrived(), "is done in the books and never arrived"),
        (books(effects=(effect(state="failed"),)), arrived(KEY), "is failed in the books and"),
        (books(effects=(effect(state="attempting"),)), arrived(), "still being attempted"),
        (books(), arrived(KEY, "chaos:INV-1:1:call:call"), "the books do not know it"),
        (books(cases=closed(timeline=())), arrived(KEY), "the case does not know"),
        (books(effects=()), arrived(), "the case believes reminder-1 done"),
        (books(audit=()), arrived(KEY), "pay was signalled, and is not in the audit trail"),
        (books(charges=()), arrived(KEY), "0 charged in the books, 500 in the case"),
        (books(cases=closed(charges=())), arrived(KEY), "500 charged in the books, 0 in the case"),
    ],
)
def test_each_fault_is_seen(found: Books, came: Arrived, words: str) -> None:
    assert any(words in line for line in everything(found, came, told()))


def test_a_charge_arrives_in_the_books() -> None:
    fee = effect(key="chaos:INV-1:1:late-fee:fee", step="late-fee", channel="fee")
    found = books(effects=(fee,))
    assert audit.arrivals(found, arrived()) == {fee["key"]}
    assert audit.arrivals(replace(found, charges=()), arrived()) == frozenset()


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (("closed", "opened"), "INV-1: the billing system was told in another order"),
        (("opened",), "closed is delivered by the books, and the billing system has it not"),
        (("opened", "closed", "x"), "x came to the billing system, and is not in the outbox"),
    ],
)
def test_what_the_billing_system_was_told_amiss_is_seen(
    events: tuple[str, ...], words: str
) -> None:
    assert list(audit.lost_messages(books(), arrived(KEY, events=events))) == [words]


def test_an_event_that_never_left_is_seen() -> None:
    stuck = books(outbox=(event("opened", 1, delivered_at=None, fault="503"),))
    found = list(audit.lost_messages(stuck, arrived(KEY, events=())))
    assert found == ["opened waits in the outbox: 503"]


def test_a_payment_that_was_booked_twice_is_seen() -> None:
    one = books().audit[0]
    twice = books(audit=(one, {**one, "entry": "chaos:INV-1:2:event:pay"}))
    found = list(audit.money_differences(twice, [DEBTOR], told()))
    assert found[0] == "INV-1: 10500 told as paid, 21000 booked"


def test_a_step_that_was_neither_done_nor_left_out_is_seen_at_the_hand_off() -> None:
    gone = books(effects=(), cases=closed(timeline=(), outcome="handed_off"))
    found = list(audit.lost_steps(gone, [DEBTOR], {"p": POLICY}))
    assert found == ["INV-1: reminder-1 was neither done nor left out for a reason"]


def test_an_unknown_says_whether_it_arrived_and_who_resolved_it() -> None:
    lost = books(effects=(effect(state="unknown", reason="reset"),))
    (open_,) = audit.unknowns(lost, arrived())
    assert (open_.arrived, open_.became) == (False, "unknown")
    word = {"type": "effect_resolved", "effect": KEY, "result": "not_sent"}
    line = {"entry": "e", "kind": "event", "invoice": "INV-1", "detail": word}
    told_of = books(effects=lost.effects, audit=(line,))
    (seen,) = audit.unknowns(told_of, arrived(KEY))
    assert (seen.arrived, seen.became) == (True, "not_sent, by a person")


def test_what_went_out_in_anothers_message_arrived_under_its_key() -> None:
    carried = effect(key="chaos:INV-1:1:reminder-2:email", step="reminder-2", bundle=KEY)
    seen = books(effects=(effect(), carried))
    assert list(audit.lost_effects(seen, arrived(KEY))) == []
    assert list(audit.lost_effects(seen, arrived())) != []
