"""The one Twilio client of a process, and where its answers about a message are sent."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from settings import Settings

TIMEOUT_SECONDS = 20.0
MOST_LISTED = 100
CLOCKS_APART = timedelta(minutes=2)
"""By how much Twilio's clock and ours may differ; Twilio's moments are whole seconds as well."""


class OneAttemptHttp(TwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """One session for all threads, never a second attempt, at `base_url` instead of Twilio's.

    Each wait is at most `timeout` seconds; twilio's own client would wait for ever.
    """

    def __init__(self, base_url: str, timeout: float, connections: int) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        self._base_url = base_url.rstrip("/")
        adapter = HTTPAdapter(max_retries=0, pool_maxsize=connections)
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, adapter)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - passed on unread
        """Send to the configured address; the path is always the one that twilio chose."""
        return super().request(method, self._base_url + _path(url), *args, **kwargs)


def connect(settings: Settings, timeout: float = TIMEOUT_SECONDS) -> Client:
    """Build the one client of this process; it is safe to share between threads."""
    return Client(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        http_client=OneAttemptHttp(settings.twilio_base_url, timeout, settings.activity_slots),
    )


def callback(callback_url: str, resource: str, key: str) -> str:
    """Give the address under which Twilio reports on `resource`, with the effect key in it."""
    return f"{callback_url.rstrip('/')}/twilio/{resource}?key={quote(key, safe='')}"


def is_since(created: datetime | None, since: datetime) -> bool:
    """Whether a resource was made since a moment; one without a date may have been."""
    return created is None or created >= since - CLOCKS_APART


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
