"""Documents in an S3 bucket, each under a name that only its first writer gets."""

import base64
import hashlib
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from providers.aws import READ_SECONDS, client_config, session
from providers.classify import effect_errors
from schemas.errors import DeliveryRefusedError
from schemas.messages import Document, Sent
from settings import Settings

if TYPE_CHECKING:  # the stubs are no part of the running system
    from types_boto3_s3 import S3Client

_PRECONDITION_FAILED = 412


def connect(settings: Settings, read_seconds: float = READ_SECONDS) -> "S3Client":
    """Build the one client of this process; it is safe to share between threads."""
    return session(settings).client(
        "s3",
        endpoint_url=settings.aws_endpoint_url,
        config=client_config(settings, read_seconds),
    )


class S3Documents:
    """A DocumentStore on S3; a reference reads `s3://bucket/name`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, document: Document) -> Sent:
        """Store the document unless its name is taken; raises one of the three effect errors.

        Repeating an equal put is always safe and answers the same; other content under a taken
        name is a `DeliveryRefusedError`.
        """
        with effect_errors("s3"):
            if not self._store(document):
                self._require_equal(document)
            return Sent("s3", f"s3://{self._bucket}/{document.name}")

    def _store(self, document: Document) -> bool:
        """Say whether we were the first."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=document.name,
                Body=document.body,
                ContentType=document.content_type,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=_sha256(document.body),
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _PRECONDITION_FAILED:
                return False
            raise
        return True

    def _require_equal(self, document: Document) -> None:
        if self._stored_sha256(document.name) != _sha256(document.body):
            raise DeliveryRefusedError(f"s3: other content is stored as {document.name}")

    def _stored_sha256(self, name: str) -> str:
        head = self._client.head_object(Bucket=self._bucket, Key=name, ChecksumMode="ENABLED")
        checksum = head.get("ChecksumSHA256")
        # a multipart upload's checksum is a checksum of checksums and says nothing to us
        if checksum and "-" not in checksum:
            return checksum
        return _sha256(self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read())


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()
