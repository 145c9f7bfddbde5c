"""Where Twilio reports what became of a call or message: `POST /twilio/calls?key=EFFECT-KEY`.

Only a request signed with our auth token is believed.
"""

from typing import Final

from aiohttp import web
from twilio.request_validator import RequestValidator

from starter.doors.desk import Desk
from starter.doors.outcomes import outcome

FINAL: Final = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
DELIVERY: Final = frozenset({"delivered", "undelivered", "failed"})
OPTED_OUT: Final = "21610"
"""Twilio's code for a number whose owner has answered STOP."""
DOOR: Final = "twilio"


class TwilioDoor:
    """Receives signed status callbacks; the signature covers the public address."""

    def __init__(self, desk: Desk, token: str, public_url: str) -> None:
        self._desk = desk
        self._public_url = public_url.rstrip("/")
        self._validator = RequestValidator(token)

    def routes(self) -> list[web.RouteDef]:
        """Return where reports arrive."""
        return [
            web.post("/twilio/calls", self.call),
            web.post("/twilio/messages", self.message),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """Take the report of a call."""
        form = await self._believed(request)
        status = form.get("CallStatus", "")
        if status not in FINAL:
            return web.Response(status=204)
        is_machine = form.get("AnsweredBy", "").startswith("machine")
        result = "voicemail" if is_machine else status
        return await self._pass_on(request, result, form.get("CallSid"))

    async def message(self, request: web.Request) -> web.Response:
        """Take the report of a message."""
        form = await self._believed(request)
        status = form.get("MessageStatus", "")
        if status not in DELIVERY:
            return web.Response(status=204)
        result = "opted_out" if form.get("ErrorCode") == OPTED_OUT else status
        return await self._pass_on(request, result, form.get("MessageSid"))

    async def _believed(self, request: web.Request) -> dict[str, str]:
        try:
            form = {name: str(value) for name, value in (await request.post()).items()}
        except (ValueError, LookupError):
            raise await self._desk.refused(DOOR, "malformed", "this is not a form") from None
        # a proxy may have rewritten the address on the way
        url = f"{self._public_url}{request.rel_url}"
        if not self._validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
            raise await self._desk.refused(DOOR, "wrong signature", "the signature is not ours")
        return form

    async def _pass_on(self, request: web.Request, result: str, sid: str | None) -> web.Response:
        event = outcome(request.query.get("key", ""), result)
        if event is None:
            raise await self._desk.refused(DOOR, "malformed", "key is not an effect key")
        await self._desk.witness(DOOR, "twilio", sid, event)
        return web.Response(status=204)
