"""The activity of a sweep: find one page of overdue invoices and open their cases."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, timedelta

from sqlalchemy import Engine
from temporalio import activity
from temporalio.client import Client

from dunning.calendar import zone
from dunning.opening import new_case
from schemas.case import Case
from schemas.effects import SweepPage, SweptPage
from store import case_book
from store.debtors import Debt, overdue
from temporal.cases import open_case


@dataclass(frozen=True)
class SweepActivities:
    """Opens a case for every overdue invoice, one each however often it runs."""

    engine: Engine
    client: Client
    task_queue: str

    @activity.defn(name="open_overdue")
    async def open_overdue(self, page: SweepPage) -> SweptPage:
        """Open the cases of one page; a case that is there already is left alone."""
        debts = await asyncio.to_thread(self._find, page)
        limit = asyncio.Semaphore(page.sweep.concurrency)
        opened = await asyncio.gather(
            *(
                self._open(self._case(page, debt), limit)
                for debt in debts
                if _is_overdue(page, debt)
            )
        )
        last = debts[-1].invoice if debts else None
        return SweptPage(
            opened=sum(opened),
            existing=len(opened) - sum(opened),
            after_due=last.due_on if last else None,
            after_invoice=last.id if last else None,
            finished=len(debts) < page.sweep.page,
        )

    def _find(self, page: SweepPage) -> list[Debt]:
        after = None
        if page.after_due is not None and page.after_invoice is not None:
            after = (page.after_due, page.after_invoice)
        before = page.as_of.astimezone(UTC).date()
        with self.engine.begin() as tx:
            # a day ahead of UTC somewhere it is overdue already; each debtor's own day decides
            found = overdue(
                tx, page.sweep.creditor, before + timedelta(days=1), after, page.sweep.page
            )
            return list(found)

    def _case(self, page: SweepPage, debt: Debt) -> Case:
        sweep = page.sweep
        return new_case(
            sweep.creditor,
            debt.invoice,
            debt.customer.facts,
            sweep.policy,
            page.as_of,
            sweep.clock,
        )

    async def _open(self, case: Case, limit: asyncio.Semaphore) -> bool:
        async with limit:
            opened = await open_case(self.client, case, self.task_queue)
            await asyncio.to_thread(self._enter, case)
            return opened

    def _enter(self, case: Case) -> None:
        with self.engine.begin() as tx:
            case_book.opened(tx, case)


def _is_overdue(page: SweepPage, debt: Debt) -> bool:
    today = page.as_of.astimezone(zone(debt.customer.time_zone)).date()
    return debt.invoice.due_on < today
