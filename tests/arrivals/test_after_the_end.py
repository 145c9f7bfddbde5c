"""After the end of a case: what opens it again, what is only booked, and what is never done twice.

The cases are run by a real worker whose case day takes 60 milliseconds.
"""

import asyncio
import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from library.cases import resumed
from mailroom import delivery, opening
from mailroom.delivery import Delivery, keep
from schemas.case import Case, CaseView
from schemas.effects import EndedCase
from schemas.errors import InputRefusedError
from store import case_book
from store.debtors import read_debt
from store.tables import cases
from tests.activities.build import INVOICE, effects_of, posted, trail
from tests.activities.sweeping import begun
from tests.arrivals.conftest import DAY_MS, OPENED, Place, an_event, money

pytestmark = pytest.mark.usefixtures("working")

LATER = OPENED + timedelta(days=100)
REVERSAL = an_event("payment_reversed", LATER, "back", payment="p")


async def paid(place: Place, *law: str) -> CaseView:
    """Run a case until it has reminded, charged and been paid."""
    await place.open(place.case(*law))
    await place.until("first", "fee")
    at = OPENED + timedelta(days=2)
    # 50.00 too much: a case that is paid in full may lose that much without being open again
    await place.deliver(an_event("payment_received", at, "p", amount=money("1090.00")))
    return await place.ended()


def left(place: Place) -> EndedCase | None:
    with place.engine.begin() as tx:
        found = case_book.left_behind(tx, place.creditor, INVOICE)
    return found.ended if found else None


def episodes(place: Place) -> dict[int, str | None]:
    with place.engine.connect() as tx:
        rows = tx.execute(select(cases).where(cases.c.creditor == place.creditor)).all()
    return {row.episode: row.outcome for row in rows}


def lines(place: Place, kind: str) -> list[str]:
    return [row["entry"] for row in trail(place.engine, place.creditor) if row["kind"] == kind]


async def test_a_payment_reversed_ninety_days_later_goes_on_where_the_case_was(
    place: Place,
) -> None:
    before = await paid(place)
    await asyncio.sleep(90 * DAY_MS / 1000)
    assert await place.deliver(REVERSAL) is Delivery.REOPENED
    view = await place.until("first", "fee", "second")
    done = [row for row in view.timeline if row.result == "done"]
    assert Counter(row.step for row in done) == {"first": 1, "fee": 1, "second": 1}
    second = next(row for row in done if row.step == "second")
    assert second.at > before.timeline[-1].at + timedelta(days=90)
    keys = {row["key"]: row["state"] for row in effects_of(place.engine, place.creditor)}
    assert keys == {
        f"{place.creditor}:{INVOICE}:1:first:email": "done",
        f"{place.creditor}:{INVOICE}:1:fee:fee": "done",
        f"{place.creditor}:{INVOICE}:2:second:email": "done",
    }
    assert [row["amount_minor"] for row in posted(place.engine, place.creditor)] == [4_000]
    assert view.balance.total == "1040.00"
    assert episodes(place) == {1: "paid", 2: None}
    assert len(lines(place, "opened")) == 2


async def test_the_second_end_is_booked_as_the_first_was(place: Place) -> None:
    await paid(place)
    await place.deliver(REVERSAL)
    again = an_event("payment_received", LATER, "q", amount=money("1040.00"))
    assert await place.deliver(again) is Delivery.SIGNALLED
    await place.ended()
    assert episodes(place) == {1: "paid", 2: "paid"}
    assert (ended := left(place)) is not None
    assert ended.case.episode == 2
    assert {event.id for event in ended.case.events} == {"p", "back", "q"}


async def test_two_reversals_at_once_open_one_episode(place: Place) -> None:
    await place.open(place.case())
    await place.until("first", "fee")
    at = OPENED + timedelta(days=2)
    for name, amount in (("p", "600.00"), ("q", "440.00")):
        await place.deliver(an_event("payment_received", at, name, amount=money(amount)))
    await place.ended()
    backs = [an_event("payment_reversed", LATER, f"{one}-back", payment=one) for one in "pq"]
    became = await asyncio.gather(*map(place.deliver, backs))
    assert sorted(became) == ["reopened", "signalled"]
    view = await place.until("first", "fee")
    assert view.balance.total == "1040.00"
    assert episodes(place) == {1: "paid", 2: None}


async def test_a_part_payment_that_comes_while_the_case_opens_again_is_not_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paid(place)
    start = opening.open_with_arrivals
    became: list[Delivery] = []

    async def slowly(*given: Any) -> bool:  # noqa: ANN401 - the arguments of another
        monkeypatch.setattr(delivery, "open_with_arrivals", start)
        part = an_event("payment_received", LATER, "part", amount=money("40.00"))
        became.append(await place.deliver(part))
        return await start(*given)

    monkeypatch.setattr(delivery, "open_with_arrivals", slowly)
    became.append(await place.deliver(REVERSAL))
    assert became == [Delivery.REOPENED, Delivery.SIGNALLED]
    assert (await place.until("first")).balance.total == "1000.00"
    assert episodes(place) == {1: "paid", 2: None}


