"""The billing system of the demo: a process of its own that sends the signals of the script.

It knows invoices and debtors, Temporal's address and nothing of the worker. Deeds fall on case
days, so it is given the same clock as the cases.
"""

import argparse
import asyncio
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from demo import POLICY
from demo.behaviours import PARTS, Deed, Occasion
from demo.ledger import SAMPLE_MAP
from demo.ledger.script import Behaviour, read_script
from dunning.clock import case_time, real_time
from library.policies import load_policy
from schemas.case import CaseClock, CaseView
from schemas.errors import DunningError
from starter.ledger.map_file import load_column_map
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow
from temporal import search_attributes as keys
from temporal.connect import connect
from temporal.farewell import leave
from temporal.ids import case_id
from temporal.plugin import DunningPlugin

log = logging.getLogger("demo.billing")
LOOK_EVERY = 0.4
AFTERNOON = time(15)
STEPS = [step.id for step in load_policy(POLICY).steps]


@dataclass(frozen=True)
class Debtor:
    """One invoice and the part its debtor plays."""

    invoice: str
    due_on: date
    behaviour: Behaviour


def cast_of(ledger: Path) -> list[Debtor]:
    """Return the debtors of a sample ledger."""
    script = read_script(ledger)
    rows = read_ledger(ledger, load_column_map(SAMPLE_MAP))
    found = [row.invoice for row in rows if isinstance(row, LedgerRow)]
    return [Debtor(invoice.id, invoice.due_on, script[invoice.id]) for invoice in found]


class Billing:
    """Plays every debtor's part, and the staff who approve hand-offs."""

    def __init__(self, client: Client, creditor: str, clock: CaseClock) -> None:
        self._client = client
        self._creditor = creditor
        self._clock = clock
        self._stages: dict[str, str] = {}

    async def play(self, debtors: list[Debtor]) -> None:
        """Play all parts; returns when the last deed is done."""
        watching = asyncio.create_task(self._watch())
        async with asyncio.TaskGroup() as group:
            for debtor in debtors:
                group.create_task(self._part(debtor))
        log.info("every part is played; going on approving")
        await watching

    async def _part(self, debtor: Debtor) -> None:
        handle = self._client.get_workflow_handle(case_id(self._creditor, debtor.invoice))
        at = datetime.combine(debtor.due_on, AFTERNOON, UTC)
        for number, deed in enumerate(PARTS[debtor.behaviour].deeds):
            await self._until(at + timedelta(days=deed.days))
            at = await self._do(handle, debtor, deed, deed.name or f"deed-{number}")
            if deed.settles:
                await self._settle(handle, debtor, deed)

    @property
    def _now(self) -> datetime:
        return case_time(self._clock, datetime.now(UTC))

    async def _until(self, case_moment: datetime) -> None:
        at = real_time(self._clock, case_moment)
        await asyncio.sleep(max((at - datetime.now(UTC)).total_seconds(), 0))

    async def _do(
        self, handle: WorkflowHandle[object, object], debtor: Debtor, deed: Deed, name: str
    ) -> datetime:
        seen = await self._look(handle, deed.after_step)
        at = self._now
        fields = deed.fields(Occasion(seen, at.date()))
        try:
            await handle.signal(deed.signal, {"id": name, "at": at.isoformat()} | fields)
        except RPCError as error:
            log.warning("%s: %s was not taken: %s", debtor.invoice, deed.signal, error.message)
        return at

    async def _settle(
        self, handle: WorkflowHandle[object, object], debtor: Debtor, deed: Deed
    ) -> None:
        await asyncio.sleep(LOOK_EVERY)
        seen: CaseView = await handle.query("status", result_type=CaseView)
        if seen.status != "closed" and Decimal(seen.balance.total) > 0:
            log.info("%s: a fee came in the meantime", debtor.invoice)
            await self._do(handle, debtor, deed, "the rest")

    async def _look(self, handle: WorkflowHandle[object, object], step: str | None) -> CaseView:
        while not self._has_reached(handle.id, step):  # noqa: ASYNC110 - one listing serves all
            await asyncio.sleep(LOOK_EVERY / 2)
        seen: CaseView = await handle.query("status", result_type=CaseView)
        return seen

    def _has_reached(self, workflow: str, step: str | None) -> bool:
        stage = self._stages.get(workflow)
        if step is None or stage is None:
            return stage is not None
        return stage in STEPS and STEPS.index(stage) >= STEPS.index(step)

    async def _watch(self) -> None:
        """Keep an eye on every case with one listing at a time, and approve what waits for it."""
        cases = f"DunningCreditor = '{self._creditor}' AND ExecutionStatus = 'Running'"
        approved: set[str] = set()
        while True:
            async for case in self._client.list_workflows(cases):
                found = case.typed_search_attributes
                self._stages[case.id] = found.get(keys.STAGE) or "new"
                if "approval-needed" in (found.get(keys.ATTENTION) or ()):
                    if case.id not in approved:
                        await self._approve_one(case.id)
                    approved.add(case.id)
            await asyncio.sleep(LOOK_EVERY)

    async def _approve_one(self, workflow: str) -> None:
        at = self._now.isoformat()
        approval = {"step": "handoff", "decision": "approve", "by": "demo staff"}
        handle = self._client.get_workflow_handle(workflow)
        await handle.signal("approval_given", {"id": "approval", "at": at} | approval)


async def work(creditor: str, clock: CaseClock, ledger: Path) -> None:
    """Play the script of a ledger against the cases of a creditor."""
    client = await connect(plugins=[DunningPlugin()])
    await Billing(client, creditor, clock).play(cast_of(ledger))


def main() -> int:
    """Run the billing system until it is stopped; returns the exit code."""
    logging.basicConfig(level="INFO", format="%(levelname)s %(name)s: %(message)s")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--creditor", required=True)
    parser.add_argument("--clock", required=True, help="The cases' clock, as JSON.")
    parser.add_argument("--ledger", required=True, type=Path)
    chosen = parser.parse_args()
    clock = CaseClock.model_validate_json(chosen.clock)
    try:
        asyncio.run(work(chosen.creditor, clock, chosen.ledger))
    except (DunningError, KeyboardInterrupt) as error:
        sys.stderr.write(f"billing: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    leave(main())
