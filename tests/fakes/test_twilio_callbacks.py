"""The fake's status callbacks, as a receiver that checks signatures sees them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from fakes.broken import closed_port
from fakes.twilio import TwilioFake

SID = "AC" + "0" * 32
ALL_EVENTS = ("initiated", "ringing", "answered", "completed")
KEY = "demo%3AINV%201%3A1%3Acall%2Fx%3Acall"


@dataclass
class Receiver:
    """Checks the signature of every callback and keeps its fields."""

    port: int
    token: str = "token"
    received: list[dict[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address to call back, with a key that must not be tidied up."""
        return f"http://127.0.0.1:{self.port}/twilio?key={KEY}"

    async def answer(self, request: web.Request) -> web.Response:
        """Take a callback whose signature fits, refuse any other."""
        fields = dict(parse_qsl(await request.text(), keep_blank_values=True))
        url = f"http://127.0.0.1:{self.port}{request.raw_path}"
        signature = request.headers["X-Twilio-Signature"]
        if not RequestValidator(self.token).validate(url, fields, signature):
            return web.Response(status=403)
        self.received.append(fields)
        self.keys.append(request.query["key"])
        return web.Response(status=204)

    async def listen(self) -> web.AppRunner:
        """Start to listen; the caller ends it."""
        app = web.Application()
        app.router.add_post("/twilio", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        return runner


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver(closed_port())
    runner = await receiver.listen()
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def fake() -> AsyncIterator[TwilioFake]:
    async with TwilioFake(account_sid=SID, auth_token="token", step_seconds=0.01) as fake:
        yield fake


async def order(fake: TwilioFake, kind: str, **fields: object) -> None:
    pairs = [
        (name, str(one))
        for name, value in fields.items()
        for one in (value if isinstance(value, tuple) else (value,))
    ]
    url = f"{fake.url}/2010-04-01/Accounts/{SID}/{kind}.json"
    headers = {"Authorization": aiohttp.encode_basic_auth(SID, "token")}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=pairs, headers=headers) as answer,
    ):
        assert answer.status == 201


async def order_call(fake: TwilioFake, receiver: Receiver, to: str, **more: object) -> None:
    await order(
        fake,
        "Calls",
        **{
            "To": to,
            "From": "+15005550006",
            "Twiml": "<Response/>",
            "StatusCallback": receiver.url,
            "MachineDetection": "Enable",
            **more,
        },
    )
    await fake.settled()


@pytest.mark.parametrize(
    ("to", "statuses"),
    [
        ("+49301239999", ["initiated", "ringing", "in-progress", "completed"]),
        ("+49301230001", ["initiated", "ringing", "busy"]),
        ("+49301230002", ["initiated", "ringing", "no-answer"]),
        ("+49301230003", ["initiated", "failed"]),
    ],
)
async def test_a_call_tells_each_state_signed_and_in_order(
    fake: TwilioFake, receiver: Receiver, to: str, statuses: list[str]
) -> None:
    await order_call(fake, receiver, to, StatusCallbackEvent=ALL_EVENTS)
    assert [fields["CallStatus"] for fields in receiver.received] == statuses
    numbers = [fields["SequenceNumber"] for fields in receiver.received]
    assert numbers == [str(number) for number in range(len(statuses))]
    assert {posted.status for posted in fake.callbacks.posted} == {204}


async def test_the_end_of_a_call_tells_everything_about_it(
    fake: TwilioFake, receiver: Receiver
) -> None:
    await order_call(fake, receiver, "+49301230004", StatusCallbackEvent=ALL_EVENTS)
    end = receiver.received[-1]
    assert end.pop("Timestamp").endswith("+0000")
    assert end == {
        "CallSid": fake.calls[0].sid,
        "AccountSid": SID,
        "ApiVersion": "2010-04-01",
        "To": "+49301230004",
        "Called": "+49301230004",
        "From": "+15005550006",
        "Caller": "+15005550006",
        "CallStatus": "completed",
        "CallDuration": "17",
        "AnsweredBy": "machine_start",
        "Direction": "outbound-api",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "3",
        "SipResponseCode": "200",
    }


async def test_the_key_in_the_address_arrives_as_it_was_written(
    fake: TwilioFake, receiver: Receiver
) -> None:
    await order_call(fake, receiver, "+49301239999")
    assert receiver.keys == ["demo:INV 1:1:call/x:call"]


@pytest.mark.parametrize(
    ("events", "statuses"),
    [
        ((), ["completed"]),
        (("ringing",), ["ringing"]),
        (("answered", "completed"), ["in-progress", "completed"]),
        (("ringing answered",), ["ringing", "in-progress"]),
    ],
)
async def test_only_the_events_asked_for_are_told(
    fake: TwilioFake, receiver: Receiver, events: tuple[str, ...], statuses: list[str]
) -> None:
    await order_call(fake, receiver, "+49301239999", StatusCallbackEvent=events)
    assert [fields["CallStatus"] for fields in receiver.received] == statuses


async def test_a_message_tells_how_it_ended(fake: TwilioFake, receiver: Receiver) -> None:
    await order(
        fake,
        "Messages",
        To="+49301230006",
        From="Creditor",
        Body="Hello",
        StatusCallback=receiver.url,
    )
    await fake.settled()
    assert [fields["MessageStatus"] for fields in receiver.received] == ["sent", "undelivered"]
    assert receiver.received[-1]["MessageSid"] == fake.messages[0].sid
    assert receiver.received[-1]["ErrorCode"] == "30006"


async def test_another_token_makes_another_signature(fake: TwilioFake, receiver: Receiver) -> None:
    receiver.token = "another"
    await order_call(fake, receiver, "+49301239999")
    assert [posted.status for posted in fake.callbacks.posted] == [403]
    assert receiver.received == []


async def test_a_receiver_that_starts_late_is_still_told(fake: TwilioFake) -> None:
    late = Receiver(closed_port())
    ordered = asyncio.create_task(order_call(fake, late, "+49301239999"))
    await asyncio.sleep(0.1)
    runner = await late.listen()
    await ordered
    await runner.cleanup()
    assert [fields["CallStatus"] for fields in late.received] == ["completed"]


async def test_a_receiver_that_never_starts_is_given_up(fake: TwilioFake) -> None:
    await order_call(fake, Receiver(closed_port()), "+49301239999")
    assert [posted.status for posted in fake.callbacks.posted] == [None]
    assert fake.calls[0].status == "completed"
