"""SMTP: the standard library's client against a mail catcher and against broken servers."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from fakes.broken import BrokenServer, closed_port
from fakes.mail import Ending, MailCatcher
from providers.smtp import SmtpEmail, compose
from schemas.errors import DeliveryRefusedError, OutcomeUnknownError, ProviderUnavailableError
from schemas.messages import Attachment, Email, Sent
from settings import Settings
from tests.providers.conftest import SelfSigned

EMAIL = Email(
    key="demo:INV-1:1:reminder:email",
    to="jane@debtor.example",
    subject="Zahlungserinnerung für INV-1",
    text="Bitte zahlen Sie 10 €.",
    html="<p>Bitte zahlen Sie 10 €.</p>",
    headers={"References": "<case-1@creditor.example>"},
)


async def send(port: int, email: Email = EMAIL, seconds: float = 5, **changes: object) -> Sent:
    settings = Settings(smtp_port=port).model_copy(update=changes)
    return await asyncio.to_thread(SmtpEmail(settings, seconds).send_email, email)


async def test_an_email_arrives_with_both_bodies_and_all_headers() -> None:
    async with MailCatcher() as catcher:
        sent = await send(catcher.port)
    (message,) = catcher.messages
    assert sent == Sent("smtp", message["Message-ID"])
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == EMAIL.text
    assert html.get_content().strip() == EMAIL.html
    assert message["To"] == EMAIL.to
    assert message["Subject"] == EMAIL.subject
    assert message["References"] == "<case-1@creditor.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Dunning-Key"] == EMAIL.key


def test_the_message_id_follows_from_the_key_alone() -> None:
    sender = "Example <billing@creditor.example>"
    first = compose(EMAIL, sender)["Message-ID"]
    assert compose(replace(EMAIL, subject="other"), sender)["Message-ID"] == first
    assert compose(replace(EMAIL, key="other"), sender)["Message-ID"] != first
    assert first.endswith("@creditor.example>")


def test_the_message_passes_relays_that_take_seven_bits() -> None:
    assert compose(EMAIL, "Müller <billing@creditor.example>").as_bytes().isascii()


def test_an_attachment_arrives_as_it_is() -> None:
    pdf = Attachment("INV-1.pdf", b"%PDF-1.7 \x00\xff", "application/pdf")
    message = compose(replace(EMAIL, attachments=(pdf,)), "billing@creditor.example")
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == pdf.name
    assert attached.get_content_type() == pdf.content_type
    assert attached.get_content() == pdf.body


async def test_a_line_break_in_a_header_is_refused_before_anything_is_sent() -> None:
    async with MailCatcher() as catcher:
        with pytest.raises(DeliveryRefusedError):
            await send(catcher.port, replace(EMAIL, subject="a\r\nBcc: x@y.example"))
    assert catcher.messages == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("550 no such user jane@debtor.example", DeliveryRefusedError),
        ("450 come back later", ProviderUnavailableError),
    ],
)
async def test_a_refused_recipient_is_told_apart(reply: str, expected: type[Exception]) -> None:
    async with MailCatcher(rcpt_reply=reply) as catcher:
        with pytest.raises(expected, match=reply[:3]) as caught:
            await send(catcher.port)
    assert EMAIL.to not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [("554 spam", DeliveryRefusedError), ("451 greylisted", ProviderUnavailableError)],
)
async def test_refused_content_is_told_apart(reply: str, expected: type[Exception]) -> None:
    async with MailCatcher(content_reply=reply) as catcher:
        with pytest.raises(expected, match=reply):
            await send(catcher.port)


@pytest.mark.parametrize("ending", ["drop", "hang"])
async def test_a_connection_lost_after_the_content_leaves_the_outcome_unknown(
    ending: Ending,
) -> None:
    async with MailCatcher(ending=ending) as catcher:
        with pytest.raises(OutcomeUnknownError):
            await send(catcher.port, seconds=0.5)
        assert len(catcher.messages) == 1


async def test_an_email_that_was_taken_counts_even_if_the_farewell_fails() -> None:
    async with MailCatcher(ending="rude") as catcher:
        sent = await send(catcher.port, seconds=0.5)
    assert [message["Message-ID"] for message in catcher.messages] == [sent.reference]


async def test_the_farewell_is_said() -> None:
    async with MailCatcher() as catcher:
        await send(catcher.port)
    assert catcher.farewells == 1


async def test_a_closed_port_means_the_server_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailableError, match="ConnectionRefusedError"):
        await send(closed_port())


async def test_a_server_that_never_greets_is_unavailable() -> None:
    with BrokenServer("silence") as server, pytest.raises(ProviderUnavailableError):
        await send(server.port, seconds=0.5)


async def test_a_login_is_made_when_it_is_configured() -> None:
    async with MailCatcher(user="dunning", password="right") as catcher:
        await send(catcher.port, smtp_user="dunning", smtp_password=SecretStr("right"))
    assert len(catcher.messages) == 1


async def test_a_wrong_password_means_the_server_is_unavailable() -> None:
    async with MailCatcher(user="dunning", password="right") as catcher:
        with pytest.raises(ProviderUnavailableError, match="535"):
            await send(catcher.port, smtp_user="dunning", smtp_password=SecretStr("wrong"))
    assert catcher.messages == []


async def test_starttls_is_used_when_the_certificate_is_trusted(
    self_signed: SelfSigned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(self_signed.path))
    async with MailCatcher(tls=self_signed.context) as catcher:
        await send(catcher.port, smtp_starttls=True)
    assert len(catcher.messages) == 1


async def test_a_certificate_that_is_not_trusted_means_the_server_is_unavailable(
    self_signed: SelfSigned,
) -> None:
    async with MailCatcher(tls=self_signed.context) as catcher:
        with pytest.raises(ProviderUnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
            await send(catcher.port, smtp_starttls=True)
    assert catcher.messages == []
