"""What a worker killed between claim and settlement leaves is unknown, and never repeated."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest
from sqlalchemy import Engine
from types_boto3_s3 import S3Client

from activities.case_activities import CaseActivities
from embedded.processes import ROOT
from fakes.broken import BrokenServer
from schemas.effects import Effect, Receipt
from schemas.messages import Document, Email
from settings import Settings
from store.effect_ledger import StillAtWorkError
from tests.activities.build import (
    Debtor,
    age,
    change,
    effect,
    effects_of,
    emails_to,
    fee_of,
    forget,
    key,
    messages_to,
    objects,
    order,
    posted,
    result,
)

SENDING = """
import worker
from settings import settings
from store import engine
from tests.activities.build import order
books = engine.connect(settings().database_url, 1)
worker.case_activities(settings(), books).send(order(settings().creditor, "email", "sms"))
"""


def kill_while_sending(environment: pytest.MonkeyPatch) -> None:
    with BrokenServer("silence") as broken:
        environment.setenv("DUNNING_AWS_ENDPOINT_URL", broken.url)
        worker = subprocess.Popen([sys.executable, "-c", SENDING], cwd=ROOT)  # noqa: S603
        until = time.monotonic() + 60
        while not broken.received and time.monotonic() < until:
            time.sleep(0.02)
        worker.kill()
        worker.wait()
        assert broken.received == 1


def test_what_a_killed_worker_was_sending_is_awaited_then_unknown_and_the_rest_is_sent(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DUNNING_DATABASE_URL", outside.database_url)
    monkeypatch.setenv("DUNNING_CREDITOR", debtor.creditor)
    kill_while_sending(monkeypatch)
    with pytest.raises(StillAtWorkError):
        activities.send(order(debtor.creditor, "email", "sms"))
    assert len(messages_to(outside, debtor.phone)) == 1
    age(engine, key(debtor.creditor, "email"))
    after = [activities.send(order(debtor.creditor, "email", "sms")) for _ in range(2)]
    assert [[one.result for one in receipt.receipts] for receipt in after] == [
        ["unknown", "done"],
        ["unknown", "done"],
    ]
    assert emails_to(outside, debtor.email) == []
    assert len(messages_to(outside, debtor.phone)) == 1


class Killed(BaseException):
    """Stands for the end of the process."""


class Deadly:
    """A provider that the process does not survive."""

    def send_email(self, _: Email) -> NoReturn:
        """End."""
        raise Killed

    def put(self, _: Document) -> NoReturn:
        """End."""
        raise Killed


@pytest.fixture
def deadly(activities: CaseActivities) -> CaseActivities:
    messenger = replace(activities.messenger, email=Deadly(), documents=Deadly())
    return replace(activities, messenger=messenger, documents=Deadly())


def test_a_fresh_claim_is_awaited_and_a_stale_one_is_unknown_without_a_second_send(
    activities: CaseActivities,
    deadly: CaseActivities,
    outside: Settings,
    engine: Engine,
    debtor: Debtor,
) -> None:
    email = order(debtor.creditor, "email")
    with pytest.raises(Killed):
        deadly.send(email)
    assert effect(engine, key(debtor.creditor, "email"))["state"] == "attempting"
    with pytest.raises(StillAtWorkError):
        activities.send(email)
    assert effect(engine, key(debtor.creditor, "email"))["state"] == "attempting"
    age(engine, key(debtor.creditor, "email"))
    assert [result(activities.send(email)) for _ in range(2)] == ["unknown"] * 2
    assert emails_to(outside, debtor.email) == []


CHANGES = [{"opted_out": ["email"]}, {"email": None}, {"time_zone": "Nowhere/At-All"}]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_what_was_sent_stays_sent_whatever_changes_before_the_retry(
    activities: CaseActivities, engine: Engine, debtor: Debtor, changes: dict[str, object]
) -> None:
    email = order(debtor.creditor, "email")
    sent = activities.send(email)
    change(engine, debtor.creditor, changes)
    assert activities.send(email) == sent
    assert result(sent) == "done"


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_what_may_have_been_sent_is_not_called_refused_whatever_changes_before_the_retry(
    activities: CaseActivities,
    deadly: CaseActivities,
    engine: Engine,
    debtor: Debtor,
    changes: dict[str, object],
) -> None:
    email = order(debtor.creditor, "email")
    with pytest.raises(Killed):
        deadly.send(email)
    change(engine, debtor.creditor, changes)
    with pytest.raises(StillAtWorkError):
        activities.send(email)
    age(engine, key(debtor.creditor, "email"))
    assert result(activities.send(email)) == "unknown"
    assert effect(engine, key(debtor.creditor, "email"))["state"] == "unknown"


def test_a_letter_that_may_be_stored_is_stored_again_at_once_and_is_still_one(
    activities: CaseActivities,
    deadly: CaseActivities,
    outside: Settings,
    s3: S3Client,
    debtor: Debtor,
) -> None:
    letter = order(debtor.creditor, "letter")
    with pytest.raises(Killed):
        deadly.send(letter)
    assert result(activities.send(letter)) == "done"
    assert len(objects(s3, outside, f"letters/{debtor.creditor}/")) == 2  # and its manifest


Act = Callable[[CaseActivities, Effect], Receipt]


@pytest.mark.parametrize(
    ("do", "act"),
    [
        ("letter", CaseActivities.send),
        ("handoff", CaseActivities.hand_off),
    ],
)
def test_what_is_harmless_to_repeat_is_repeated_and_gives_the_same(
    activities: CaseActivities, engine: Engine, debtor: Debtor, do: str, act: Act
) -> None:
    ordered = order(debtor.creditor, do)
    first = act(activities, ordered)
    forget(engine, key(debtor.creditor, do))
    assert act(activities, ordered) == first
    assert result(first) == "done"
    assert effect(engine, key(debtor.creditor, do))["state"] == "done"


def test_a_charge_is_claimed_and_posted_in_one_transaction_or_not_at_all(
    activities: CaseActivities,
    engine: Engine,
    debtor: Debtor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fees = order(debtor.creditor, "fee", charges=(fee_of(debtor.creditor),))

    def killed(*_: object, **__: object) -> NoReturn:
        raise Killed

    for place in ("claim", "settle"):
        with monkeypatch.context() as patch:
            patch.setattr(f"store.effect_ledger.{place}", killed)
            with pytest.raises(Killed):
                activities.charge(fees)
        assert posted(engine, debtor.creditor) == []
        assert effects_of(engine, debtor.creditor) == []
    assert [result(activities.charge(fees)) for _ in range(2)] == ["done"] * 2
    assert len(posted(engine, debtor.creditor)) == 1
