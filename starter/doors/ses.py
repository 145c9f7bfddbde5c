"""Where Amazon SES reports what became of an email: `POST /ses/events`, through an SNS topic.

SES publishes to the topic (a configuration set's event destination), SNS posts to us. Which email
it was is said by the tag, or the header, that carries the effect key.
"""

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import aiohttp
from aiohttp import web

from schemas.tags import KEY_HEADER, KEY_TAG, key_of
from starter.doors.desk import Desk
from starter.doors.outcomes import outcome
from starter.doors.sns import Notary

log = logging.getLogger("dunning.doors")

DOOR: Final = "ses"
RESULTS: Final[Mapping[str, str]] = {
    "Delivery": "delivered",
    "Bounce": "bounced",
    "Complaint": "complained",
    "Reject": "rejected",
}
PERMANENT: Final = "Permanent"
PATIENCE: Final = aiohttp.ClientTimeout(total=8)
LARGEST_ANSWER: Final = 64 * 1024


class SesDoor:
    """Receives signed notifications of one SNS topic, and confirms its subscription."""

    def __init__(self, desk: Desk, topic: str, stand_in: str | None = None) -> None:
        self._desk = desk
        self._notary = Notary(topic, fetched, stand_in)

    def routes(self) -> list[web.RouteDef]:
        """Return where notifications arrive."""
        return [web.post("/ses/events", self.notified)]

    async def notified(self, request: web.Request) -> web.Response:
        """Take a notification."""
        told = _object(await request.read())
        if told is None:
            raise await self._desk.refused(DOOR, "malformed", "this is not a notification of SNS")
        try:
            is_genuine = await self._notary.is_genuine(told)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("SNS's certificate cannot be fetched: %s", type(error).__name__)
            raise web.HTTPServiceUnavailable(text="try again\n") from error
        if not is_genuine:
            words = "the signature is not that of our topic"
            raise await self._desk.refused(DOOR, "wrong signature", words)
        if told["Type"] == "SubscriptionConfirmation":
            return await self._confirm(str(told.get("SubscribeURL", "")))
        return await self._report(str(told.get("Message", "")))

    async def _confirm(self, url: str) -> web.Response:
        if not self._notary.may_be_asked(url):
            raise await self._desk.refused(DOOR, "malformed", "SubscribeURL is not SNS's own")
        try:
            await fetched(url)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise web.HTTPServiceUnavailable(text="try again\n") from error
        return web.Response(status=204)

    async def _report(self, message: str) -> web.Response:
        report = _object(message.encode(errors="replace"))
        if report is None:  # SNS sends a plain sentence when a destination is made
            return web.Response(status=204)
        result, mail = _result(report), report.get("mail")
        if result is None or not isinstance(mail, dict):
            return web.Response(status=204)
        event = outcome(_key(mail), result)
        if event is None:
            raise await self._desk.refused(DOOR, "malformed", "the email carries no effect key")
        reference = mail.get("messageId")
        await self._desk.witness(
            DOOR, "ses", reference if isinstance(reference, str) else None, event
        )
        return web.Response(status=204)


def _result(report: Mapping[str, Any]) -> str | None:
    """Return the outcome a report speaks of; None for one that says nothing final.

    A bounce that is not permanent says nothing against the address, only that nobody read it.
    """
    kind = str(report.get("eventType"))
    bounce = report.get("bounce")
    if kind == "Bounce" and isinstance(bounce, dict) and bounce.get("bounceType") != PERMANENT:
        return "undelivered"
    return RESULTS.get(kind)


def _key(mail: Mapping[str, Any]) -> str:
    tags = mail.get("tags")
    tagged = tags.get(KEY_TAG) if isinstance(tags, dict) else None
    if isinstance(tagged, list) and tagged and isinstance(tagged[0], str):
        return key_of(tagged[0])
    headers = mail.get("headers")
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, dict) and str(header.get("name")).casefold() == KEY_HEADER.casefold():
            return str(header.get("value"))
    return ""


def _object(text: bytes) -> dict[str, Any] | None:
    with suppress(ValueError, RecursionError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return None


async def fetched(url: str) -> bytes:
    """Return what is at an address of SNS; no redirect leads away from it."""
    async with (
        aiohttp.ClientSession(timeout=PATIENCE) as session,
        session.get(url, allow_redirects=False, raise_for_status=True) as answer,
    ):
        return await answer.content.read(LARGEST_ANSWER)
