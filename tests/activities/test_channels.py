"""Several channels in one step: each on its own."""

from dataclasses import replace
from typing import NoReturn

import pytest
from sqlalchemy import Engine

from activities.case_activities import CaseActivities
from fakes.broken import BrokenServer, closed_port
from schemas.errors import ProviderUnavailableError
from schemas.messages import Document, Email
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
    order,
    trail,
)
from tests.activities.conftest import WithDocumentsAt, WithEmailAt

NOWHERE = f"http://127.0.0.1:{closed_port()}"


def results(activities: CaseActivities, creditor: str, *dos: str) -> list[str]:
    return [one.result for one in activities.send(order(creditor, *dos)).receipts]


def test_every_channel_of_a_step_has_its_own_receipt_in_the_order_asked_for(
    activities: CaseActivities, debtor: Debtor
) -> None:
    receipt = activities.send(order(debtor.creditor, "letter", "email", "sms"))
    assert [(one.do, one.result) for one in receipt.receipts] == [
        ("letter", "done"),
        ("email", "done"),
        ("sms", "done"),
    ]


def test_a_channel_that_fails_neither_stops_nor_repeats_the_next(
    activities: CaseActivities,
    outside: Settings,
    debtor: Debtor,
    with_email_at: WithEmailAt,
) -> None:
    broken = with_email_at(NOWHERE)
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            broken.send(order(debtor.creditor, "email", "sms"))
        assert len(messages_to(outside, debtor.phone)) == 1
    assert results(activities, debtor.creditor, "email", "sms") == ["done", "done"]
    assert len(emails_to(outside, debtor.email)) == 1
    assert len(messages_to(outside, debtor.phone)) == 1


def test_a_channel_that_fails_does_not_repeat_the_one_before(
    activities: CaseActivities,
    outside: Settings,
    debtor: Debtor,
    with_documents_at: WithDocumentsAt,
) -> None:
    broken = with_documents_at(NOWHERE)
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            broken.send(order(debtor.creditor, "email", "letter"))
    assert results(activities, debtor.creditor, "email", "letter") == ["done", "done"]
    assert len(emails_to(outside, debtor.email)) == 1


def test_an_unknown_or_refused_channel_leaves_the_others_alone(
    outside: Settings, engine: Engine, creditor: str, with_email_at: WithEmailAt
) -> None:
    debtor = enter(engine, creditor, opted_out=["letter"])
    with BrokenServer("reset") as broken:
        activities = with_email_at(broken.url)
        assert results(activities, creditor, "email", "letter", "sms") == [
            "unknown",
            "refused",
            "done",
        ]
    assert len(messages_to(outside, debtor.phone)) == 1


def test_a_channel_that_is_done_is_booked_though_another_fails(
    engine: Engine, debtor: Debtor, with_email_at: WithEmailAt
) -> None:
    with pytest.raises(ProviderUnavailableError):
        with_email_at(NOWHERE).send(order(debtor.creditor, "email", "sms"))
    booked = [(row["detail"]["channel"], row["detail"]["result"]) for row in told(engine, debtor)]
    assert booked == [("sms", "done")]


def told(engine: Engine, debtor: Debtor) -> list[dict[str, dict[str, str]]]:
    return [dict(row) for row in trail(engine, debtor.creditor)]


class Bug(Exception):  # noqa: N818 - what nobody foresaw
    """An error that no port promises."""


class Surprising:
    """A provider with a bug."""

    def send_email(self, _: Email) -> NoReturn:
        """Fail as nobody foresaw."""
        raise Bug

    def put(self, _: Document) -> NoReturn:
        """Fail as nobody foresaw."""
        raise Bug


def test_a_bug_amid_one_channel_leaves_the_next_unclaimed_and_the_retry_sends_it(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    messenger = replace(activities.messenger, email=Surprising())
    with pytest.raises(Bug):
        replace(activities, messenger=messenger).send(order(debtor.creditor, "email", "sms"))
    assert effect(engine, key(debtor.creditor, "email"))["state"] == "attempting"
    assert len(effects_of(engine, debtor.creditor)) == 1
    with pytest.raises(StillAtWorkError):
        activities.send(order(debtor.creditor, "email", "sms"))
    assert len(messages_to(outside, debtor.phone)) == 1
    assert emails_to(outside, debtor.email) == []
