"""How calls and messages end, chosen by the last four digits of the number.

| digits | a call                                | a message                           |
|--------|---------------------------------------|-------------------------------------|
| 0001   | rings, then busy                      | delivered                           |
| 0002   | rings, then no-answer                 | delivered                           |
| 0003   | failed, without ringing               | delivered                           |
| 0004   | completed, answered by a machine      | delivered                           |
| 0005   | completed, answered by a person       | undelivered, 30003 unreachable      |
| 0006   | completed, answered by a person       | undelivered, 30006 landline         |
| 0007   | completed, answered by a person       | undelivered, 30007 filtered         |
| 0010   | completed, answered by a person       | refused: 400, 21610 opted out       |
| 0011   | completed, answered by a person       | refused: 400, 21614 no mobile       |
| 0012   | refused: 400, 21211 invalid number    | refused: 400, 21211 invalid number  |
| 0429   | refused: 429, 20429 too many requests | the same                            |
| 0500   | error: 500, 20500                     | the same                            |
| others | completed, answered by a person       | delivered                           |
"""

from dataclasses import dataclass

SUFFIX_LENGTH = 4


@dataclass(frozen=True)
class CallEnding:
    """The states a call passes through after `queued`, and what is told of its end."""

    states: tuple[str, ...]
    machine: bool = False
    talk_seconds: int = 0
    sip_code: int = 200


@dataclass(frozen=True)
class MessageEnding:
    """The states a message passes through after `queued`, and the error it ends with."""

    states: tuple[str, ...]
    error_code: int | None = None


_TALK = ("initiated", "ringing", "in-progress", "completed")
_PERSON = CallEnding(_TALK, talk_seconds=42)
_CALLS = {
    "0001": CallEnding(("initiated", "ringing", "busy"), sip_code=486),
    "0002": CallEnding(("initiated", "ringing", "no-answer"), sip_code=487),
    "0003": CallEnding(("initiated", "failed"), sip_code=404),
    "0004": CallEnding(_TALK, machine=True, talk_seconds=17),
}
_DELIVERED = MessageEnding(("sent", "delivered"))
_LOST = ("sent", "undelivered")
_MESSAGES = {
    "0005": MessageEnding(_LOST, 30003),
    "0006": MessageEnding(_LOST, 30006),
    "0007": MessageEnding(_LOST, 30007),
}
_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
_ENDED = {"completed", "busy", "no-answer", "failed"}


def suffix(number: str) -> str:
    """Return the digits that decide."""
    return number[-SUFFIX_LENGTH:]


def call_ending(number: str) -> CallEnding:
    """Say how a call to `number` goes."""
    return _CALLS.get(suffix(number), _PERSON)


def message_ending(number: str) -> MessageEnding:
    """Say how a message to `number` goes."""
    return _MESSAGES.get(suffix(number), _DELIVERED)


def event_of(state: str) -> str:
    """Name the StatusCallbackEvent that a call's state belongs to; every end is `completed`."""
    return _EVENTS.get(state, "completed")


def has_ended(state: str) -> bool:
    """Say whether a call in this state is over."""
    return state in _ENDED
