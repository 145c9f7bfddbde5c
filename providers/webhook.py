"""The receiver of outgoing events: one signed POST each, to an address that was looked at first.

A private address is refused unless allowed: whoever can name a receiver must not be able to reach
into our network. The name is resolved for every attempt, every address it has is checked, and the
connection goes to one of those, so that a name cannot change its meaning in between. Proxies of the
environment are not used, for they would resolve the name once more.
"""

import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import certifi
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from providers.redact import bounded
from providers.standard_webhooks import signed, signing_key
from schemas.errors import DeliveryRefusedError, InputRefusedError, ProviderUnavailableError
from settings import Settings

TIMEOUT: Final = urllib3.Timeout(connect=5.0, read=10.0)

_KNOWN_BEFORE = 409
_DONE = {*range(200, 300), _KNOWN_BEFORE}
_GONE = 410
_PORTS = {"https": 443, "http": 80}

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class HttpWebhook:
    """A receiver at `url`; each event is one attempt, signed with `key`."""

    url: str
    key: bytes
    allow_private: bool = False
    timeout: urllib3.Timeout = TIMEOUT

    @property
    def where(self) -> str:
        """The host that is told; the rest of an address may hold a secret."""
        return f"{self._parts.hostname}"

    def post(self, event_id: str, body: Mapping[str, Any]) -> None:
        """Deliver an event; returns when the receiver has it: 2xx, or 409 when it had it before.

        Raises DeliveryRefusedError when it wants no more events (410), and
        ProviderUnavailableError for everything else that a later attempt may mend. Either may have
        taken the event in: it tells repetitions apart by their id.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            status = self._status(signed(self.key, event_id, content), content)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise ProviderUnavailableError(bounded(f"events: {_words(error)}")) from None
        if status == _GONE:
            raise DeliveryRefusedError("events: 410, the receiver wants no more events")
        if status not in _DONE:
            raise ProviderUnavailableError(f"events: the receiver answered {status}")

    def _status(self, headers: dict[str, str], content: bytes) -> int:
        failure: HTTPError | None = None
        for address in self._addresses():
            try:
                return self._asked(address, headers, content)
            except (NewConnectionError, ConnectTimeoutError) as error:
                failure = error  # nothing was sent: its next address may be reachable
        raise failure or HTTPError("the receiver's name has no address")

    def _asked(self, address: str, headers: dict[str, str], content: bytes) -> int:
        parts = self._parts
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        with self._pool(address) as pool:
            answer = pool.request(
                "POST",
                path,
                body=content,
                # what the name says, not the number that it led to
                headers=headers | {"Host": parts.netloc},
                retries=False,
                # a redirected POST may arrive as something else, at somebody else's
                redirect=False,
                # whatever it says beyond its status is not read
                preload_content=False,
            )
            answer.close()
            return answer.status

    def _pool(self, address: str) -> urllib3.HTTPConnectionPool:
        if self._parts.scheme == "http":
            return urllib3.HTTPConnectionPool(address, self._port, timeout=self.timeout)
        return urllib3.HTTPSConnectionPool(
            address,
            self._port,
            timeout=self.timeout,
            ssl_context=self._trust,
            # the certificate is the name's
            server_hostname=self._parts.hostname,
        )

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Whose certificates count: those of the system and of Mozilla's list."""
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
        return context

    def _addresses(self) -> list[str]:
        """Resolve the name; raises ProviderUnavailableError when it leads where we must not go."""
        host = self._parts.hostname or ""
        found = socket.getaddrinfo(host, self._port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        for address in addresses:
            if not (self.allow_private or is_public(ip_address(address))):
                raise ProviderUnavailableError(
                    f"events: {host} leads to {address}, which is not a public address; "
                    "DUNNING_EVENTS_ALLOW_PRIVATE=true allows it"
                )
        return addresses

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def _port(self) -> int:
        return self._parts.port or _PORTS[self._parts.scheme]


def connect(settings: Settings, timeout: urllib3.Timeout = TIMEOUT) -> HttpWebhook | None:
    """Return the receiver that the settings name, None when they name none.

    Raises InputRefusedError for an address that is not https (or http, where private ones are
    allowed) or that is a private one itself, and without a secret to sign with.
    """
    if not settings.events_url:
        return None
    secret = settings.events_secret.get_secret_value() if settings.events_secret else ""
    url = _checked(settings.events_url, allow_private=settings.events_allow_private)
    key = signing_key(secret, "DUNNING_EVENTS_SECRET")
    return HttpWebhook(url, key, settings.events_allow_private, timeout)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet: to no machine or network of ours."""
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if within is not None:
            return is_public(within)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _checked(url: str, *, allow_private: bool) -> str:
    with suppress(ValueError):  # no address at all, or a port that is no number
        parts = urlsplit(url)
        is_address = parts.scheme in _PORTS and parts.hostname and parts.port != 0
        # the signature says who we are; a name and a password would be sent nowhere
        is_plain = url.isascii() and "@" not in parts.netloc
        if is_address and is_plain and (allow_private or _may_be_public(parts)):
            return url
    raise InputRefusedError(
        "DUNNING_EVENTS_URL must be an https address outside private networks and without a "
        "password, like https://billing.example.com/events; DUNNING_EVENTS_ALLOW_PRIVATE=true "
        "allows http and private addresses"
    )


def _may_be_public(parts: SplitResult) -> bool:
    if parts.scheme != "https":
        return False
    with suppress(ValueError):  # a name: only its addresses will tell
        return is_public(ip_address(parts.hostname or ""))
    return True


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
