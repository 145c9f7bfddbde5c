"""Taking in what happened: `case + fact -> case`, for every kind of fact.

Facts are kept, sorted by the moment they happened, and never rewritten; the same event id twice is
one event. Because everything else is computed from them, the order of arrival does not matter.
Nothing here raises for what the world may send.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from dunning.calendar import local_day
from dunning.inbox import Accepted, Refusal
from dunning.moves import Act, Close, Note
from dunning.plans.acceptance import check_plan
from schemas.case import (
    MAX_REJECTED,
    Case,
    Closing,
    Entry,
    Rejected,
    StepRecord,
)
from schemas.effects import ChannelReceipt, Receipt
from schemas.money import Amount
from schemas.rates import HalfYearRate, RateTable
from schemas.signals import EffectResolved, Event, PlanAccepted
from schemas.steps import CONTACTS


def take(case: Case, arrived: Accepted | Refusal, now: datetime) -> Case:
    """Take in a signal, readable or not, that arrived now."""
    if isinstance(arrived, Refusal):
        return _refused(case, arrived, now)
    return happened(case, arrived.event, now)


def objection(case: Case, arrived: Accepted | Refusal) -> str | None:
    """Return why a sender who waits for the answer is refused; None for what may be taken in.

    A plan that does not fit is a fact all the same when it comes as a signal, and is void.
    """
    if isinstance(arrived, Refusal):
        return arrived.reason
    event = arrived.event
    if isinstance(event, EffectResolved) and event.effect not in _lost(case):
        lost = ", ".join(_lost(case)) or "none"
        return f"effect: no outcome is unknown under that key; those that are: {lost}"
    return check_plan(case, event) if isinstance(event, PlanAccepted) else None


def _lost(case: Case) -> list[str]:
    return [one.key for one in case.records if one.result == "unknown" and one.key]


def happened(case: Case, event: Event, now: datetime) -> Case:
    """Take in an event; one we have already is the same event and changes nothing."""
    if any(known.id == event.id for known in case.events):
        return case
    events = tuple(sorted((*case.events, event), key=lambda e: (e.at, e.id)))
    detail = {"type": str(getattr(event, "type", "")), "happened_at": event.at.isoformat()}
    entry = Entry(id=f"event:{event.id}", at=now, kind="event", detail=detail | _figures(event))
    return case.model_copy(update={"events": events, "journal": (*case.journal, entry)})


_TOLD = ("payment", "dispute", "plan", "hold", "effect", "result", "step", "decision", "channel")
"""What else of an event the books keep: ids and verdicts, no free text."""


def _figures(event: Event) -> dict[str, str]:
    fields = type(event).model_fields
    told = {name: str(getattr(event, name)) for name in _TOLD if name in fields}
    amount: Amount | None = getattr(event, "amount", None) if "amount" in fields else None
    if amount is None:
        return told
    return told | {"amount": amount.text, "currency": amount.currency}


def _refused(case: Case, refusal: Refusal, now: datetime) -> Case:
    digest = hashlib.sha256(f"{refusal.name}\n{refusal.raw}".encode()).hexdigest()[:8]
    number = len(case.rejected) + case.rejected_more + 1
    rejected = Rejected(
        name=refusal.name, raw=refusal.raw, reason=refusal.reason, at=now, id=f"rejected-{number}"
    )
    detail = {"name": refusal.name, "reason": refusal.reason, "raw": refusal.raw}
    entry = Entry(id=f"rejected:{digest}:{number}", at=now, kind="rejected", detail=detail)
    unbooked = sum(one.kind == "rejected" for one in case.journal)
    journal = (*case.journal, entry) if unbooked < 2 * MAX_REJECTED else case.journal
    # a malformed payment is always kept: it holds the case until a person has looked
    if len(case.rejected) < MAX_REJECTED or (
        refusal.name == "payment_received" and len(case.rejected) < 2 * MAX_REJECTED
    ):
        return case.model_copy(update={"rejected": (*case.rejected, rejected), "journal": journal})
    return case.model_copy(update={"rejected_more": case.rejected_more + 1, "journal": journal})


def performed(case: Case, act: Act, receipt: Receipt, now: datetime, booked: int) -> Case:
    """Take in what came back from an act; the first `booked` journal entries are in the books."""
    by_key = {one.key: one for one in receipt.receipts}
    silent = "the activity said nothing of it"
    records = tuple(
        StepRecord(
            step=act.step.id,
            do=planned.do,
            result=one.result,
            at=now,
            amount_due=act.amount_due,
            reason=one.reason or act.lowered,
            key=planned.key,
            reference=one.reference,
            until=one.until,
            message=act.step.message_type if planned.do in CONTACTS else None,
        )
        for planned in act.planned
        for one in (
            by_key.get(planned.key)
            or ChannelReceipt(do=planned.do, key=planned.key, result="unknown", reason=silent),
        )
    )
    case = case.model_copy(
        update={"records": (*case.records, *records), "journal": case.journal[booked:]}
    )
    if act.charges and any(record.result == "done" for record in records):
        case = case.model_copy(update={"charges": (*case.charges, *act.charges)})
    for event in receipt.events:
        case = happened(case, event, now)
    return case


def put_off(case: Case, act: Act, reason: str, now: datetime, until: datetime) -> Case:
    """Remember that an act did not come to an end; it is decided anew at `until`."""
    receipts = tuple(
        ChannelReceipt(
            do=planned.do, key=planned.key, result="deferred", reason=reason[:300], until=until
        )
        for planned in act.planned
    )
    return performed(case, act, Receipt(receipts=receipts), now, 0)


def booked(case: Case, count: int, now: datetime, newer: Iterable[RateTable] = ()) -> Case:
    """Take in that the first `count` journal entries are in the books.

    Booking is also how a case looks whether reference rates were published since it opened: `newer`
    are tables with the half-years it lacks. A rate that it knows stays what it was.
    """
    changes = {"journal": case.journal[count:], "looked_on": local_day(case, now)}
    later = {table.id: table.rates for table in newer}
    if case.rules is None or not later:
        return case.model_copy(update=changes)
    tables = tuple(_continued(table, later.get(table.id, ())) for table in case.rules.rates)
    rules = case.rules.model_copy(update={"rates": tables})
    return case.model_copy(update=changes | {"rules": rules})


def _continued(table: RateTable, later: tuple[HalfYearRate, ...]) -> RateTable:
    last = table.last
    new = tuple(rate for rate in later if last is None or rate.on > last)
    return table.model_copy(update={"rates": table.rates + new})


def noted(case: Case, note: Note, now: datetime) -> Case:
    """Remember that a step needs nothing from us, and why."""
    records = tuple(
        StepRecord(
            step=note.step.id,
            do=do,
            result=note.result,
            at=note.at or now,
            amount_due=note.amount_due,
            reason=note.reason,
        )
        for do in note.dos
    )
    entry = Entry(
        id=f"step:{note.step.id}:{'+'.join(note.dos)}:{note.result}",
        at=now,
        kind=f"step {note.result}",
        detail={"step": note.step.id, "reason": note.reason},
    )
    return case.model_copy(
        update={"records": (*case.records, *records), "journal": (*case.journal, entry)}
    )


def closed(case: Case, close: Close, now: datetime) -> Case:
    """Remember that the case has ended; only the first ending counts."""
    if case.closed is not None:
        return case
    closing = Closing(outcome=close.outcome, at=now, reason=close.reason)
    entry = Entry(
        id="closed",
        at=now,
        kind="closed",
        detail={"outcome": close.outcome, "reason": close.reason},
    )
    return case.model_copy(update={"closed": closing, "journal": (*case.journal, entry)})
