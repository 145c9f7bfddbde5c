"""Text messages through Twilio."""

from datetime import datetime

from twilio.rest import Client

from providers.classify import effect_errors
from providers.twilio_client import MOST_LISTED, callback, is_since
from schemas.messages import Sent, Sms


class TwilioSms:
    """An SmsSender on Twilio; its delivery is reported later at `callback_url`/twilio/messages."""

    def __init__(self, client: Client, sender: str, callback_url: str) -> None:
        self._client = client
        self._sender = sender
        self._callback_url = callback_url

    def send_sms(self, sms: Sms) -> Sent:
        """Hand over the message; returns its SID, raises one of the three effect errors."""
        with effect_errors("twilio", sms.to):
            sent = self._client.messages.create(
                to=sms.to,
                from_=self._sender,
                body=sms.text,
                status_callback=callback(self._callback_url, "messages", sms.key),
            )
            return Sent("twilio", sent.sid)

    def find_sms(self, sms: Sms, since: datetime) -> tuple[Sent, ...]:
        """List messages of ours to that number, in those words, since a moment."""
        with effect_errors("twilio", sms.to):
            listed = self._client.messages.list(to=sms.to, from_=self._sender, limit=MOST_LISTED)
            return tuple(
                Sent("twilio", one.sid)
                for one in listed
                if one.body == sms.text and is_since(one.date_created, since)
            )
