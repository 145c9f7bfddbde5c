"""What the activities need of the outside world, as Protocols.

Every method raises `DeliveryRefusedError`, `ProviderUnavailableError` or `OutcomeUnknownError` and
nothing else; `schemas/errors.py` says what each promises. Only `worker.py` chooses the providers.
"""

from datetime import datetime
from typing import Protocol

from schemas.billing import BillingRequest
from schemas.messages import Document, Email, PhoneCall, Sent, Sms


class EmailSender(Protocol):
    """Sends one email."""

    def send_email(self, email: Email) -> Sent:
        """Hand the email to the provider; returns the provider's message id."""


class SmsSender(Protocol):
    """Sends one text message."""

    def send_sms(self, sms: Sms) -> Sent:
        """Hand the message to the provider; returns the provider's message id."""

    def find_sms(self, sms: Sms, since: datetime) -> tuple[Sent, ...]:
        """List what the provider has to that number in those words since a moment."""


class Caller(Protocol):
    """Places one automated call."""

    def place_call(self, call: PhoneCall) -> Sent:
        """Ask the provider to dial; the outcome comes later, under the call's effect key."""

    def find_calls(self, call: PhoneCall, since: datetime) -> tuple[Sent, ...]:
        """List the provider's calls to that number since a moment."""


class DocumentStore(Protocol):
    """Keeps documents for good."""

    def put(self, document: Document) -> Sent:
        """Store the document once; a second writer with equal content gets the same answer."""


class Billing(Protocol):
    """The creditor's billing system, which does a request once however often it is asked."""

    def ask(self, request: BillingRequest) -> Sent:
        """Have it done, or learn that it was done before; returns the billing system's reference.

        Unlike elsewhere, after an OutcomeUnknownError the same request may simply be made again.
        """
