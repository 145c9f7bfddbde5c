"""The scripted billing system: it tells the cases what happened, twice, late, early and torn.

What reads goes through the signed door, which keeps it whatever the case does; what does not is
thrown at the workflow itself. All that was told is in `told`, to be held against the books.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.service import RPCError

from chaos.books import AGAIN_SECONDS, Standing, ask, standing
from chaos.cast import CREDITOR, Debtor, Deed, Fields, money
from chaos.door import Door
from dunning.clock import case_time, real_time
from schemas.case import CaseClock
from schemas.money import Amount
from temporal.ids import case_id

LATE: Final = timedelta(days=3)
BETWEEN_PAYMENTS: Final = timedelta(days=2)
PATIENCE: Final = timedelta(seconds=10)


@dataclass
class Told:
    """What was told of one invoice: what the door said of each event, and the money among it.

    `torn` are signals that do not read and that Temporal took all the same.
    """

    became: dict[str, str] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)

    @property
    def paid_minor(self) -> int:
        """The sum of all payments, each once."""
        return sum(self.paid.values())


class Billing:
    """Plays every debtor's part until its case has ended."""

    def __init__(self, client: Client, engine: Engine, clock: CaseClock, door: Door) -> None:
        self.told: dict[str, Told] = {}
        self.standing = Standing(frozenset(), frozenset(), {})
        self._client = client
        self._engine = engine
        self._clock = clock
        self._door = door

    @property
    def now(self) -> datetime:
        """The present moment of the cases."""
        return case_time(self._clock, datetime.now(UTC))

    async def play(self, debtors: list[Debtor]) -> None:
        """Play all parts; returns when every case has ended in the books."""
        self.told = {debtor.invoice: Told() for debtor in debtors}
        watching = asyncio.create_task(self._watch())
        try:
            async with asyncio.TaskGroup() as group:
                for debtor in debtors:
                    group.create_task(self._part(debtor))
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.standing = await ask(self._engine, standing)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _part(self, debtor: Debtor) -> None:
        due = datetime.combine(debtor.due_on, datetime.min.time(), UTC)
        for deed in debtor.deeds:
            await self._until(due + timedelta(days=deed.day))
            await self._do(debtor, deed)
        payments = 0
        while debtor.invoice not in self.standing.ended:
            if debtor.pays and debtor.invoice in self.standing.opened:
                payments += 1
                await self._settle(debtor, f"rest-{payments}")
            await self._until(self.now + BETWEEN_PAYMENTS)

    async def _settle(self, debtor: Debtor, name: str) -> None:
        charged = self.standing.charged.get(debtor.invoice, 0)
        rest = debtor.minor + charged - self.told[debtor.invoice].paid_minor
        if rest > 0:
            await self._do(debtor, Deed(0, name, "payment_received", {"amount": money(rest)}))

    async def _do(self, debtor: Debtor, deed: Deed) -> None:
        at = self.now - (LATE if deed.mischief == "late" else timedelta(0))
        event: Fields = {"id": deed.id, "at": at.isoformat()} | deed.fields
        told = self.told[debtor.invoice]
        if not deed.valid:
            if await self._is_thrown(debtor.invoice, deed.signal, event):
                told.torn.add(deed.id)
            return
        if deed.signal == "payment_received":  # known before it is taken, or it were paid again
            told.paid[deed.id] = Amount.model_validate(deed.fields["amount"]).minor
        for _ in range(2 if deed.mischief == "twice" else 1):
            told.became[deed.id] = await self._door.tell(debtor.invoice, deed.signal, event)

    async def _is_thrown(self, invoice: str, name: str, event: Fields) -> bool:
        """Throw a signal at a case; returns whether Temporal took it."""
        handle = self._client.get_workflow_handle(case_id(CREDITOR, invoice))
        with suppress(RPCError):
            await handle.signal(name, event, rpc_timeout=PATIENCE)
            return True
        return False

    async def _until(self, case_moment: datetime) -> None:
        at = real_time(self._clock, case_moment)
        await asyncio.sleep(max((at - datetime.now(UTC)).total_seconds(), 0))
