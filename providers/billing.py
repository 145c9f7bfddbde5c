"""The creditor's billing system, asked over HTTP with requests signed as Standard Webhooks says.

The receiver tells requests apart by `webhook-id`, the effect key, and does each once; so a request
whose answer was lost is made again. `docs/contracts/billing.md` is what the receiver is told.
"""

import json
import re
from contextlib import suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import requests

from providers.classify import Verdict, effect_errors
from providers.redact import bounded
from providers.standard_webhooks import signed, signing_key
from schemas.billing import BillingRequest
from schemas.errors import (
    DeliveryRefusedError,
    InputRefusedError,
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from schemas.messages import Sent
from settings import Settings

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 20.0

_LARGEST_ANSWER = 65_536
_REFERENCE = re.compile(r"[\x21-\x7e]{1,200}")
_DONE = range(200, 300)
_DONE_BEFORE = 409
# they speak of our signature or of the moment: once that is mended, the same request goes through
_NOT_THE_REQUEST = {401, 403, 407, 429, 503}
_FIRST_REFUSAL = 400
_REQUEST_TIMEOUT = 408
_FIRST_FAULT = 500


class HttpBilling:
    """A Billing at `url`; each request is one connection and one attempt, signed with `key`."""

    def __init__(self, url: str, key: bytes, read_seconds: float = READ_SECONDS) -> None:
        self._url = url
        self._key = key
        self._timeout = (CONNECT_SECONDS, read_seconds)

    @property
    def where(self) -> str:
        """The host that is asked; the rest of an address may hold a secret."""
        return f"at {urlsplit(self._url).hostname}"

    def ask(self, request: BillingRequest) -> Sent:
        """Make the request; returns the receiver's reference, raises one of the effect errors."""
        body = request.model_dump_json().encode()
        with effect_errors("billing"), self._post(request.key, body) as answer:
            told = _told(answer)
            if (verdict := _verdict(answer.status_code)) is not None:
                raise verdict(_sentence(answer.status_code, told))
            return Sent("billing", _reference(told) or request.key)

    def _post(self, message_id: str, body: bytes) -> requests.Response:
        return requests.post(
            self._url,
            data=body,
            headers=self._headers(message_id, body),
            timeout=self._timeout,
            # a redirected POST may arrive as something else, at somebody else's
            allow_redirects=False,
            stream=True,
        )

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        return signed(self._key, message_id, body) | {"Idempotency-Key": message_id}


class NoBilling:
    """A Billing for creditors without one: refuses every request."""

    where: Final = "none, so what is asked of it is refused; DUNNING_BILLING_URL names one"

    def ask(self, request: BillingRequest) -> Sent:
        """Raise DeliveryRefusedError, which names the setting."""
        raise DeliveryRefusedError(
            f"no billing system could be asked to {request.do}: set DUNNING_BILLING_URL and "
            "DUNNING_BILLING_SECRET"
        )


def connect(settings: Settings, read_seconds: float = READ_SECONDS) -> HttpBilling | NoBilling:
    """Return the billing system the settings name.

    Raises InputRefusedError for an address that is neither https nor on this machine, or without a
    secret to sign with.
    """
    if not settings.billing_url:
        return NoBilling()
    secret = settings.billing_secret.get_secret_value() if settings.billing_secret else ""
    key = signing_key(secret, "DUNNING_BILLING_SECRET")
    return HttpBilling(_checked(settings.billing_url), key, read_seconds)


def _checked(url: str) -> str:
    with suppress(ValueError):  # no address at all, or a port that is no number
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or _stays_here(parts)
        if parts.hostname and parts.port != 0 and is_safe:
            return url
    raise InputRefusedError(
        "DUNNING_BILLING_URL must be an https address, or http to this machine itself: "
        "https://billing.example.com/dunning, http://127.0.0.1:8080/dunning"
    )


def _stays_here(parts: SplitResult) -> bool:
    if parts.scheme != "http":
        return False
    with suppress(ValueError):
        return ip_address(parts.hostname or "").is_loopback
    return parts.hostname == "localhost"


def _verdict(status: int) -> Verdict | None:
    """Say which effect error a status amounts to, None when it says that it is done."""
    if status in _DONE or status == _DONE_BEFORE:
        return None
    if status in _NOT_THE_REQUEST or status < _FIRST_REFUSAL:
        return ProviderUnavailableError
    if status >= _FIRST_FAULT or status == _REQUEST_TIMEOUT:
        return OutcomeUnknownError
    return DeliveryRefusedError


def _told(answer: requests.Response) -> dict[str, object]:
    """Read the answer's JSON object; whatever else it says is nothing we could use."""
    with suppress(requests.RequestException, ValueError, RecursionError):
        found = json.loads(next(answer.iter_content(_LARGEST_ANSWER), b""))
        if isinstance(found, dict):
            return found
    return {}


def _reference(told: dict[str, object]) -> str | None:
    given = told.get("reference")
    return given if isinstance(given, str) and _REFERENCE.fullmatch(given) else None


def _sentence(status: int, told: dict[str, object]) -> str:
    message = told.get("message")
    words = message if isinstance(message, str) else ""
    # PostgreSQL takes neither NUL nor half a character
    shown = "".join(letter if letter.isprintable() else " " for letter in words)
    return bounded(f"billing: {status} {shown}")
