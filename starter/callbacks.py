"""Where Twilio reports what became of a call or message: `POST /twilio/calls?key=EFFECT-KEY`.

Only a request signed with our auth token is believed. What it reports goes to the case as the
signal `contact_outcome`, under an id that is the same however often the report is repeated.
"""

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from twilio.request_validator import RequestValidator

from schemas.errors import InputRefusedError
from settings import Settings
from temporal.ids import case_id

log = logging.getLogger("dunning.callbacks")

FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
DELIVERY = frozenset({"delivered", "undelivered", "failed"})
KEY_PARTS = 5
LONGEST_ID: Final = 200
PATIENCE: Final = timedelta(seconds=8)
"""How long Temporal may take; Twilio itself gives up after fifteen seconds."""


class Callbacks:
    """Receives signed status callbacks and passes them on as signals.

    Raises InputRefusedError without an auth token: anybody can sign with an empty one.
    """

    def __init__(self, client: Client, chosen: Settings) -> None:
        token = chosen.twilio_auth_token.get_secret_value()
        if not token:
            raise InputRefusedError(
                "DUNNING_TWILIO_AUTH_TOKEN is empty: set it to the token that Twilio signs with."
            )
        self._client = client
        self._public_url = chosen.callback_url.rstrip("/")
        self._validator = RequestValidator(token)

    def app(self) -> web.Application:
        """Return the web application with its routes."""
        app = web.Application(client_max_size=64 * 1024)
        app.add_routes(
            [
                web.post("/twilio/calls", self.call),
                web.post("/twilio/messages", self.message),
                web.get("/health", self.health),
            ]
        )
        return app

    async def health(self, _: web.Request) -> web.Response:
        """Answer that we are here."""
        return web.Response(text="ok\n")

    async def call(self, request: web.Request) -> web.Response:
        """Take the report of a call."""
        form = await self._believed(request)
        status = form.get("CallStatus", "")
        if status not in FINAL:
            return web.Response(status=204)
        is_machine = form.get("AnsweredBy", "").startswith("machine")
        return await self._pass_on(request, "voicemail" if is_machine else status)

    async def message(self, request: web.Request) -> web.Response:
        """Take the report of a message."""
        form = await self._believed(request)
        status = form.get("MessageStatus", "")
        return (
            await self._pass_on(request, status) if status in DELIVERY else web.Response(status=204)
        )

    async def _believed(self, request: web.Request) -> dict[str, str]:
        try:
            form = {name: str(value) for name, value in (await request.post()).items()}
        except (ValueError, LookupError) as error:
            raise web.HTTPBadRequest(text="this is not a form\n") from error
        # the signature covers the public address, which a proxy may have rewritten on the way
        url = f"{self._public_url}{request.rel_url}"
        if not self._validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
            log.warning("a status callback with a wrong signature was refused")
            raise web.HTTPForbidden(text="the signature is not ours\n")
        return form

    async def _pass_on(self, request: web.Request, result: str) -> web.Response:
        key = request.query.get("key", "")
        parts = key.split(":")
        if len(parts) != KEY_PARTS or not all(parts):
            raise web.HTTPBadRequest(text="key is not an effect key\n")
        outcome = {
            "id": _event_id(key, result),
            "at": datetime.now(UTC).isoformat(),
            "effect": key,
            "result": result,
        }
        handle = self._client.get_workflow_handle(case_id(parts[0], parts[1]))
        try:
            await handle.signal("contact_outcome", outcome, rpc_timeout=PATIENCE)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:  # the case has ended: nothing to tell it
                log.info("%s: no running case wants to know that it is %s", key, result)
                return web.Response(status=204)
            log.warning("%s: Temporal did not take the outcome %s", key, result)
            raise web.HTTPServiceUnavailable(text="try again\n") from error
        return web.Response(status=204)


def _event_id(key: str, result: str) -> str:
    """Name the report, the same each time; a name too long for an event is made short."""
    name = f"outcome:{key}:{result}"
    if len(name) <= LONGEST_ID:
        return name
    return f"outcome:{hashlib.sha256(name.encode()).hexdigest()}"
