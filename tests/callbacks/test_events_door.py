"""`POST /events`: whoever signs with our secret tells a case something; nobody else does."""

import base64
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

from schemas.errors import InputRefusedError
from settings import Settings
from starter.doors.server import doors
from tests.callbacks.conftest import INVOICE, Desk, OpenDesk, Running, refused

KEY = b"a secret of some length"
SECRET = SecretStr(f"whsec_{base64.b64encode(KEY).decode()}")


@dataclass(frozen=True)
class Sender:
    """A system that tells us of events, with a signature made by code of its own."""

    desk: Desk
    creditor: str

    def event(self, **changes: object) -> dict[str, object]:
        """Return a payment as it is sent."""
        return {
            "creditor": self.creditor,
            "invoice": INVOICE,
            "type": "payment_received",
            "id": "p-1",
            "at": "2026-02-10T18:00:00+01:00",
            "amount": {"amount": "400.00", "currency": "EUR"},
        } | changes

    async def send(
        self, body: object, key: bytes = KEY, at: float | None = None, **headers: str
    ) -> tuple[int, str]:
        """Post a body; returns status and words."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(int(time.time() if at is None else at))
        digest = hmac.new(key, f"msg-1.{stamp}.".encode() + raw, "sha256").digest()
        made = {
            "webhook-id": "msg-1",
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
        url = f"{self.desk.settings.callback_url}/events"
        async with self.desk.session.post(url, data=raw, headers=made | headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def sender(open_desk: OpenDesk, temporal_client: Client, creditor: str) -> Sender:
    return Sender(await open_desk(temporal_client, inbox_secret=SECRET), creditor)


async def test_a_signed_event_is_kept_and_handed_to_its_case(sender: Sender, case: Running) -> None:
    status, words = await sender.send(sender.event())
    assert (status, json.loads(words)) == (202, {"id": "p-1", "delivery": "signalled"})
    assert case.arrived() == ["p-1"]
    ((name, raw),) = await case.signals()
    assert (name, json.loads(raw)["amount"]) == (
        "payment_received",
        {"amount": "400.00", "currency": "EUR"},
    )


async def test_the_same_event_twice_is_kept_once(sender: Sender, case: Running) -> None:
    for _ in range(2):
        assert (await sender.send(sender.event()))[0] == 202
    assert case.arrived() == ["p-1"]


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"type": "no_such"}, "there is no signal of that name"),
        ({"type": None}, "type: a plain text"),
        ({"invoice": 7}, "invoice: a plain text"),
        ({"creditor": "\ud800"}, "creditor: a plain text"),
        ({"invoice": "a\0b"}, "invoice: a plain text"),
        ({"id": "\ud800"}, "id: Input should be a valid string"),
        ({"at": "2026-02-10T18:00:00"}, "at: "),
        ({"amount": {"amount": "1e400", "currency": "EUR"}}, "amount"),
        ({"amount": {"amount": "1.00", "currency": "USD"}}, "the invoice is in EUR"),
    ],
)
async def test_a_malformed_event_is_refused_with_the_reason_and_counted(
    sender: Sender, case: Running, engine: Engine, changes: dict[str, object], fault: str
) -> None:
    before = refused(engine, "events", "malformed")
    status, words = await sender.send(sender.event(**changes))
    assert status == 400
    assert fault in words
    assert (await case.signals(), case.arrived()) == ([], [])
    assert refused(engine, "events", "malformed") == before + 1


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"7", b"\xff", b"[" * 100_000])
async def test_what_is_no_object_is_refused(sender: Sender, body: bytes) -> None:
    assert (await sender.send(body))[0] == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": b"another"},
        {"at": 0},
        {"at": 4e9},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,\u00fc"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-id": "another"},
    ],
    ids=str,
)
async def test_a_wrong_signature_is_refused_counted_and_never_applied(
    sender: Sender, case: Running, engine: Engine, wrong: dict[str, Any]
) -> None:
    before = refused(engine, "events", "wrong signature")
    assert (await sender.send(sender.event(), **wrong))[0] == 403
    assert (await case.signals(), case.arrived()) == ([], [])
    assert refused(engine, "events", "wrong signature") == before + 1


async def test_one_right_signature_among_several_is_enough(sender: Sender, case: Running) -> None:
    """While a secret is changed, a sender signs with the old one and the new one."""
    raw = json.dumps(sender.event()).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(KEY, f"msg-1.{stamp}.".encode() + raw, "sha256").digest()
    both = f"v1,b2xk v1,{base64.b64encode(digest).decode()}"
    headers: dict[str, Any] = {"webhook-signature": both}
    assert (await sender.send(raw, **headers))[0] == 202
    assert case.arrived() == ["p-1"]


async def test_an_invoice_nobody_knows_is_refused_and_counted(
    sender: Sender, engine: Engine
) -> None:
    before = refused(engine, "events", "unknown")
    assert (await sender.send(sender.event()))[0] == 404
    assert refused(engine, "events", "unknown") == before + 1


def test_a_secret_that_does_not_read_is_refused(temporal_client: Client, engine: Engine) -> None:
    chosen = Settings(inbox_secret=SecretStr("whsec_\u00fc"))
    with pytest.raises(InputRefusedError, match="DUNNING_INBOX_SECRET"):
        doors(temporal_client, engine, chosen)
