"""Real servers for the real clients: moto over HTTP, and settings that point at them."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.server import ThreadedMotoServer

from providers import s3, ses
from settings import Settings

BUCKET = "dossiers"
REGION = "eu-central-1"


@pytest.fixture(scope="session")
def aws_credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(variable, "testing")
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        yield


@pytest.fixture(scope="session")
def aws_url(aws_credentials: None) -> Iterator[str]:  # noqa: ARG001 - wanted for its effect
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    _provision(url)
    yield url
    server.stop()
    # moto leaves its listening socket open, and an unclosed socket is a warning
    assert server._server is not None
    server._server.server_close()


@pytest.fixture(scope="session")
def aws_settings(aws_url: str) -> Settings:
    return settings_at(aws_url)


def settings_at(url: str) -> Settings:
    return Settings(aws_endpoint_url=url, aws_region=REGION, dossier_bucket=BUCKET)


def _provision(url: str) -> None:
    mail, bucket = ses.connect(settings_at(url)), s3.connect(settings_at(url))
    mail.create_email_identity(EmailIdentity="creditor.example")
    bucket.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    mail.close()
    bucket.close()


@dataclass(frozen=True)
class SelfSigned:
    """A certificate for 127.0.0.1 that nobody trusts, and a server's context with it."""

    path: Path
    context: ssl.SSLContext


@pytest.fixture
def self_signed(tmp_path: Path) -> SelfSigned:
    key = ec.generate_private_key(ec.SECP256R1())
    path, key_path = tmp_path / "certificate.pem", tmp_path / "key.pem"
    path.write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return SelfSigned(path, context)


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    start = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
