"""What is handed to a provider, and what a provider hands back.

These values carry names, addresses and text: they live only inside one activity and are never an
activity's input or result.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attachment:
    """One file that goes along with an email."""

    name: str
    body: bytes
    content_type: str


@dataclass(frozen=True)
class Email:
    """One email. `key` is the effect key; it travels as a header or tag so it can be found."""

    key: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Sms:
    """One text message to an E.164 number."""

    key: str
    to: str
    text: str


@dataclass(frozen=True)
class PhoneCall:
    """One automated call: what is said, as TwiML; its outcome is reported under `key`."""

    key: str
    to: str
    twiml: str


@dataclass(frozen=True)
class Document:
    """One object to store under a name that no second writer can take."""

    name: str
    body: bytes
    content_type: str


@dataclass(frozen=True)
class Sent:
    """The provider took it: its name and its own reference."""

    provider: str
    reference: str
