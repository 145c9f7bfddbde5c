"""The front before moto: what passes, what is counted, and what is reported of it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from embedded import aws
from embedded.processes import Processes
from fakes.aws import AwsFront
from fakes.faults import Fault, Plan, Trick
from providers import s3, ses
from providers.s3 import S3Documents
from providers.ses import SesEmail
from schemas.errors import OutcomeUnknownError, ProviderUnavailableError
from schemas.messages import Document, Email
from settings import Settings

KEY = "chaos:INV 1:1:reminder-1:email"
TAG = "chaos_3AINV_201_3A1_3Areminder-1_3Aemail"
SENDER = "Creditor <billing@creditor.example>"
LETTER = Document("letters/chaos/INV-1/letter.pdf", b"%PDF", "application/pdf")


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[aws.Aws]:
    with Processes(tmp_path_factory.mktemp("moto")) as processes:
        yield aws.start(processes, region="eu-central-1", sender=SENDER, bucket="letters")


class Receiver:
    """Takes reports on emails, the first one only when it comes again."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.signed: list[dict[str, str]] = []
        self.asked = 0

    async def take(self, request: web.Request) -> web.Response:
        """Take a report."""
        self.asked += 1
        if self.asked == 1:
            return web.Response(status=503)
        envelope = await request.json()
        self.signed.append(envelope)
        self.got.append(json.loads(envelope["Message"]))
        return web.Response(status=204)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/ses/events", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield found, f"http://127.0.0.1:{runner.addresses[0][1]}/ses/events"
    await runner.cleanup()


@pytest.fixture
async def front(moto: aws.Aws, receiver: tuple[Receiver, str]) -> AsyncIterator[AwsFront]:
    async with AwsFront(moto.endpoint, events=receiver[1], step_seconds=0.01) as made:
        yield made


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "embedded")


def at(front: AwsFront) -> Settings:
    return Settings(aws_endpoint_url=front.url)


async def send(front: AwsFront, to: str = "ap@debtor.example") -> None:
    client = ses.connect(at(front), 5)
    email = Email(key=KEY, to=to, subject="s", text="t", html="<p>t</p>")
    try:
        await asyncio.to_thread(SesEmail(client, SENDER).send_email, email)
    finally:
        client.close()


async def put(front: AwsFront) -> str:
    client = s3.connect(at(front), 5)
    try:
        return (await asyncio.to_thread(S3Documents(client, "letters").put, LETTER)).reference
    finally:
        client.close()


async def test_an_email_arrives_under_its_key_and_is_reported_until_taken(
    front: AwsFront, receiver: tuple[Receiver, str]
) -> None:
    await send(front)
    await front.reporter.settled()
    (email,) = front.accepted
    assert (email.kind, email.key, email.to) == ("Emails", KEY, "ap@debtor.example")
    told = receiver[0].got
    assert sorted(event["eventType"] for event in told) == ["Delivery", "Send"]
    assert {event["mail"]["messageId"] for event in told} == {email.id}
    assert told[0]["mail"]["tags"]["dunning-key"] == [TAG]


async def test_a_report_is_signed_with_the_certificate_it_names(
    front: AwsFront, receiver: tuple[Receiver, str]
) -> None:
    await send(front)
    await front.reporter.settled()
    told = receiver[0].signed[0]
    async with aiohttp.ClientSession() as session, session.get(told["SigningCertURL"]) as answer:
        key = load_pem_x509_certificate(await answer.read()).public_key()
    names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{told[name]}\n" for name in names).encode()
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(told["Signature"]), text, PKCS1v15(), SHA256())


@pytest.mark.parametrize(
    ("to", "kinds"),
    [
        ("bounce@debtor.example", ["Bounce", "Send"]),
        ("complaint@debtor.example", ["Complaint", "Delivery", "Send"]),
    ],
)
async def test_the_address_decides_what_becomes_of_an_email(
    front: AwsFront, receiver: tuple[Receiver, str], to: str, kinds: list[str]
) -> None:
    await send(front, to)
    await front.reporter.settled()
    assert sorted(event["eventType"] for event in receiver[0].got) == kinds


async def test_a_report_may_come_twice(front: AwsFront, receiver: tuple[Receiver, str]) -> None:
    front.faults.plan = Plan(reports={Trick.TWICE: 100})
    await send(front)
    await front.reporter.settled()
    kinds = [event["eventType"] for event in receiver[0].got]
    assert sorted(kinds) == ["Delivery", "Delivery", "Send", "Send"]


@pytest.mark.parametrize(
    ("fault", "error", "times"),
    [
        (Fault.BUSY, ProviderUnavailableError, 0),
        (Fault.DOWN, OutcomeUnknownError, 0),
        (Fault.RESET, OutcomeUnknownError, 0),
        (Fault.LOST, OutcomeUnknownError, 1),
        (Fault.ERROR_AFTER, OutcomeUnknownError, 1),
    ],
)
async def test_an_email_meets_a_fault_and_counts_only_if_it_was_accepted(
    front: AwsFront, fault: Fault, error: type[Exception], times: int
) -> None:
    front.faults.plan = Plan(requests={fault: 100})
    with pytest.raises(error):
        await send(front)
    assert [email.key for email in front.accepted] == [KEY] * times


async def test_a_document_that_was_stored_but_not_confirmed_is_stored_once(
    front: AwsFront,
) -> None:
    front.faults.plan = Plan(requests={Fault.LOST: 100})
    with pytest.raises(OutcomeUnknownError):
        await put(front)
    front.faults.plan = Plan()
    assert await put(front) == f"s3://letters/{LETTER.name}"
    assert [one.key for one in front.accepted] == [LETTER.name]
