"""Twilio: the real twilio client against the fake, and against servers that let it down."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import SecretStr

from fakes.broken import BrokenServer, closed_port, http_answer
from fakes.twilio import TwilioFake
from providers import twilio_client
from providers.twilio_sms import TwilioSms
from providers.twilio_voice import TwilioCaller
from schemas.errors import DeliveryRefusedError, OutcomeUnknownError, ProviderUnavailableError
from schemas.messages import PhoneCall, Sent, Sms
from settings import Settings
from tests.providers.conftest import SelfSigned

SID = "AC" + "0" * 32
TOKEN = "token"
FROM = "+15005550006"
CALLBACKS = "http://127.0.0.1:9/"
KEY = "demo:INV 1:1:call/first:call"
TWIML = "<Response><Say>Please pay &amp; call back</Say></Response>"


def settings_at(url: str, token: str = TOKEN) -> Settings:
    return Settings(twilio_base_url=url, twilio_account_sid=SID, twilio_auth_token=SecretStr(token))


def call_through(url: str, to: str = "+4930123400", token: str = TOKEN, timeout: float = 5) -> Sent:
    client = twilio_client.connect(settings_at(url, token), timeout)
    try:
        return TwilioCaller(client, FROM, CALLBACKS).place_call(PhoneCall(KEY, to, TWIML))
    finally:
        client.http_client.session.close()


def text_through(url: str, to: str = "+4930123400", token: str = TOKEN, timeout: float = 5) -> Sent:
    client = twilio_client.connect(settings_at(url, token), timeout)
    try:
        return TwilioSms(client, FROM, CALLBACKS).send_sms(Sms(KEY, to, "Please pay"))
    finally:
        client.http_client.session.close()


Through = Callable[..., Sent]
either = pytest.mark.parametrize("through", [call_through, text_through])


@pytest.fixture
async def fake() -> AsyncIterator[TwilioFake]:
    async with TwilioFake(account_sid=SID, auth_token=TOKEN, step_seconds=60) as fake:
        yield fake


async def test_a_call_is_placed_with_its_words_and_its_callback(fake: TwilioFake) -> None:
    sent = await asyncio.to_thread(call_through, fake.url)
    (call,) = fake.calls
    assert sent == Sent("twilio", call.sid)
    assert call.form["To"] == "+4930123400"
    assert call.form["From"] == FROM
    assert call.form["Twiml"] == TWIML
    assert call.form["StatusCallback"] == (
        "http://127.0.0.1:9/twilio/calls?key=demo%3AINV%201%3A1%3Acall%2Ffirst%3Acall"
    )
    assert call.events == ("initiated", "ringing", "answered", "completed")
    assert call.form["StatusCallbackMethod"] == "POST"
    assert call.form["MachineDetection"] == "Enable"


async def test_a_message_is_sent_with_its_text_and_its_callback(fake: TwilioFake) -> None:
    sent = await asyncio.to_thread(text_through, fake.url)
    (message,) = fake.messages
    assert sent == Sent("twilio", message.sid)
    assert message.form["Body"] == "Please pay"
    assert message.form["StatusCallback"] == (
        "http://127.0.0.1:9/twilio/messages?key=demo%3AINV%201%3A1%3Acall%2Ffirst%3Acall"
    )


@either
@pytest.mark.parametrize(
    ("to", "expected", "code"),
    [
        ("12", DeliveryRefusedError, "21211"),
        ("+49301230012", DeliveryRefusedError, "21211"),
        ("+49301230429", ProviderUnavailableError, "20429"),
        ("+49301230500", OutcomeUnknownError, "20500"),
    ],
)
async def test_an_error_answer_is_told_apart(
    fake: TwilioFake, through: Through, to: str, expected: type[Exception], code: str
) -> None:
    with pytest.raises(expected, match=code):
        await asyncio.to_thread(through, fake.url, to)
    assert fake.calls == []
    assert fake.messages == []


@pytest.mark.parametrize(("to", "code"), [("+49301230010", "21610"), ("+49301230011", "21614")])
async def test_a_number_that_takes_no_messages_is_refused_without_being_named(
    fake: TwilioFake, to: str, code: str
) -> None:
    with pytest.raises(DeliveryRefusedError, match=code) as caught:
        await asyncio.to_thread(text_through, fake.url, to)
    assert to not in str(caught.value)
    assert "[recipient]" in str(caught.value)
    assert caught.value.__cause__ is None


@either
async def test_a_wrong_token_means_the_provider_is_unavailable(
    fake: TwilioFake, through: Through
) -> None:
    with pytest.raises(ProviderUnavailableError, match="20003"):
        await asyncio.to_thread(through, fake.url, token="wrong")


@either
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_closed_port_means_the_provider_is_unavailable(through: Through, scheme: str) -> None:
    with pytest.raises(ProviderUnavailableError, match="ConnectionError"):
        through(f"{scheme}://127.0.0.1:{closed_port()}")


@either
def test_an_unknown_host_means_the_provider_is_unavailable(through: Through) -> None:
    with pytest.raises(ProviderUnavailableError, match="ConnectionError"):
        through("http://no-such-host.invalid")


@either
def test_a_tls_handshake_that_fails_means_the_provider_is_unavailable(through: Through) -> None:
    with (
        BrokenServer(b"plain words\r\n\r\n") as server,
        pytest.raises(ProviderUnavailableError, match="SSLError"),
    ):
        through(server.url.replace("http:", "https:"))


@either
def test_a_certificate_that_is_not_trusted_means_the_provider_is_unavailable(
    through: Through, self_signed: SelfSigned
) -> None:
    with (
        BrokenServer("silence", self_signed.context) as server,
        pytest.raises(ProviderUnavailableError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        through(server.url.replace("http:", "https:"))
    assert server.received == 0


@either
def test_a_reset_after_the_request_leaves_the_outcome_unknown(through: Through) -> None:
    with BrokenServer("reset") as server, pytest.raises(OutcomeUnknownError):
        through(server.url)
    assert server.received == 1


@either
def test_no_answer_leaves_the_outcome_unknown(through: Through) -> None:
    with BrokenServer("silence") as server, pytest.raises(OutcomeUnknownError, match="ReadTimeout"):
        through(server.url, timeout=0.3)
    assert server.received == 1


@either
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, "<html>a proxy speaks</html>", OutcomeUnknownError),
        (302, "", ProviderUnavailableError),
        (404, json.dumps({"code": 20404, "message": "no"}), ProviderUnavailableError),
        (408, "", OutcomeUnknownError),
        (502, "", OutcomeUnknownError),
        (400, json.dumps({"code": 21611, "message": "queue full"}), ProviderUnavailableError),
        (
            400,
            json.dumps({"code": 21211, "message": "", "type": "t", "title": "no", "status": 400}),
            DeliveryRefusedError,
        ),
    ],
)
def test_other_answers_are_told_apart_and_asked_for_once(
    through: Through, status: int, body: str, expected: type[Exception]
) -> None:
    with BrokenServer(http_answer(status, body)) as server, pytest.raises(expected):
        through(server.url)
    assert server.received == 1


def test_the_default_address_is_twilios_own() -> None:
    client = twilio_client.connect(Settings(twilio_account_sid=SID))
    assert client.http_client._base_url == "https://api.twilio.com"
    assert client.http_client.timeout == 20
    client.http_client.session.close()


async def test_all_requests_share_one_connection(fake: TwilioFake) -> None:
    client = twilio_client.connect(settings_at(fake.url))
    caller = TwilioCaller(client, FROM, CALLBACKS)
    for number in range(5):
        call = PhoneCall(KEY, f"+493012340{number}", TWIML)
        await asyncio.to_thread(caller.place_call, call)
    pools = client.http_client.session.get_adapter(fake.url).poolmanager.pools
    (pool,) = [pools[key] for key in pools.keys()]  # noqa: SIM118 - urllib3's pools do not iterate
    assert (pool.num_connections, pool.num_requests) == (1, 5)
    client.http_client.session.close()
