"""How the scripted billing system knocks: signed events at `POST /events`, again until taken."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Final, Self

import aiohttp

from chaos.cast import CREDITOR, Fields

KEY: Final = b"what chaos signs with"
SECRET: Final = f"whsec_{base64.b64encode(KEY).decode()}"
AGAIN_SECONDS: Final = 0.5
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
_TAKEN, _REFUSED, _BROKEN = 202, 400, 500


class Door:
    """The signed door of the run; `taken` counts events by what was answered of them."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/events"
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def tell(self, invoice: str, name: str, event: Fields) -> str:
        """Tell an event until it is taken; return what the door says became of it.

        Raises ValueError when the door refuses it: the script is wrong then.
        """
        told = {"creditor": CREDITOR, "invoice": invoice, "type": name} | event
        body = json.dumps(told).encode()
        while True:
            try:
                async with self._session.post(
                    self._url, data=body, headers=_headers(invoice, event["id"], body)
                ) as answer:
                    if answer.status == _TAKEN:
                        return str((await answer.json())["delivery"])
                    if _REFUSED <= answer.status < _BROKEN:
                        raise ValueError(f"{invoice} {name}: {await answer.text()}")
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(AGAIN_SECONDS)


def _headers(invoice: str, event: str, body: bytes) -> dict[str, str]:
    sent_at = str(int(time.time()))
    name = f"{invoice}-{event}"
    signed = f"{name}.{sent_at}.".encode() + body
    signature = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{signature}",
    }
