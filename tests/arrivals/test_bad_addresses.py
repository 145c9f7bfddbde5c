"""An outcome that speaks against an address marks it; another address in the books is usable."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update

from mailroom.delivery import keep
from store.bad_addresses import fingerprint
from store.debtors import Debt, read_debt
from store.tables import bad_addresses, customers, effects
from tests.activities.build import INVOICE
from tests.arrivals.conftest import Place, an_event

AT = datetime(2026, 2, 3, 18, tzinfo=UTC)


def key(place: Place, channel: str) -> str:
    return f"{place.creditor}:{INVOICE}:1:first:{channel}"


def came_to(place: Place, channel: str, result: str, *, is_ours: bool = True) -> None:
    """Take in what became of a message that went out before."""
    row = {
        "key": key(place, channel),
        "creditor": place.creditor,
        "invoice": INVOICE,
        "customer": "C-1",
        "step": "first",
        "channel": channel,
        "state": "done",
        "claim": "token",
        "case_at": AT,
    }
    told = an_event("contact_outcome", AT, "o", effect=key(place, channel), result=result)
    with place.engine.begin() as tx:
        if is_ours:
            tx.execute(insert(effects).values(row))
        keep(tx, place.creditor, INVOICE, told)


def debt(place: Place) -> Debt:
    with place.engine.begin() as tx:
        return read_debt(tx, place.creditor, INVOICE)


def changed(place: Place, **columns: object) -> None:
    with place.engine.begin() as tx:
        tx.execute(update(customers).where(customers.c.creditor == place.creditor).values(columns))


@pytest.mark.parametrize(
    ("channel", "result", "bad", "opted_out"),
    [
        ("email", "bounced", {"email"}, set()),
        ("email", "complained", {"email"}, {"email"}),
        ("email", "undelivered", set(), set()),  # a full mailbox, for one
        ("email", "rejected", set(), set()),
        ("email", "delivered", set(), set()),
        ("sms", "undelivered", {"sms"}, set()),
        ("sms", "opted_out", {"sms"}, {"sms"}),
        ("sms", "opted-out", {"sms"}, {"sms"}),
        ("sms", "failed", set(), set()),
        ("call", "wrong_number", {"call", "sms"}, set()),
        ("call", "wrong-number", {"call", "sms"}, set()),
        ("call", "no-answer", set(), set()),
        ("call", "bounced", set(), set()),
        ("letter", "undelivered", set(), set()),
    ],
)
def test_an_outcome_marks_the_channels_it_speaks_against(
    place: Place, channel: str, result: str, bad: set[str], opted_out: set[str]
) -> None:
    came_to(place, channel, result)
    found = debt(place)
    assert found.bad.keys() == bad
    assert found.opted_out == opted_out


def test_the_reason_names_what_happened_and_no_address(place: Place) -> None:
    came_to(place, "email", "bounced")
    found = debt(place)
    today = datetime.now(UTC).date().isoformat()
    assert found.bad == {"email": f"the email address is marked since {today}: bounced"}
    with place.engine.connect() as tx:
        ours = select(bad_addresses).where(bad_addresses.c.creditor == place.creditor)
        (row,) = tx.execute(ours).all()
    assert (row.effect, row.reason) == (key(place, "email"), "bounced")
    assert row.address_hash == fingerprint(found.customer.email or "")


def test_another_address_in_the_books_is_usable_and_the_old_one_is_still_not(place: Place) -> None:
    came_to(place, "email", "bounced")
    old = debt(place).customer.email
    changed(place, email="right@debtor.example")
    assert debt(place).bad == {}
    changed(place, email=old)
    assert debt(place).bad.keys() == {"email"}


def test_the_same_report_again_changes_nothing(place: Place) -> None:
    came_to(place, "email", "complained")
    changed(place, opted_out=[], email="right@debtor.example")
    told = an_event("contact_outcome", AT, "o", effect=key(place, "email"), result="complained")
    with place.engine.begin() as tx:
        keep(tx, place.creditor, INVOICE, told)
    assert (debt(place).bad, debt(place).opted_out) == ({}, frozenset())


def test_two_complaints_are_one_opt_out(place: Place) -> None:
    came_to(place, "email", "complained")
    again = an_event("contact_outcome", AT, "o2", effect=key(place, "email"), result="complained")
    with place.engine.begin() as tx:
        keep(tx, place.creditor, INVOICE, again)
        ours = select(customers.c.opted_out).where(customers.c.creditor == place.creditor)
        assert tx.execute(ours).scalar() == ["email"]


def test_an_outcome_of_an_effect_nobody_ordered_marks_nothing(place: Place) -> None:
    came_to(place, "email", "bounced", is_ours=False)
    assert debt(place).bad == {}


def test_a_debtor_without_the_address_has_none_to_mark(place: Place) -> None:
    changed(place, email=None)
    came_to(place, "email", "bounced")
    assert debt(place).bad == {}
