"""The activity of a sweep: find one page of invoices that are ready, and open their cases."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from sqlalchemy import Engine
from temporalio import activity
from temporalio.client import Client

from dunning.calendar import zone
from dunning.resolution import Resolved, resolve
from library.cases import appraised, begin, bounds, opens_on
from mailroom.delivery import deliver_again
from mailroom.opening import open_with_arrivals
from schemas.behaviour import PaymentHistory
from schemas.case import Case
from schemas.customer import Customer
from schemas.effects import SweepPage, SweptPage
from store.debtors import Debt, Found, without_case
from store.histories import payment_histories

log = logging.getLogger("dunning.activities")


@dataclass(frozen=True)
class Ready:
    """An invoice that is ready for a case: the case, or none, and the reason of either."""

    case: Case | None
    reason: str


@dataclass(frozen=True)
class SweepActivities:
    """Opens a case for every invoice that is ready for one, one each however often it runs."""

    engine: Engine
    client: Client
    task_queue: str

    @activity.defn(name="open_overdue")
    async def open_overdue(self, page: SweepPage) -> SweptPage:
        """Open the cases of one page; a case that is there already is left alone.

        The first page hands on, before, what arrived for cases that have not taken it in. An
        invoice that does not read is logged and passed by. One that cannot be opened fails the page
        when all others are opened, so that a retry finds only what is left.
        """
        if page.after_invoice is None and not page.sweep.dry_run:
            await deliver_again(self.client, self.engine, page.sweep.creditor, self.task_queue)
        found, ready = await asyncio.to_thread(self._look, page)
        cases = [one.case for one in ready if one.case is not None]
        opened = [] if page.sweep.dry_run else await self._open_all(cases, page)
        last = found[-1] if found else None
        return SweptPage(
            opened=sum(opened),
            existing=len(opened) - sum(opened),
            chosen=Counter(one.reason for one in ready if one.case is not None),
            excluded=Counter(one.reason for one in ready if one.case is None),
            after_due=last.due_on if last else None,
            after_invoice=last.invoice if last else None,
            finished=len(found) < page.sweep.page,
        )

    async def _open_all(self, cases: Sequence[Case], page: SweepPage) -> list[bool]:
        limit = asyncio.Semaphore(page.sweep.concurrency)
        opening = (self._open(case, limit) for case in cases)
        opened = await asyncio.gather(*opening, return_exceptions=True)
        return [_opened(one) for one in opened]

    def _look(self, page: SweepPage) -> tuple[list[Found], list[Ready]]:
        """Return what the page found, and what of it is ready."""
        after = None
        if page.after_due is not None and page.after_invoice is not None:
            after = (page.after_due, page.after_invoice)
        sweep, today = page.sweep, page.as_of.astimezone(UTC).date()
        reach = bounds(sweep.policies.values(), today)
        with self.engine.begin() as tx:
            found = without_case(
                tx, sweep.creditor, today, reach.due_by, reach.issued_by, after, sweep.page
            )
            debts = list(_readable(page, found))
            debtors = {debt.customer.id for debt in debts}
            histories = payment_histories(tx, sweep.creditor, debtors)
        return found, list(_ready(page, debts, histories))

    async def _open(self, case: Case, limit: asyncio.Semaphore) -> bool:
        async with limit:
            return await open_with_arrivals(self.client, self.engine, case, self.task_queue)


def _opened(one: bool | BaseException) -> bool:
    if isinstance(one, BaseException):
        raise one
    return one


def _readable(page: SweepPage, found: Iterable[Found]) -> Iterator[Debt]:
    for one in found:
        if one.debt is None:
            creditor = page.sweep.creditor
            log.error("invoice %r of %r does not read: %s", one.invoice, creditor, one.fault)
        else:
            yield one.debt


def _ready(
    page: SweepPage, debts: Iterable[Debt], histories: Mapping[str, PaymentHistory]
) -> Iterator[Ready]:
    sweep = page.sweep
    for debt in debts:
        today = _today(page, debt)
        history, currency = histories[debt.customer.id], debt.invoice.amount.currency
        customer = appraised(debt.customer, history, currency, today)
        found = resolve(sweep.assignment, sweep.policies, debt.invoice, customer.facts)
        if _is_ready(debt, found, today):
            yield Ready(_case(page, debt, customer, found), found.reason)


def _today(page: SweepPage, debt: Debt) -> date:
    return page.as_of.astimezone(zone(debt.customer.time_zone)).date()


def _is_ready(debt: Debt, found: Resolved, today: date) -> bool:
    if found.policy is None:
        return debt.invoice.due_on < today
    return opens_on(found.policy, debt.invoice) <= today


def _case(page: SweepPage, debt: Debt, customer: Customer, found: Resolved) -> Case | None:
    if found.policy is None:
        return None
    sweep = page.sweep
    return begin(
        sweep.creditor,
        debt.invoice,
        customer,
        found.policy,
        page.as_of,
        sweep.clock,
        sweep.jurisdictions,
        found.reason,
    )
