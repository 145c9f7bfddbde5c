"""The activity of a sweep: find one page of overdue invoices and open their cases."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import Engine
from temporalio import activity
from temporalio.client import Client

from dunning.calendar import zone
from dunning.opening import new_case
from schemas.case import Case
from schemas.effects import SweepPage, SweptPage
from store import case_book
from store.debtors import Debt, Found, overdue
from temporal.cases import open_case

log = logging.getLogger("dunning.activities")


@dataclass(frozen=True)
class SweepActivities:
    """Opens a case for every overdue invoice, one each however often it runs."""

    engine: Engine
    client: Client
    task_queue: str

    @activity.defn(name="open_overdue")
    async def open_overdue(self, page: SweepPage) -> SweptPage:
        """Open the cases of one page; a case that is there already is left alone.

        An invoice that does not read is logged and passed by. One that cannot be opened fails the
        page when all others are opened, so that a retry finds only what is left.
        """
        found = await asyncio.to_thread(self._find, page)
        opened = await self._open_all([self._case(page, debt) for debt in _due(page, found)], page)
        last = found[-1] if found else None
        return SweptPage(
            opened=sum(opened),
            existing=len(opened) - sum(opened),
            after_due=last.due_on if last else None,
            after_invoice=last.invoice if last else None,
            finished=len(found) < page.sweep.page,
        )

    async def _open_all(self, cases: Sequence[Case], page: SweepPage) -> list[bool]:
        limit = asyncio.Semaphore(page.sweep.concurrency)
        opening = (self._open(case, limit) for case in cases)
        opened = await asyncio.gather(*opening, return_exceptions=True)
        return [_opened(one) for one in opened]

    def _find(self, page: SweepPage) -> list[Found]:
        after = None
        if page.after_due is not None and page.after_invoice is not None:
            after = (page.after_due, page.after_invoice)
        today = page.as_of.astimezone(UTC).date()
        with self.engine.begin() as tx:
            return overdue(tx, page.sweep.creditor, today, after, page.sweep.page)

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


def _opened(one: bool | BaseException) -> bool:
    if isinstance(one, BaseException):
        raise one
    return one


def _due(page: SweepPage, found: Sequence[Found]) -> list[Debt]:
    for one in found:
        if one.debt is None:
            creditor = page.sweep.creditor
            log.error("invoice %r of %r does not read: %s", one.invoice, creditor, one.fault)
    debts = [one.debt for one in found if one.debt is not None]
    return [debt for debt in debts if _is_overdue(page, debt)]


def _is_overdue(page: SweepPage, debt: Debt) -> bool:
    today = page.as_of.astimezone(zone(debt.customer.time_zone)).date()
    return debt.invoice.due_on < today
