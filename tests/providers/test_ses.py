"""SES: the real boto3 client against a moto server over HTTP."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import pytest
from types_boto3_sesv2 import SESV2Client

from fakes.broken import BrokenServer, closed_port, http_answer
from providers import ses
from providers.ses import SesEmail
from schemas.errors import DeliveryRefusedError, OutcomeUnknownError, ProviderUnavailableError
from schemas.messages import Attachment, Email
from schemas.tags import key_of, tag_of
from settings import Settings
from tests.providers.conftest import SelfSigned

SENDER = "Müller GmbH <billing@creditor.example>"
EMAIL = Email(
    key="demo:INV_1:1:reminder:email",
    to="jane@debtor.example",
    subject="Zahlungserinnerung für INV_1",
    text="plain words",
    html="<p>marked words</p>",
    headers={"References": "<case-1@creditor.example>"},
)


PDF = Attachment("INV-1.pdf", b"%PDF-1.7 \x00\xff", "application/pdf")


@pytest.fixture
def client(aws_settings: Settings) -> Iterator[SESV2Client]:
    client = ses.connect(aws_settings)
    yield client
    client.close()


def sent_to_wire(client: SESV2Client) -> list[dict[str, Any]]:
    """Watch the bodies of the requests, for moto forgets headers, tags and the text part."""
    bodies: list[dict[str, Any]] = []

    def watch(request: Any, **_: object) -> None:  # noqa: ANN401 - botocore's own request
        bodies.append(json.loads(request.body))

    client.meta.events.register("before-send.sesv2.SendEmail", watch)
    return bodies


def send_through(url: str, read_seconds: float = 5) -> None:
    client = ses.connect(Settings(aws_endpoint_url=url), read_seconds)
    try:
        SesEmail(client, SENDER).send_email(EMAIL)
    finally:
        client.close()


def test_an_email_reaches_the_server_under_the_returned_id(
    client: SESV2Client, aws_url: str
) -> None:
    sent = SesEmail(client, SENDER).send_email(EMAIL)
    with urlopen(f"{aws_url}/moto-api/data.json") as answer:  # noqa: S310 - our own server
        kept = {m["id"]: m for m in json.load(answer)["ses"]["Message"]}
    assert sent.provider == "ses"
    assert kept[sent.reference]["destinations"] == {"ToAddresses": ["jane@debtor.example"]}
    assert kept[sent.reference]["subject"] == EMAIL.subject
    assert kept[sent.reference]["body"] == EMAIL.html


def test_an_attachment_is_sent_as_it_is(client: SESV2Client) -> None:
    bodies = sent_to_wire(client)
    SesEmail(client, SENDER).send_email(replace(EMAIL, attachments=(PDF,)))
    (sent,) = bodies[0]["Content"]["Simple"]["Attachments"]
    assert base64.b64decode(sent["RawContent"]) == PDF.body
    assert (sent["FileName"], sent["ContentType"]) == (PDF.name, PDF.content_type)
    assert sent["ContentDisposition"] == "ATTACHMENT"


def test_both_bodies_the_headers_and_the_key_are_sent(client: SESV2Client) -> None:
    bodies = sent_to_wire(client)
    SesEmail(client, SENDER).send_email(EMAIL)
    simple = bodies[0]["Content"]["Simple"]
    assert simple["Body"]["Text"]["Data"] == "plain words"
    assert simple["Body"]["Html"]["Data"] == "<p>marked words</p>"
    assert {h["Name"]: h["Value"] for h in simple["Headers"]} == {
        "References": "<case-1@creditor.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Dunning-Key": EMAIL.key,
    }
    assert bodies[0]["EmailTags"] == [{"Name": "dunning-key", "Value": tag_of(EMAIL.key)}]


def test_a_sender_name_is_sent_in_ascii(client: SESV2Client) -> None:
    bodies = sent_to_wire(client)
    SesEmail(client, SENDER).send_email(EMAIL)
    sender = bodies[0]["FromEmailAddress"]
    assert sender.isascii()
    assert sender.endswith("<billing@creditor.example>")


@pytest.mark.parametrize("key", ["a:b_c:1", "a_b:c:1", "rück stand/7", "plain"])
def test_a_tag_uses_allowed_letters_and_gives_the_key_back(key: str) -> None:
    tag = tag_of(key)
    assert tag.replace("_", "").replace("-", "").isalnum()
    assert tag.isascii()
    assert key_of(tag) == key


def test_a_key_too_long_for_a_tag_travels_as_a_header_only(client: SESV2Client) -> None:
    bodies = sent_to_wire(client)
    key = "k" * 257
    SesEmail(client, SENDER).send_email(Email(key, EMAIL.to, "s", "t", "h"))
    assert bodies[0]["EmailTags"] == []
    assert {"Name": "X-Dunning-Key", "Value": key} in bodies[0]["Content"]["Simple"]["Headers"]


def test_an_unverified_sender_is_refused(client: SESV2Client) -> None:
    with pytest.raises(DeliveryRefusedError, match=r"MessageRejected.*not verified"):
        SesEmail(client, "who@stranger.example").send_email(EMAIL)


@pytest.mark.usefixtures("aws_credentials")
def test_a_closed_port_means_the_provider_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailableError, match="EndpointConnectionError"):
        send_through(f"http://127.0.0.1:{closed_port()}")


@pytest.mark.usefixtures("aws_credentials")
def test_a_tls_handshake_that_fails_means_the_provider_is_unavailable() -> None:
    with (
        BrokenServer(b"plain words\r\n\r\n") as server,
        pytest.raises(ProviderUnavailableError, match="SSLError"),
    ):
        send_through(server.url.replace("http:", "https:"))


@pytest.mark.usefixtures("aws_credentials")
def test_a_certificate_that_is_not_trusted_means_the_provider_is_unavailable(
    self_signed: SelfSigned,
) -> None:
    with (
        BrokenServer("silence", self_signed.context) as server,
        pytest.raises(ProviderUnavailableError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        send_through(server.url.replace("http:", "https:"))
    assert server.received == 0


@pytest.mark.usefixtures("aws_credentials")
def test_a_reset_after_the_request_leaves_the_outcome_unknown_and_is_not_repeated() -> None:
    with BrokenServer("reset") as server, pytest.raises(OutcomeUnknownError):
        send_through(server.url)
    assert server.received == 1


@pytest.mark.usefixtures("aws_credentials")
def test_no_answer_leaves_the_outcome_unknown_and_is_not_repeated() -> None:
    with BrokenServer("silence") as server, pytest.raises(OutcomeUnknownError, match="ReadTimeout"):
        send_through(server.url, read_seconds=0.2)
    assert server.received == 1


@pytest.mark.usefixtures("aws_credentials")
@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "BadRequestException", DeliveryRefusedError),
        (400, "SendingPausedException", ProviderUnavailableError),
        (403, "AccessDeniedException", ProviderUnavailableError),
        (429, "TooManyRequestsException", ProviderUnavailableError),
        (500, "InternalServiceErrorException", OutcomeUnknownError),
        (503, "ServiceUnavailable", OutcomeUnknownError),
    ],
)
def test_an_error_answer_is_told_apart_and_asked_for_once(
    status: int, code: str, expected: type[Exception]
) -> None:
    answer = http_answer(status, '{"message": "no"}', f"x-amzn-ErrorType: {code}\r\n")
    with BrokenServer(answer) as server, pytest.raises(expected, match=code):
        send_through(server.url)
    assert server.received == 1


@pytest.mark.usefixtures("aws_credentials")
def test_the_refusal_does_not_name_the_recipient_and_hides_the_cause() -> None:
    body = json.dumps({"message": f"Address {EMAIL.to.upper()} is blacklisted" + "!" * 500})
    answer = http_answer(400, body, "x-amzn-ErrorType: MessageRejected\r\n")
    with BrokenServer(answer) as server, pytest.raises(DeliveryRefusedError) as caught:
        send_through(server.url)
    assert EMAIL.to not in str(caught.value).lower()
    assert "[recipient] is blacklisted" in str(caught.value)
    assert len(str(caught.value)) <= 300
    assert caught.value.__cause__ is None


def test_missing_credentials_mean_the_provider_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(ProviderUnavailableError, match="NoCredentialsError"):
        send_through(f"http://127.0.0.1:{closed_port()}")
