"""The dossier a collections agency gets: complete, exact, and the same however often it is made."""

import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from types_boto3_s3 import S3Client

from activities.case_activities import CaseActivities
from fakes.broken import closed_port
from schemas.case import Entry
from schemas.effects import Effect
from schemas.errors import ProviderUnavailableError
from schemas.messages import Document, Sent
from settings import Settings
from tests.activities.build import (
    INVOICE,
    NOW,
    Debtor,
    correction_of,
    effect,
    fee_of,
    interest_of,
    key,
    objects,
    order,
)
from tests.activities.conftest import WithDocumentsAt

NOWHERE = f"http://127.0.0.1:{closed_port()}"
FILES = {"case.json", "ledger.csv", "contacts.csv", "SHA256SUMS"}


def event(
    number: int, kind: str, amount: str | None, at: str = "2026-02-10T18:00:00+01:00"
) -> Entry:
    figures = {} if amount is None else {"amount": amount, "currency": "EUR"}
    detail = {"type": kind, "happened_at": at} | figures
    return Entry(id=f"event:e{number}", at=NOW, kind="event", detail=detail)


def handing_over(creditor: str, *journal: Entry, **changes: object) -> Effect:
    return order(creditor, "handoff", agency="default", journal=journal, **changes)


def dossier(s3: S3Client, outside: Settings, creditor: str) -> dict[str, bytes]:
    return objects(s3, outside, f"dossiers/{creditor}/{INVOICE}/1/")


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


