"""The words operators read: the view of a case, its summary line, details and attention flags.

Only ids, amounts and moments: what is written here ends up in Temporal, where it cannot be erased.
"""

from collections.abc import Iterator
from datetime import datetime

from dunning.aging import GIVEN_UP
from dunning.attention import attention
from dunning.calendar import days_overdue, zone_of
from dunning.charges.balance import Balance
from dunning.decide import choose
from dunning.facts import events_of
from dunning.holds import standing
from dunning.moves import Act, Note, WaitUntil
from dunning.plans.acceptance import void_plans
from dunning.plans.dues import owed_at
from schemas.case import (
    BalanceRow,
    Case,
    CaseView,
    ChargeRow,
    HoldRow,
    NextRow,
    Outcome,
    RejectedRow,
    Status,
    TimelineRow,
)
from schemas.money import plain
from schemas.signals import PlanAccepted

MAX_DETAILS = 8_000
_UNASKED = GIVEN_UP | {"paid"}
"""Outcomes after which nobody asks for a rest; that of a paid case is within its tolerance."""


def view(case: Case, now: datetime) -> CaseView:
    """Return the case as others see it; times carry the debtor's offset."""
    owed, zone = owed_at(case, now), zone_of(case)
    return CaseView(
        timeline=timeline(case),
        charges=_charge_rows(case),
        status=status(case, now),
        stage=stage(case),
        outcome=_outcome(case),
        next=upcoming(case, now),
        balance=_balance_row(case, owed),
        amount_due=plain(owed.due, case.currency),
        holds=tuple(
            HoldRow(
                id=hold.id,
                reason=hold.reason,
                since=hold.since.astimezone(zone),
                until=hold.ends.astimezone(zone) if hold.ends else None,
            )
            for hold in standing(case, now)
        ),
        attention=attention(case, now),
        rejected=_rejected_rows(case),
        rejected_total=len(case.rejected) + case.rejected_more + len(void_plans(case)),
        policy=case.policy.id,
        policy_hash=case.policy.hash,
        chosen=case.chosen,
    )


def timeline(case: Case) -> tuple[TimelineRow, ...]:
    """Return what became of each step, in the order it happened."""
    zone = zone_of(case)
    return tuple(
        TimelineRow(
            at=record.at.astimezone(zone),
            step=record.step,
            do=record.do,
            result=record.result,
            amount_due=plain(record.amount_due, case.currency),
            reason=record.reason,
        )
        for record in sorted(case.records, key=lambda record: record.at)
    )


def _rejected_rows(case: Case) -> tuple[RejectedRow, ...]:
    zone, void = zone_of(case), void_plans(case)
    unread = [
        RejectedRow(at=one.at.astimezone(zone), name=one.name, reason=one.reason, raw=one.raw)
        for one in case.rejected
    ]
    plans = (plan for plan in events_of(case, PlanAccepted) if plan.id in void)
    unfit = [
        RejectedRow(at=one.at.astimezone(zone), name=one.type, reason=void[one.id], raw=one.id)
        for one in plans
    ]
    return (*unread, *unfit)


def _charge_rows(case: Case) -> tuple[ChargeRow, ...]:
    return tuple(
        ChargeRow(
            on=charge.on,
            kind=charge.kind,
            amount=plain(charge.minor, case.currency),
            ground=charge.ground,
            inputs=charge.inputs,
        )
        for charge in case.charges
    )


def _balance_row(case: Case, owed: Balance) -> BalanceRow:
    parts = {
        name: plain(getattr(owed, name), case.currency)
        for name in ("principal", "fees", "interest", "total")
    }
    return BalanceRow(**parts, currency=case.currency)


def _outcome(case: Case) -> Outcome | None:
    return case.closed.outcome if case.closed else None


def rest(outcome: Outcome | None, total: str) -> tuple[str, str]:
    """Return what a case's total is called, and the sum without its sign.

    It is `open` while somebody asks for it, be it collections, `given up` once nobody does, and a
    `credit` when more came in than was owed.
    """
    if total.startswith("-"):
        return "credit", total.removeprefix("-")
    return ("given up" if outcome in _UNASKED and total.strip("0.") else "open"), total


def status(case: Case, now: datetime) -> Status:
    """Return whether the case is open, held or closed."""
    if case.closed is not None:
        return "closed"
    return "held" if standing(case, now) else "open"


def stage(case: Case) -> str:
    """Return how far the case has come: the last step done, `new` before the first."""
    done = [record.step for record in case.records if record.result in {"done", "unknown"}]
    return done[-1] if done else "new"


def upcoming(case: Case, now: datetime) -> NextRow | None:
    """Return the next step and its moment; None while held, waiting for a person, or at the end."""
    if case.closed is not None:
        return None
    move = choose(case, now)
    match move:
        case WaitUntil(at=datetime() as at, step=str() as step, reason=""):
            return NextRow(at=at.astimezone(zone_of(case)), step=step)
        case Act() | Note():
            return NextRow(at=now.astimezone(zone_of(case)), step=move.step.id)
    return None


def summary(case: Case) -> str:
    """Return one plain line that says which case this is (shown raw in the first event)."""
    amount = case.invoice.amount
    return f"{case.invoice.id} · customer {case.customer.id} · {amount.text} {amount.currency}"


def description(case: Case) -> str:
    """Return what stays true of the case, as a bullet list."""
    return "\n".join(
        (
            f"- Invoice `{case.invoice.id}`, due {case.invoice.due_on}",
            f"- Policy `{case.policy.id}`, version `{case.policy.hash}`",
            *((f"- Chosen: {case.chosen}",) if case.chosen else ()),
            f"- Opened at {case.opened_at.isoformat()}, episode {case.episode}",
        )
    )


def details(case: Case, now: datetime) -> str:
    """Return the case's present state in markdown bullets (tables are unreadable in the UI)."""
    return "\n".join(_detail_lines(case, now))[:MAX_DETAILS]


def _detail_lines(case: Case, now: datetime) -> Iterator[str]:
    owed = owed_at(case, now)
    yield f"**Now**: {_present(case, now)}, {days_overdue(case, now)} days overdue"
    upcoming_row = upcoming(case, now)
    if upcoming_row:
        yield f"**Next**: `{upcoming_row.step}` at {upcoming_row.at:%Y-%m-%d %H:%M %Z}"
    word, sum_ = rest(_outcome(case), plain(owed.total, case.currency))
    yield f"**{'Owed' if word == 'open' else word.capitalize()}**: {sum_} {case.currency}"
    if owed.due != owed.total and case.closed is None:
        yield f"**Asked for**: {plain(owed.due, case.currency)} {case.currency}"
    if flags := attention(case, now):
        yield f"**Needs attention**: {', '.join(flags)}"
    for one in case.rejected[-5:]:
        yield f"- refused signal `{one.name}`: {one.reason}".replace("\n", " ")
    yield ""
    for row in timeline(case):
        why = f": {row.reason}" if row.reason else ""
        yield f"- {row.at:%Y-%m-%d %H:%M} `{row.step}` {row.do} **{row.result}**{why}"


def _present(case: Case, now: datetime) -> str:
    if case.closed is not None:
        return f"closed, {case.closed.outcome}: {case.closed.reason}"
    if held := standing(case, now):
        return f"on hold ({', '.join(hold.reason for hold in held)})"
    return f"open, last step {stage(case)}"
