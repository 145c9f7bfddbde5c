"""`POST /ses/events`: what SES says through SNS, signed as SNS signs, settles the ledger."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine
from temporalio.client import Client

from fakes.broken import closed_port
from schemas.tags import tag_of
from starter.doors.sns import Notary
from tests.callbacks.conftest import Desk, OpenDesk, Running, refused

TOPIC = "arn:aws:sns:eu-central-1:123456789012:dunning"
ORDER = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Subject",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)


@dataclass
class Sns:
    """A stand-in for SNS: it serves its certificate, signs, and remembers who confirmed."""

    origin: str = ""
    confirmed: list[str] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def app(self) -> web.Application:
        """Return what listens."""
        app = web.Application()
        app.add_routes([web.get("/{name}", self.answer)])
        return app

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a GET."""
        name = request.match_info["name"]
        if name == "confirm":
            self.confirmed.append(request.query["Token"])
            return web.Response(text="<ok/>")
        if name == "elliptic.pem":
            return web.Response(body=certificate(ec.generate_private_key(ec.SECP256R1())))
        return web.Response(body=certificate(self.key) if name == "cert.pem" else b"no certificate")

    def signed(self, message: object, version: str = "2", **changes: object) -> dict[str, Any]:
        """Return a notification as SNS sends it, its signature over what changes made of it."""
        text = message if isinstance(message, str) else json.dumps(message)
        told: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": "m-1",
            "TopicArn": TOPIC,
            "Message": text,
            "Timestamp": "2026-02-10T18:00:00.000Z",
        } | changes
        lines = "".join(f"{name}\n{told[name]}\n" for name in ORDER if name in told)
        hashing = {"1": SHA1, "2": SHA256}[version]()
        signature = self.key.sign(lines.encode(), PKCS1v15(), hashing)
        return {
            "SignatureVersion": version,
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": f"{self.origin}/cert.pem",
        } | told


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([])
    today = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, today, today + timedelta(1))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
async def sns() -> AsyncIterator[Sns]:
    port = closed_port()
    made = Sns(f"http://127.0.0.1:{port}")
    runner = web.AppRunner(made.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield made
    await runner.cleanup()


@dataclass(frozen=True)
class Door:
    """The door, as SNS sees it."""

    desk: Desk

    async def notify(self, told: object) -> int:
        """Post a notification; returns the status."""
        url = f"{self.desk.settings.callback_url}/ses/events"
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        # SNS says text/plain, whatever it sends
        return await self.desk.raw(url, data=body, headers={"Content-Type": "text/plain"})


@pytest.fixture
async def door(open_desk: OpenDesk, temporal_client: Client, sns: Sns) -> Door:
    return Door(await open_desk(temporal_client, ses_topic=TOPIC, sns_stand_in=sns.origin))


def report(kind: str, key: str, **rest: object) -> dict[str, object]:
    mail = {"messageId": "ses-1", "tags": {"dunning-key": [tag_of(key)], "ses:caller": ["x"]}}
    return {"eventType": kind, "mail": mail} | rest


PERMANENT = {"bounce": {"bounceType": "Permanent"}}
TRANSIENT = {"bounce": {"bounceType": "Transient"}}


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    ("kind", "rest", "result"),
    [
        ("Delivery", {}, "delivered"),
        ("Bounce", PERMANENT, "bounced"),
        ("Bounce", TRANSIENT, "undelivered"),
        ("Complaint", {}, "complained"),
        ("Reject", {}, "rejected"),
    ],
)
async def test_what_ses_reports_settles_the_ledger_and_tells_the_case(
    door: Door,
    sns: Sns,
    case: Running,
    version: str,
    kind: str,
    rest: dict[str, object],
    result: str,
) -> None:
    key = case.claimed(case.key("email"))
    assert await door.notify(sns.signed(report(kind, key, **rest), version)) == 204
    row = case.effect(key)
    assert (row["state"], row["reference"], row["outcome"]) == ("done", "ses-1", result)
    assert [json.loads(raw)["result"] for _, raw in await case.signals()] == [result]


