"""Each effect happens once, whatever the provider, the worker or a second worker does meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from types_boto3_s3 import S3Client

from activities.case_activities import CaseActivities
from fakes.broken import BrokenServer, Failing, closed_port, http_answer
from schemas.effects import Receipt
from schemas.errors import ProviderUnavailableError
from settings import Settings
from store.effect_ledger import StillAtWorkError
from tests.activities.build import (
    Debtor,
    effect,
    effects_of,
    emails_to,
    enter,
    key,
    messages_to,
    objects,
    order,
    trail,
)
from tests.activities.conftest import WithDocumentsAt, WithEmailAt

NOWHERE = f"http://127.0.0.1:{closed_port()}"
FAULT = http_answer(500, '{"message": "no idea"}')


def result(receipt: Receipt) -> str:
    (one,) = receipt.receipts
    return one.result


def test_a_provider_that_is_down_fails_the_attempt_and_the_retry_sends_exactly_one(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    with_email_at: WithEmailAt,
) -> None:
    ordered = order(debtor.creditor, "email")
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            with_email_at(NOWHERE).send(ordered)
        assert effect(engine, key(debtor.creditor, "email"))["state"] == "failed"
    assert result(activities.send(ordered)) == "done"
    assert result(activities.send(ordered)) == "done"
    assert len(emails_to(outside, debtor.email)) == 1
    row = effect(engine, key(debtor.creditor, "email"))
    assert (row["state"], row["reason"]) == ("done", None)


def test_what_a_later_attempt_sends_is_what_the_ledger_remembers(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    with_email_at: WithEmailAt,
) -> None:
    with pytest.raises(ProviderUnavailableError):
        with_email_at(NOWHERE).send(order(debtor.creditor, "email"))
    before = effect(engine, key(debtor.creditor, "email"))
    later = order(debtor.creditor, "email", open_minor=60_000, paid_minor=40_000)
    later = later.model_copy(update={"at": later.at + timedelta(hours=1)})
    activities.send(later)
    after = effect(engine, key(debtor.creditor, "email"))
    assert after["content_hash"] != before["content_hash"]
    assert after["case_at"] == later.at
    assert "600,00" in emails_to(outside, debtor.email)[0]["body"]


@pytest.mark.parametrize("failing", ["reset", FAULT], ids=["reset", "500"])
def test_an_answer_that_proves_nothing_is_unknown_and_never_repeated(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    with_email_at: WithEmailAt,
    failing: Failing | bytes,
) -> None:
    ordered = order(debtor.creditor, "email")
    with BrokenServer(failing) as broken:
        first = with_email_at(broken.url).send(ordered)
        again = with_email_at(broken.url).send(ordered)
        assert broken.received == 1
    assert result(first) == "unknown"
    assert first.receipts[0].reason
    assert activities.send(ordered) == again == first
    assert emails_to(outside, debtor.email) == []
    assert effect(engine, key(debtor.creditor, "email"))["state"] == "unknown"
    assert [row["detail"]["result"] for row in trail(engine, debtor.creditor)] == ["unknown"]


def test_after_a_fault_twilio_is_asked_before_anything_is_repeated(
    activities: CaseActivities, outside: Settings, engine: Engine, creditor: str
) -> None:
    debtor = enter(engine, creditor, "0500")
    with pytest.raises(StillAtWorkError, match="the provider is asked soon"):
        activities.send(order(creditor, "sms"))
    assert effect(engine, key(creditor, "sms"))["state"] == "attempting"
    with pytest.raises(StillAtWorkError, match="claimed moments ago"):
        activities.send(order(creditor, "sms"))
    assert messages_to(outside, debtor.phone) == []


def test_too_many_requests_are_tried_again(
    activities: CaseActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor, "0429")
    with pytest.raises(ProviderUnavailableError):
        activities.send(order(creditor, "sms"))
    assert effect(engine, key(creditor, "sms"))["state"] == "failed"


def test_a_letter_whose_answer_was_lost_is_stored_again_harmlessly(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    s3: S3Client,
    debtor: Debtor,
    with_documents_at: WithDocumentsAt,
) -> None:
    letter = order(debtor.creditor, "letter")
    with BrokenServer("reset") as broken, pytest.raises(ProviderUnavailableError):
        with_documents_at(broken.url).send(letter)
    assert effect(engine, key(debtor.creditor, "letter"))["state"] == "failed"
    assert result(activities.send(letter)) == "done"
    assert len(objects(s3, outside, f"letters/{debtor.creditor}/")) == 2  # and its manifest


def test_two_workers_at_once_send_exactly_one_however_often_they_meet(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    both = Barrier(2)

    def send(step: str) -> str:
        planned = order(debtor.creditor, "email").planned[0]
        planned = planned.model_copy(update={"key": key(debtor.creditor, "email", step)})
        both.wait(10)
        try:
            return result(activities.send(order(debtor.creditor, planned=(planned,), step=step)))
        except StillAtWorkError:
            return "still at work"

    with ThreadPoolExecutor(2) as pool:
        for number in range(50):
            met = set(pool.map(send, [f"step-{number}"] * 2))
            assert met in ({"done"}, {"done", "still at work"})
    assert len(emails_to(outside, debtor.email)) == 50
    rows = effects_of(engine, debtor.creditor)
    assert {row["state"] for row in rows} == {"done"}
    assert len({row["reference"] for row in rows}) == 50
