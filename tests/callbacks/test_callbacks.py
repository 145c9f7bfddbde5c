"""What Twilio reports reaches the case as `contact_outcome`; what is not Twilio's never does."""

import asyncio
import json
import logging
from datetime import datetime

import pytest
from sqlalchemy import Engine
from temporalio.client import Client
from twilio.request_validator import RequestValidator

from dunning.inbox import Accepted, Body, read
from providers import twilio_client
from providers.twilio_sms import TwilioSms
from providers.twilio_voice import TwilioCaller
from schemas.errors import InputRefusedError
from schemas.messages import PhoneCall, Sms
from schemas.signals import ContactOutcome
from settings import Settings
from starter.doors.server import doors
from tests.activities.build import number
from tests.callbacks.conftest import Desk, Running, refused

DONE = {"CallStatus": "completed", "AnsweredBy": "human"}


async def outcomes(case: Running) -> list[tuple[str, str]]:
    """Return what the case would take of its signals: effect and result."""
    told = []
    for name, raw in await case.signals():
        taken = read(name, [Body("json/plain", raw)], "EUR")
        assert isinstance(taken, Accepted), taken
        assert isinstance(taken.event, ContactOutcome)
        told.append((taken.event.effect, taken.event.result))
    return told


async def until(case: Running, count: int) -> list[tuple[str, str]]:
    """Wait until so many signals have arrived."""
    for _ in range(400):
        if len(found := await outcomes(case)) >= count:
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError("the report did not arrive")


async def test_a_signed_report_becomes_one_signal_that_the_case_takes(
    desk: Desk, case: Running
) -> None:
    assert await desk.report("calls", case.claimed(case.key()), CallSid="CA1", **DONE) == 204
    ((name, raw),) = await case.signals()
    body = json.loads(raw)
    assert name == "contact_outcome"
    assert datetime.fromisoformat(body.pop("at")).tzinfo is not None
    assert body == {
        "id": f"outcome:{case.key()}:completed",
        "effect": case.key(),
        "result": "completed",
    }
    assert await outcomes(case) == [(case.key(), "completed")]
    assert case.arrived() == [f"outcome:{case.key()}:completed"]


async def test_a_report_that_is_repeated_is_the_same_event(desk: Desk, case: Running) -> None:
    case.claimed(case.key())
    for _ in range(2):
        await desk.report("calls", case.key(), **DONE)
    ids = {json.loads(raw)["id"] for _, raw in await case.signals()}
    assert len(ids) == 1


@pytest.mark.parametrize("attempt", ["", "#2"])
@pytest.mark.parametrize(
    ("ending", "result"),
    [
        ("9999", "completed"),
        ("0001", "busy"),
        ("0002", "no-answer"),
        ("0003", "failed"),
        ("0004", "voicemail"),
    ],
)
async def test_a_call_through_twilio_tells_its_case_how_it_ended(
    desk: Desk, case: Running, ending: str, result: str, attempt: str
) -> None:
    """The key's blank, colons and number sign pass through Twilio's address and signature."""
    chosen = desk.settings
    twilio = twilio_client.connect(chosen)
    caller = TwilioCaller(twilio, chosen.twilio_from, chosen.callback_url)
    key = case.claimed(case.key("call", attempt))
    call = PhoneCall(key=key, to=number(ending), twiml="<Response/>")
    await asyncio.to_thread(caller.place_call, call)
    assert await until(case, 1) == [(call.key, result)]
    twilio.http_client.session.close()


@pytest.mark.parametrize(("ending", "result"), [("9999", "delivered"), ("0006", "undelivered")])
async def test_a_message_through_twilio_tells_its_case_how_it_ended(
    desk: Desk, case: Running, ending: str, result: str
) -> None:
    chosen = desk.settings
    twilio = twilio_client.connect(chosen)
    sender = TwilioSms(twilio, chosen.twilio_from, chosen.callback_url)
    case.claimed(case.key("sms"))
    await asyncio.to_thread(
        sender.send_sms, Sms(key=case.key("sms"), to=number(ending), text="Hello")
    )
    assert await until(case, 1) == [(case.key("sms"), result)]
    twilio.http_client.session.close()


@pytest.mark.parametrize("status", ["initiated", "ringing", "in-progress", "queued", "", "no such"])
async def test_a_call_that_has_not_ended_tells_the_case_nothing(
    desk: Desk, case: Running, status: str
) -> None:
    assert await desk.report("calls", case.key(), CallStatus=status) == 204
    assert await case.signals() == []


@pytest.mark.parametrize("status", ["sent", "queued", "accepted", ""])
async def test_a_message_under_way_tells_the_case_nothing(
    desk: Desk, case: Running, status: str
) -> None:
    assert await desk.report("messages", case.key("sms"), MessageStatus=status) == 204
    assert await case.signals() == []


