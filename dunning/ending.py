"""How a case ends: nothing is open, the claim is void or given up, or collections has it.

What was taken from the debtor while the invoice was open is given back first: a suspended service
is restored before a settled case closes.
"""

from datetime import datetime

from dunning.charges.balance import Balance
from dunning.charges.caps import threshold
from dunning.facts import events_of
from dunning.moves import Close, WaitUntil
from dunning.once import once
from dunning.tally import tally
from schemas.case import Case, StepRecord
from schemas.money import plain
from schemas.signals import InvoiceCancelled, WrittenOff
from schemas.spans import StepTime
from schemas.steps import Step

RESTORE = Step(id="restored", at=StepTime(base="due", count=0, unit="d"), do=("restore",))
"""What ends a suspension when nothing is open any more; no policy has to say so."""
RECALL = Step(id="recalled", at=StepTime(base="due", count=0, unit="d"), do=("recall",))
"""What calls a case back from collections, once something happened that ends their work."""


def ending(case: Case, owed: Balance) -> Close | Step | None:
    """Return how the case ends now, the step that comes first, or None while it goes on."""
    end = _ending(case, owed)
    if end is None or end.outcome in {"handed_off", "written_off"}:
        return end
    return RESTORE if case.policy.restore and _is_suspended(case) else end


def put_off(case: Case, step: Step, now: datetime) -> WaitUntil | None:
    """Return the wait for what gives something back, None when it is to be done now."""
    last = next((one for one in reversed(case.records) if one.step == step.id), None)
    until = last.until if last is not None and last.result == "deferred" else None
    return WaitUntil(until, step.id) if until is not None and until > now else None


def _ending(case: Case, owed: Balance) -> Close | None:
    return _by_step(case) or _void(case) or _settled(case, owed)


def _by_step(case: Case) -> Close | None:
    """Return the end that a step of this episode made, None when none did."""
    own = (record for record in tally(case).ends if _is_own(case, record))
    return next((_LAST[record.do] for record in own), None)


@once("events")
def _void(case: Case) -> Close | None:
    """Return the first word that ended the claim as a whole, None when there is none."""
    voids: list[InvoiceCancelled | WrittenOff] = [*events_of(case, InvoiceCancelled)]
    voids += (event for event in events_of(case, WrittenOff) if event.amount is None)
    first = min(voids, key=lambda event: (event.at, event.id), default=None)
    if isinstance(first, WrittenOff):
        return Close("written_off", first.reason)
    return Close("cancelled", "the invoice was cancelled") if first else None


_LAST = {
    "handoff": Close("handed_off", "handed to collections"),
    "write_off": Close("written_off", "the policy gives up what is left"),
}


def _is_own(case: Case, record: StepRecord) -> bool:
    """Whether the record is of this episode: an earlier hand-off was called back."""
    return (record.key or "").startswith(f"{case.key}:")


def _settled(case: Case, owed: Balance) -> Close | None:
    if owed.total > 0:
        return _within_tolerance(case, owed)
    if owed.paid > 0:
        return Close("paid", "nothing is open")
    if events_of(case, WrittenOff):
        return Close("written_off", "the rest was written off")
    return Close("credited", "credits cover the whole amount")


def _within_tolerance(case: Case, owed: Balance) -> Close | None:
    if owed.paid <= 0 or owed.total > (threshold(case.policy.tolerance, case.currency) or 0):
        return None
    rest = plain(owed.total, case.currency)
    return Close("paid", f"the open rest of {rest} is within the policy's tolerance")


def _is_suspended(case: Case) -> bool:
    """Whether the service may be cut and nobody tried to restore it since.

    A request that got no answer may have been granted; restoring what is not cut does no harm.
    """
    last = ""
    for record in case.records:
        if record.do == "suspend" and record.result in {"done", "unknown", "deferred"}:
            last = "suspend"
        elif record.do == "restore" and record.result != "deferred":
            last = "restore"
    return last == "suspend"
