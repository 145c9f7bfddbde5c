"""What every signed request of ours carries, as Standard Webhooks 1.0 says (standardwebhooks.com).

The signature covers the id, the moment of sending and the body, so that a receiver can tell
repetitions apart and refuse what is forged or old.
"""

import base64
import hmac
import time
from contextlib import suppress
from typing import Final

from schemas.errors import InputRefusedError

PREFIX: Final = "whsec_"


def signing_key(secret: str, setting: str) -> bytes:
    """Return the bytes to sign with: those after `whsec_`, in base64, else the text itself.

    `setting` is the setting the secret comes from. Raises InputRefusedError, which names it, when
    there are no bytes.
    """
    key = b""
    with suppress(ValueError):  # what follows the prefix is not base64
        text = secret.removeprefix(PREFIX)
        is_encoded = secret.startswith(PREFIX)
        key = base64.b64decode(text, validate=True) if is_encoded else text.encode()
    if not key:
        beside = setting.removesuffix("SECRET") + "URL"
        raise InputRefusedError(
            f"{setting} must be set beside {beside}: a text, or {PREFIX} followed by base64"
        )
    return key


def signed(key: bytes, message_id: str, body: bytes) -> dict[str, str]:
    """Return the headers of a JSON request sent now; `message_id` is the same in each repetition.

    An id of visible ASCII characters fits into a header; who makes ids sees to it.
    """
    timestamp = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "dunning",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(key, f"{message_id}.{timestamp}.", body),
    }


def signature(key: bytes, before: str, body: bytes) -> str:
    """Return the signature, version 1, of `<id>.<timestamp>.` and the body after it."""
    digest = hmac.digest(key, before.encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
