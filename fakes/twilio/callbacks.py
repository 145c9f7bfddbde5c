"""Status callbacks: signed form posts to the address that the request gave."""

import asyncio
from dataclasses import dataclass
from typing import Self

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from fakes.faults import Faults, Trick

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
    """Posts callbacks and remembers them; a receiver that is not there is tried four times.

    Some are posted twice or late, as `faults` has it; those to come later are in `put_off`.
    """

    def __init__(self, auth_token: str, retry_seconds: float, faults: Faults | None = None) -> None:
        self.put_off: set[asyncio.Task[None]] = set()
        self._faults = faults or Faults()
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
        trick = self._faults.draw_report(url)
        if trick is Trick.LATE:
            task = asyncio.create_task(self._post_late(url, fields))
            self.put_off.add(task)
            task.add_done_callback(self.put_off.discard)
            return
        for _ in range(2 if trick is Trick.TWICE else 1):
            await self._post(url, fields)

    async def settled(self) -> None:
        """Wait until those that are late were posted too."""
        while self.put_off:
            await asyncio.gather(*self.put_off)

    async def _post_late(self, url: str, fields: dict[str, str]) -> None:
        await asyncio.sleep(self._faults.plan.late_seconds)
        await self._post(url, fields)

    async def _post(self, url: str, fields: dict[str, str]) -> None:
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
