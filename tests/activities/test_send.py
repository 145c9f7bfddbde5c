"""Sending and calling: who is reached, in which words, for how much; and who is not reached."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.testing import ActivityEnvironment
from types_boto3_s3 import S3Client

from activities.case_activities import CaseActivities
from schemas.case import Entry
from schemas.charging import Charge
from schemas.effects import Planned, Receipt
from schemas.messages import Email, Sent
from settings import Settings
from tests.activities.build import (
    INVOICE,
    NOW,
    Debtor,
    calls_to,
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


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_an_email_goes_once_to_the_debtors_address_in_his_language_over_the_open_amount(
    activities: CaseActivities, outside: Settings, debtor: Debtor
) -> None:
    receipt = activities.send(order(debtor.creditor, "email", open_minor=60_000, paid_minor=40_000))
    (mail,) = emails_to(outside, debtor.email)
    assert mail["destinations"] == {"ToAddresses": [debtor.email]}
    assert mail["subject"] == "Ihre Rechnung INV-1 von Example Trading Ltd"
    assert "noch 600,00 € offen" in plain(mail["body"])
    assert "Wilhelmine Geheimrat" in mail["body"]
    assert receipt.receipts[0].reference == mail["id"]


def test_a_debtor_who_reads_english_is_written_to_in_english(
    activities: CaseActivities, outside: Settings, engine: Engine, creditor: str
) -> None:
    debtor = enter(engine, creditor, language="en")
    activities.send(order(creditor, "email"))
    (mail,) = emails_to(outside, debtor.email)
    assert mail["subject"] == "Your invoice INV-1 from Example Trading Ltd"
    assert "€1,000.00" in plain(mail["body"])


def test_a_posted_fee_is_shown_in_what_is_asked_for(
    activities: CaseActivities, outside: Settings, debtor: Debtor
) -> None:
    fee = Charge(key="k", kind="fee", on=NOW.date(), at=NOW, minor=4_000, ground="contract")
    activities.send(order(debtor.creditor, "email", charges=(fee,), open_minor=104_000))
    (mail,) = emails_to(outside, debtor.email)
    assert "40,00 €" in plain(mail["body"])
    assert "noch 1.040,00 € offen" in plain(mail["body"])


def test_an_activity_in_temporals_environment_gives_the_receipt_of_what_it_did(
    activities: CaseActivities, outside: Settings, debtor: Debtor
) -> None:
    receipt = ActivityEnvironment().run(activities.send, order(debtor.creditor, "email"))
    (one,) = receipt.receipts
    assert (one.do, one.key, one.result) == ("email", key(debtor.creditor, "email"), "done")
    assert len(emails_to(outside, debtor.email)) == 1


def test_a_message_goes_to_a_debtor_who_agreed(
    activities: CaseActivities, outside: Settings, debtor: Debtor
) -> None:
    receipt = activities.send(order(debtor.creditor, "sms"))
    (message,) = messages_to(outside, debtor.phone)
    assert INVOICE in message["body"]
    assert "Eine kurze Nachricht" in message["body"]
    assert receipt.receipts[0].reference == message["sid"]


@pytest.mark.parametrize("consents", [{}, {"sms": "none"}, {"email": "express"}])
def test_a_message_is_refused_without_consent(
    activities: CaseActivities,
    outside: Settings,
    engine: Engine,
    creditor: str,
    consents: dict[str, str],
) -> None:
    debtor = enter(engine, creditor, consents=consents)
    receipt = activities.send(order(creditor, "sms"))
    assert refusal(receipt) == "the debtor has not agreed to text messages"
    assert messages_to(outside, debtor.phone) == []


def test_a_call_is_placed_with_what_is_said_and_returns_its_sid(
    activities: CaseActivities, outside: Settings, debtor: Debtor
) -> None:
    receipt = activities.call(order(debtor.creditor, "call"))
    (call,) = calls_to(outside, debtor.phone)
    assert '<Say language="de-DE">' in call["twiml"]
    assert "1.000,00 €" in plain(call["twiml"])
    assert receipt.receipts[0].reference == call["sid"]
    assert call["sid"].startswith("CA")


def test_a_letter_is_stored_as_a_pdf_under_its_key_with_a_manifest_to_post_it_by(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    receipt = activities.send(order(debtor.creditor, "letter"))
    stored = objects(s3, outside, f"letters/{debtor.creditor}/")
    pdf, post = stored[f"{INVOICE}/1/step-1/letter.pdf"], stored[f"{INVOICE}/1/step-1/letter.json"]
    manifest = json.loads(post)
    assert len(stored) == 2
    assert pdf.startswith(b"%PDF")
    assert manifest["document"] == f"letters/{debtor.creditor}/{INVOICE}/1/step-1/letter.pdf"
    assert manifest["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert manifest["created_at"] == NOW.isoformat()
    assert not any(secret.encode() in post for secret in debtor.secrets)
    assert receipt.receipts[0].reference == (
        f"s3://{outside.dossier_bucket}/letters/{debtor.creditor}/{INVOICE}/1/step-1/letter.pdf"
    )


def test_a_final_notice_by_email_carries_the_letter(
    activities: CaseActivities, debtor: Debtor
) -> None:
    class Mailbox:
        def __init__(self) -> None:
            self.emails: list[Email] = []

        def send_email(self, email: Email) -> Sent:
            self.emails.append(email)
            return Sent("mailbox", "1")

    mailbox = Mailbox()
    posted = replace(activities, messenger=replace(activities.messenger, email=mailbox))
    posted.send(order(debtor.creditor, "email", template="final-notice", tone="formal"))
    posted.send(order(debtor.creditor, "email", step="step-2", planned=later(debtor)))
    notice, reminder = mailbox.emails
    (attached,) = notice.attachments
    assert (attached.name, attached.content_type) == (f"{INVOICE}.pdf", "application/pdf")
    assert attached.body.startswith(b"%PDF")
    assert reminder.attachments == ()


def test_a_statement_lists_what_the_books_know_of_payments(
    activities: CaseActivities, outside: Settings, debtor: Debtor
) -> None:
    told = {"type": "payment_received", "happened_at": "2026-01-20T23:30:00+00:00"}
    paid = {"amount": "400.00", "currency": "EUR"}
    entry = Entry(id="event:p1", at=NOW, kind="event", detail=told | paid)
    activities.send(
        order(
            debtor.creditor,
            "email",
            template="statement",
            journal=(entry,),
            open_minor=60_000,
            paid_minor=40_000,
        )
    )
    (mail,) = emails_to(outside, debtor.email)
    # half past eleven in London is the next day in Berlin
    assert re.search(
        r"21\. Januar 2026</th>.*Zahlung eingegangen.*-400,00 €", plain(mail["body"]), re.DOTALL
    )


@pytest.mark.parametrize("do", ["email", "sms", "call", "letter"])
def test_a_channel_the_debtor_opted_out_of_is_refused_with_the_reason(
    activities: CaseActivities, outside: Settings, engine: Engine, creditor: str, do: str
) -> None:
    debtor = enter(engine, creditor, opted_out=[do])
    act = activities.call if do == "call" else activities.send
    assert refusal(act(order(creditor, do))) == f"the debtor has opted out of {do}"
    reached = emails_to(outside, debtor.email) + messages_to(outside, debtor.phone)
    assert reached + calls_to(outside, debtor.phone) == []
    assert effects_of(engine, creditor) == []


@pytest.mark.parametrize(
    ("do", "missing", "reason"),
    [
        ("email", "email", "the debtor has no email address"),
        ("sms", "phone", "the debtor has no phone number"),
        ("call", "phone", "the debtor has no phone number"),
    ],
)
def test_a_debtor_without_an_address_is_refused(
    activities: CaseActivities, engine: Engine, creditor: str, do: str, missing: str, reason: str
) -> None:
    facts: dict[str, Any] = {missing: None}
    enter(engine, creditor, **facts)
    assert refusal(activities.send(order(creditor, do))) == reason


def test_an_unknown_template_is_refused_by_name(activities: CaseActivities, debtor: Debtor) -> None:
    receipt = activities.send(order(debtor.creditor, "email", template="no-such"))
    assert "template 'no-such' is unknown" in refusal(receipt)


def test_a_channel_that_is_no_message_is_refused(
    activities: CaseActivities, outside: Settings, s3: S3Client, debtor: Debtor
) -> None:
    receipt = activities.send(order(debtor.creditor, "telegram"))
    assert refusal(receipt) == "no message can be sent by telegram"
    assert objects(s3, outside, f"letters/{debtor.creditor}/") == {}


def test_an_invoice_that_is_not_in_the_books_is_refused(
    activities: CaseActivities, creditor: str
) -> None:
    assert "hold no invoice 'INV-1'" in refusal(activities.send(order(creditor, "email")))


def test_a_row_that_does_not_read_is_refused_by_its_field(
    activities: CaseActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor, time_zone="Nowhere/At-All")
    reason = refusal(activities.send(order(creditor, "email")))
    assert "'INV-1' does not read: time_zone: 'Nowhere/At-All' is not" in reason


def test_a_provider_that_refuses_for_good_settles_the_effect_as_refused(
    activities: CaseActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor, "0010")
    receipt = activities.send(order(creditor, "sms"))
    assert "21610" in refusal(receipt)
    assert effect(engine, key(creditor, "sms"))["state"] == "refused"
    assert activities.send(order(creditor, "sms")) == receipt


def test_the_ledger_keeps_the_fingerprint_of_what_was_sent(
    activities: CaseActivities, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    activities.send(order(debtor.creditor, "sms"))
    (message,) = messages_to(outside, debtor.phone)
    row = effect(engine, key(debtor.creditor, "sms"))
    assert (
        row["content_hash"]
        == hashlib.sha256(f"{debtor.phone}\n{message['body']}".encode()).hexdigest()
    )
    assert (row["state"], row["provider"], row["case_at"]) == ("done", "twilio", NOW)
    assert row["reference"] == message["sid"]
    assert row["settled_at"] >= row["claimed_at"]


def test_the_journal_and_the_effect_are_booked_together_and_once(
    activities: CaseActivities, engine: Engine, debtor: Debtor
) -> None:
    entry = Entry(id="event:p1", at=NOW, kind="event", detail={"type": "payment_received"})
    for _ in range(2):
        activities.send(order(debtor.creditor, "email", "sms", journal=(entry,)))
        kinds = [row["kind"] for row in trail(engine, debtor.creditor)]
        assert kinds == ["event", "effect", "effect"]
    assert trail(engine, debtor.creditor)[1]["detail"].keys() == {
        "step", "channel", "result", "reference",
    }  # fmt: skip


def later(debtor: Debtor) -> tuple[Planned, ...]:
    return (Planned(do="email", key=key(debtor.creditor, "email", "step-2")),)


def refusal(receipt: Receipt) -> str:
    (one,) = receipt.receipts
    assert (one.result, one.reference) == ("refused", None)
    return one.reason or ""
