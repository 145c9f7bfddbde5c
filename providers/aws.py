"""How every AWS client of ours is configured; which service it serves is not known here."""

import boto3
from botocore.config import Config

from settings import Settings

CONNECT_SECONDS = 5
READ_SECONDS = 20.0


def session(settings: Settings) -> boto3.session.Session:
    """Open a session in the configured region; credentials come from the usual AWS places."""
    return boto3.session.Session(region_name=settings.aws_region)


def client_config(settings: Settings, read_seconds: float = READ_SECONDS) -> Config:
    """Give the client settings: one attempt only, timeouts in seconds, a connection per slot.

    boto3 would otherwise repeat a call whose outcome is unknown, behind the ledger's back.
    """
    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        max_pool_connections=settings.activity_slots,
        # a substitute server has no wildcard host names for buckets
        s3={"addressing_style": "path" if settings.aws_endpoint_url else "auto"},
    )