async def test_the_key_may_come_as_a_header(door: Door, sns: Sns, case: Running) -> None:
    key = case.claimed(case.key("email"))
    headers = [{"name": "Subject", "value": "x"}, {"name": "x-dunning-key", "value": key}]
    told = {"eventType": "Delivery", "mail": {"messageId": "ses-1", "headers": headers}}
    assert await door.notify(sns.signed(told)) == 204
    assert case.effect(key)["outcome"] == "delivered"


@pytest.mark.parametrize("message", ["Successfully validated", {"eventType": "Open", "mail": {}}])
async def test_what_says_nothing_final_changes_nothing(
    door: Door, sns: Sns, case: Running, message: object
) -> None:
    assert await door.notify(sns.signed(message)) == 204
    assert case.arrived() == []


async def test_an_email_without_a_key_or_of_an_unknown_one_is_refused(
    door: Door, sns: Sns, case: Running, engine: Engine
) -> None:
    before = refused(engine, "ses", "unknown")
    assert await door.notify(sns.signed({"eventType": "Delivery", "mail": {}})) == 400
    assert await door.notify(sns.signed(report("Delivery", case.key("email")))) == 404
    assert refused(engine, "ses", "unknown") == before + 1
    assert case.arrived() == []


async def test_a_subscription_to_our_topic_is_confirmed(door: Door, sns: Sns) -> None:
    asked = {
        "Type": "SubscriptionConfirmation",
        "Token": "t-1",
        "SubscribeURL": f"{sns.origin}/confirm?Token=t-1",
    }
    assert await door.notify(sns.signed("You have chosen to subscribe", **asked)) == 204
    assert sns.confirmed == ["t-1"]
    elsewhere = asked | {"SubscribeURL": "http://169.254.169.254/latest"}
    assert await door.notify(sns.signed("You have chosen", **elsewhere)) == 400


async def test_what_sns_did_not_sign_is_refused_and_never_applied(
    door: Door, sns: Sns, case: Running, engine: Engine
) -> None:
    before = refused(engine, "ses", "wrong signature")
    key = case.claimed(case.key("email"))
    good = sns.signed(report("Delivery", key))
    another = sns.signed(report("Delivery", key), TopicArn=TOPIC + "2")
    forged = [
        good | {"Message": json.dumps(report("Complaint", key))},
        good | {"Signature": "no base64"},
        good | {"Signature": ""},
        good | {"SignatureVersion": "3"},
        good | {"Type": "UnsubscribeConfirmation"},
        good | {"SigningCertURL": "https://sns.eu-central-1.amazonaws.com.evil.example/c.pem"},
        good | {"SigningCertURL": f"{sns.origin}/nonsense.pem"},
        good | {"SigningCertURL": f"{sns.origin}/elliptic.pem"},
        another,
        {},
    ]
    for told in forged:
        assert await door.notify(told) == 403, told
    assert case.effect(key)["state"] == "attempting"
    assert (await case.signals(), case.arrived()) == ([], [])
    assert refused(engine, "ses", "wrong signature") == before + len(forged)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"no JSON"])
async def test_what_is_no_notification_is_refused(door: Door, body: bytes) -> None:
    assert await door.notify(body) == 400


async def test_a_certificate_that_cannot_be_fetched_is_asked_for_again(
    door: Door, sns: Sns, case: Running
) -> None:
    key = case.claimed(case.key("email"))
    told = sns.signed(report("Delivery", key)) | {"SigningCertURL": f"{sns.origin}/a/b/c.pem"}
    assert await door.notify(told) == 503


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem", True),
        ("https://sns.cn-north-1.amazonaws.com.cn/x.pem", True),
        ("http://sns.eu-central-1.amazonaws.com/x.pem", False),
        ("https://sns.eu-central-1.amazonaws.com:8443/x.pem", False),
        ("https://bucket.s3.amazonaws.com/x.pem", False),
        ("https://sns.evil.amazonaws.com.example/x.pem", False),
        ("https://sns.a@evil.example/x.pem", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_only_the_hosts_of_sns_are_asked(url: str, *, expected: bool) -> None:
    async def nothing(_: str) -> bytes:
        return b""

    assert Notary(TOPIC, nothing).may_be_asked(url) is expected
