"""SES and S3 for the demo and the tests: moto, in a process of its own, over real HTTP."""

import sys
from dataclasses import dataclass
from email.utils import parseaddr
from functools import partial
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

from embedded.ports import LOOPBACK, free, listening
from embedded.processes import Processes

if TYPE_CHECKING:
    from types_boto3_s3.literals import BucketLocationConstraintType

KEY_ID: Final = "embedded"
KEY: Final = "embedded"  # moto takes any key; real ones must never be sent to it
US_EAST: Final = "us-east-1"  # the one region a bucket's location may not name
STRAIGHT: Final = Config(proxies={}, connect_timeout=5, read_timeout=30)


@dataclass(frozen=True)
class Aws:
    """A stand-in for AWS that accepts the sender and has the bucket; it forgets at its end."""

    endpoint: str
    region: str

    def environment(self) -> dict[str, str]:
        """Tell a child process where "AWS" is, with keys that open nothing real."""
        return {
            "DUNNING_AWS_ENDPOINT_URL": self.endpoint,
            "DUNNING_AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def start(processes: Processes, *, region: str, sender: str, bucket: str) -> Aws:
    """Start moto, verify the sender's address and domain, create the bucket.

    `sender` may carry a display name. Raises `ServiceUnreachableError` when it does not come up.
    """
    (port,) = free(0)
    command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)]
    child = processes.start("aws", command)
    aws = Aws(f"http://{LOOPBACK}:{port}", region)
    session = boto3.Session(KEY_ID, KEY, region_name=region)
    child.wait_until(partial(listening, port))
    _verify(session, aws, sender)
    _create_bucket(session, aws, bucket)
    return aws


def _verify(session: boto3.Session, aws: Aws, sender: str) -> None:
    address = parseaddr(sender)[1]
    client = session.client("sesv2", endpoint_url=aws.endpoint, config=STRAIGHT)
    try:
        for identity in (address, address.rpartition("@")[2]):
            client.create_email_identity(EmailIdentity=identity)
    finally:
        client.close()


def _create_bucket(session: boto3.Session, aws: Aws, bucket: str) -> None:
    client = session.client("s3", endpoint_url=aws.endpoint, config=STRAIGHT)
    try:
        if aws.region == US_EAST:
            client.create_bucket(Bucket=bucket)
            return
        place: BucketLocationConstraintType = aws.region  # type: ignore[assignment]
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": place})
    finally:
        client.close()
