"""The book of arrivals: kept once, waiting until the case's journal has booked them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from dunning.apply import happened
from dunning.orders import booking
from mailroom.delivery import UnknownInvoiceError, keep
from schemas.case import Case
from schemas.errors import InputRefusedError
from schemas.signals import AnyEvent
from store import arrivals, audit_trail, case_book
from store.tables import arrivals as table
from tests.activities.build import INVOICE
from tests.arrivals.conftest import Place, an_event, money

AT = datetime(2026, 2, 3, 18, tzinfo=UTC)
PAYMENT = an_event("payment_received", AT, "p", amount=money("1000.00"))
DISPUTE = an_event("dispute_opened", AT - timedelta(days=1), "d", reason="broken")
HOUR = timedelta(hours=1)


def unknown(place: Place, *known: str) -> list[AnyEvent]:
    with place.engine.begin() as tx:
        return arrivals.unknown_to(tx, place.creditor, INVOICE, known)


def waiting(place: Place, older_than: timedelta = timedelta(0)) -> list[str]:
    with place.engine.begin() as tx:
        return [one.event.id for one in arrivals.waiting(tx, place.creditor, older_than, 10)]


def booked(place: Place, case: Case, event: AnyEvent) -> None:
    with place.engine.begin() as tx:
        known = happened(case, event, AT)
        audit_trail.book(tx, booking(known, AT), known.journal)


def kept(place: Place, *events: AnyEvent) -> None:
    with place.engine.begin() as tx:
        for event in events:
            keep(tx, place.creditor, INVOICE, event)


def test_an_event_is_kept_once_and_stays_as_it_came_first(place: Place) -> None:
    other = PAYMENT.model_copy(update={"at": AT + HOUR})
    with place.engine.begin() as tx:
        assert arrivals.arrive(tx, place.creditor, INVOICE, PAYMENT) is True
        assert arrivals.arrive(tx, place.creditor, INVOICE, other) is False
    assert unknown(place) == [PAYMENT]


def test_events_come_back_as_they_were_in_the_order_they_happened(place: Place) -> None:
    kept(place, PAYMENT, DISPUTE)
    assert unknown(place) == [DISPUTE, PAYMENT]
    assert unknown(place, "d") == [PAYMENT]


@pytest.mark.parametrize("episode", [1, 2])
def test_what_any_episode_has_booked_is_known(place: Place, episode: int) -> None:
    kept(place, PAYMENT, DISPUTE)
    booked(place, place.case(episode=episode), PAYMENT)
    assert unknown(place) == [DISPUTE]


def test_an_id_that_only_ends_like_a_booked_one_is_not_known(place: Place) -> None:
    kept(place, PAYMENT)
    booked(place, place.case(), PAYMENT.model_copy(update={"id": "x:event:p"}))
    assert unknown(place) == [PAYMENT]


def test_an_event_waits_for_its_case_only_when_there_is_one(place: Place) -> None:
    kept(place, PAYMENT)
    assert waiting(place) == []
    with place.engine.begin() as tx:
        case_book.opened(tx, place.case())
    assert waiting(place) == ["p"]
    assert waiting(place, HOUR) == []


def test_what_was_taken_in_is_marked_and_not_looked_at_again(place: Place) -> None:
    kept(place, PAYMENT, DISPUTE)
    with place.engine.begin() as tx:
        case_book.opened(tx, place.case())
    booked(place, place.case(), PAYMENT)
    assert waiting(place) == ["d"]
    with place.engine.connect() as tx:
        of_ours = select(table.c.id).where(table.c.creditor == place.creditor)
        assert tx.execute(of_ours.where(table.c.taken_at.is_not(None))).scalars().all() == ["p"]


def test_the_oldest_arrival_waits_in_front(place: Place) -> None:
    kept(place, PAYMENT, DISPUTE)
    with place.engine.begin() as tx:
        case_book.opened(tx, place.case())
        long_ago = update(table).where(table.c.creditor == place.creditor, table.c.id == "p")
        tx.execute(long_ago.values(received_at=AT))
    assert waiting(place) == ["p", "d"]
    assert waiting(place, HOUR) == ["p"]


def test_an_invoice_that_is_not_in_the_books_is_refused(engine: Engine, creditor: str) -> None:
    with engine.begin() as tx, pytest.raises(UnknownInvoiceError, match="dunning import"):
        keep(tx, creditor, INVOICE, PAYMENT)


def test_an_amount_in_another_currency_is_refused(place: Place) -> None:
    dollars = an_event("payment_received", AT, "p", amount={"amount": "10.00", "currency": "USD"})
    with place.engine.begin() as tx, pytest.raises(InputRefusedError, match="invoice is in EUR"):
        keep(tx, place.creditor, INVOICE, dollars)
    assert unknown(place) == []
