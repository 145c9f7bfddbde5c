"""The scripted staff: they approve, look at payments that do not read, and resolve unknowns.

What became of an unknown effect they look up where a person would: at the provider's.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.exceptions import TemporalError

from chaos.arrived import Arrived
from chaos.books import ask, unknown
from chaos.cast import CREDITOR
from mailroom.resolution import resolve
from schemas.case import CaseView
from schemas.errors import DunningError
from schemas.signals import EffectResolved
from temporal import search_attributes as keys

log = logging.getLogger("chaos.staff")

LOOK_SECONDS: Final = 4.0
APPROVED_STEPS: Final = ("handoff", "give-up")
PATIENCE: Final = timedelta(seconds=5)
LONGEST_SECONDS: Final = 30.0


class Staff:
    """Looks after cases that need a person, as long as it is let."""

    def __init__(
        self,
        client: Client,
        engine: Engine,
        arrived: Callable[[], Awaitable[Arrived]],
        now: Callable[[], datetime],
    ) -> None:
        self.approved: set[str] = set()
        self.released: set[str] = set()
        self._seen: list[tuple[str, str, str]] = []
        self._client = client
        self._engine = engine
        self._arrived = arrived
        self._now = now

    async def work(self) -> None:
        """Look at every case that needs a person, again and again."""
        while True:
            for look in (self._look, self._resolve):
                await _patiently(look())
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        running = f"DunningCreditor = '{CREDITOR}' AND ExecutionStatus = 'Running'"
        async for case in self._client.list_workflows(running):
            found = case.typed_search_attributes
            needs = found.get(keys.ATTENTION) or ()
            if "approval-needed" in needs and case.id not in self.approved:
                await _patiently(self._approve(case.id))
            if "rejected-signal" in needs and found.get(keys.STATUS) == "held":
                await _patiently(self._release(case.id))

    async def _approve(self, case: str) -> None:
        for step in APPROVED_STEPS:
            approval = {"step": step, "decision": "approve", "by": "chaos staff"}
            await self._signal(case, "approval_given", {"id": f"approve-{step}"} | approval)
        self.approved.add(case)

    async def _release(self, case: str) -> None:
        handle = self._client.get_workflow_handle(case)
        seen: CaseView = await handle.query("status", result_type=CaseView, rpc_timeout=PATIENCE)
        for hold in seen.holds:
            if hold.reason == "malformed payment" and f"{case}/{hold.id}" not in self.released:
                await self._signal(
                    case, "hold_released", {"id": f"looked-{hold.id[:40]}", "hold": hold.id}
                )
                self.released.add(f"{case}/{hold.id}")

    async def unresolved(self) -> list[tuple[str, str, str]]:
        """Return the unknown effects that nobody has looked into yet, as `unknown` does."""
        return await ask(self._engine, unknown)

    async def _resolve(self) -> None:
        left = await self.unresolved()
        due = [one for one in left if one in self._seen]  # the provider had time for a word
        self._seen = left
        if due:
            arrived = await self._arrived()
            await asyncio.gather(
                *(
                    _patiently(self._resolve_one(key, invoice, is_there=arrived.has(sent, None)))
                    for key, invoice, sent in due
                )
            )

    async def _resolve_one(self, key: str, invoice: str, *, is_there: bool) -> None:
        event = EffectResolved(
            id=f"found-{key}"[:200],
            at=self._now(),
            effect=key,
            result="sent" if is_there else "not_sent",
            by="chaos staff",
        )
        try:
            await resolve(self._client, self._engine, CREDITOR, invoice, event)
        except (DunningError, SQLAlchemyError) as error:
            # the books may know before the case does: its worker was killed before it could say so
            log.info("%s: %s", key, error)

    async def _signal(self, case: str, name: str, fields: dict[str, str]) -> None:
        event = {"at": self._now().isoformat()} | fields
        await self._client.get_workflow_handle(case).signal(name, event, rpc_timeout=PATIENCE)


async def _patiently(work: Coroutine[None, None, None]) -> None:
    """Do what can be done while servers come and go; the rest is done at the next look."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await work
    except (TemporalError, TimeoutError) as error:
        log.info("later: %s", error or "no answer")
