"""InvoiceDunning: one run per overdue invoice.

The durable shell around `dunning/`: it waits, asks what to do, orders effects and remembers. Every
choice is `next_move`'s. This file stays small, for the sandbox loads it anew for every case.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from dunning import inbox
    from dunning.apply import booked, closed, noted, objection, performed, put_off, take
    from dunning.clock import case_time, real_time
    from dunning.decide import next_move
    from dunning.moves import Act, Book, Close, Move, Note, WaitUntil
    from dunning.orders import booking, order
    from dunning.render import details, summary, view
    from dunning.reopening import reopened
    from schemas.case import Case, CaseView
    from schemas.effects import Receipt
    from temporal.attributes import changed
    from temporal.signal_guard import NOTHING
    from workflows.handlers import SignalHandlers, bodies_of
    from workflows.options import MAX_JOURNAL, OPTIONS, PUT_OFF

T = TypeVar("T")


@workflow.defn(name="InvoiceDunning")
class InvoiceDunning(SignalHandlers):
    """One overdue invoice, from its opening to its end.

    No handler waits for anything, so none is ever unfinished when a run ends.
    """

    @workflow.init
    def __init__(self, case: Case) -> None:
        self.case = case
        self.arrivals = 0

    @property
    def now(self) -> datetime:
        """The present moment in case time."""
        return case_time(self.case.clock, workflow.now())

    @workflow.run
    async def run(self, case: Case) -> CaseView:  # noqa: ARG002 - `__init__` has taken it
        """Carry the case to its end and return its last view."""
        while True:
            self._renew_if_long()
            match self._next():
                case Close() as close:
                    return await self._end(close)
                case Act() as act:
                    await self._perform(act)
                case Note() as note:
                    self.case = noted(self.case, note, self.now)
                case Book():
                    await self._book()
                case WaitUntil() as wait:
                    await self._wait(wait)

    def _next(self) -> Move:
        move = next_move(self.case, self.now)
        if workflow.cancellation_reason() is None or isinstance(move, Close):
            return move
        return Close("stopped", "an operator asked for it")

    async def _perform(self, act: Act) -> None:
        if len(self.case.journal) > MAX_JOURNAL:
            return await self._book()
        now = self.now
        ordered = order(self.case, act, now)
        activity = workflow.start_activity(
            act.verb,
            ordered,
            result_type=Receipt,
            activity_id=act.planned[0].key,
            summary=f"{act.step.id}: {', '.join(planned.do for planned in act.planned)}",
            **OPTIONS[act.verb],
        )
        try:
            receipt = await self._outcome(activity)
        except ActivityError as error:
            self.case = put_off(self.case, act, str(error.cause or error), now, now + PUT_OFF)
        else:
            self.case = performed(self.case, act, receipt, now, len(ordered.journal))

    async def _book(self, last_view: str | None = None) -> None:
        ordered = booking(self.case, self.now, last_view)
        part = ordered.journal[:MAX_JOURNAL]
        is_last = len(part) == len(ordered.journal)
        activity = workflow.start_activity(
            "record",
            ordered.model_copy(update={"journal": part} | ({} if is_last else {"state": None})),
            result_type=Receipt,
            summary="audit trail",
            **OPTIONS["record"],
        )
        try:
            receipt = await self._outcome(activity)
        except ActivityError as error:  # it stays in the journal, and is booked in a later turn
            if not is_cancelled_exception(error):
                await self._wait(WaitUntil(self.now + PUT_OFF, reason="the books do not take it"))
        else:
            self.case = booked(self.case, len(part), self.now, receipt.rates)

    async def _end(self, close: Close) -> CaseView:
        self.case = ended = closed(self.case, close, self.now)
        while self.case.journal:  # what arrives while we book is booked as well
            await self._book(view(self.case, self.now).model_dump_json())
        again = reopened(ended, self.case, self.now)
        if again is not None and workflow.cancellation_reason() is None:
            workflow.continue_as_new(again)
        return view(self.case, self.now)

    async def _wait(self, wait: WaitUntil) -> None:
        span = None
        if wait.at is not None:
            span = real_time(self.case.clock, wait.at) - workflow.now()
            span = max(span, timedelta(0)) + timedelta(milliseconds=1)
        with suppress(TimeoutError, asyncio.CancelledError):  # decided anew, whatever it was
            await self._news(within=span, label=_label(wait))

    async def _outcome(self, activity: workflow.ActivityHandle[T]) -> T:
        """Wait for an activity to end, even in a cancelled case: what has been done counts."""
        while not activity.done():
            try:
                await self._news(activity.done)
            except asyncio.CancelledError:
                await asyncio.sleep(0)  # an outcome that came at the same moment
                activity.cancel()
        return await activity

    async def _news(
        self,
        is_over: Callable[[], bool] = lambda: False,
        within: timedelta | None = None,
        label: str | None = None,
    ) -> None:
        """Show the case as it stands; wait until something arrives, or is over."""
        self._show()
        seen = self.arrivals
        await workflow.wait_condition(
            lambda: is_over() or self.arrivals != seen, timeout=within, timeout_summary=label
        )

    def _renew_if_long(self) -> None:
        is_long = workflow.info().is_continue_as_new_suggested()
        if is_long and workflow.cancellation_reason() is None:
            workflow.continue_as_new(self.case)

    def _show(self) -> None:
        # with the summary, for a run that continues another has none of its own
        words = f"{summary(self.case)}\n\n{details(self.case, self.now)}"
        workflow.set_current_details(words)
        if updates := changed(self.case, self.now, workflow.info().typed_search_attributes):
            workflow.upsert_search_attributes(updates)

    def receive(self, name: str, bodies: Sequence[inbox.Body]) -> None:
        """Take in a signal; never raises."""
        self._take(inbox.read(name, bodies, self.case.currency))

    def _take(self, arrived: inbox.Accepted | inbox.Refusal) -> None:
        self.case = take(self.case, arrived, self.now)
        self.arrivals += 1

    @workflow.update(
        name="record", description="Any signal as one JSON object that names its `type`."
    )
    def record(self, body: RawValue = NOTHING) -> CaseView:
        """Take in an event and answer with the case; a malformed one is refused to the sender."""
        self._take(inbox.read_record(bodies_of(body), self.case.currency))
        return view(self.case, self.now)

    @record.validator
    def _readable(self, body: RawValue = NOTHING) -> None:
        arrived = inbox.read_record(bodies_of(body), self.case.currency)
        if (reason := objection(self.case, arrived)) is not None:
            raise ValueError(reason)

    @workflow.update(
        name="resolve_effect",
        description="Say what became of an effect nobody knows of: "
        "`{id, at, effect, result: sent | not_sent, by}`.",
    )
    def resolve_effect(self, body: RawValue = NOTHING) -> CaseView:
        """Take in what a person found out about an effect, and answer with the case."""
        self._take(inbox.read_resolution(bodies_of(body)))
        return view(self.case, self.now)

    @resolve_effect.validator
    def _resolvable(self, body: RawValue = NOTHING) -> None:
        arrived = inbox.read_resolution(bodies_of(body))
        if (reason := objection(self.case, arrived)) is not None:
            raise ValueError(reason)

    @workflow.query(name="status", description="The case: timeline, balance, next step, attention.")
    def status(self) -> CaseView:
        """Return the case as it stands."""
        return view(self.case, self.now)


def _label(wait: WaitUntil) -> str:
    if wait.step is not None:
        return f"until {wait.step}{f', {wait.reason}' if wait.reason else ''}"
    return wait.reason or "until something happens"
