"""Email through Amazon SES (API version 2)."""

from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING

from providers.aws import READ_SECONDS, client_config, session
from providers.classify import effect_errors
from providers.headers import headers_of
from schemas.messages import Attachment, Email, Sent
from schemas.tags import KEY_TAG, tag_of
from settings import Settings

if TYPE_CHECKING:  # the stubs are no part of the running system
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import (
        AttachmentTypeDef,
        EmailContentTypeDef,
        MessageTagTypeDef,
    )

LONGEST_TAG = 256


def connect(settings: Settings, read_seconds: float = READ_SECONDS) -> "SESV2Client":
    """Build the one client of this process; it is safe to share between threads."""
    return session(settings).client(
        "sesv2",
        endpoint_url=settings.aws_endpoint_url,
        config=client_config(settings, read_seconds),
    )


class SesEmail:
    """An EmailSender on SES; `sender` is the From line and must be a verified identity."""

    def __init__(self, client: "SESV2Client", sender: str) -> None:
        self._client = client
        # SES takes only ASCII in the From line, so a creditor's name must be encoded
        self._sender = formataddr(parseaddr(sender))

    def send_email(self, email: Email) -> Sent:
        """Send text and HTML; returns SES's message id, raises one of the three effect errors."""
        with effect_errors("ses", email.to):
            answer = self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [email.to]},
                Content=_content(email),
                EmailTags=_tags(email.key),
            )
            return Sent("ses", answer["MessageId"])


def _tags(key: str) -> "list[MessageTagTypeDef]":
    tag = tag_of(key)
    # a key too long for a tag still travels as a header, which SES repeats in its events
    return [{"Name": KEY_TAG, "Value": tag}] if len(tag) <= LONGEST_TAG else []


def _content(email: Email) -> "EmailContentTypeDef":
    return {
        "Simple": {
            "Subject": {"Data": email.subject, "Charset": "UTF-8"},
            "Body": {
                "Text": {"Data": email.text, "Charset": "UTF-8"},
                "Html": {"Data": email.html, "Charset": "UTF-8"},
            },
            "Headers": [{"Name": k, "Value": v} for k, v in headers_of(email).items()],
            "Attachments": [_attachment(one) for one in email.attachments],
        },
    }


def _attachment(one: Attachment) -> "AttachmentTypeDef":
    return {
        "FileName": one.name,
        "RawContent": one.body,
        "ContentType": one.content_type,
        "ContentDisposition": "ATTACHMENT",
        "ContentTransferEncoding": "BASE64",
    }