def test_the_dossiers_checksums_verify_and_name_every_other_file(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    (receipt,) = activities.hand_off(handing_over(debtor.creditor)).receipts
    files = dossier(s3, outside, debtor.creditor)
    assert files.keys() == FILES
    sums = files["SHA256SUMS"].decode().splitlines()
    assert {line[66:]: line[:64] for line in sums} == {
        name: hashlib.sha256(body).hexdigest()
        for name, body in files.items()
        if name != "SHA256SUMS"
    }
    assert receipt.result == "done"
    assert receipt.reference == (
        f"s3://{outside.dossier_bucket}/dossiers/{debtor.creditor}/{INVOICE}/1/SHA256SUMS"
    )


def test_the_ledger_leads_from_the_invoice_to_what_is_open(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    activities.charge(order(debtor.creditor, "fee", charges=(fee_of(debtor.creditor),)))
    paid = event(1, "payment_received", "400.00")
    activities.hand_off(handing_over(debtor.creditor, paid, open_minor=64_000))
    files = dossier(s3, outside, debtor.creditor)
    assert [(row["date"], row["line"], row["amount"]) for row in table(files["ledger.csv"])] == [
        ("2026-01-01", "invoice", "1000.00"),
        ("2026-02-01", "fee", "40.00"),
        ("2026-02-10", "payment_received", "400.00"),
    ]
    case = json.loads(files["case.json"])
    assert case["open"] == {"amount": "640.00", "currency": "EUR"}
    assert case["invoice"]["amount"] == {"amount": "1000.00", "currency": "EUR"}
    assert case["ledger"] == table(files["ledger.csv"])


def test_the_dossier_names_the_debtor_for_it_is_for_who_must_reach_him(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    activities.hand_off(handing_over(debtor.creditor))
    case = json.loads(dossier(s3, outside, debtor.creditor)["case.json"])
    assert (case["debtor"]["name"], case["debtor"]["email"]) == (debtor.name, debtor.email)
    assert (case["agency"], case["episode"]) == ("default", 1)


def test_the_contacts_are_those_of_the_effect_ledger(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    sent = activities.send(order(debtor.creditor, "email", "sms")).receipts
    activities.hand_off(handing_over(debtor.creditor))
    files = dossier(s3, outside, debtor.creditor)
    assert [
        (row["channel"], row["result"], row["reference"]) for row in table(files["contacts.csv"])
    ] == [
        ("email", "done", sent[0].reference),
        ("sms", "done", sent[1].reference),
    ]
    assert json.loads(files["case.json"])["contacts"] == table(files["contacts.csv"])


def test_only_what_moves_money_is_in_the_ledger_and_a_reversal_is_never_missing(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    journal = (
        event(1, "payment_received", "400.00"),
        event(2, "promise_made", "600.00"),
        event(3, "dispute_opened", "100.00"),
        event(4, "payment_reversed", None, "2026-02-12T10:00:00+01:00"),
        event(5, "contact_outcome", None),
    )
    activities.hand_off(handing_over(debtor.creditor, *journal))
    rows = table(dossier(s3, outside, debtor.creditor)["ledger.csv"])
    assert [row["line"] for row in rows] == ["invoice", "payment_received", "payment_reversed"]
    assert rows[-1]["amount"] == ""


def test_a_movement_is_on_the_debtors_day(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    late = event(1, "payment_received", "1.00", at="2026-02-10T23:30:00+00:00")
    activities.hand_off(handing_over(debtor.creditor, late))
    rows = table(dossier(s3, outside, debtor.creditor)["ledger.csv"])
    assert rows[-1]["date"] == "2026-02-11"


def test_a_second_run_finds_the_same_bytes(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    ordered = handing_over(debtor.creditor, event(1, "payment_received", "400.00"))
    first = activities.hand_off(ordered)
    before = dossier(s3, outside, debtor.creditor)
    assert activities.hand_off(ordered) == first
    assert dossier(s3, outside, debtor.creditor) == before


class Failing:
    """Takes some documents, then is down."""

    def __init__(self, documents: object, takes: int) -> None:
        self.documents, self.takes = documents, takes

    def put(self, document: Document) -> Sent:
        """Store one of the first few."""
        if not self.takes:
            raise ProviderUnavailableError("s3: down")
        self.takes -= 1
        sent: Sent = self.documents.put(document)  # type: ignore[attr-defined]
        return sent


@pytest.mark.parametrize("takes", [1, 2, 3])
def test_a_dossier_cut_short_is_completed_by_a_later_attempt_of_another_moment(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    s3: S3Client,
    debtor: Debtor,
    takes: int,
) -> None:
    """A step is put off when its activity gave up, and decided anew a quarter of an hour later."""
    broken = replace(activities, documents=Failing(activities.documents, takes))
    ordered = handing_over(debtor.creditor)
    with pytest.raises(ProviderUnavailableError):
        broken.hand_off(ordered)
    assert "SHA256SUMS" not in dossier(s3, outside, debtor.creditor)
    later = ordered.model_copy(update={"at": ordered.at + timedelta(minutes=15)})
    (receipt,) = activities.hand_off(later).receipts
    assert (receipt.result, receipt.reason) == ("done", None)
    files = dossier(s3, outside, debtor.creditor)
    assert files.keys() == FILES
    assert json.loads(files["case.json"])["handed_off_at"] == ordered.at.isoformat()
    assert effect(engine, key(debtor.creditor, "handoff"))["state"] == "done"


def test_a_store_that_is_down_is_tried_again(
    activities: CaseActivities,
    outside: Settings,
    s3: S3Client,
    debtor: Debtor,
    with_documents_at: WithDocumentsAt,
) -> None:
    with pytest.raises(ProviderUnavailableError):
        with_documents_at(NOWHERE).hand_off(handing_over(debtor.creditor))
    assert dossier(s3, outside, debtor.creditor) == {}
    assert activities.hand_off(handing_over(debtor.creditor)).receipts[0].result == "done"


def test_a_dossier_that_somebody_else_wrote_is_never_overwritten(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    name = f"dossiers/{debtor.creditor}/{INVOICE}/1/case.json"
    activities.documents.put(Document(name, b"another", "application/json"))
    (receipt,) = activities.hand_off(handing_over(debtor.creditor)).receipts
    assert receipt.result == "refused"
    assert dossier(s3, outside, debtor.creditor) == {"case.json": b"another"}


def test_interest_and_what_corrects_it_stand_in_the_ledger_with_their_grounds(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    interest = interest_of(debtor.creditor, 986)
    lowered = correction_of(interest, 986)
    lines = (interest, lowered, interest_of(debtor.creditor, 575, "~2"))
    activities.charge(order(debtor.creditor, "interest", charges=lines))
    activities.hand_off(handing_over(debtor.creditor, open_minor=100_575))
    files = dossier(s3, outside, debtor.creditor)
    rows = table(files["ledger.csv"])
    assert [(row["line"], row["amount"], row["ground"]) for row in rows[1:]] == [
        ("interest", "9.86", "BGB 288"),
        ("interest_correction", "-9.86", f"BGB 288; corrects {interest.key}"),
        ("interest", "5.75", "BGB 288"),
    ]
    assert json.loads(files["case.json"])["ledger"] == rows


def test_a_cell_that_a_spreadsheet_would_run_is_shown_as_text(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    fee = fee_of(debtor.creditor).model_copy(update={"ground": "=HYPERLINK(1)"})
    activities.charge(order(debtor.creditor, "fee", charges=(fee,)))
    activities.hand_off(handing_over(debtor.creditor))
    rows = table(dossier(s3, outside, debtor.creditor)["ledger.csv"])
    assert rows[1]["ground"] == "'=HYPERLINK(1)"
