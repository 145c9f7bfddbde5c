"""Lets calls and messages run through their states and tells the callbacks of each."""

import asyncio
from email.utils import format_datetime

from fakes.twilio.callbacks import Callbacks
from fakes.twilio.endings import CallEnding, call_ending, event_of, has_ended, message_ending
from fakes.twilio.records import API_VERSION, CallRecord, MessageRecord, Record, now

_MACHINE = {"Enable": "machine_start", "DetectMessageEnd": "machine_end_beep"}


async def play_call(call: CallRecord, callbacks: Callbacks, step_seconds: float) -> None:
    """Let a call ring and end; callbacks come in order, one at a time."""
    ending = call_ending(call.to)
    told = 0
    for state in ending.states:
        await asyncio.sleep(step_seconds)
        _move_call(call, state, ending)
        if _wants(call, state):
            fields = _call_fields(call, ending) | {"SequenceNumber": str(told)}
            await callbacks.post(call.form["StatusCallback"], fields)
            told += 1


async def play_message(message: MessageRecord, callbacks: Callbacks, step_seconds: float) -> None:
    """Let a message be sent and arrive, or not."""
    ending = message_ending(message.to)
    for state in ending.states:
        await asyncio.sleep(step_seconds)
        message.move(state)
        message.sent = message.sent or now()
        if state == "undelivered":
            message.error_code = ending.error_code
        if message.form.get("StatusCallback"):
            await callbacks.post(message.form["StatusCallback"], _message_fields(message))


def _move_call(call: CallRecord, state: str, ending: CallEnding) -> None:
    call.move(state)
    if state == "initiated":
        call.started = now()
    if state == "in-progress":
        call.answered_by = _answered_by(call, ending)
    if has_ended(state):
        call.ended = now()
        call.talk_seconds = ending.talk_seconds


def _answered_by(call: CallRecord, ending: CallEnding) -> str | None:
    """Say who answered, as Twilio does, only if the call asked for detection."""
    detection = _MACHINE.get(call.form.get("MachineDetection", ""))
    return detection if ending.machine or not detection else "human"


def _wants(call: CallRecord, state: str) -> bool:
    # without a list of events, Twilio tells only the end
    events = call.events or ("completed",)
    return bool(call.form.get("StatusCallback")) and event_of(state) in events


def _common_fields(record: Record) -> dict[str, str]:
    return {
        "AccountSid": record.account_sid,
        "ApiVersion": API_VERSION,
        "To": record.to,
        "From": record.form.get("From", ""),
    }


def _call_fields(call: CallRecord, ending: CallEnding) -> dict[str, str]:
    fields = _common_fields(call) | {
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Called": call.to,
        "Caller": call.form["From"],
        "Direction": "outbound-api",
        "CallbackSource": "call-progress-events",
        "Timestamp": format_datetime(call.updated),
    }
    if call.answered_by:
        fields["AnsweredBy"] = call.answered_by
    if has_ended(call.status):
        fields |= {"CallDuration": str(call.talk_seconds), "SipResponseCode": str(ending.sip_code)}
    return fields


def _message_fields(message: MessageRecord) -> dict[str, str]:
    fields = _common_fields(message) | {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
    }
    if message.error_code:
        fields["ErrorCode"] = str(message.error_code)
    return fields
