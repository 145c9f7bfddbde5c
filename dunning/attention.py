"""What needs a person: the flags of a case, for operators and the search attribute."""

from collections.abc import Iterator
from datetime import datetime

from dunning.agenda import UNREACHED, in_doubt, next_step, outcome_of
from dunning.approvals import NEEDS_APPROVAL, REFUSED
from dunning.charges.fees import needs_number
from dunning.decide import choose
from dunning.disputes import open_disputes, overdue_disputes
from dunning.holds import standing, unapplied_credit
from dunning.moves import WaitUntil
from dunning.plans.acceptance import void_plans
from dunning.plans.state import waiting_plans
from schemas.case import Case, StepRecord
from schemas.steps import CONTACTS


def attention(case: Case, now: datetime) -> tuple[str, ...]:
    """Return what needs a person, as sorted flags (search attribute `DunningAttention`)."""
    return tuple(sorted(set(_flags(case, now))))


def _flags(case: Case, now: datetime) -> Iterator[str]:
    if case.rejected or case.rejected_more:
        yield "rejected-signal"
    if case.closed is not None:
        return
    if void_plans(case):
        yield "plan-void"
    if waiting_plans(case):
        yield "approval-needed"
    if open_disputes(case):
        yield "disputed"
    if overdue_disputes(case, now):
        yield "dispute-overdue"
    if unapplied_credit(case):
        yield "unapplied-credit"
    yield from _record_flags(case)
    yield from _waiting_flags(case, now)


def _record_flags(case: Case) -> Iterator[str]:
    if any(record.reason and needs_number(case, record.reason) for record in case.records):
        yield "missing-rate"
    if in_doubt(case) is not None:
        yield "unknown-outcome"
    if any(record.result == "refused" and record.key for record in case.records):
        yield "bad-contact"
    if any(outcome_of(case, record.key) in UNREACHED for record in case.records if record.key):
        yield "bad-contact"
    if any(record.result == "refused" and _is_barred(record) for record in case.records):
        yield "contact-barred"


def _is_barred(record: StepRecord) -> bool:
    """Whether a rule, or a missing address, kept us from a contact: a person may know a way."""
    return record.key is None and record.do in CONTACTS and record.reason != REFUSED


def _waiting_flags(case: Case, now: datetime) -> Iterator[str]:
    move = choose(case, now)
    if isinstance(move, WaitUntil) and move.reason == NEEDS_APPROVAL:
        yield "approval-needed"
    is_idle = isinstance(move, WaitUntil) and move.step is None
    if is_idle and next_step(case) is None and not standing(case, now):
        yield "steps-exhausted"