async def test_a_wrong_signature_is_refused_and_tells_the_case_nothing(
    desk: Desk, case: Running, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    before = refused(engine, "twilio", "wrong signature")
    url = desk.url("calls", case.claimed(case.key()))
    another = RequestValidator("another token").compute_signature(url, DONE)
    for signature in (another, "", "no signature", "\u00fc"):
        assert await desk.post(url, DONE, signature) == 403
    assert await desk.raw(url, data=DONE) == 403
    assert await case.signals() == []
    assert case.effect(case.key())["state"] == "attempting"
    assert "wrong signature" in caplog.text
    assert refused(engine, "twilio", "wrong signature") == before + 5


async def test_a_signature_is_worth_nothing_for_another_key_or_another_result(
    desk: Desk, case: Running
) -> None:
    token = desk.settings.twilio_auth_token.get_secret_value()
    url = desk.url("calls", case.key())
    signed = RequestValidator(token).compute_signature(url, DONE)
    assert await desk.post(desk.url("calls", case.key("call", "#2")), DONE, signed) == 403
    assert await desk.post(url, DONE | {"CallStatus": "busy"}, signed) == 403
    assert await desk.post(desk.url("messages", case.key()), DONE, signed) == 403
    assert await case.signals() == []


def test_without_any_secret_no_door_opens(temporal_client: Client, engine: Engine) -> None:
    with pytest.raises(InputRefusedError, match="set DUNNING_TWILIO_AUTH_TOKEN"):
        doors(temporal_client, engine, Settings(twilio_auth_token=""))


async def test_a_door_without_its_secret_is_not_there(desk: Desk) -> None:
    for path in ("/events", "/ses/events"):
        assert await desk.raw(f"{desk.settings.callback_url}{path}", json={}) == 404


@pytest.mark.parametrize("quoted", ["%3a", "%3A", ":"])
async def test_the_signature_covers_the_address_as_it_was_sent(
    desk: Desk, case: Running, quoted: str
) -> None:
    """Three spellings of one address; tidied up on the way, two of them would not be believed."""
    key = case.claimed(case.key()).replace(":", quoted).replace(" ", "%20")
    assert await desk.post(f"{desk.settings.callback_url}/twilio/calls?key={key}", DONE) == 204
    assert await outcomes(case) == [(case.key(), "completed")]


@pytest.mark.parametrize("key", ["", "no key", "a:b:c:d", "a:b:1:c:d:e", "::::", "c::1:s:call"])
async def test_a_broken_key_is_refused(desk: Desk, key: str) -> None:
    assert await desk.report("calls", key, **DONE) == 400


async def test_a_report_without_any_key_is_refused(desk: Desk) -> None:
    assert await desk.post(f"{desk.settings.callback_url}/twilio/calls", DONE) == 400


async def test_an_effect_that_nobody_ordered_is_refused_and_counted(
    desk: Desk, case: Running, engine: Engine
) -> None:
    before = refused(engine, "twilio", "unknown")
    assert await desk.report("calls", case.key(), **DONE) == 404
    assert await desk.report("calls", f"{case.creditor}:INV-9:1:step-1:call", **DONE) == 404
    assert (await case.signals(), case.arrived()) == ([], [])
    assert refused(engine, "twilio", "unknown") == before + 2


@pytest.mark.parametrize("state", ["attempting", "unknown", "failed", "done"])
async def test_what_twilio_says_settles_the_ledger_whatever_we_believed(
    desk: Desk, case: Running, state: str
) -> None:
    key = case.claimed(case.key(), state=state)
    assert await desk.report("calls", key, CallSid="CA1", **DONE) == 204
    row = case.effect(key)
    assert (row["state"], row["outcome"]) == ("done", "completed")
    assert row["reference"] == (None if state == "done" else "CA1")


async def test_a_case_that_runs_no_more_still_has_its_ledger_settled(
    desk: Desk, case: Running
) -> None:
    key = case.claimed(case.key())
    handle = case.client.get_workflow_handle(f"dunning:{case.creditor}:INV 1")
    await handle.terminate("the test ends it")
    assert await desk.report("calls", key, CallSid="CA1", **DONE) == 204
    assert await case.signals() == []
    assert case.effect(key)["state"] == "done"
    assert case.arrived() == [f"outcome:{key}:completed"]


async def test_a_key_too_long_for_an_events_id_still_reaches_its_case(
    desk: Desk, case: Running
) -> None:
    key = f"{case.creditor}:INV 1:1:{'s' * (200 - len(case.key()) + 6)}:call"
    assert len(key) == 200
    case.claimed(key, step="s")
    for _ in range(2):
        assert await desk.report("calls", key, **DONE) == 204
    assert await outcomes(case) == [(key, "completed")] * 2
    assert len({json.loads(raw)["id"] for _, raw in await case.signals()}) == 1


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"a=b"),
        ("multipart/form-data; boundary=x", b"a=b"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=b"),
        ("application/x-www-form-urlencoded", b"a=\xff"),
    ],
)
async def test_what_is_no_form_is_refused_quietly(
    desk: Desk, case: Running, content_type: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Content-Type": content_type}
    assert await desk.raw(desk.url("calls", case.key()), data=body, headers=headers) == 400
    assert "Traceback" not in caplog.text


async def test_a_body_too_large_is_refused(desk: Desk, case: Running) -> None:
    assert await desk.report("calls", case.key(), Junk="x" * 400_000) == 413


async def test_it_says_that_it_is_there(desk: Desk) -> None:
    async with desk.session.get(f"{desk.settings.callback_url}/health") as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")


async def test_no_log_line_tells_whom_twilio_called(
    desk: Desk, case: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    phone = number()
    await desk.report("calls", case.claimed(case.key()), To=phone, Called=phone, **DONE)
    await desk.post(desk.url("calls", case.key()), {"To": phone} | DONE, "wrong")
    await desk.report("calls", "c:no-such:1:s:call", To=phone, **DONE)
    assert caplog.text
    assert phone[1:] not in caplog.text
    assert all(phone[1:].encode() not in raw for _, raw in await case.signals())
