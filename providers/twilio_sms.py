"""Text messages through Twilio."""

from twilio.rest import Client

from providers.classify import effect_errors
from providers.twilio_client import callback
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
