"""The fake's REST resources, as the real twilio client sees them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from pydantic import SecretStr
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from fakes.twilio import TwilioFake
from providers import twilio_client
from settings import Settings

SID = "AC" + "0" * 32
FROM = "+15005550006"
TWIML = "<Response><Say>Good day</Say></Response>"


@pytest.fixture
async def fake() -> AsyncIterator[TwilioFake]:
    async with TwilioFake(account_sid=SID, auth_token="token", step_seconds=0.01) as fake:
        yield fake


@pytest.fixture
def client(fake: TwilioFake) -> Iterator[Client]:
    client = twilio_client.connect(
        Settings(
            twilio_base_url=fake.url,
            twilio_account_sid=SID,
            twilio_auth_token=SecretStr("token"),
        )
    )
    yield client
    client.http_client.session.close()


async def call(client: Client, to: str, **more: object) -> Any:  # noqa: ANN401 - twilio is untyped
    return await asyncio.to_thread(
        lambda: client.calls.create(**{"to": to, "from_": FROM, "twiml": TWIML, **more})
    )


async def text(client: Client, to: str, **more: object) -> Any:  # noqa: ANN401 - twilio is untyped
    return await asyncio.to_thread(
        lambda: client.messages.create(**{"to": to, "from_": FROM, "body": "Hello", **more})
    )


async def test_a_new_call_is_shown_as_queued_with_real_field_names(client: Client) -> None:
    made = await call(client, "+4930123400")
    assert made.sid.startswith("CA")
    assert len(made.sid) == 34
    assert (made.status, made.direction, made.account_sid) == ("queued", "outbound-api", SID)
    assert (made.to, made._from) == ("+4930123400", FROM)
    assert made.uri == f"/2010-04-01/Accounts/{SID}/Calls/{made.sid}.json"
    assert abs(datetime.now(UTC) - made.date_created) < timedelta(seconds=10)
    assert made.duration is None


@pytest.mark.parametrize(
    ("to", "status", "duration", "answered_by"),
    [
        ("+49301230001", "busy", None, None),
        ("+49301230002", "no-answer", None, None),
        ("+49301230003", "failed", None, None),
        ("+49301230004", "completed", "17", "machine_start"),
        ("+49301239999", "completed", "42", "human"),
    ],
)
async def test_the_last_four_digits_decide_how_a_call_ends(
    fake: TwilioFake,
    client: Client,
    to: str,
    status: str,
    duration: str | None,
    answered_by: str | None,
) -> None:
    made = await call(client, to, machine_detection="Enable")
    await fake.settled()
    ended = await asyncio.to_thread(client.calls(made.sid).fetch)
    assert (ended.status, ended.duration, ended.answered_by) == (status, duration, answered_by)
    assert ended.end_time >= ended.start_time


async def test_without_machine_detection_nobody_knows_who_answered(
    fake: TwilioFake, client: Client
) -> None:
    made = await call(client, "+49301230004")
    await fake.settled()
    assert (await asyncio.to_thread(client.calls(made.sid).fetch)).answered_by is None


@pytest.mark.parametrize(
    ("to", "status", "error_code"),
    [
        ("+49301230005", "undelivered", 30003),
        ("+49301230006", "undelivered", 30006),
        ("+49301230007", "undelivered", 30007),
        ("+49301239999", "delivered", None),
    ],
)
async def test_the_last_four_digits_decide_how_a_message_ends(
    fake: TwilioFake, client: Client, to: str, status: str, error_code: int | None
) -> None:
    made = await text(client, to)
    assert made.sid.startswith("SM")
    assert made.status == "queued"
    await fake.settled()
    ended = await asyncio.to_thread(client.messages(made.sid).fetch)
    assert (ended.status, ended.error_code, ended.body) == (status, error_code, "Hello")


@pytest.mark.parametrize(
    ("fields", "code", "status"),
    [
        ({"to": ""}, 21201, 400),
        ({"to": "030 12"}, 21211, 400),
        ({"from_": ""}, 21213, 400),
        ({"from_": "nobody"}, 21212, 400),
        ({"twiml": ""}, 21205, 400),
        ({"twiml": "", "url": "no url"}, 21205, 400),
        ({"status_callback": "no url"}, 21209, 400),
        ({"to": "+49301230429"}, 20429, 429),
        ({"to": "+49301230500"}, 20500, 500),
    ],
)
async def test_a_wrong_call_is_refused_with_twilios_code(
    client: Client, fields: dict[str, str], code: int, status: int
) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await call(client, **{"to": "+4930123400", **fields})
    assert (caught.value.code, caught.value.status) == (code, status)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"from_": "far too long a name"}, 21212),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "no url"}, 21609),
        ({"to": "+49301230010"}, 21610),
        ({"to": "+49301230011"}, 21614),
        ({"to": "+49301230012"}, 21211),
    ],
)
async def test_a_wrong_message_is_refused_with_twilios_code(
    client: Client, fields: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await text(client, **{"to": "+4930123400", **fields})
    assert (caught.value.code, caught.value.status) == (code, 400)


@pytest.mark.parametrize("resource", ["calls", "messages"])
async def test_a_resource_that_does_not_exist_is_not_found(client: Client, resource: str) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(getattr(client, resource)("XX" + "0" * 32).fetch)
    assert (caught.value.code, caught.value.status) == (20404, 404)


@pytest.mark.parametrize("auth", [None, (SID, "wrong"), ("AC" + "1" * 32, "token")])
async def test_wrong_credentials_are_refused_in_twilios_words(
    fake: TwilioFake, auth: tuple[str, str] | None
) -> None:
    url = f"{fake.url}/2010-04-01/Accounts/{SID}/Calls.json"
    answer = await asyncio.to_thread(lambda: requests.get(url, auth=auth, timeout=5))
    assert answer.status_code == 401
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


async def test_a_list_can_be_asked_by_number_and_by_time(client: Client) -> None:
    first = await call(client, "+4930123400")
    await call(client, "+4930123401")
    hour = timedelta(hours=1)

    def listed(since: datetime) -> list[str]:
        found = client.calls.list(to="+4930123400", start_time_after=since)
        return [call.sid for call in found]

    assert await asyncio.to_thread(listed, datetime.now(UTC) - hour) == [first.sid]
    assert await asyncio.to_thread(listed, datetime.now(UTC) + hour) == []


async def test_a_long_list_comes_in_pages_newest_first(client: Client) -> None:
    made = [(await text(client, f"+493012340{number}")).sid for number in range(5)]
    listed = await asyncio.to_thread(lambda: client.messages.list(page_size=2))
    assert [message.sid for message in listed] == made[::-1]


async def test_a_demo_can_read_what_was_said_and_written(fake: TwilioFake, client: Client) -> None:
    await call(client, "+4930123400")
    await text(client, "+4930123401")
    calls, messages = await asyncio.to_thread(
        lambda: [requests.get(f"{fake.url}/_fake/{name}", timeout=5).json() for name in WATCHED]
    )
    assert [(c["to"], c["twiml"]) for c in calls] == [("+4930123400", TWIML)]
    assert [(m["to"], m["body"]) for m in messages] == [("+4930123401", "Hello")]


WATCHED = ("calls", "messages")
