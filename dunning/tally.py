"""What the records of a case say, in one reading: what was tried, reached, put off, is in doubt.

Every turn that follows a receipt asks for all of it, so the records are gone through once.
"""

from dataclasses import dataclass, field
from datetime import datetime

from dunning.once import once
from schemas.case import Case, StepRecord

REACHED = frozenset({"done", "unknown"})
"""Results after which the debtor may have heard from us."""


@dataclass(slots=True)
class Tried:
    """What was tried of one step, by channel, and the last of it; what was put off is left out."""

    last: StepRecord
    by_do: dict[str, list[StepRecord]] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """The records by what is asked of them; `reached` are the steps of contacts and their moments.

    `begun` are the steps of which anything is on record, `ends` what ended the case, or an earlier
    episode of it.
    """

    tried: dict[str, Tried] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    unknown: list[StepRecord] = field(default_factory=list)
    ends: list[StepRecord] = field(default_factory=list)
    reached: list[tuple[str, datetime]] = field(default_factory=list)
    has_put_off: bool = False


@once("records")
def tally(case: Case) -> Tally:
    """Return what the records say."""
    found = Tally()
    for record in case.records:
        found.begun.add(record.step)
        if record.result == "deferred":
            found.has_put_off = True
        else:
            _count(case, record, found)
    return found


def _count(case: Case, record: StepRecord, found: Tally) -> None:
    if (tried := found.tried.get(record.step)) is None:
        tried = found.tried[record.step] = Tried(record)
    tried.last = record
    tried.by_do.setdefault(record.do, []).append(record)
    if record.result not in REACHED:
        return
    if record.result == "unknown":
        found.unknown.append(record)
    elif record.do in {"handoff", "write_off"}:
        found.ends.append(record)
    step = case.policy.step(record.step)
    if step is None or step.is_contact:
        found.reached.append((record.step, record.at))
