"""A person's word on an effect in doubt, while its case runs and after it has ended."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mailroom.resolution import resolve
from schemas.errors import RefusedByRulesError
from schemas.signals import EffectResolved
from store import doubts
from store.tables import effects
from tests.activities.build import INVOICE, effect, trail
from tests.arrivals.conftest import OPENED, Place, an_event, money

pytestmark = pytest.mark.usefixtures("working")

LATER = OPENED + timedelta(days=50)


def word(key: str, result: str) -> EffectResolved:
    said = an_event("effect_resolved", LATER, f"r-{result}", effect=key, result=result, by="Kim")
    assert isinstance(said, EffectResolved)
    return said


async def ended_in_doubt(place: Place) -> str:
    """Run a case to its end, and forget what became of its first email."""
    await place.open(place.case())
    await place.until("first", "fee")
    at = OPENED + timedelta(days=2)
    await place.deliver(an_event("payment_received", at, "p", amount=money("1040.00")))
    await place.ended()
    key = f"{place.creditor}:{INVOICE}:1:first:email"
    with place.engine.begin() as tx:
        tx.execute(update(effects).where(effects.c.key == key).values(state="unknown"))
    return key


@pytest.mark.parametrize(("result", "state"), [("sent", "done"), ("not_sent", "refused")])
async def test_after_the_end_a_persons_word_is_booked_and_settles_the_ledger(
    place: Place, result: str, state: str
) -> None:
    key = await ended_in_doubt(place)
    with place.engine.connect() as tx:
        assert [row["key"] for row in doubts.in_doubt(tx, place.creditor)] == [key]
    assert not await resolve(place.client, place.engine, place.creditor, INVOICE, word(key, result))
    assert effect(place.engine, key)["state"] == state
    entries = [row["entry"] for row in trail(place.engine, place.creditor)]
    assert f"{place.creditor}:{INVOICE}:1:event:r-{result}" in entries
    with pytest.raises(RefusedByRulesError, match="those that are: none"):
        await resolve(place.client, place.engine, place.creditor, INVOICE, word(key, "sent"))


async def test_a_running_case_refuses_a_word_on_what_is_not_in_doubt(place: Place) -> None:
    await place.open(place.case())
    await place.until("first", "fee")
    key = f"{place.creditor}:{INVOICE}:1:first:email"
    with pytest.raises(RefusedByRulesError, match="no outcome is unknown under that key"):
        await resolve(place.client, place.engine, place.creditor, INVOICE, word(key, "sent"))


async def test_a_word_on_an_invoice_without_a_case_is_refused(place: Place) -> None:
    with pytest.raises(RefusedByRulesError, match="those that are: none"):
        await resolve(place.client, place.engine, place.creditor, "INV-9", word("x", "sent"))
