"""Status callbacks: signed form posts to the address that the request gave."""

import asyncio
from dataclasses import dataclass
from typing import Self

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

SIGNATURE_HEADER = "X-Twilio-Signature"
ATTEMPTS = 4
_TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class Posted:
    """One callback and the receiver's status: None if nobody was there, 0 if no answer came."""

    url: str
    fields: dict[str, str]
    status: int | None


class Callbacks:
    """Posts callbacks and remembers them; a receiver that is not there is tried four times."""

    def __init__(self, auth_token: str, retry_seconds: float) -> None:
        self._validator = RequestValidator(auth_token)
        self._retry_seconds = retry_seconds
        self._session: aiohttp.ClientSession | None = None
        self.posted: list[Posted] = []

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()

    async def post(self, url: str, fields: dict[str, str]) -> None:
        """Post once the receiver is there; gives up silently after the last attempt."""
        status = None
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(self._retry_seconds * attempt)
            status = await self._attempt(url, fields)
            if status is not None:
                break
        self.posted.append(Posted(url, fields, status))

    async def _attempt(self, url: str, fields: dict[str, str]) -> int | None:
        if self._session is None:
            raise RuntimeError("callbacks are posted inside `async with` only")
        signature = self._validator.compute_signature(url, fields)
        # encoded=True: the signature covers the exact text, which yarl would otherwise tidy up
        target = URL(url, encoded=True)
        try:
            async with self._session.post(
                target, data=fields, headers={SIGNATURE_HEADER: signature}
            ) as answer:
                return answer.status
        except aiohttp.ClientConnectorError:
            return None
        except (aiohttp.ClientError, TimeoutError):
            return 0
