"""What the fake remembers of a call or a message, and how Twilio would show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

API_VERSION = "2010-04-01"
Json = dict[str, Any]


def now() -> datetime:
    """Read the clock, to the second as Twilio does."""
    return datetime.now(UTC).replace(microsecond=0)


def rfc2822(moment: datetime | None) -> str | None:
    """Write a moment as Twilio does."""
    return format_datetime(moment) if moment else None


@dataclass
class Record:
    """One resource: the form it was made from, and its state."""

    kind: ClassVar[str]
    prefix: ClassVar[str]

    account_sid: str
    form: Mapping[str, str]
    events: tuple[str, ...] = ()
    status: str = "queued"
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    sid: str = ""

    def __post_init__(self) -> None:
        self.sid = self.prefix + uuid4().hex

    @property
    def to(self) -> str:
        """The number called or written to."""
        return self.form["To"]

    @property
    def key(self) -> str | None:
        """What the sender calls it: the `key` in the address it is told of the outcome at."""
        address = urlsplit(self.form.get("StatusCallback", ""))
        return dict(parse_qsl(address.query)).get("key")

    @property
    def uri(self) -> str:
        """The resource's path."""
        return f"/{API_VERSION}/Accounts/{self.account_sid}/{self.kind}/{self.sid}.json"

    def move(self, status: str) -> None:
        """Go to the next state."""
        self.status = status
        self.updated = now()

    def as_json(self) -> Json:
        """Show what calls and messages have in common."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "to": self.to,
            "from": self.form.get("From"),
            "status": self.status,
            "direction": "outbound-api",
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "price": None,
            "price_unit": "USD",
            "uri": self.uri,
        }


@dataclass
class CallRecord(Record):
    """One call."""

    kind = "Calls"
    prefix = "CA"

    started: datetime | None = None
    ended: datetime | None = None
    talk_seconds: int = 0
    answered_by: str | None = None

    def as_json(self) -> Json:
        """Show the call as Twilio's REST answers do."""
        common = super().as_json()
        # `initiated` exists in callbacks only
        status = "queued" if self.status == "initiated" else self.status
        return {
            **common,
            "status": status,
            "start_time": rfc2822(self.started),
            "end_time": rfc2822(self.ended),
            "duration": str(self.talk_seconds) if self.status == "completed" else None,
            "answered_by": self.answered_by,
            "to_formatted": self.to,
            "from_formatted": self.form["From"],
            "parent_call_sid": None,
            "phone_number_sid": "",
            "forwarded_from": None,
            "caller_name": None,
            "group_sid": None,
            "trunk_sid": None,
            "queue_time": "0",
            "subresource_uris": {},
        }

    def as_heard(self) -> Json:
        """Show the call with what was said, for people who watch a demo."""
        return {**self.as_json(), "twiml": self.form.get("Twiml"), "url": self.form.get("Url")}


@dataclass
class MessageRecord(Record):
    """One text message."""

    kind = "Messages"
    prefix = "SM"

    sent: datetime | None = None
    error_code: int | None = None

    def as_json(self) -> Json:
        """Show the message as Twilio's REST answers do."""
        return {
            **super().as_json(),
            "body": self.form["Body"],
            "date_sent": rfc2822(self.sent),
            "error_code": self.error_code,
            "error_message": None,
            "messaging_service_sid": self.form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "subresource_uris": {},
        }
