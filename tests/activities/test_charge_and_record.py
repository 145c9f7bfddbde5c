"""The books: fees posted once, and a case's journal and ending recorded once."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DataError
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.case_activities import CaseActivities
from dunning.opening import new_case
from library import rates
from library.policies import find_policy
from schemas.case import Case, Entry
from schemas.charging import Charge
from schemas.effects import Effect, Receipt
from store import case_book
from store.debtors import read_debt
from store.tables import cases
from tests.activities.build import (
    INVOICE,
    NOW,
    Debtor,
    correction_of,
    effect,
    fee_of,
    interest_of,
    key,
    order,
    posted,
    trail,
)


def entered(engine: Engine, creditor: str) -> Case:
    with engine.begin() as tx:
        debt = read_debt(tx, creditor, INVOICE)
        policy = find_policy("net30-standard")
        case = new_case(creditor, debt.invoice, debt.customer.facts, policy, NOW)
        case_book.opened(tx, case)
    return case


def case_row(engine: Engine, creditor: str) -> dict[str, object]:
    with engine.connect() as tx:
        query = select(cases).where(cases.c.creditor == creditor)
        return dict(tx.execute(query).mappings().one())


def charging(creditor: str) -> Effect:
    return order(creditor, "fee", step="late-fee", charges=(fee_of(creditor),))


def test_a_fee_is_posted_once_with_what_it_was_computed_from(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    receipts = [activities.charge(charging(debtor.creditor)) for _ in range(2)]
    (row,) = posted(engine, debtor.creditor)
    assert (row["kind"], row["amount_minor"], row["currency"]) == ("fee", 4_000, "EUR")
    assert (row["ground"], row["posted_on"]) == ("contract", NOW.date())
    assert row["inputs"] == {"flat": "4000", "cap": "none"}
    assert receipts[0] == receipts[1]
    assert receipts[0].receipts[0].result == "done"
    assert effect(engine, key(debtor.creditor, "fee"))["reference"] == row["key"]


def test_a_fee_that_was_posted_keeps_its_amount(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    activities.charge(charging(debtor.creditor))
    other = fee_of(debtor.creditor, 9_900)
    activities.charge(order(debtor.creditor, "fee", charges=(other,)))
    assert [row["amount_minor"] for row in posted(engine, debtor.creditor)] == [4_000]


def test_a_fee_without_its_charge_is_refused(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    (one,) = activities.charge(order(debtor.creditor, "fee")).receipts
    assert (one.result, one.reason) == ("refused", "the order names no charge")
    assert posted(engine, debtor.creditor) == []


def interest(creditor: str) -> tuple[Charge, ...]:
    first = interest_of(creditor, 986, ":2026-01-31")
    return (first, correction_of(first, 986), interest_of(creditor, 1_250))


def test_every_line_of_interest_is_posted_once_under_one_effect(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    lines = interest(debtor.creditor)
    charging = order(debtor.creditor, "interest", charges=lines)
    receipts = [activities.charge(charging) for _ in range(2)]
    assert {row["key"]: row["amount_minor"] for row in posted(engine, debtor.creditor)} == {
        line.key: line.minor for line in lines
    }
    assert sum(row["amount_minor"] for row in posted(engine, debtor.creditor)) == 1_250
    assert receipts[0] == receipts[1]
    assert receipts[0].receipts[0].reference == key(debtor.creditor, "interest")


def test_lines_of_which_one_cannot_be_posted_are_not_posted_at_all(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    """A half-posted step would leave books that no computation explains."""
    lines = interest(debtor.creditor)
    too_much = lines[-1].model_copy(update={"minor": 2**70})
    charging = order(debtor.creditor, "interest", charges=(*lines[:-1], too_much))
    with pytest.raises(DataError):
        activities.charge(charging)
    assert posted(engine, debtor.creditor) == []
    whole = order(debtor.creditor, "interest", charges=lines)
    assert activities.charge(whole).receipts[0].result == "done"
    assert len(posted(engine, debtor.creditor)) == len(lines)


def test_a_charge_that_is_only_announced_is_not_in_the_books(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    notice = interest_of(debtor.creditor, 986, posting="notice_only")
    (one,) = activities.charge(order(debtor.creditor, "interest", charges=(notice,))).receipts
    assert one.result == "done"
    assert posted(engine, debtor.creditor) == []


JOURNAL = (
    Entry(id="event:p1", at=NOW, kind="event", detail={"type": "payment_received"}),
    Entry(id="step:call:skipped", at=NOW, kind="step skipped", detail={"step": "call"}),
)


def recording(creditor: str, **changes: object) -> Effect:
    return order(creditor, step="", template=None, journal=JOURNAL, **changes)


def test_the_journal_is_booked_once_however_often_it_is_recorded(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    for _ in range(2):
        assert activities.record(recording(debtor.creditor)) == Receipt()
    rows = trail(engine, debtor.creditor)
    assert [(row["kind"], row["case_at"], row["episode"]) for row in rows] == [
        ("event", NOW, 1),
        ("step skipped", NOW, 1),
    ]
    assert rows[0]["detail"] == {"type": "payment_received"}


def test_the_outcome_and_the_last_view_are_recorded_once(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    entered(engine, debtor.creditor)
    ending = recording(debtor.creditor, outcome="paid", view='{"status": "closed"}')
    activities.record(ending)
    before = case_row(engine, debtor.creditor)
    activities.record(ending)
    assert case_row(engine, debtor.creditor) == before
    assert (before["outcome"], before["closed_at"]) == ("paid", NOW)
    assert before["view"] == {"status": "closed"}


def test_a_journal_booked_before_the_case_ended_leaves_it_open(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    entered(engine, debtor.creditor)
    activities.record(recording(debtor.creditor))
    assert case_row(engine, debtor.creditor)["outcome"] is None


def test_a_case_that_ended_before_it_was_entered_is_entered_as_ended(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    closed = Entry(id="closed", at=NOW, kind="closed", detail={"outcome": "paid", "reason": "-"})
    ending = order(debtor.creditor, journal=(closed,), outcome="paid", view="{}")
    activities.record(ending)
    entered(engine, debtor.creditor)
    row = case_row(engine, debtor.creditor)
    assert (row["outcome"], row["closed_at"]) == ("paid", NOW)


def test_an_event_of_any_id_a_sender_may_write_is_booked_once(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    """Booking waits for PostgreSQL for ever, so a row it never takes would wedge the case."""
    ids = ["nul \0", "half \ud800", "é" * 200, "1" * 200 + "a", "1" * 200 + "b"]
    entries = tuple(
        Entry(id=f"event:{one}", at=NOW, kind="event", detail={"type": "x", "raw": one})
        for one in ids
    )
    for _ in range(2):
        activities.record(order(debtor.creditor, journal=entries))
    assert len(trail(engine, debtor.creditor)) == len(ids)


@pytest.fixture
def base_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of the only rate table there is."""
    monkeypatch.setattr(rates, "SHIPPED", tmp_path)
    shipped = {"schema": "reference-rates/1", "id": "base", "name": "a rate", "source": "a bank"}
    path = tmp_path / "base.yaml"
    path.write_text(json.dumps(shipped | {"rates": [{"on": "2026-01-01", "percent": "1.27"}]}))
    return path


