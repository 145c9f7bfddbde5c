"""No name, address, number or message text where it cannot be erased: searched for, by the word."""

import json
import logging
import traceback
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DefaultFailureConverter

from activities.case_activities import CaseActivities
from fakes.broken import BrokenServer, Failing, closed_port, http_answer
from schemas.case import Entry
from schemas.errors import EffectError
from settings import Settings
from store.effect_ledger import StillAtWorkError
from tests.activities.build import (
    NOW,
    Debtor,
    calls_to,
    effects_of,
    emails_to,
    enter,
    messages_to,
    order,
    trail,
)
from tests.activities.conftest import WithEmailAt

WORDS = ("Guten Tag", "Rechnung", "automatischer Anruf", "offen")
"""What stands in the messages, in the debtor's language."""


def rows_of(engine: Engine, creditor: str) -> str:
    rows = [*trail(engine, creditor), *effects_of(engine, creditor)]
    return json.dumps([dict(row) for row in rows], default=str, ensure_ascii=False)


def assert_silent(debtor: Debtor, told: Iterable[str]) -> None:
    for where in told:
        assert where
        for word in (*debtor.secrets, *WORDS):
            assert word.lower() not in where.lower(), f"{word!r} is in {where[:2000]}"


async def as_history(error: Exception) -> str:
    """Write an error as Temporal writes it into a workflow's history."""
    failure = Failure()
    converter = DefaultFailureConverter()
    converter.to_failure(error, pydantic_data_converter.payload_converter, failure)
    return str(failure)


def test_what_was_sent_is_not_told_by_receipts_books_or_logs(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    sent = activities.send(order(debtor.creditor, "email", "sms", "letter"))
    called = activities.call(order(debtor.creditor, "call"))
    handed = activities.hand_off(order(debtor.creditor, "handoff"))
    assert all(one.result == "done" for one in (*sent.receipts, *called.receipts, *handed.receipts))
    assert "Geheimrat" in emails_to(outside, debtor.email)[0]["body"]
    assert messages_to(outside, debtor.phone)
    assert calls_to(outside, debtor.phone)
    receipts = [receipt.model_dump_json() for receipt in (sent, called, handed)]
    assert_silent(debtor, [*receipts, rows_of(engine, debtor.creditor), caplog.text])


@pytest.mark.parametrize("ending", ["0010", "0011", "0012", "0500"])
def test_a_refusal_that_quotes_the_number_is_kept_without_it(
    activities: CaseActivities,
    engine: Engine,
    creditor: str,
    ending: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    debtor = enter(engine, creditor, ending)
    try:
        told = activities.send(order(creditor, "sms")).model_dump_json()
    except StillAtWorkError as error:
        told = str(error)
    assert_silent(debtor, [told, rows_of(engine, creditor), caplog.text])


def quoting(debtor: Debtor, status: int) -> bytes:
    body = {"__type": "Throttled", "message": f"no mail for {debtor.email} today"}
    return http_answer(status, json.dumps(body))


@pytest.mark.parametrize("failing", ["nobody", "reset", 400, 429, 500])
async def test_no_error_and_no_log_line_tells_whom_it_was_about(
    engine: Engine,
    debtor: Debtor,
    with_email_at: WithEmailAt,
    failing: Failing | int | str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    answer: Any = quoting(debtor, failing) if isinstance(failing, int) else "reset"
    told = []
    with BrokenServer(answer) as broken:
        url = f"http://127.0.0.1:{closed_port()}" if failing == "nobody" else broken.url
        try:
            receipt = with_email_at(url).send(order(debtor.creditor, "email"))
            told.append(receipt.model_dump_json())
        except EffectError as error:
            told += ["".join(traceback.format_exception(error)), await as_history(error)]
            told.append(caplog.text)
    assert_silent(debtor, [*told, rows_of(engine, debtor.creditor)])


async def test_a_fault_of_the_books_does_not_tell_what_was_to_be_written(
    activities: CaseActivities, debtor: Debtor
) -> None:
    """A malformed signal's raw text is booked; it must not reach a history in a database error."""
    raw = f"Wilhelmine Geheimrat, {debtor.email}, {debtor.phone}"
    entry = Entry(id="rejected:1", at=NOW, kind="k" * 41, detail={"raw": raw})
    with pytest.raises(Exception, match="value too long") as caught:
        activities.record(order(debtor.creditor, journal=(entry,)))
    told = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO audit" in told
    assert_silent(debtor, [told, await as_history(caught.value)])


def test_nothing_personal_is_asked_for_in_an_order_or_a_reference(
    activities: CaseActivities, outside: Settings, debtor: Debtor
) -> None:
    """What the debtor quotes to us is the invoice's id, and so is what names a letter."""
    ordered = order(debtor.creditor, "email", "sms", "letter")
    receipt = activities.send(ordered)
    assert_silent(debtor, [ordered.model_dump_json(), receipt.receipts[2].reference or ""])
    assert ">INV-1<" in emails_to(outside, debtor.email)[0]["body"]
