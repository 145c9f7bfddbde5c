"""An import that settles an invoice whose case runs: the case ends, though nobody signalled it."""

from datetime import timedelta

import pytest

from mailroom.delivery import deliver_again
from tests.arrivals.conftest import Place
from tests.dunning.build import policy, step
from tests.ledger.build import Run, row
from tests.ledger.conftest import plain_map as plain_map  # noqa: PLC0414 - a fixture is found by its name
from tests.ledger.conftest import run as run  # noqa: PLC0414 - the same
from tests.ledger.conftest import write as write  # noqa: PLC0414 - the same

FAR_OFF = policy(step("first", "due+500d"))
SOON = policy(step("first", "due+1d"), step("second", "due+20d"), min_gap="0d")


@pytest.mark.usefixtures("working")
async def test_the_sweep_hands_it_on_and_the_case_ends_paid(
    place: Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.delivery.OVERDUE", timedelta(0))
    await place.open(place.case(policy=FAR_OFF))
    assert run(row("INV-1", amount="1000.00", settled="2026-02-10")).told == 1
    assert await deliver_again(place.client, place.engine, place.creditor, place.queue) == 1
    view = await place.ended()
    assert (view.outcome, view.balance.total) == ("paid", "0.00")


@pytest.mark.usefixtures("working")
async def test_the_last_look_before_the_next_step_tells_it_and_nothing_is_sent(
    place: Place, run: Run
) -> None:
    await place.open(place.case(policy=SOON))
    await place.until("first")
    assert run(row("INV-1", amount="1000.00", settled="2026-02-02")).told == 1
    view = await place.ended()
    assert view.outcome == "paid"
    assert "second" not in {one.step for one in view.timeline if one.result == "done"}
