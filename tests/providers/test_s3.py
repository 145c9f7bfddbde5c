"""S3: the real boto3 client against a moto server over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from types_boto3_s3 import S3Client

from fakes.broken import BrokenServer, closed_port, http_answer
from providers import s3
from providers.s3 import S3Documents
from schemas.errors import DeliveryRefusedError, OutcomeUnknownError, ProviderUnavailableError
from schemas.messages import Document
from settings import Settings


@pytest.fixture
def client(aws_settings: Settings) -> Iterator[S3Client]:
    client = s3.connect(aws_settings)
    yield client
    client.close()


@pytest.fixture
def documents(client: S3Client, aws_settings: Settings) -> S3Documents:
    return S3Documents(client, aws_settings.dossier_bucket)


@pytest.fixture
def document() -> Document:
    return Document(f"demo/{uuid4()}.pdf", b"%PDF dossier", "application/pdf")


def put_through(url: str, read_seconds: float = 5) -> None:
    client = s3.connect(Settings(aws_endpoint_url=url), read_seconds)
    try:
        S3Documents(client, "dossiers").put(Document("name", b"body", "text/plain"))
    finally:
        client.close()


def test_a_document_is_stored_under_its_reference(
    documents: S3Documents, client: S3Client, document: Document
) -> None:
    sent = documents.put(document)
    stored = client.get_object(Bucket="dossiers", Key=document.name)
    assert (sent.provider, sent.reference) == ("s3", f"s3://dossiers/{document.name}")
    assert stored["Body"].read() == document.body
    assert stored["ContentType"] == "application/pdf"


def test_a_second_writer_with_equal_content_gets_the_same_answer(
    documents: S3Documents, document: Document
) -> None:
    assert documents.put(document) == documents.put(document)


def test_other_content_under_a_taken_name_is_refused_and_changes_nothing(
    documents: S3Documents, client: S3Client, document: Document
) -> None:
    documents.put(document)
    with pytest.raises(DeliveryRefusedError, match=document.name):
        documents.put(replace(document, body=b"other"))
    stored = client.get_object(Bucket="dossiers", Key=document.name)
    assert stored["Body"].read() == document.body


@pytest.mark.parametrize("body", [b"%PDF dossier", b"other"])
def test_an_object_without_a_checksum_is_read_and_compared(
    documents: S3Documents, client: S3Client, document: Document, body: bytes
) -> None:
    client.put_object(Bucket="dossiers", Key=document.name, Body=body, ChecksumAlgorithm="CRC32")
    head = client.head_object(Bucket="dossiers", Key=document.name, ChecksumMode="ENABLED")
    assert "ChecksumSHA256" not in head
    if body == document.body:
        assert documents.put(document).reference == f"s3://dossiers/{document.name}"
    else:
        with pytest.raises(DeliveryRefusedError, match=document.name):
            documents.put(document)


def test_a_missing_bucket_means_the_store_is_unavailable(
    client: S3Client, document: Document
) -> None:
    with pytest.raises(ProviderUnavailableError, match="NoSuchBucket"):
        S3Documents(client, "absent").put(document)


@pytest.mark.usefixtures("aws_credentials")
def test_a_closed_port_means_the_store_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailableError):
        put_through(f"http://127.0.0.1:{closed_port()}")


@pytest.mark.usefixtures("aws_credentials")
def test_a_reset_after_the_request_leaves_the_outcome_unknown() -> None:
    with BrokenServer("reset") as server, pytest.raises(OutcomeUnknownError):
        put_through(server.url)
    assert server.received == 1


@pytest.mark.usefixtures("aws_credentials")
def test_no_answer_leaves_the_outcome_unknown() -> None:
    with BrokenServer("silence") as server, pytest.raises(OutcomeUnknownError):
        put_through(server.url, read_seconds=0.2)
    assert server.received == 1


@pytest.mark.usefixtures("aws_credentials")
@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (409, "ConditionalRequestConflict", ProviderUnavailableError),
        (503, "SlowDown", ProviderUnavailableError),
        (500, "InternalError", OutcomeUnknownError),
        (400, "InvalidRequest", DeliveryRefusedError),
    ],
)
def test_an_error_answer_is_told_apart(status: int, code: str, expected: type[Exception]) -> None:
    answer = http_answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>")
    with BrokenServer(answer) as server, pytest.raises(expected, match=code):
        put_through(server.url)
    assert server.received == 1
