"""A placed case that is called back: the agency is told beside the dossier it has, once."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from types_boto3_s3 import S3Client

from activities.case_activities import CaseActivities
from fakes.broken import closed_port
from schemas.case import Entry
from schemas.effects import ChannelReceipt, Effect, Planned
from schemas.errors import ProviderUnavailableError
from settings import Settings
from tests.activities.build import INVOICE, NOW, Debtor, objects, order, trail
from tests.activities.conftest import WithDocumentsAt

LATER = NOW + timedelta(days=9)
NOWHERE = f"http://127.0.0.1:{closed_port()}"


def event(number: int, kind: str, amount: str | None = None, at: datetime = LATER) -> Entry:
    figures = {} if amount is None else {"amount": amount, "currency": "EUR"}
    detail = {"type": kind, "happened_at": at.isoformat()} | figures
    return Entry(id=f"event:e{number}", at=at, kind="event", detail=detail)


def place(activities: CaseActivities, creditor: str, episode: int = 1, *journal: Entry) -> None:
    planned = Planned(do="handoff", key=f"{creditor}:{INVOICE}:{episode}:handoff:handoff")
    placing = order(creditor, "handoff", episode=episode, planned=(planned,), journal=journal)
    assert activities.hand_off(placing).receipts[0].result == "done"


def recalling(creditor: str, *journal: Entry, episode: int = 2, **changes: Any) -> Effect:  # noqa: ANN401 - an order's fields
    planned = Planned(do="recall", key=f"{creditor}:{INVOICE}:{episode}:recalled:recall")
    fields = {
        "episode": episode,
        "at": LATER,
        "planned": (planned,),
        "template": None,
        "agency": "default",
        "open_minor": 40_000,
        "journal": journal,
    }
    return order(creditor, "recall", **fields | changes)


def recall(activities: CaseActivities, ordered: Effect) -> ChannelReceipt:
    (one,) = activities.hand_off(ordered).receipts
    return one


def folder(s3: S3Client, outside: Settings, creditor: str, episode: int = 1) -> dict[str, bytes]:
    return objects(s3, outside, f"dossiers/{creditor}/{INVOICE}/{episode}/")


def test_the_notice_lies_beside_the_dossier_and_names_both_episodes(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    place(activities, debtor.creditor)
    before = folder(s3, outside, debtor.creditor)
    paid = event(1, "payment_received", "600.00")
    receipt = recall(activities, recalling(debtor.creditor, paid))
    after = folder(s3, outside, debtor.creditor)
    notice = json.loads(after.pop("recall.json"))
    assert after == before
    assert notice == {
        "schema": "dunning-recall/1",
        "creditor": debtor.creditor,
        "agency": "default",
        "invoice": INVOICE,
        "customer": "C-1",
        "placed_in_episode": 1,
        "recalled_in_episode": 2,
        "recalled_at": LATER.isoformat(),
        "reason": {
            "event": "payment_received",
            "at": LATER.isoformat(),
            "amount": "600.00",
            "currency": "EUR",
        },
        "open": {"amount": "400.00", "currency": "EUR"},
    }
    assert receipt.result == "done"
    assert (receipt.reference or "").endswith(f"{INVOICE}/1/recall.json")


def test_the_notice_names_no_debtor(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    place(activities, debtor.creditor)
    recall(activities, recalling(debtor.creditor, event(1, "dispute_opened", "100.00")))
    text = folder(s3, outside, debtor.creditor)["recall.json"].decode().lower()
    assert not [word for word in debtor.secrets if word.lower() in text]


@pytest.mark.parametrize(
    ("journal", "reason"),
    [
        ([event(1, "dispute_opened"), event(2, "contact_made")], "dispute_opened"),
        ([event(1, "payment_received", "1.00"), event(2, "stop_requested")], "stop_requested"),
        ([event(1, "placement_recalled")], "placement_recalled"),
        ([event(1, "payment_received", "1.00", LATER + timedelta(seconds=1))], None),
        ([], None),
    ],
    ids=["last reason", "last of two", "an operator", "not yet", "none"],
)
def test_the_reason_is_the_last_event_since_the_hand_off_that_is_one(
    activities: CaseActivities,
    outside: Settings,
    s3: S3Client,
    debtor: Debtor,
    journal: list[Entry],
    reason: str | None,
) -> None:
    place(activities, debtor.creditor, 1, event(9, "payment_received", "5.00", NOW))
    recall(activities, recalling(debtor.creditor, *journal))
    notice = json.loads(folder(s3, outside, debtor.creditor)["recall.json"])
    assert (notice["reason"] and notice["reason"]["event"]) == reason


def test_a_recall_is_about_the_last_hand_off(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    """Two episodes were handed off, a third ended without; the fourth is called back."""
    for episode in (1, 2):
        place(activities, debtor.creditor, episode)
    recall(activities, recalling(debtor.creditor, episode=4))
    notice = json.loads(folder(s3, outside, debtor.creditor, 2)["recall.json"])
    assert (notice["placed_in_episode"], notice["recalled_in_episode"]) == (2, 4)
    assert "recall.json" not in folder(s3, outside, debtor.creditor, 1)


def test_a_case_that_was_never_handed_off_is_not_recalled(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    receipt = recall(activities, recalling(debtor.creditor))
    assert (receipt.result, receipt.reason) == (
        "refused",
        "there is nothing to recall: the books know of no hand-off",
    )
    assert folder(s3, outside, debtor.creditor) == {}


def test_a_store_that_was_down_gets_the_same_notice_later_and_once(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    s3: S3Client,
    debtor: Debtor,
    with_documents_at: WithDocumentsAt,
) -> None:
    place(activities, debtor.creditor)
    ordered = recalling(debtor.creditor, event(1, "payment_received", "600.00"))
    with pytest.raises(ProviderUnavailableError):
        with_documents_at(NOWHERE).hand_off(ordered)
    put_off = ordered.model_copy(update={"at": LATER + timedelta(minutes=15)})
    first = recall(activities, put_off)
    notice = folder(s3, outside, debtor.creditor)["recall.json"]
    assert json.loads(notice)["recalled_at"] == LATER.isoformat()
    assert recall(activities, ordered) == first
    assert folder(s3, outside, debtor.creditor)["recall.json"] == notice
    kinds = [row["kind"] for row in trail(engine, debtor.creditor)]
    assert kinds == ["effect", "event", "effect"]


def test_a_hand_off_that_failed_is_nothing_to_recall(
    activities: CaseActivities, debtor: Debtor
) -> None:
    class Refusing:
        def put(self, document: object) -> Any:  # noqa: ANN401 - it never returns
            raise ProviderUnavailableError(f"not now: {document!r}"[:20])

    with pytest.raises(ProviderUnavailableError):
        replace(activities, documents=Refusing()).hand_off(order(debtor.creditor, "handoff"))
    assert recall(activities, recalling(debtor.creditor)).result == "refused"