@pytest.mark.parametrize(("known", "percents"), [(None, ["1.27"]), (date(2026, 1, 1), [])])
def test_recording_answers_with_the_rates_a_case_lacks(
    activities: CaseActivities,
    debtor: Debtor,
    base_rate: Path,
    known: date | None,
    percents: list[str],
) -> None:
    assert base_rate.is_file()
    receipt = activities.record(recording(debtor.creditor, rates={"base": known}))
    assert [str(rate.percent) for table in receipt.rates for rate in table.rates] == percents


def test_a_table_that_does_not_read_is_logged_and_keeps_nothing_from_the_books(
    activities: CaseActivities,
    engine: Engine,
    debtor: Debtor,
    base_rate: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    base_rate.write_text(base_rate.read_text().replace("2026-01-01", "2026-02-01"))
    receipt = activities.record(recording(debtor.creditor, rates={"base": None}))
    assert receipt == Receipt()
    assert len(trail(engine, debtor.creditor)) == len(JOURNAL)
    assert f"{base_rate}, line 1" in caplog.text


async def test_an_order_survives_the_way_through_temporal(debtor: Debtor) -> None:
    ordered = charging(debtor.creditor).model_copy(update={"journal": JOURNAL})
    payloads = await pydantic_data_converter.encode([ordered])
    (back,) = await pydantic_data_converter.decode(payloads, [Effect])
    assert back == ordered
    assert debtor.name not in json.dumps([payload.data.decode() for payload in payloads])
