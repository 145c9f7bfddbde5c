"""Where any system tells a case something: `POST /events`, one signed JSON object.

The object names `creditor`, `invoice` and `type` beside the event's own fields; the signature is
that of Standard Webhooks. 202 says that the event is kept, and what has become of it so far.
"""

import json
import time
from typing import Any, Final

from aiohttp import web

from schemas.errors import InputRefusedError
from starter.doors.desk import Desk
from starter.doors.webhooks import is_genuine
from starter.event_check import check_event

DOOR: Final = "events"


class EventsDoor:
    """Receives signed events."""

    def __init__(self, desk: Desk, key: bytes) -> None:
        self._desk = desk
        self._key = key

    def routes(self) -> list[web.RouteDef]:
        """Return where events arrive."""
        return [web.post("/events", self.event)]

    async def event(self, request: web.Request) -> web.Response:
        """Take an event."""
        body = await request.read()
        if not is_genuine(self._key, request.headers, body, time.time()):
            raise await self._desk.refused(DOOR, "wrong signature", "the signature is not ours")
        try:
            document = _document(body)
            creditor, invoice, name = (_text(document, part) for part in _ADDRESS)
            event = check_event(name, document)
        except InputRefusedError as error:
            raise await self._desk.refused(DOOR, "malformed", str(error)) from None
        delivery = await self._desk.take(DOOR, creditor, invoice, event)
        return web.json_response({"id": event.id, "delivery": delivery}, status=202)


_ADDRESS: Final = ("creditor", "invoice", "type")


def _document(body: bytes) -> dict[str, Any]:
    try:
        # decimals are kept as text, so that no amount ever passes through a float
        found = json.loads(body, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise InputRefusedError(f"the body is not JSON: {str(error)[:200]}") from error
    if not isinstance(found, dict):
        raise InputRefusedError("the body must be one JSON object")
    return found


def _text(document: dict[str, Any], part: str) -> str:
    found = document.get(part)
    if not isinstance(found, str) or not found or not found.isprintable():
        raise InputRefusedError(f"{part}: a plain text is expected")
    return found
