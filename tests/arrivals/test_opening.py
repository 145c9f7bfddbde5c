"""A case opens with everything that arrived before it, and with what arrives while it opens."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.sweep_activities import SweepActivities
from mailroom import opening
from mailroom.delivery import Delivery, keep
from schemas.case import Case
from store import case_book
from temporal import cases
from tests.activities.build import INVOICE, NOW, effects_of
from tests.activities.sweeping import begun, page_of
from tests.arrivals.conftest import OPENED, Place, an_event, money

PAYMENT = an_event("payment_received", OPENED, "p", amount=money("1000.00"))
DISPUTE = an_event("dispute_opened", OPENED - timedelta(days=1), "d", reason="broken")


@pytest.mark.usefixtures("working")
async def test_a_payment_that_came_before_its_case_leaves_nothing_to_ask_for(place: Place) -> None:
    assert await place.deliver(PAYMENT) is Delivery.WAITING
    assert await place.open(place.case())
    view = await place.until(status="closed")
    assert view.outcome == "paid"
    assert effects_of(place.engine, place.creditor) == []


@pytest.mark.usefixtures("working")
async def test_a_dispute_that_came_before_its_case_holds_it_from_the_start(place: Place) -> None:
    await place.deliver(DISPUTE)
    await place.open(place.case())
    view = await place.until(status="held")
    assert [hold.id for hold in view.holds] == ["d"]
    assert effects_of(place.engine, place.creditor) == []


@pytest.mark.usefixtures("working")
async def test_the_same_event_once_more_as_a_signal_is_one_event(place: Place) -> None:
    part = an_event("payment_received", OPENED, "part", amount=money("400.00"))
    await place.deliver(part)
    await place.open(place.case())
    for _ in range(2):
        assert await place.deliver(part) is Delivery.SIGNALLED
    assert (await place.until("first")).balance.principal == "600.00"


async def test_a_sweep_opens_cases_with_what_has_arrived(
    place: Place, engine: Engine, temporal_client: Client
) -> None:
    await place.deliver(DISPUTE)
    sweeper = SweepActivities(engine, temporal_client, "nobody-polls")
    page = await ActivityEnvironment().run(sweeper.open_overdue, page_of(place.creditor, NOW))
    assert page.opened == 1
    case = await begun(temporal_client, place.creditor, INVOICE)
    assert [event.id for event in case.events] == ["d"]
    assert [entry.id for entry in case.journal] == ["event:d"]


async def test_an_event_that_arrives_while_the_case_opens_is_not_lost(
    place: Place, temporal_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = cases.open_case

    async def slow(client: Client, case: Case, queue: str) -> bool:
        assert await place.deliver(PAYMENT) is Delivery.WAITING
        return await start(client, case, queue)

    monkeypatch.setattr(opening, "open_case", slow)
    await opening.open_with_arrivals(temporal_client, place.engine, place.case(), "nobody-polls")
    case = await begun(temporal_client, place.creditor, INVOICE)
    assert case.events == ()
    assert await signals(place) == ["payment_received"]


async def signals(place: Place) -> list[str]:
    handle = place.client.get_workflow_handle(f"dunning:{place.creditor}:{INVOICE}")
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        async for event in handle.fetch_history_events()
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]


async def test_a_case_that_ended_is_not_opened_anew_when_temporal_has_forgotten_it(
    place: Place,
) -> None:
    case = place.case()
    with place.engine.begin() as tx:
        case_book.opened(tx, case)
        case_book.ended(tx, (place.creditor, INVOICE, 1), OPENED, "paid", None)
    assert await place.open(case) is False
    with pytest.raises(Exception, match="has no case"):
        await place.view()


async def test_what_a_case_never_took_in_is_handed_on_by_the_next_sweep(
    place: Place, engine: Engine, temporal_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.delivery.OVERDUE", timedelta(0))
    sweeper = SweepActivities(engine, temporal_client, "nobody-polls")
    page = page_of(place.creditor, NOW)
    await ActivityEnvironment().run(sweeper.open_overdue, page)
    with engine.begin() as tx:
        keep(tx, place.creditor, INVOICE, PAYMENT)  # all of a delivery that a crash leaves
    dry = page.model_copy(update={"sweep": page.sweep.model_copy(update={"dry_run": True})})
    await ActivityEnvironment().run(sweeper.open_overdue, dry)
    assert await signals(place) == []
    await ActivityEnvironment().run(sweeper.open_overdue, page)
    assert await signals(place) == ["payment_received"]
