"""Telling whether a request is from whom it should be: Standard Webhooks, version 1."""

import base64
import hmac
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from schemas.errors import InputRefusedError

TOLERANCE: Final = 300
"""How many seconds a request may be old, or ahead of our clock."""
PREFIX: Final = "whsec_"


def signing_key(secret: str, setting: str) -> bytes:
    """Return the bytes to check with: those after `whsec_`, in base64, else the text itself.

    Raises InputRefusedError, naming the setting, for a secret whose base64 does not read.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    with suppress(ValueError):
        if key := base64.b64decode(secret.removeprefix(PREFIX), validate=True):
            return key
    raise InputRefusedError(f"{setting}: {PREFIX} must be followed by base64")


def is_genuine(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Return whether one of the signatures is ours, and made within five minutes of `now`."""
    sent_at = headers.get("webhook-timestamp", "")
    is_number = sent_at.isascii() and sent_at.isdigit()
    if not is_number or abs(now - int(sent_at[:LONGEST_NUMBER])) > TOLERANCE:
        return False
    signed = f"{headers.get('webhook-id', '')}.{sent_at}.".encode(errors="replace") + body
    ours = base64.b64encode(hmac.digest(key, signed, "sha256"))
    given = headers.get("webhook-signature", "").encode(errors="replace").split()
    return any(hmac.compare_digest(b"v1," + ours, one) for one in given)


LONGEST_NUMBER: Final = 15
