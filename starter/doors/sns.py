"""Telling whether a notification is from Amazon SNS, by its signature and its topic.

The signature covers the fields named here, in this order; the certificate that it is checked with
must come from SNS's own hosts, or anybody could bring one along.
"""

import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate

Fetch = Callable[[str], Awaitable[bytes]]

_NOTIFICATION: Final = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION: Final = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
SIGNED: Final[Mapping[str, tuple[str, ...]]] = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
}
_HASHES: Final = {"1": SHA1, "2": SHA256}
_HOST: Final = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
MOST_CERTIFICATES: Final = 16


class Notary:
    """Says whether notifications of one topic are genuine.

    `stand_in` is the origin (`http://127.0.0.1:5000`) of a stand-in for SNS, for tests alone.
    """

    def __init__(self, topic: str, fetch: Fetch, stand_in: str | None = None) -> None:
        self._topic = topic
        self._fetch = fetch
        self._stand_in = stand_in and stand_in.rstrip("/")
        self._keys: dict[str, RSAPublicKey] = {}

    def may_be_asked(self, url: str) -> bool:
        """Return whether an address is one of SNS's own."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if self._stand_in is not None:
            return f"{parts.scheme}://{parts.netloc}" == self._stand_in
        return parts.scheme == "https" and port is None and bool(_HOST.fullmatch(host))

    async def is_genuine(self, told: Mapping[str, object]) -> bool:
        """Return whether a notification was signed by SNS and is of our topic.

        Raises what `fetch` raises when the certificate cannot be fetched.
        """
        hashing = _HASHES.get(str(told.get("SignatureVersion")))
        signed = _signed(told)
        url = str(told.get("SigningCertURL", ""))
        if hashing is None or signed is None or told.get("TopicArn") != self._topic:
            return False
        if not self.may_be_asked(url) or (key := await self._key(url)) is None:
            return False
        with suppress(ValueError, InvalidSignature):
            signature = base64.b64decode(str(told.get("Signature", "")), validate=True)
            key.verify(signature, signed, PKCS1v15(), hashing())
            return True
        return False

    async def _key(self, url: str) -> RSAPublicKey | None:
        if url not in self._keys:
            try:
                key = load_pem_x509_certificate(await self._fetch(url)).public_key()
            except ValueError:
                return None
            if not isinstance(key, RSAPublicKey):
                return None
            if len(self._keys) >= MOST_CERTIFICATES:
                self._keys.clear()
            self._keys[url] = key
        return self._keys[url]


def _signed(told: Mapping[str, object]) -> bytes | None:
    names = SIGNED.get(str(told.get("Type")))
    if names is None:
        return None
    fields = [(name, told[name]) for name in names if told.get(name) is not None]
    return "".join(f"{name}\n{value}\n" for name, value in fields).encode(errors="replace")
