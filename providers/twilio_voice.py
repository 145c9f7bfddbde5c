"""Automated calls through Twilio."""

from datetime import datetime

from twilio.rest import Client

from providers.classify import effect_errors
from providers.twilio_client import MOST_LISTED, callback, is_since
from schemas.messages import PhoneCall, Sent

EVENTS = ["initiated", "ringing", "answered", "completed"]


class TwilioCaller:
    """A Caller on Twilio; the call's outcome arrives later at `callback_url`/twilio/calls."""

    def __init__(self, client: Client, sender: str, callback_url: str) -> None:
        self._client = client
        self._sender = sender
        self._callback_url = callback_url

    def place_call(self, call: PhoneCall) -> Sent:
        """Ask Twilio to dial; returns the call's SID, raises one of the three effect errors."""
        with effect_errors("twilio", call.to):
            placed = self._client.calls.create(
                to=call.to,
                from_=self._sender,
                twiml=call.twiml,
                # without it Twilio never says whether a person or a machine answered
                machine_detection="Enable",
                status_callback=callback(self._callback_url, "calls", call.key),
                status_callback_event=EVENTS,
                status_callback_method="POST",
            )
            return Sent("twilio", placed.sid)

    def find_calls(self, call: PhoneCall, since: datetime) -> tuple[Sent, ...]:
        """List calls of ours to that number since a moment."""
        with effect_errors("twilio", call.to):
            listed = self._client.calls.list(to=call.to, from_=self._sender, limit=MOST_LISTED)
            return tuple(
                Sent("twilio", one.sid) for one in listed if is_since(one.date_created, since)
            )
