"""What SES publishes about an email: `Send`, then how it ended.

An email to `bounce…@` bounces for good, one to `complaint…@` is delivered and complained about, as
SES's own mailbox simulator has it; all others are delivered. The shape is that of SES's event
publishing, in the envelope of an SNS topic.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import aiohttp

from fakes.aws.topic import Topic
from fakes.faults import Faults, Trick

ATTEMPTS = 8
_RETRY_SECONDS = 0.5
_TIMEOUT_SECONDS = 15
_TAKEN = 300

Json = dict[str, Any]


@dataclass(frozen=True)
class Accepted:
    """One email or document that was taken; `key` is what its sender calls it."""

    kind: str
    id: str
    key: str | None
    to: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


def events_of(email: Accepted, source: str) -> Iterator[Json]:
    """Yield what is told of an email, in order."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    address = email.to or ""
    mail = {
        "timestamp": now,
        "source": source,
        "messageId": email.id,
        "destination": [address],
        "headersTruncated": False,
        "tags": {name: [value] for name, value in email.tags},
    }
    yield {"eventType": "Send", "mail": mail, "send": {}}
    if address.startswith("bounce"):
        yield {"eventType": "Bounce", "mail": mail, "bounce": _bounce(address, now)}
        return
    delivery = {"timestamp": now, "recipients": [address], "smtpResponse": "250 2.0.0 Ok"}
    yield {"eventType": "Delivery", "mail": mail, "delivery": delivery}
    if address.startswith("complaint"):
        complained = {"complainedRecipients": [{"emailAddress": address}], "timestamp": now}
        complaint = complained | {"complaintFeedbackType": "abuse", "feedbackId": email.id}
        yield {"eventType": "Complaint", "mail": mail, "complaint": complaint}


def _bounce(address: str, now: str) -> Json:
    recipient = {
        "emailAddress": address,
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
    }
    return {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [recipient],
        "timestamp": now,
        "feedbackId": f"bounce-{now}",
    }


class Reporter:
    """Posts what became of emails to one address; without one it keeps silent.

    A report that is not taken is posted again, as a topic would do; some are late or come twice, as
    `faults` has it. `posted` are the reports that were taken.
    """

    def __init__(self, url: str | None, faults: Faults, step_seconds: float) -> None:
        self.posted: list[Json] = []
        self.topic = Topic()
        self._url = url
        self._faults = faults
        self._step_seconds = step_seconds
        self._session: aiohttp.ClientSession | None = None
        self._telling: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        if self._session:
            await self._session.close()

    def tell(self, email: Accepted, source: str, origin: str) -> None:
        """Report on an email in the background; the topic's certificate lies at `origin`."""
        if self._url:
            told = [
                (event, self.topic.envelope(origin, event)) for event in events_of(email, source)
            ]
            task = asyncio.create_task(self._tell(self._url, email.key, told))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def settled(self) -> None:
        """Wait until everything was reported."""
        while self._telling:
            await asyncio.gather(*self._telling)

    async def _tell(self, url: str, key: str | None, told: list[tuple[Json, Json]]) -> None:
        async with asyncio.TaskGroup() as group:
            for event, envelope in told:
                await asyncio.sleep(self._step_seconds)
                trick = self._faults.draw_report(f"{key}/{event['eventType']}")
                wait = self._faults.plan.late_seconds if trick is Trick.LATE else 0
                for _ in range(2 if trick is Trick.TWICE else 1):
                    group.create_task(self._post(url, event, envelope, wait))

    async def _post(self, url: str, event: Json, envelope: Json, wait: float) -> None:
        await asyncio.sleep(wait)
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(_RETRY_SECONDS * attempt)
            if await self._is_taken(url, envelope):
                self.posted.append(event)
                return

    async def _is_taken(self, url: str, envelope: Json) -> bool:
        if self._session is None:
            raise RuntimeError("reports are posted inside `async with` only")
        try:
            async with self._session.post(url, json=envelope) as answer:
                return answer.status < _TAKEN
        except (aiohttp.ClientError, TimeoutError):
            return False