async def test_an_episode_that_was_entered_and_never_started_starts_with_the_next_delivery(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opened it was killed between the book and the start."""

    async def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery, "OVERDUE", timedelta(0))
    await paid(place)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "open_with_arrivals", killed)
        with pytest.raises(KeyboardInterrupt):
            await place.deliver(REVERSAL)
    assert episodes(place) == {1: "paid", 2: None}
    await delivery.deliver_again(place.client, place.engine, place.creditor, place.queue)
    assert (await place.until("first")).balance.total == "1040.00"
    assert episodes(place) == {1: "paid", 2: None}
    assert len(lines(place, "opened")) == 2


async def test_a_payment_reversed_while_the_end_is_booked_opens_the_case_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking, told = threading.Event(), threading.Event()
    enter = case_book.ended

    def slowly(*given: object) -> None:
        booking.set()
        assert told.wait(10)
        enter(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(case_book, "ended", slowly)
    await place.open(place.case())
    await place.until("first", "fee")
    await place.deliver(an_event("payment_received", LATER, "p", amount=money("1090.00")))
    assert await asyncio.to_thread(booking.wait, 10)
    assert await place.deliver(REVERSAL) is Delivery.SIGNALLED
    told.set()
    for _ in range(100):
        if len(lines(place, "opened")) > 1:
            break
        await asyncio.sleep(0.05)
    assert (await place.until("first", "fee")).balance.total == "1040.00"
    again = an_event("payment_received", LATER, "q", amount=money("1040.00"))
    await place.deliver(again)
    await place.ended()
    assert episodes(place) == {1: "paid", 2: "paid"}
    assert len(lines(place, "opened")) == 2


async def test_what_changes_nothing_is_booked_and_counts_in_what_comes_after(place: Place) -> None:
    """50.00 may go back without opening the case, and so may not another 50.00."""
    await paid(place)
    parts = [
        an_event("payment_reversed", LATER, name, payment="p", amount=money("50.00"))
        for name in ("back-1", "back-2")
    ]
    assert await place.deliver(parts[0]) is Delivery.BOOKED
    assert await place.deliver(parts[0]) is Delivery.BOOKED
    event = f"{place.creditor}:{INVOICE}:1:event"
    assert lines(place, "event") == [f"{event}:p", f"{event}:back-1"]
    assert await place.deliver(parts[1]) is Delivery.REOPENED
    assert (await place.until("first")).balance.total == "50.00"


async def test_a_case_is_read_back_as_it_ended(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Case] = []
    enter = case_book.ended

    def spy(*given: object) -> None:
        assert isinstance(given[-1], EndedCase)
        ended.append(given[-1].case)
        enter(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(case_book, "ended", spy)
    await paid(place)
    assert (found := left(place)) is not None
    assert found.case == ended[-1]
    assert found.law is None
    assert (found.case.rules, found.case.journal) == (None, ())


async def test_the_law_of_the_day_is_pinned_in_the_next_episode(place: Place) -> None:
    case = place.case("de")
    await place.open(case)
    at = OPENED + timedelta(days=2)
    await place.deliver(an_event("payment_received", at, "p", amount=money("1000.00")))
    await place.ended()
    assert (found := left(place)) is not None
    assert found.law == ("de",)
    with place.engine.begin() as tx:
        customer = read_debt(tx, place.creditor, INVOICE).customer
    assert resumed(found, customer, OPENED.date()).rules == case.rules
    assert await place.deliver(REVERSAL) is Delivery.REOPENED
    again = await begun(place.client, place.creditor, INVOICE)
    assert again.episode == 2
    assert again.rules is not None
    assert [pack.id for pack in again.rules.packs] == ["de"]
    assert again.opened_at > found.case.opened_at


def test_packs_that_were_named_stay_as_far_as_they_are_there(place: Place) -> None:
    with place.engine.begin() as tx:
        customer = read_debt(tx, place.creditor, INVOICE).customer
    case = place.case("us", "us-nyc")
    day = datetime(2026, 6, 1, tzinfo=OPENED.tzinfo).date()
    kept = resumed(EndedCase(case=case, law=("us", "us-nyc")), customer, day).rules
    gone = resumed(EndedCase(case=case, law=("no-such",)), customer, day).rules
    assert kept is not None
    assert gone is not None
    assert {pack.id for pack in kept.packs} == {"us", "us-nyc"}
    assert {pack.id for pack in gone.packs} == {"de"}


async def test_a_case_that_ended_before_it_was_entered_is_entered_with_its_end(
    place: Place,
) -> None:
    """Its opener was killed between the start and the book."""
    case = place.case()
    await paid(place)
    found = left(place)
    assert found is not None
    with place.engine.begin() as tx:
        tx.execute(cases.delete().where(cases.c.creditor == place.creditor))
        key = (place.creditor, INVOICE, 1)
        case_book.ended(tx, key, OPENED, "paid", None, found)
        assert case_book.opened(tx, case) is False
    assert left(place) == found
    assert await place.deliver(REVERSAL) is Delivery.REOPENED


async def test_what_was_kept_and_never_handed_on_reopens_the_case_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "OVERDUE", timedelta(0))
    await paid(place)
    with place.engine.begin() as tx:
        keep(tx, place.creditor, INVOICE, REVERSAL)
    again = delivery.deliver_again(place.client, place.engine, place.creditor, place.queue)
    assert await again == 1
    assert (await place.until("first")).balance.total == "1040.00"
    assert episodes(place) == {1: "paid", 2: None}


async def test_an_event_that_cannot_be_helped_stops_no_other(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "OVERDUE", timedelta(0))
    await paid(place)
    hand_on = delivery.hand_on

    async def stumbling(*given: object) -> Delivery:
        if given[4] == REVERSAL:
            raise InputRefusedError("no such pack")
        return await hand_on(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "hand_on", stumbling)
    other = an_event("hold_placed", LATER + timedelta(days=1), "h", reason="asked")
    with place.engine.begin() as tx:
        for event in (REVERSAL, other):
            keep(tx, place.creditor, INVOICE, event)
    await delivery.deliver_again(place.client, place.engine, place.creditor, place.queue)
    assert lines(place, "event")[-1].endswith(":h")
    assert "cannot be handed on" in caplog.text
