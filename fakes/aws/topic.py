"""An SNS topic on this machine: it puts what SES reports into signed envelopes.

The signature is that of SNS, version 2; the certificate is made for this run and lies at
`/_fake/sns.pem`.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

CERTIFICATE = "/_fake/sns.pem"
ARN = "arn:aws:sns:eu-central-1:000000000000:emails"
_SIGNED = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
_BITS = 2048


class Topic:
    """A topic with a key of its own; `certificate` is in PEM."""

    def __init__(self, arn: str = ARN) -> None:
        self._arn = arn
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        self.certificate = self._certified()

    def envelope(self, origin: str, event: dict[str, Any]) -> dict[str, str]:
        """Wrap an event; the certificate is said to lie at `origin`."""
        told = {
            "Type": "Notification",
            "MessageId": str(uuid4()),
            "TopicArn": self._arn,
            "Message": json.dumps(event),
            "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }
        text = "".join(f"{name}\n{told[name]}\n" for name in _SIGNED).encode()
        signature = self._key.sign(text, PKCS1v15(), SHA256())
        return told | {
            "SignatureVersion": "2",
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": f"{origin}{CERTIFICATE}",
        }

    def _certified(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.invalid")])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)
